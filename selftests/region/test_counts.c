// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counters, of a region and of all regions: a workload with known counts is counted
 * exactly, and a reset loses nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/record/record.h"
#include "lib/space.h"
#include "lib/sys.h"

#define RESET	FAULTLAB_DEBUGFS "/reset"

FIXTURE(counts)
{
	int fd;
	char stats[80];		/* path of the region's file stats */
};

FIXTURE_SETUP(counts)
{
	char dir[64];

	if (access(TLIB_STATS, F_OK))
		SKIP(return, "no " TLIB_STATS " (CONFIG_DEBUG_FS, mounted)");
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, tlib_region_dir(self->fd, dir, sizeof(dir)));
	snprintf(self->stats, sizeof(self->stats), "%s/stats", dir);
}

FIXTURE_TEARDOWN(counts)
{
	close(self->fd);
}

/* Workloads with known counts, on different sorts of memory. */
static const struct work {
	const char *name;
	enum faultlab_kind kind;
	__u64 flags;
	int share;
	const char *ops;	/* r, w: touch the next page; R, W: page 0 again */
	const char *counts;
} works[] = {
	{ "page", FAULTLAB_KIND_PAGE, 0, MAP_SHARED, "rrrWw",
	  "fault_read 3 fault_write 1 minor 4 pages 4 pages_peak 4" },
	{ "cow", FAULTLAB_KIND_PAGE, 0, MAP_PRIVATE, "wwrrr",
	  "fault_read 3 fault_cow 2 minor 5 pages 5 pages_peak 5" },
	{ "mkwrite", FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, MAP_SHARED, "rWw",
	  "fault_read 1 fault_write 1 fault_mkwrite 2 minor 3 pages 2 pages_peak 2" },
	{ "pfn", FAULTLAB_KIND_PFN, 0, MAP_SHARED, "rwww",
	  "fault_read 1 fault_write 3 minor 4 pages 4 pages_peak 4" },
	{ "pfn_mkwrite", FAULTLAB_KIND_PFN, FAULTLAB_REGION_MKWRITE, MAP_SHARED, "rWr",
	  "fault_read 2 fault_pfn_mkwrite 1 minor 3 pages 2 pages_peak 2" },
	{ "insert", FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, MAP_SHARED, "wwww",
	  "fault_write 4 minor 4 pages 4 pages_peak 4" },
};

/* Parse "name value name value"; all other counters are 0. */
static void expect_of(struct faultlab_stats *stats, const char *text)
{
	char name[32];
	__u64 value;
	int n;

	*stats = (struct faultlab_stats) { 0 };
	for (; sscanf(text, "%31s %llu%n", name, &value, &n) == 2; text += n)
		stats->value[faultlab_stat_by_name(name)] = value;
}

static void add_stats(struct faultlab_stats *sum, const struct faultlab_stats *more)
{
	unsigned int i;

	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		sum->value[i] += more->value[i];
}

/*
 * Add up under_mmap_lock and under_vma_lock, since it depends on the kernel which lock a
 * fault holds.
 */
static void merge_locks(struct faultlab_stats *stats)
{
	stats->value[FAULTLAB_STAT_UNDER_MMAP_LOCK] +=
		stats->value[FAULTLAB_STAT_UNDER_VMA_LOCK];
	stats->value[FAULTLAB_STAT_UNDER_VMA_LOCK] = 0;
}

static char *do_work(const struct work *work, int fd)
{
	char *mem = tlib_map(fd, TLIB_RW, work->share, 0, 32);

	if (mem)
		tlib_work(mem, work->ops);
	return mem;
}

#define EXPECT_SAME_STATS(expected, seen, what) do {				\
	unsigned int _i;							\
										\
	for (_i = 0; _i < FAULTLAB_NR_STATS; _i++) {				\
		EXPECT_EQ((expected)->value[_i], (seen)->value[_i]) {		\
			TH_LOG("%s: %s", what, faultlab_stat_name(_i));	\
		}								\
	}									\
} while (0)

