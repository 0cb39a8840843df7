// SPDX-License-Identifier: GPL-2.0-only
/*
 * Iterates over the records of FAULTLAB_IOC_WALK, for each form. The ioctl writes them to
 * a buffer on the stack. The buffer is zeroed first for valgrind, which knows that the
 * ioctl writes to its struct, but not that it writes to what the struct points to.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "faultlab.h"

#define WALK_CHUNK	128	/* entries or runs that one ioctl reads */
#define COUNTS_CHUNK	16
#define RAW_WORDS	1028	/* two tables with their headers; less than one is EINVAL */

/* Passes the records of one ioctl to the caller's function. Returns what that returned. */
typedef int (*give_fn)(const struct faultlab_walk *walk, const void *arg);

/* Calls give() after each ioctl, until the walk ends or give() does not return 0. */
static int each_chunk(int fd, struct faultlab_walk *walk, give_fn give, const void *arg)
{
	const __u64 room = walk->nr;
	__u64 start;
	__u32 resume;
	int err;

	walk->size = sizeof(*walk);
	do {
		start = walk->start;
		resume = walk->resume;
		walk->nr = room;
		if (ioctl(fd, FAULTLAB_IOC_WALK, walk))
			return -errno;
		err = give(walk, arg);
		if (err)
			return err;
		/*
		 * If the buffer was filled, next may be unchanged while resume changed. If
		 * neither changed and no record was read, the same ioctl would be repeated
		 * for ever.
		 */
		if (!walk->nr && walk->next == start && walk->resume == resume)
			return -EIO;
		walk->start = walk->next;
	} while (walk->start != walk->end);
	return 0;
}

struct entries_to {
	const struct faultlab_walk_entry *entries;
	faultlab_walk_fn fn;
	void *arg;
};

static int give_entries(const struct faultlab_walk *walk, const void *arg)
{
	const struct entries_to *to = arg;
	int err = 0;

	for (__u64 i = 0; i < walk->nr && !err; i++)
		err = to->fn(&to->entries[i], to->arg);
	return err;
}

int faultlab_walk_entries(int fd, pid_t pid, __u64 start, __u64 end, __u32 flags,
			  __u64 require, __u64 exclude, faultlab_walk_fn fn, void *arg)
{
	struct faultlab_walk_entry entries[WALK_CHUNK] = { };
	const struct entries_to to = { entries, fn, arg };
	struct faultlab_walk walk = {
		.flags = flags, .pid = pid, .start = start, .end = end,
		.entries = (uintptr_t)entries, .nr = WALK_CHUNK, .record_size = sizeof(*entries),
		.require = require, .exclude = exclude,
	};

	return each_chunk(fd, &walk, give_entries, &to);
}

int faultlab_walk_each(int fd, pid_t pid, __u64 start, __u64 end, __u32 flags,
		       faultlab_walk_fn fn, void *arg)
{
	return faultlab_walk_entries(fd, pid, start, end, flags, 0, 0, fn, arg);
}

struct pages_to {
	const struct faultlab_walk_entry *entries;
	const struct faultlab_walk_page *pages;
	faultlab_pages_fn fn;
	void *arg;
};

static int give_pages(const struct faultlab_walk *walk, const void *arg)
{
	const struct pages_to *to = arg;
	int err = 0;

	for (__u64 i = 0; i < walk->nr && !err; i++)
		err = to->fn(&to->entries[i], &to->pages[i], to->arg);
	return err;
}

int faultlab_walk_pages(int fd, pid_t pid, __u64 start, __u64 end, __u32 flags,
			__u64 require, __u64 exclude, faultlab_pages_fn fn, void *arg)
{
	struct faultlab_walk_entry entries[WALK_CHUNK] = { };
	struct faultlab_walk_page pages[WALK_CHUNK] = { };
	const struct pages_to to = { entries, pages, fn, arg };
	struct faultlab_walk walk = {
		.flags = flags | FAULTLAB_WALK_PAGES, .pid = pid, .start = start, .end = end,
		.entries = (uintptr_t)entries, .nr = WALK_CHUNK, .record_size = sizeof(*entries),
		.pages = (uintptr_t)pages, .page_size = sizeof(*pages),
		.require = require, .exclude = exclude,
	};

	return each_chunk(fd, &walk, give_pages, &to);
}

struct runs_to {
	const struct faultlab_walk_run *runs;
	faultlab_runs_fn fn;
	void *arg;
};

static int give_runs(const struct faultlab_walk *walk, const void *arg)
{
	const struct runs_to *to = arg;
	int err = 0;

	for (__u64 i = 0; i < walk->nr && !err; i++)
		err = to->fn(&to->runs[i], to->arg);
	return err;
}

int faultlab_walk_runs(int fd, pid_t pid, __u64 start, __u64 end, __u32 flags,
		       __u64 require, __u64 exclude, faultlab_runs_fn fn, void *arg)
{
	struct faultlab_walk_run runs[WALK_CHUNK] = { };
	const struct runs_to to = { runs, fn, arg };
	struct faultlab_walk walk = {
		.form = FAULTLAB_WALK_RUNS,
		.flags = flags, .pid = pid, .start = start, .end = end,
		.entries = (uintptr_t)runs, .nr = WALK_CHUNK, .record_size = sizeof(*runs),
		.require = require, .exclude = exclude,
	};

	return each_chunk(fd, &walk, give_runs, &to);
}

struct counts_to {
	const struct faultlab_walk_counts *counts;
	faultlab_counts_fn fn;
	void *arg;
};

static int give_counts(const struct faultlab_walk *walk, const void *arg)
{
	const struct counts_to *to = arg;
	int err = 0;

	for (__u64 i = 0; i < walk->nr && !err; i++)
		err = to->fn(&to->counts[i], to->arg);
	return err;
}

int faultlab_walk_counts(int fd, pid_t pid, __u64 start, __u64 end, faultlab_counts_fn fn,
			 void *arg)
{
	struct faultlab_walk_counts counts[COUNTS_CHUNK] = { };
	const struct counts_to to = { counts, fn, arg };
	struct faultlab_walk walk = {
		.form = FAULTLAB_WALK_COUNTS,
		.pid = pid, .start = start, .end = end,
		.entries = (uintptr_t)counts, .nr = COUNTS_CHUNK, .record_size = sizeof(*counts),
	};

	return each_chunk(fd, &walk, give_counts, &to);
}

struct raw_to {
	const __u64 *words;
	faultlab_raw_fn fn;
	void *arg;
};

#define RAW_HEADER	(sizeof(struct faultlab_walk_raw) / sizeof(__u64))

static int give_raw(const struct faultlab_walk *walk, const void *arg)
{
	const struct raw_to *to = arg;
	const struct faultlab_walk_raw *table;
	int err = 0;

	for (__u64 i = 0; i < walk->nr && !err; i += RAW_HEADER + table->nr) {
		table = (const struct faultlab_walk_raw *)&to->words[i];
		err = to->fn(table, &to->words[i + RAW_HEADER], to->arg);
	}
	return err;
}

int faultlab_walk_raw(int fd, pid_t pid, __u64 start, __u64 end, __u32 flags,
		      faultlab_raw_fn fn, void *arg)
{
	__u64 words[RAW_WORDS] = { };
	const struct raw_to to = { words, fn, arg };
	struct faultlab_walk walk = {
		.form = FAULTLAB_WALK_RAW,
		.flags = flags, .pid = pid, .start = start, .end = end,
		.entries = (uintptr_t)words, .nr = RAW_WORDS, .record_size = sizeof(*words),
	};

	return each_chunk(fd, &walk, give_raw, &to);
}
