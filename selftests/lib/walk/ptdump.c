// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/sys.h"
#include "lib/walk/ptdump.h"
#include "util.h"

/* The kernel's file, or that of selftests/module. */
static const char *const paths[] = {
	"/sys/kernel/debug/page_tables/current_kernel",
	"/sys/kernel/debug/flab_ptdump",
};

static const char *path_of(void)
{
	for (unsigned int i = 0; i < 2; i++)
		if (!access(paths[i], R_OK))
			return paths[i];
	return NULL;
}

bool tlib_ptdump_is_there(void)
{
	return path_of();
}

int tlib_ptdump_load(void)
{
	return path_of() || (!tlib_insmod("flab_ptdump") && path_of()) ? 0 : -ENOENT;
}

void tlib_ptdump_unload(void)
{
	if (!access(paths[1], R_OK) && system("rmmod flab_ptdump"))
		perror("rmmod flab_ptdump");
}

/*
 * Touch the buffer before the first dump, so that dumps do not change the process' own
 * page tables. The stack and the code used here are mapped by then.
 */
static void tell(int sock)
{
	static char chunk[16384];
	const char *path = path_of();
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n = 0;

	explicit_bzero(chunk, sizeof(chunk));
	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
		if (send(sock, chunk, n, MSG_NOSIGNAL) != n)
			break;
	close(fd);
	send(sock, "\n", 1, MSG_NOSIGNAL);
}

void tlib_ptdump_serve(struct tlib_peer *peer)
{
	char what;

	while (read(peer->sock, &what, 1) == 1 && what)
		tell(peer->sock);
}

FILE *tlib_ptdump_ask(struct tlib_peer *peer)
{
	int sock = dup(peer->sock);
	FILE *text = sock < 0 ? NULL : fdopen(sock, "r");

	if (text && send(sock, "?", 1, MSG_NOSIGNAL) != 1) {
		fclose(text);
		text = NULL;
	}
	return text;
}

static const struct {
	const char *word;
	__u64 flags;
} words[] = {
	{ "USR", FAULTLAB_PTE_USER },
	{ "RW", FAULTLAB_PTE_WRITE },
	{ "ro", 0 },
	{ "PWT", FAULTLAB_PTE_PWT },
	{ "PCD", FAULTLAB_PTE_PCD },
	{ "PSE", 0 },
	{ "PAT", FAULTLAB_PTE_PAT },
	{ "GLB", FAULTLAB_PTE_GLOBAL },
	{ "NX", 0 },
	{ "x", FAULTLAB_PTE_EXEC },
};

static int level_of(const char *word)
{
	static const char *const names[] = { "pte", "pmd", "pud", "p4d", "pgd" };

	for (int i = 0; i < 5; i++)
		if (!strcmp(word, names[i]))
			return i;
	return -EINVAL;
}

static int flags_of(const char *word, __u64 *flags)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i].word)) {
			*flags |= words[i].flags;
			return 0;
		}
	return -EINVAL;
}

/*
 * "0xSTART-0xEND   SIZE USR RW PWT PCD PSE PAT GLB NX pte". Bits that are not set are
 * left out; a line of non-present entries has only the level.
 */
int tlib_ptdump_parse(char *text, struct tlib_ptdump_line *line)
{
	unsigned int nr = 0;
	char *word, *rest;
	int at = 0, level;

	*line = (struct tlib_ptdump_line) { 0 };
	if (!strncmp(text, "---[", 4) || !strncmp(text, "... ", 4))
		return 0;
	if (sscanf(text, "0x%llx-0x%llx %*s %n", &line->start, &line->end, &at) != 2 || !at)
		return -EINVAL;
	for (word = strtok_r(text + at, "\n ", &rest); word;
	     word = strtok_r(NULL, "\n ", &rest), nr++) {
		level = level_of(word);
		if (level >= 0) {
			line->level = level;
			return nr ? 1 : 0;
		}
		if (flags_of(word, &line->flags))
			return -EINVAL;
	}
	return -EINVAL;
}