static __u64 locked(const struct faultlab_stats *s)
{
	return s->value[FAULTLAB_STAT_FAULT_READ] + s->value[FAULTLAB_STAT_FAULT_WRITE] +
	       s->value[FAULTLAB_STAT_FAULT_COW] + s->value[FAULTLAB_STAT_FAULT_PFN_MKWRITE] +
	       s->value[FAULTLAB_STAT_FAULT_AROUND];
}

/* How much all counters and levels have changed since @then, except pages_peak. */
static int read_moved(const struct faultlab_stats *then, struct faultlab_stats *moved)
{
	int err = tlib_read_stats(TLIB_STATS, moved);
	unsigned int i;

	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		moved->value[i] -= then->value[i];
	moved->value[FAULTLAB_STAT_PAGES_PEAK] = 0;
	merge_locks(moved);
	return err;
}

/* Works only if nothing else uses the module at the same time. */
TEST_F(counts, a_known_workload_is_counted_exactly_by_region_and_in_total)
{
	struct faultlab_stats all, diff, expected, seen, sum = { 0 };
	char path[80], dir[64];
	unsigned int i;
	int fds[ARRAY_SIZE(works)];
	char *mem[ARRAY_SIZE(works)];
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &all));
	for (i = 0; i < ARRAY_SIZE(works); i++) {
		fds[i] = tlib_region(works[i].kind, works[i].flags, 0);
		ASSERT_EQ(0, tlib_counts_begin(fds[i], &mark));
		mem[i] = do_work(&works[i], fds[i]);
		ASSERT_EQ(0, faultlab_witness_end(&mark.witness));
		ASSERT_NE(NULL, mem[i]);
		expect_of(&expected, works[i].counts);
		EXPECT_EQ(expected.value[FAULTLAB_STAT_MINOR], mark.witness.minflt);
		EXPECT_EQ(0, mark.witness.majflt);
		EXPECT_EQ(expected.value[FAULTLAB_STAT_PAGES],
			  tlib_nr_mapped(fds[i], 0, mem[i], 32));
		expected.value[FAULTLAB_STAT_REGIONS] = 1;
		expected.value[FAULTLAB_STAT_VMAS] = 1;
		expected.value[FAULTLAB_STAT_MMAP] = 1;
		expected.value[FAULTLAB_STAT_UNDER_MMAP_LOCK] = locked(&expected);
		ASSERT_EQ(0, tlib_region_dir(fds[i], dir, sizeof(dir)));
		snprintf(path, sizeof(path), "%s/stats", dir);
		ASSERT_EQ(0, tlib_read_stats(path, &seen));
		merge_locks(&seen);
		EXPECT_SAME_STATS(&expected, &seen, works[i].name);
		ASSERT_EQ(0, faultlab_stats(fds[i], &seen));
		merge_locks(&seen);
		EXPECT_SAME_STATS(&expected, &seen, works[i].name);
		add_stats(&sum, &seen);
	}
	ASSERT_EQ(0, read_moved(&all, &diff));
	sum.value[FAULTLAB_STAT_PAGES_PEAK] = 0;
	EXPECT_SAME_STATS(&sum, &diff, "all");

	/* Counts of closed regions stay in the totals; levels do not. */
	for (i = 0; i < ARRAY_SIZE(works); i++) {
		ASSERT_EQ(0, munmap(mem[i], 32 * TLIB_PAGE));
		ASSERT_EQ(0, close(fds[i]));
		/* VMAs of the other workloads can merge, so the module sets no .close. */
		sum.value[FAULTLAB_STAT_VMA_CLOSE] += works[i].kind == FAULTLAB_KIND_PFN ||
						      works[i].flags & FAULTLAB_REGION_INSERT;
	}
	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		if (faultlab_stat_is_level(i))
			sum.value[i] = 0;
	ASSERT_EQ(0, read_moved(&all, &diff));
	EXPECT_SAME_STATS(&sum, &diff, "all, after they were closed");
}

