// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults write only per-CPU data: two threads on two CPUs fault on different pages, and
 * each CPU has exactly its own thread's counts and records.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

#define PAGES	128	/* of each thread */

FIXTURE(percpu)
{
	int fd;
	char *mem;
	char path[80];
	int cpu[2];
	struct faultlab_record seen[2 * PAGES + 1];
};

FIXTURE_VARIANT(percpu)
{
	enum faultlab_kind kind;
	__u64 flags;
};

#define VARIANT(name, k, f) FIXTURE_VARIANT_ADD(percpu, name) \
	{ .kind = FAULTLAB_KIND_##k, .flags = f }

VARIANT(page, PAGE, 0);
VARIANT(insert, PAGE, FAULTLAB_REGION_INSERT);
VARIANT(pfn, PFN, 0);
VARIANT(mixed, MIXED, 0);

/* The first two CPUs that this task may run on. Returns how many there are. */
static int two_cpus(int cpu[2])
{
	cpu_set_t set;
	int i, n = 0;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 0;
	for (i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET(i, &set))
			cpu[n++] = i;
	return n;
}

FIXTURE_SETUP(percpu)
{
	char dir[64];

	if (two_cpus(self->cpu) < 2)
		SKIP(return, "one CPU (CONFIG_SMP, nr_cpus=)");
	if (access(FAULTLAB_DEBUGFS, F_OK))
		SKIP(return, "no " FAULTLAB_DEBUGFS " (CONFIG_DEBUG_FS, mounted)");
	self->fd = tlib_region(variant->kind, variant->flags, 2 * PAGES);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, tlib_region_dir(self->fd, dir, sizeof(dir)));
	snprintf(self->path, sizeof(self->path), "%s/cpus", dir);
	self->mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 2 * PAGES);
	ASSERT_NE(NULL, self->mem);
}

FIXTURE_TEARDOWN(percpu)
{
	close(self->fd);
}

struct worker {
	pthread_t thread;
	char *mem;
	int cpu;
	int err;
};

static void *write_pages(void *arg)
{
	struct worker *w = arg;
	cpu_set_t set;
	size_t i;

	CPU_ZERO(&set);
	CPU_SET(w->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		w->err = -errno;
		return NULL;
	}
	for (i = 0; i < PAGES; i++)
		*(volatile char *)(w->mem + i * TLIB_PAGE) = 1;
	return NULL;
}

/* Two threads, each on its CPU, write to their halves of the mapping. */
static int write_on_both(char *mem, const int cpu[2])
{
	struct worker w[2] = { 0 };
	int i;

	for (i = 0; i < 2; i++) {
		w[i].mem = mem + i * PAGES * TLIB_PAGE;
		w[i].cpu = cpu[i];
		if (pthread_create(&w[i].thread, NULL, write_pages, &w[i]))
			return -EAGAIN;
	}
	for (i = 0; i < 2; i++)
		pthread_join(w[i].thread, NULL);
	return w[0].err ? w[0].err : w[1].err;
}

/* The number of faults that the region's file `cpus` shows for a CPU. */
static __u64 counted(const char *path, int cpu)
{
	char name[16];
	__u64 value;

	snprintf(name, sizeof(name), "cpu%d", cpu);
	return tlib_read_field(path, name, &value) ? ~0ULL : value;
}

TEST_F(percpu, faults_are_counted_only_on_the_cpu_that_takes_them)
{
	struct faultlab_stats stats;
	int i;

	ASSERT_EQ(0, write_on_both(self->mem, self->cpu));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(PAGES, counted(self->path, self->cpu[i]));
	ASSERT_EQ(0, faultlab_stats(self->fd, &stats));
	EXPECT_EQ(2 * PAGES, stats.value[FAULTLAB_STAT_FAULT_WRITE]);
	EXPECT_EQ(2 * PAGES, stats.value[FAULTLAB_STAT_MINOR]);
}

TEST_F(percpu, records_are_written_on_the_cpu_that_faults)
{
	struct faultlab_record *r = self->seen;
	ssize_t i, nr;

	ASSERT_EQ(0, faultlab_records_start(self->fd, 1024, 0));
	ASSERT_EQ(0, write_on_both(self->mem, self->cpu));
	nr = faultlab_records_read(self->fd, r, ARRAY_SIZE(self->seen));
	ASSERT_EQ(2 * PAGES, nr);
	for (i = 0; i < nr; i++) {
		EXPECT_EQ(FAULTLAB_RECORD_FAULT, r[i].type);
		EXPECT_EQ(self->cpu[r[i].fault.index >= PAGES], (int)r[i].cpu);
		EXPECT_EQ(0, r[i].pad);
	}
}

TEST_HARNESS_MAIN
