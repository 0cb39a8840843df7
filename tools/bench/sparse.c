// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures what a walk of a sparse range costs: a few PTE tables, with one page in each, in
 * ranges of growing size. The cost should depend on the number of tables, not on the size
 * of the range.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/bench.h"

#define ROUNDS	3	/* the first is dropped */

static const __u64 ranges[] = { 1, 4, 16, 64, 256, 1024, 4096, 16384 };	/* GiB */
static const unsigned int tables[] = { 1, 8, 64, 512 };

/* The cost of a walk over gib GiB. all is the number of tables there at all levels. */
struct point {
	__u64 gib;
	unsigned int tables;
	__u64 all;
	double cost;
};

static int ignore(const struct faultlab_walk_run *run, void *arg)
{
	(void)run;
	(void)arg;
	return 0;
}

/* Stores the time of the fastest round: interrupts and the like can only add time. */
static int walk(int fd, const char *from, __u64 bytes, double *cost)
{
	int i;

	*cost = 0;
	for (i = 0; i < ROUNDS; i++) {
		double ns = monotonic_ns();
		int err = faultlab_walk_runs(fd, 0, (uintptr_t)from, (uintptr_t)from + bytes, 0,
					     0, 0, ignore, NULL);

		if (err)
			return err;
		ns = monotonic_ns() - ns;
		if (i == 1 || (i && ns < *cost))
			*cost = ns;
	}
	return 0;
}

/* Counts tables of all levels: a PTE table far from others has its own PMD table. */
static int add_tables(const struct faultlab_walk_counts *counts, void *arg)
{
	unsigned int level;
	__u64 *all = arg;

	for (level = FAULTLAB_LEVEL_PMD; level <= FAULTLAB_LEVEL_PGD; level++)
		*all += counts->table[level];
	return 0;
}

static int measure(int fd, __u64 bytes, unsigned int nr, struct point *to)
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
	err = walk(fd, map, bytes, &to->cost);
	to->all = 0;
	if (!err)
		err = faultlab_walk_counts(fd, 0, (uintptr_t)map, (uintptr_t)map + bytes,
					   add_tables, &to->all);
	munmap(map, bytes);
	return err;
}

static void show(enum bench_format format, struct json_object *list, const struct point *p)
{
	struct json_object *row;
	char size[FIGURE_MAX];

	if (format == BENCH_TEXT) {
		printf("%8s %10u %10llu %12.0f %12.1f\n", figure_size(size, p->gib * GIB),
		       p->tables, p->all, p->cost, p->cost / p->all);
	} else if (format == BENCH_CSV) {
		printf("%llu,%u,%llu,%.0f\n", p->gib, p->tables, p->all, p->cost);
	} else {
		row = json_object_new_object();
		json_object_object_add(row, "gib", json_object_new_uint64(p->gib));
		json_object_object_add(row, "pte_tables", json_object_new_int(p->tables));
		json_object_object_add(row, "tables", json_object_new_uint64(p->all));
		json_object_object_add(row, "cost", json_object_new_double(p->cost));
		json_object_array_add(list, row);
	}
}

static void show_head(enum bench_format format, bool instructions)
{
	if (format == BENCH_TEXT)
		printf("%8s %10s %10s %12s %12s  (%s)\n", "range", "PTE tables", "all tables",
		       "per walk", "per table", instructions ? "instructions" : "ns");
	else if (format == BENCH_CSV)
		puts("gib,pte_tables,tables,cost");
}

/* Measures all ranges with nr PTE tables. Returns 0 or the exit status. */
static int run(int fd, unsigned int nr, enum bench_format format, struct json_object *list)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		struct point p = { .gib = ranges[i], .tables = nr };

		err = measure(fd, p.gib * GIB, nr, &p);
		if (err)
			return failed("cannot walk %llu GiB: %s.", p.gib, strerror(-err));
		show(format, list, &p);
	}
	return 0;
}

int bench_sparse(enum bench_format format, bool instructions)
{
	struct json_object *list = json_object_new_array();
	int fd = open_device();
	unsigned int i;
	int err = 0;

	if (fd < 0)
		return EXIT_FAILED;
	show_head(format, instructions);
	for (i = 0; i < (bench_tiny ? 1 : ARRAY_SIZE(tables)) && !err; i++)
		err = run(fd, tables[i], format, list);
	close(fd);
	if (!err && format == BENCH_JSON)
		print_json(list);
	else
		json_object_put(list);
	return err;
}
