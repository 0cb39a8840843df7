// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/walk/qemu.h"
#include "lib/sys.h"
#include "util.h"

#define PORT		"faultlab.monitor"

__attribute__((noinline, noclone)) void tlib_spin(const volatile char *end)
{
	/* Read *end, so that its PTE is marked accessed before the loop begins. */
	(void)*end;
	asm volatile(".globl tlib_spin_first, tlib_spin_last\n"
		     "tlib_spin_first: pause\n"
		     "	cmpb $0, %0\n"
		     "tlib_spin_last: je tlib_spin_first\n" : : "m" (*end) : "cc");
}

/* Find the port's /dev/vportXpY by its name in sysfs. */
static int find_port(char *path, size_t size)
{
	char name[64];
	glob_t found;
	size_t i;

	path[0] = '\0';
	if (glob("/sys/class/virtio-ports/*", 0, NULL, &found))
		return -ENOENT;
	for (i = 0; i < found.gl_pathc && !path[0]; i++) {
		snprintf(path, size, "%s/name", found.gl_pathv[i]);
		if (tlib_read_text(path, name, sizeof(name)) < 0 || strcmp(name, PORT))
			path[0] = '\0';
		else
			snprintf(path, size, "/dev/%s", strrchr(found.gl_pathv[i], '/') + 1);
	}
	globfree(&found);
	return path[0] ? 0 : -ENOENT;
}

static void *room_for(size_t bytes)
{
	void *at = mmap(NULL, bytes, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	madvise(at, bytes, MADV_DONTFORK);
	return at;
}

int tlib_qemu_open(struct tlib_qemu *qemu, size_t leaves, size_t ranges)
{
	char path[128];
	int err = find_port(path, sizeof(path));

	*qemu = (struct tlib_qemu) { .port = -1, .has_ranges = !tlib_five_levels() };
	if (err)
		return err;
	qemu->port = open(path, O_RDWR | O_CLOEXEC);
	if (qemu->port < 0)
		return -errno;
	qemu->answers = fdopen(qemu->port, "r");
	qemu->leaves = room_for(leaves * sizeof(*qemu->leaves));
	qemu->ranges = room_for(ranges * sizeof(*qemu->ranges));
	qemu->room_leaves = leaves;
	qemu->room_ranges = ranges;
	return qemu->answers && qemu->leaves && qemu->ranges ? 0 : -ENOMEM;
}

void tlib_qemu_close(struct tlib_qemu *qemu)
{
	if (qemu->answers)
		fclose(qemu->answers);
	else if (qemu->port >= 0)
		close(qemu->port);
}

/* "ADDRESS: FRAME XGPDACTUW", with a dash in place of a letter whose bit is clear. */
static bool parse_leaf(const char *line, struct tlib_qemu_leaf *leaf)
{
	static const struct {
		char letter;
		__u64 bit;
	} bits[] = {
		{ 'X', TLIB_X86_NX }, { 'G', TLIB_X86_GLOBAL }, { 'P', TLIB_X86_BIT7 },
		{ 'D', TLIB_X86_DIRTY }, { 'A', TLIB_X86_ACCESSED }, { 'C', TLIB_X86_PCD },
		{ 'T', TLIB_X86_PWT }, { 'U', TLIB_X86_USER }, { 'W', TLIB_X86_WRITE },
	};
	const char *letter = line + 35;

	if (strlen(line) != 44 || strncmp(line + 16, ": ", 2) || line[34] != ' ')
		return false;
	leaf->addr = strtoull(line, NULL, 16);
	leaf->word = strtoull(line + 18, NULL, 16);
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++, letter++) {
		if (*letter == bits[i].letter)
			leaf->word |= bits[i].bit;
		else if (*letter != '-')
			return false;
	}
	return true;
}

/* "START-END SIZE urw" */
static bool parse_range(const char *line, struct tlib_qemu_range *range)
{
	if (strlen(line) != 54 || line[16] != '-' || line[33] != ' ' || line[50] != ' ')
		return false;
	range->start = strtoull(line, NULL, 16);
	range->end = strtoull(line + 17, NULL, 16);
	range->rights = (line[51] == 'u' ? TLIB_X86_USER : 0) |
			(line[53] == 'w' ? TLIB_X86_WRITE : 0);
	return true;
}

/* Whether the processor was in tlib_spin(): "RIP=... CPL=3" */
static bool is_spinning(const char *line)
{
	const char *rip = strstr(line, "RIP="), *cpl = strstr(line, "CPL=");
	__u64 at = rip ? strtoull(rip + 4, NULL, 16) : 0;

	return cpl && cpl[4] == '3' && at >= (uintptr_t)tlib_spin_first &&
	       at <= (uintptr_t)tlib_spin_last;
}

/* The answer to the last command (print): a line of its own after all other ones. */
static bool is_last(const struct tlib_qemu *qemu, const char *line)
{
	char last[16];

	snprintf(last, sizeof(last), "0x%x", qemu->nr_asked);
	return !strcmp(line, last);
}

static int read_answers(struct tlib_qemu *qemu)
{
	struct tlib_qemu_range range;
	struct tlib_qemu_leaf leaf;
	bool spins = false;
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	qemu->nr_leaves = 0;
	qemu->nr_ranges = 0;
	while (getline(&line, &size, qemu->answers) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (is_last(qemu, line)) {
			free(line);
			return err ?: spins ? 0 : -EAGAIN;
		}
		spins |= is_spinning(line);
		if (parse_leaf(line, &leaf)) {
			if (qemu->nr_leaves < qemu->room_leaves)
				qemu->leaves[qemu->nr_leaves++] = leaf;
			else
				err = -ENOSPC;
		} else if (parse_range(line, &range)) {
			if (qemu->nr_ranges < qemu->room_ranges)
				qemu->ranges[qemu->nr_ranges++] = range;
			else
				err = -ENOSPC;
		}
	}
	free(line);
	return -EPIPE;
}

/*
 * Send all commands by one write(): after "stop" QEMU reads nothing more from the
 * guest, so it must have "cont" by then.
 */
int tlib_qemu_ask(struct tlib_qemu *qemu, unsigned int cpu)
{
	char text[128];
	int n;

	qemu->nr_asked = (qemu->nr_asked ?: getpid() << 8) + 1;
	n = snprintf(text, sizeof(text),
		     "stop\ncpu %u\ninfo registers\n%sinfo tlb\ncont\nprint 0x%x\n", cpu,
		     qemu->has_ranges ? "info mem\n" : "", qemu->nr_asked);
	return write(qemu->port, text, n) == n ? read_answers(qemu) : -EPIPE;
}
