// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a walk costs over sparsity: so many page tables, each with one page in it, in
 * ranges of so many bytes. It should go by the tables, and not by the range.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define GIB	(1ULL << 30)
#define ROUNDS	3	/* the first is dropped */

static const __u64 ranges[] = { 1, 4, 16, 64, 256, 1024, 4096, 16384 };	/* GiB */
static const unsigned int tables[] = { 1, 8, 64, 512 };

static int ignore(const struct faultlab_walk_run *run, void *arg)
{
	(void)run;
	(void)arg;
	return 0;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/* The lowest of some rounds: what disturbs only adds. */
static int walk(int fd, const char *from, __u64 bytes, double *cost)
{
	int i;

	*cost = 0;
	for (i = 0; i < ROUNDS; i++) {
		double ns = now();
		int err = faultlab_walk_runs(fd, 0, (uintptr_t)from, (uintptr_t)from + bytes, 0,
					     0, 0, ignore, NULL);

		if (err)
			return err;
		ns = now() - ns;
		if (i == 1 || (i && ns < *cost))
			*cost = ns;
	}
	return 0;
}

static int measure(int fd, __u64 bytes, unsigned int nr, double *cost)
{
	char *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	unsigned int i;
	int err;

	if (map == MAP_FAILED)
		return -errno;
	madvise(map, bytes, MADV_NOHUGEPAGE);
	for (i = 0; i < nr; i++)
		*(volatile char *)(map + bytes / nr * i) = 1;
	err = walk(fd, map, bytes, cost);
	munmap(map, bytes);
	return err;
}

static void show(enum bench_format format, struct json_object *list, __u64 gib, unsigned int nr,
		 double cost)
{
	struct json_object *row;
	char size[FIGURE_MAX];

	if (format == BENCH_TEXT) {
		printf("%8s %8u %12.0f %12.1f\n", figure_size(size, gib * GIB), nr, cost,
		       cost / nr);
	} else if (format == BENCH_CSV) {
		printf("%llu,%u,%.0f\n", gib, nr, cost);
	} else {
		row = json_object_new_object();
		json_object_object_add(row, "gib", json_object_new_uint64(gib));
		json_object_object_add(row, "tables", json_object_new_int(nr));
		json_object_object_add(row, "cost", json_object_new_double(cost));
		json_object_array_add(list, row);
	}
}

/* Two figures at the corners tell whether cost goes by tables or by range. */
int bench_sparse(enum bench_format format, bool instructions)
{
	const char *unit = instructions ? "instructions" : "ns";
	struct json_object *list = json_object_new_array();
	int fd = open_device();
	unsigned int i, j;
	double cost = 0;
	int err = 0;

	if (fd < 0)
		return EXIT_FAILED;
	if (format == BENCH_TEXT)
		printf("%8s %8s %12s %12s  (%s)\n", "range", "tables", "a walk", "a table", unit);
	else if (format == BENCH_CSV)
		puts("gib,tables,cost");
	for (i = 0; i < ARRAY_SIZE(tables) && !err; i++) {
		for (j = 0; j < ARRAY_SIZE(ranges) && !err; j++) {
			err = measure(fd, ranges[j] * GIB, tables[i], &cost);
			if (!err)
				show(format, list, ranges[j], tables[i], cost);
		}
	}
	close(fd);
	if (err)
		return failed("a walk of %llu GiB: %s.", ranges[j - 1], strerror(-err));
	if (format == BENCH_JSON)
		print_json(list);
	else
		json_object_put(list);
	return 0;
}