TEST_F(counts, major_delayed_sigbus_and_access_callbacks_are_counted_exactly)
{
	struct faultlab_rule rules[] = {
		tlib_rule(0, 1, FAULTLAB_VERDICT_MAJOR, 0),
		tlib_rule(1, 1, FAULTLAB_VERDICT_SERVE, 2000),
	};
	struct faultlab_stats before, after, region, diff;
	unsigned int i;
	int self_mem;
	__u64 word;
	char *mem;

	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &before));
	ASSERT_EQ(0, faultlab_config(self->fd, FAULTLAB_KIND_PFN, 0, 4 * TLIB_PAGE));
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, 2));
	mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 4);
	ASSERT_NE(NULL, mem);
	EXPECT_EQ(0, faultlab_touch_write(mem, 7, NULL));
	EXPECT_EQ(0, faultlab_touch_read(mem + TLIB_PAGE, NULL));
	self_mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	EXPECT_EQ(8, pread(self_mem, &word, 8, (uintptr_t)mem));
	EXPECT_EQ(7, word);
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(mem, NULL));

	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &after));
	ASSERT_EQ(0, tlib_read_stats(self->stats, &region));
	faultlab_stats_diff(&before, &after, &diff);
	EXPECT_EQ(1, region.value[FAULTLAB_STAT_FAULT_WRITE]);
	EXPECT_EQ(2, region.value[FAULTLAB_STAT_FAULT_READ]);
	EXPECT_EQ(1, region.value[FAULTLAB_STAT_ACCESS]);
	EXPECT_EQ(1, region.value[FAULTLAB_STAT_SIGBUS]);
	EXPECT_EQ(1, region.value[FAULTLAB_STAT_RETRY]);
	/* Whether a retried fault is major depends on the kernel (FAULT_FLAG_TRIED). */
	EXPECT_EQ(2, region.value[FAULTLAB_STAT_MAJOR] + region.value[FAULTLAB_STAT_MINOR]);
	EXPECT_LE(1, region.value[FAULTLAB_STAT_MAJOR]);
	EXPECT_LE(2000000, region.value[FAULTLAB_STAT_DELAY_NS]);
	EXPECT_EQ(0, region.value[FAULTLAB_STAT_PAGES]);
	EXPECT_EQ(2, region.value[FAULTLAB_STAT_PAGES_PEAK]);
	for (i = 0; i < FAULTLAB_NR_STATS; i++) {
		if (faultlab_stat_is_level(i))
			continue;
		EXPECT_EQ(region.value[i], diff.value[i]) {
			TH_LOG("%s", faultlab_stat_name(i));
		}
	}
	close(self_mem);
}

TEST_F(counts, a_fault_around_of_8_pages_counts_one_callback_and_8_pages)
{
	struct faultlab_stats stats;
	char *mem;
	int i;

	ASSERT_EQ(0, faultlab_config(self->fd, FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT,
				     16 * TLIB_PAGE));
	mem = tlib_map_apart(self->fd, TLIB_RW, MAP_SHARED, 16);
	ASSERT_NE(NULL, mem);
	for (i = 0; i < 8; i++)
		ASSERT_EQ(0, faultlab_touch_write(mem + i * TLIB_PAGE, 1, NULL));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	ASSERT_EQ(0, faultlab_touch_read(mem + 3 * TLIB_PAGE, NULL));
	ASSERT_EQ(0, tlib_read_stats(self->stats, &stats));
	EXPECT_EQ(1, stats.value[FAULTLAB_STAT_FAULT_AROUND]);
	EXPECT_EQ(8, stats.value[FAULTLAB_STAT_PAGES_AROUND]);
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_FAULT_READ]);
	EXPECT_EQ(9, stats.value[FAULTLAB_STAT_MINOR]);
	EXPECT_EQ(8, tlib_nr_mapped(self->fd, 0, mem, 16));
}

