// SPDX-License-Identifier: GPL-2.0-only
/* The files of debugfs, read in small parts, and written with good and bad text. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/calls/rule.h"

/* Of a region or, from the first one without a region on, of the device. */
static const struct fuzz_word files[] = {
	{ "stats", 0 }, { "cpus", 1 }, { "rules", 2 }, { "latency", 3 }, { "vmas", 4 },
	{ "evict", 5 }, { "unplug", 6 }, { "gate", 7 }, { "reset", 8 },
	{ "/stats", 9 }, { "/regions", 10 }, { "/reset", 11 }, { "/walk", 12 },
	{ "/records", 13 }, { "/latency", 14 }, { "/walk_retries", 15 },
};

/*
 * What each of them takes, and what others take; all but the last with a newline. In
 * programs a line has a name.
 */
#define LINES(X)							\
	X(1, "1")							\
	X(0, "0")							\
	X(yes, "y")							\
	X(no, "n")							\
	X(empty, "")							\
	X(open, "open")							\
	X(close, "close")						\
	X(pass, "pass 3")						\
	X(pass_many, "pass 99999999999")				\
	X(drop, "drop")							\
	X(evict, "pages=0-7 drop cows")					\
	X(pages, "pages=1")						\
	X(pages_many, "pages=99999999999999999999")			\
	X(serve, "serve")						\
	X(sigbus, "sigbus pages=3 times=2")				\
	X(retry, "retry delay=1ms")					\
	X(nopage, "nopage times=3 every=2")				\
	X(gate, "serve gate")						\
	X(fallback, "fallback access=huge")				\
	X(unplug, "unplug pages=5 access=write")			\
	X(exponential, "serve delay=exp(1us,2ms) probability=0.5")	\
	X(two_rules, "major access=read,write\nserve pages=0-\n")	\
	X(no_verdict, "hold-lock")					\
	X(walk_window, "0 0x100000000000 0x1000000")			\
	X(walk_init, "1 0")						\
	X(walk_all, "0 0 0xffffffffffff")				\
	X(no_newline, "1")

#define LINE_NUMBER(name, text)	LINE_##name,
#define LINE_TEXT(name, text)	text,
#define LINE_WORD(name, text)	{ #name, LINE_##name },

enum { LINES(LINE_NUMBER) };

static const char *const texts[] = { LINES(LINE_TEXT) };
static const struct fuzz_word lines[] = { LINES(LINE_WORD) };

static bool path_of(struct fuzz_world *w, __u64 slot, const struct fuzz_word *file,
		    char *path, size_t size)
{
	struct faultlab_info info;

	if (*file->name == '/') {
		snprintf(path, size, FAULTLAB_DEBUGFS "%s", file->name);
		return true;
	}
	if (faultlab_info(fuzz_fd(w, slot), &info))
		return false;
	snprintf(path, size, FAULTLAB_DEBUGFS "/region/%u/%s", info.id, file->name);
	return true;
}

static long write_to(const char *path, int flags, const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);
	long ret;

	if (fd < 0)
		return -errno;
	ret = fuzz_result(write(fd, text, length));
	close(fd);
	return ret;
}

static long call_write_file(struct fuzz_world *w, const __u64 *a)
{
	const unsigned int number = a[2] % ARRAY_SIZE(texts);
	char path[80], line[80];

	if (!path_of(w, a[0], &files[a[1] % ARRAY_SIZE(files)], path, sizeof(path)))
		return -ENODEV;
	snprintf(line, sizeof(line), "%s%s", texts[number], number == LINE_no_newline ? "" : "\n");
	return write_to(path, 0, line, strlen(line));
}

/* What is done to a text of rules, by cookie % 4: a part is left out, or a byte changes. */
static size_t spoil(char *text, size_t length, __u64 cookie)
{
	const size_t at = cookie / 4 % length;

	switch (cookie % 4) {
	case 0:
		return at;
	case 1:
		text[at] = cookie >> 32;
		return length;
	case 2:
		text[at] = ' ';
		return length;
	default:
		memmove(text, text + at, length - at);
		return length - at;
	}
}

/* Rules as text, as the library writes them, or spoilt. */
static long call_rule_text(struct fuzz_world *w, const __u64 *a)
{
	static const struct fuzz_word file = { "rules", 0 };
	const int flags = a[1] == FAULTLAB_RULE_ADD ? O_APPEND : 0;
	char path[80], text[FUZZ_RULES * (FAULTLAB_RULE_TEXT_MAX + 1)];
	struct faultlab_rule rule[FUZZ_RULES];
	const unsigned int nr = fuzz_rules(w, a + 3, rule);
	size_t length = 0;
	unsigned int i;

	if (!path_of(w, a[0], &file, path, sizeof(path)))
		return -ENODEV;
	for (i = 0; i < nr; i++) {
		/* The text of a rule that is not valid need not mean the same. */
		if (faultlab_rule_check(&rule[i], NULL))
			return -EINVAL;
		faultlab_rule_text(&rule[i], text + length, FAULTLAB_RULE_TEXT_MAX);
		length += strlen(text + length);
		text[length++] = '\n';
	}
	if (a[2])
		length = spoil(text, length, a[2]);
	return write_to(path, flags, text, length);
}

/* A reader that is slow, and gives up in the middle. */
static long call_read_file(struct fuzz_world *w, const __u64 *a)
{
	unsigned int parts = 1 + a[2] % 32;
	char path[80], text[1500];
	long ret = 0;
	int fd;

	if (!path_of(w, a[0], &files[a[1] % ARRAY_SIZE(files)], path, sizeof(path)))
		return -ENODEV;
	/* `records` waits for more. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	while (parts-- && ret >= 0) {
		ret = fuzz_result(read(fd, text, sizeof(text)));
		if (!ret)
			break;
	}
	close(fd);
	return ret;
}

#define FILE_OF	{ "fd", FUZZ_FD }, { "file", FUZZ_ONE, FUZZ_WORDS(files) }

static const struct fuzz_call calls[] = {
	{ "write_file", 25, FUZZ_ALONE, call_write_file,
	  { FILE_OF, { "line", FUZZ_ONE, FUZZ_WORDS(lines) } } },
	{ "rule_text", 20, 0, call_rule_text,
	  { { "fd", FUZZ_FD }, { "op", FUZZ_ONE, &fuzz_rule_ops }, { "spoilt", FUZZ_COOKIE },
	    FUZZ_RULE_ARGS } },
	{ "read_file", 30, 0, call_read_file,
	  { FILE_OF, { "parts", FUZZ_SMALL } } },
};

FUZZ_CALLS(files);
