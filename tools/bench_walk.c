// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a walk costs: ours in its forms, /proc/self/pagemap, and ioctl(PAGEMAP_SCAN).
 * They do not do the same in all: pagemap looks at each page's state as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

#define GIB		(1ULL << 30)
#define PMD		(2ULL << 20)
#define BUFFER		(1UL << 20)

/* Of <linux/fs.h> since 6.7. */
struct scan_region {
	__u64 start, end, categories;
};

struct scan {
	__u64 size, flags, start, end, walk_end, vec, vec_len, max_pages;
	__u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define SCAN		_IOWR('f', 16, struct scan)
#define SCAN_PRESENT	(1 << 3)

struct stage {
	char *map;
	size_t mapped;		/* bytes at map */
	__u64 start, end;	/* what is walked */
	int fd;
	int pagemap;
	void *buffer;
};

static void leave(void *state)
{
	struct stage *s = state;

	if (s->map)
		munmap(s->map, s->mapped);
	if (s->fd >= 0)
		close(s->fd);
	if (s->pagemap >= 0)
		close(s->pagemap);
	free(s->buffer);
	free(s);
}

/* An empty range of so many bytes, which begins where a PMD does. */
static struct stage *reserve(__u64 bytes)
{
	struct stage *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->fd = faultlab_open();
	s->pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	s->buffer = aligned_alloc(4096, BUFFER);
	s->mapped = bytes + PMD;
	s->map = mmap(NULL, s->mapped, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->map == MAP_FAILED)
		s->map = NULL;
	if (s->fd < 0)
		errno = -s->fd;
	if (s->fd < 0 || s->pagemap < 0 || !s->buffer || !s->map) {
		leave(s);
		return NULL;
	}
	memset(s->buffer, 0, BUFFER);
	s->start = ((uintptr_t)s->map + PMD - 1) & ~(PMD - 1);
	s->end = s->start + bytes;
	return s;
}

static void touch(struct stage *s, size_t step)
{
	__u64 at;

	for (at = s->start; at < s->end; at += step)
		*(volatile char *)(uintptr_t)at = 1;
}

static void *enter_dense(double *units)
{
	struct stage *s = reserve(GIB);

	if (!s)
		return NULL;
	madvise(s->map, s->mapped, MADV_NOHUGEPAGE);
	touch(s, 4096);
	*units = GIB / 4096;
	return s;
}

static void *enter_alternating(double *units)
{
	struct stage *s = reserve(GIB / 4);

	if (!s)
		return NULL;
	madvise(s->map, s->mapped, MADV_NOHUGEPAGE);
	touch(s, 8192);
	*units = GIB / 4 / 4096;
	return s;
}

static void *enter_thp(double *units)
{
	struct stage *s = reserve(GIB / 2);

	if (!s)
		return NULL;
	madvise(s->map, s->mapped, MADV_HUGEPAGE);
	touch(s, PMD);
	*units = GIB / 2 / PMD;
	return s;
}

static void *enter_hole(double *units)
{
	struct stage *s = reserve(1024 * GIB);

	*units = 1;
	return s;
}

/* The whole range in one form, whatever comes out of it. */
static int walk(struct stage *s, __u32 form, __u32 record, __u32 flags)
{
	struct faultlab_walk walk = {
		.size = sizeof(walk),
		.form = form,
		.flags = flags,
		.start = s->start,
		.end = s->end,
		.entries = (uintptr_t)s->buffer,
	};

	do {
		walk.nr = BUFFER / record;
		if (ioctl(s->fd, FAULTLAB_IOC_WALK, &walk))
			return -errno;
		walk.start = walk.next;
	} while (walk.start < s->end);
	return 0;
}

static int walk_raw(void *s)
{
	return walk(s, FAULTLAB_WALK_RAW, sizeof(__u64), 0);
}

static int walk_runs(void *s)
{
	return walk(s, FAULTLAB_WALK_RUNS, sizeof(struct faultlab_walk_run), 0);
}

static int walk_counts(void *s)
{
	return walk(s, FAULTLAB_WALK_COUNTS, sizeof(struct faultlab_walk_counts), 0);
}

static int read_pagemap(void *state)
{
	struct stage *s = state;
	__u64 at = s->start / 4096 * 8, end = s->end / 4096 * 8;
	ssize_t n;

	for (; at < end; at += n) {
		n = pread(s->pagemap, s->buffer, end - at < BUFFER ? end - at : BUFFER, at);
		if (n <= 0)
			return n ? -errno : -EIO;
	}
	return 0;
}

static int scan(void *state)
{
	struct stage *s = state;
	struct scan scan = {
		.size = sizeof(scan),
		.start = s->start,
		.end = s->end,
		.vec = (uintptr_t)s->buffer,
		.vec_len = BUFFER / sizeof(struct scan_region),
		.category_mask = SCAN_PRESENT,
		.return_mask = SCAN_PRESENT,
	};

	do {
		if (ioctl(s->pagemap, SCAN, &scan) < 0)
			return errno == ENOTTY ? -EOPNOTSUPP : -errno;
		scan.start = scan.walk_end;
	} while (scan.start < s->end);
	return 0;
}

#define PAGEMAP	{ "pagemap", read_pagemap }
#define PSCAN	{ "PAGEMAP_SCAN", scan }

static const struct bench_pair dense[] = {
	{ "raw", { "raw", walk_raw }, PAGEMAP, .goal = 0.075, .stretch = 0.07 },
	{ "counts", { "counts", walk_counts }, PAGEMAP, .goal = 0.12, .stretch = 0.11 },
	{ "runs", { "runs", walk_runs }, PSCAN, PAGEMAP, 0.115, 0.115, 0.10 },
};

static const struct bench_pair alternating[] = {
	{ "runs, every other", { "runs", walk_runs }, PSCAN, PAGEMAP, 0.36, 0.36, 0.36 },
};

static const struct bench_pair thp[] = {
	{ "runs of THP", { "runs", walk_runs }, PSCAN, PAGEMAP, 0.47, 0.47, 0.47 },
};

/* pagemap writes a word for each page of it: 2 GiB. */
static const struct bench_pair hole[] = {
	{ "runs of a hole", { "runs", walk_runs }, PSCAN, { "counts", walk_counts }, 1, 1, 0.8 },
};

const struct bench_stage bench_walk_dense = {
	.name = "walk-dense", .unit = "PTE",
	.enter = enter_dense, .leave = leave,
	.pairs = dense, .nr_pairs = ARRAY_SIZE(dense),
};

const struct bench_stage bench_walk_alternating = {
	.name = "walk-alternating", .unit = "PTE",
	.enter = enter_alternating, .leave = leave,
	.pairs = alternating, .nr_pairs = ARRAY_SIZE(alternating),
};

const struct bench_stage bench_walk_thp = {
	.name = "walk-thp", .unit = "huge page",
	.enter = enter_thp, .leave = leave,
	.pairs = thp, .nr_pairs = ARRAY_SIZE(thp),
};

const struct bench_stage bench_walk_hole = {
	.name = "walk-hole", .unit = "TiB",
	.enter = enter_hole, .leave = leave,
	.pairs = hole, .nr_pairs = ARRAY_SIZE(hole),
};