TEST_F(counts, reset_clears_all_counters_but_not_the_levels)
{
	struct faultlab_stats stats, expected = { 0 };
	char *mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 8);

	ASSERT_NE(NULL, mem);
	memset(mem, 1, 8 * TLIB_PAGE);
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, 3 * TLIB_PAGE, FAULTLAB_EVICT_DROP));
	ASSERT_EQ(0, tlib_read_stats(self->stats, &stats));
	EXPECT_EQ(8, stats.value[FAULTLAB_STAT_FAULT_WRITE]);
	EXPECT_EQ(8, stats.value[FAULTLAB_STAT_PAGES_PEAK]);

	ASSERT_EQ(0, tlib_write_text(RESET, "1"));

	expected.value[FAULTLAB_STAT_REGIONS] = 1;
	expected.value[FAULTLAB_STAT_VMAS] = 1;
	expected.value[FAULTLAB_STAT_PAGES] = 5;
	expected.value[FAULTLAB_STAT_PAGES_PEAK] = 5;
	ASSERT_EQ(0, tlib_read_stats(self->stats, &stats));
	EXPECT_SAME_STATS(&expected, &stats, "region");
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &stats));
	EXPECT_SAME_STATS(&expected, &stats, "all");
}

struct faulter {
	char *mem;
	size_t rounds;
	int fd;
	bool done;
};

/* Makes 16 faults in each round. */
static void *fault_on(void *arg)
{
	struct faulter *f = arg;
	size_t i, page;

	for (i = 0; i < f->rounds; i++) {
		for (page = 0; page < 16; page++)
			faultlab_touch_write(f->mem + page * TLIB_PAGE, i, NULL);
		faultlab_evict(f->fd, 0, FAULTLAB_TO_END, 0);
	}
	__atomic_store_n(&f->done, true, __ATOMIC_RELEASE);
	return NULL;
}

TEST_F(counts, repeated_resets_of_a_region_lose_no_concurrent_fault)
{
	struct faulter f = { .rounds = tlib_scale(300, 1500), .fd = self->fd };
	struct faultlab_stats stats;
	__u64 writes = 0, minor = 0;
	pthread_t thread;
	bool done;

	f.mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 16);
	ASSERT_NE(NULL, f.mem);
	ASSERT_EQ(0, pthread_create(&thread, NULL, fault_on, &f));
	do {
		done = __atomic_load_n(&f.done, __ATOMIC_ACQUIRE);
		ASSERT_EQ(0, faultlab_stats_reset(self->fd, &stats));
		writes += stats.value[FAULTLAB_STAT_FAULT_WRITE];
		minor += stats.value[FAULTLAB_STAT_MINOR];
	} while (!done);
	pthread_join(thread, NULL);
	EXPECT_EQ(f.rounds * 16, writes);
	EXPECT_EQ(f.rounds * 16, minor);
}

/*
 * A write to debugfs' file reset does not return the counters that it resets, so their sum
 * is unknown. So check that counters never look negative, and that the count is
 * exact when no thread runs.
 */
TEST_F(counts, resets_of_all_during_faults_never_make_a_counter_negative)
{
	struct faulter f = { .rounds = tlib_scale(300, 1500), .fd = self->fd };
	struct faultlab_stats stats;
	pthread_t thread;

	f.mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 16);
	ASSERT_NE(NULL, f.mem);
	ASSERT_EQ(0, pthread_create(&thread, NULL, fault_on, &f));
	while (!__atomic_load_n(&f.done, __ATOMIC_ACQUIRE)) {
		ASSERT_EQ(0, tlib_write_text(RESET, "1"));
		ASSERT_EQ(0, tlib_read_stats(self->stats, &stats));
		/* A negative value would look like a very large one. */
		EXPECT_GE(f.rounds * 16, stats.value[FAULTLAB_STAT_FAULT_WRITE]);
	}
	pthread_join(thread, NULL);
	ASSERT_EQ(0, tlib_write_text(RESET, "1"));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	f.rounds = 1;
	fault_on(&f);
	EXPECT_EQ(16, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
}

TEST_HARNESS_MAIN
