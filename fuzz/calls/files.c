// SPDX-License-Identifier: GPL-2.0-only
/* The files of debugfs, read in small parts, and written with good and bad text. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/calls/call.h"

/* Of a region or, from the first one without a region on, of the device. */
static const struct fuzz_word files[] = {
	{ "stats", 0 }, { "cpus", 1 }, { "rules", 2 }, { "latency", 3 }, { "vmas", 4 },
	{ "evict", 5 }, { "unplug", 6 }, { "gate", 7 }, { "reset", 8 },
	{ "/stats", 9 }, { "/regions", 10 }, { "/reset", 11 }, { "/walk", 12 },
	{ "/records", 13 }, { "/latency", 14 },
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

static bool path_of(struct fuzz_world *w, const __u64 *a, char *path, size_t size)
{
	const struct fuzz_word *file = &files[a[1] % ARRAY_SIZE(files)];
	struct faultlab_info info;

	if (*file->name == '/') {
		snprintf(path, size, FAULTLAB_DEBUGFS "%s", file->name);
		return true;
	}
	if (faultlab_info(fuzz_fd(w, a[0]), &info))
		return false;
	snprintf(path, size, FAULTLAB_DEBUGFS "/region/%u/%s", info.id, file->name);
	return true;
}

static long call_write_file(struct fuzz_world *w, const __u64 *a)
{
	const unsigned int number = a[2] % ARRAY_SIZE(texts);
	char path[80], line[80];
	long ret;
	int fd;

	if (!path_of(w, a, path, sizeof(path)))
		return -ENODEV;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(line, sizeof(line), "%s%s", texts[number], number == LINE_no_newline ? "" : "\n");
	ret = fuzz_result(write(fd, line, strlen(line)));
	close(fd);
	return ret;
}

/* A reader that is slow, and gives up in the middle. */
static long call_read_file(struct fuzz_world *w, const __u64 *a)
{
	unsigned int parts = 1 + a[2];
	char path[80], text[1500];
	long ret = 0;
	int fd;

	if (!path_of(w, a, path, sizeof(path)))
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
	{ "read_file", 30, 0, call_read_file,
	  { FILE_OF, { "parts", FUZZ_SMALL } } },
};

FUZZ_CALLS(files);
