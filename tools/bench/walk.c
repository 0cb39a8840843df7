// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures faultlab's walk in its forms and, as peers, read() of /proc/self/pagemap and
 * ioctl(PAGEMAP_SCAN). The work is not exactly the same: pagemap also looks at the struct
 * page of each entry.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pagemap.h>
#include "bench/bench.h"

#define BUFFER		(1UL << 20)

struct stage {
	char *map;
	size_t mapped;		/* bytes at map */
	__u64 start, end;	/* range to walk */
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

/* Maps anonymous memory without touching it; s->start is aligned to a PMD. */
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

static void *enter_dense(const void *what, double *units)
{
	__u64 bytes = bench_tiny ? 2 * PMD : GIB;
	struct stage *s = reserve(bytes);

	(void)what;

	if (!s)
		return NULL;
	madvise(s->map, s->mapped, MADV_NOHUGEPAGE);
	touch(s, 4096);
	*units = bytes / 4096;
	return s;
}

static void *enter_alternating(const void *what, double *units)
{
	__u64 bytes = bench_tiny ? 2 * PMD : GIB / 4;
	struct stage *s = reserve(bytes);

	(void)what;

	if (!s)
		return NULL;
	madvise(s->map, s->mapped, MADV_NOHUGEPAGE);
	touch(s, 8192);
	*units = bytes / 4096;
	return s;
}

static void *enter_thp(const void *what, double *units)
{
	__u64 bytes = bench_tiny ? 2 * PMD : GIB / 2;
	struct stage *s = reserve(bytes);

	(void)what;

	if (!s)
		return NULL;
	madvise(s->map, s->mapped, MADV_HUGEPAGE);
	touch(s, PMD);
	*units = bytes / PMD;
	return s;
}

static void *enter_hole(const void *what, double *units)
{
	(void)what;
	*units = 1;
	return reserve(1024 * GIB);
}

/* Walks the whole range in one form and ignores the output. */
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
		.category_mask = IS_PRESENT,
		.return_mask = IS_PRESENT,
	};

	do {
		if (ioctl(s->pagemap, SCAN, &scan) < 0)
			return errno == ENOTTY ? -EOPNOTSUPP : -errno;
		scan.start = scan.walk_end;
	} while (scan.start < s->end);
	return 0;
}

/*
 * The hole is not measured with pagemap, which writes a word for each page of a hole,
 * too: 2 GiB of output for a hole of 1 TiB.
 */
const struct bench_stage bench_walk_stages[] = {
	{
		.name = "walk", .enter = enter_dense, .leave = leave,
		.figures = {
			{ .name = "raw", .run = walk_raw },
			{ .name = "counts", .run = walk_counts },
			{ .name = "runs", .run = walk_runs },
			{ .name = "pagemap", .run = read_pagemap },
			{ .name = "scan", .run = scan },
		},
	}, {
		.name = "walk-other", .enter = enter_alternating, .leave = leave,
		.figures = {
			{ .name = "runs", .run = walk_runs },
			{ .name = "pagemap", .run = read_pagemap },
			{ .name = "scan", .run = scan },
		},
	}, {
		.name = "walk-thp", .enter = enter_thp, .leave = leave,
		.figures = {
			{ .name = "runs", .run = walk_runs },
			{ .name = "scan", .run = scan },
		},
	}, {
		.name = "walk-hole", .enter = enter_hole, .leave = leave,
		.figures = {
			{ .name = "runs", .run = walk_runs },
			{ .name = "scan", .run = scan },
		},
	},
	{ }
};
