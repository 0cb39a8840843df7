// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/faultlab: that its files say what happened, all of it and
 * nothing else, while regions come and go and counts are reset.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "flab_space.h"
#include "flab_sys.h"

#define STATS	FAULTLAB_DEBUGFS "/stats"
#define REGIONS	FAULTLAB_DEBUGFS "/regions"
#define RESET	FAULTLAB_DEBUGFS "/reset"
#define WALK	FAULTLAB_DEBUGFS "/walk"

FIXTURE(debugfs)
{
	int fd;
	char dir[64];		/* the region's */
	char stats[80];		/* its stats file */
};

FIXTURE_SETUP(debugfs)
{
	if (access(STATS, F_OK))
		SKIP(return, "no " STATS " (CONFIG_DEBUG_FS, mounted)");
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, flab_region_dir(self->fd, self->dir, sizeof(self->dir)));
	snprintf(self->stats, sizeof(self->stats), "%s/stats", self->dir);
}

FIXTURE_TEARDOWN(debugfs)
{
	close(self->fd);
}

TEST_F(debugfs, lists_every_counter_in_order_and_nothing_else)
{
	char text[FLAB_TEXT_MAX], expected[FLAB_TEXT_MAX] = "";
	struct faultlab_stats stats;
	const char *files[] = { STATS, self->stats };
	unsigned int i, file;

	for (file = 0; file < 2; file++) {
		ASSERT_EQ(0, flab_read_stats(files[file], &stats));
		expected[0] = '\0';
		for (i = 0; i < FAULTLAB_NR_STATS; i++)
			sprintf(expected + strlen(expected), "%s%s %llu", i ? "\n" : "",
				faultlab_stat_name(i), stats.value[i]);
		ASSERT_LT(0, flab_read_text(files[file], text, sizeof(text)));
		EXPECT_STREQ(expected, text);
	}
}

TEST_F(debugfs, has_files_for_root_alone)
{
	const struct {
		const char *path;
		mode_t mode;
	} files[] = {
		{ STATS, S_IFREG | 0400 },
		{ REGIONS, S_IFREG | 0400 },
		{ RESET, S_IFREG | 0200 },
		{ WALK, S_IFREG | 0600 },
		{ self->stats, S_IFREG | 0400 },
	};
	struct stat st;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		ASSERT_EQ(0, stat(files[i].path, &st));
		EXPECT_EQ(files[i].mode, st.st_mode) {
			TH_LOG("%s", files[i].path);
		}
		EXPECT_EQ(0, st.st_uid);
		EXPECT_EQ(0, st.st_gid);
	}
}

/*
 * A workload of which every count is known, by one line of each kind of region.
 */
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

/* "name value name value": the named counters to the named values, else 0. */
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

/* Both locks as one, since it is the kernel that chooses; sums only. */
static void merge_locks(struct faultlab_stats *stats)
{
	stats->value[FAULTLAB_STAT_UNDER_MMAP_LOCK] +=
		stats->value[FAULTLAB_STAT_UNDER_VMA_LOCK];
	stats->value[FAULTLAB_STAT_UNDER_VMA_LOCK] = 0;
}

static char *do_work(const struct work *work, int fd)
{
	char *mem = flab_map(fd, FLAB_RW, work->share, 0, 32);
	const char *op;
	char *at = mem;

	for (op = work->ops; mem && *op; op++) {
		if (*op == 'r' || *op == 'w')
			at += op == work->ops ? 0 : FLAB_PAGE;
		if (*op == 'r' || *op == 'R')
			faultlab_touch_read(*op == 'R' ? mem : at, NULL);
		else
			faultlab_touch_write(*op == 'W' ? mem : at, 1, NULL);
	}
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

/* Everything else in the machine that uses the module would be in the way. */
TEST_F(debugfs, counts_a_known_workload_in_the_region_and_in_all)
{
	struct faultlab_stats all[2], diff, expected, seen, sum = { 0 };
	char path[80], dir[64];
	unsigned int i;
	int fds[ARRAY_SIZE(works)];

	ASSERT_EQ(0, flab_read_stats(STATS, &all[0]));
	for (i = 0; i < ARRAY_SIZE(works); i++) {
		fds[i] = flab_region(works[i].kind, works[i].flags, 0);
		ASSERT_NE(NULL, do_work(&works[i], fds[i]));
		expect_of(&expected, works[i].counts);
		expected.value[FAULTLAB_STAT_REGIONS] = 1;
		expected.value[FAULTLAB_STAT_VMAS] = 1;
		expected.value[FAULTLAB_STAT_UNDER_MMAP_LOCK] = locked(&expected);
		ASSERT_EQ(0, flab_region_dir(fds[i], dir, sizeof(dir)));
		snprintf(path, sizeof(path), "%s/stats", dir);
		ASSERT_EQ(0, flab_read_stats(path, &seen));
		merge_locks(&seen);
		EXPECT_SAME_STATS(&expected, &seen, works[i].name);
		ASSERT_EQ(0, faultlab_stats(fds[i], &seen));
		merge_locks(&seen);
		EXPECT_SAME_STATS(&expected, &seen, works[i].name);
		add_stats(&sum, &seen);
	}
	ASSERT_EQ(0, flab_read_stats(STATS, &all[1]));
	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		diff.value[i] = all[1].value[i] - all[0].value[i];
	merge_locks(&diff);
	diff.value[FAULTLAB_STAT_PAGES_PEAK] = sum.value[FAULTLAB_STAT_PAGES_PEAK] = 0;
	EXPECT_SAME_STATS(&sum, &diff, "all");

	/* What is gone still counts, and is no more. */
	for (i = 0; i < ARRAY_SIZE(works); i++)
		close(fds[i]);
}

TEST_F(debugfs, counts_what_only_rules_and_others_can_do)
{
	struct faultlab_rule rules[] = {
		flab_rule(0, 1, FAULTLAB_VERDICT_MAJOR, 0),
		flab_rule(1, 1, FAULTLAB_VERDICT_SERVE, 2000),
	};
	struct faultlab_stats before, after, region, diff;
	unsigned int i;
	int self_mem;
	__u64 word;
	char *mem;

	ASSERT_EQ(0, flab_read_stats(STATS, &before));
	ASSERT_EQ(0, faultlab_config(self->fd, FAULTLAB_KIND_PFN, 0, 4 * FLAB_PAGE));
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, 2));
	mem = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, 4);
	ASSERT_NE(NULL, mem);
	EXPECT_EQ(0, faultlab_touch_write(mem, 7, NULL));
	EXPECT_EQ(0, faultlab_touch_read(mem + FLAB_PAGE, NULL));
	self_mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	EXPECT_EQ(8, pread(self_mem, &word, 8, (uintptr_t)mem));
	EXPECT_EQ(7, word);
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(mem, NULL));

	ASSERT_EQ(0, flab_read_stats(STATS, &after));
	ASSERT_EQ(0, flab_read_stats(self->stats, &region));
	faultlab_stats_diff(&before, &after, &diff);
	EXPECT_EQ(1, region.value[FAULTLAB_STAT_FAULT_WRITE]);
	EXPECT_EQ(2, region.value[FAULTLAB_STAT_FAULT_READ]);
	EXPECT_EQ(1, region.value[FAULTLAB_STAT_ACCESS]);
	EXPECT_EQ(1, region.value[FAULTLAB_STAT_SIGBUS]);
	EXPECT_EQ(1, region.value[FAULTLAB_STAT_RETRY]);
	/* Where a retry makes a fault major is the kernel's choice: see FAULT_FLAG_TRIED. */
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

TEST_F(debugfs, counts_pages_that_a_read_fault_maps_around_itself)
{
	struct faultlab_stats stats;
	char *mem;
	int i;

	ASSERT_EQ(0, faultlab_config(self->fd, FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT,
				     16 * FLAB_PAGE));
	mem = flab_map_apart(self->fd, FLAB_RW, MAP_SHARED, 16);
	ASSERT_NE(NULL, mem);
	for (i = 0; i < 8; i++)
		ASSERT_EQ(0, faultlab_touch_write(mem + i * FLAB_PAGE, 1, NULL));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	ASSERT_EQ(0, faultlab_touch_read(mem + 3 * FLAB_PAGE, NULL));
	ASSERT_EQ(0, flab_read_stats(self->stats, &stats));
	EXPECT_EQ(1, stats.value[FAULTLAB_STAT_FAULT_AROUND]);
	EXPECT_EQ(8, stats.value[FAULTLAB_STAT_PAGES_AROUND]);
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_FAULT_READ]);
	EXPECT_EQ(9, stats.value[FAULTLAB_STAT_MINOR]);
	EXPECT_EQ(8, flab_nr_mapped(self->fd, 0, mem, 16));
}

TEST_F(debugfs, resets_counts_and_leaves_levels)
{
	struct faultlab_stats stats, expected = { 0 };
	char *mem = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, 8);

	ASSERT_NE(NULL, mem);
	memset(mem, 1, 8 * FLAB_PAGE);
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, 3 * FLAB_PAGE, FAULTLAB_EVICT_DROP));
	ASSERT_EQ(0, flab_read_stats(self->stats, &stats));
	EXPECT_EQ(8, stats.value[FAULTLAB_STAT_FAULT_WRITE]);
	EXPECT_EQ(8, stats.value[FAULTLAB_STAT_PAGES_PEAK]);

	ASSERT_EQ(0, flab_write_text(RESET, "1"));

	expected.value[FAULTLAB_STAT_REGIONS] = 1;
	expected.value[FAULTLAB_STAT_VMAS] = 1;
	expected.value[FAULTLAB_STAT_PAGES] = 5;
	expected.value[FAULTLAB_STAT_PAGES_PEAK] = 5;
	ASSERT_EQ(0, flab_read_stats(self->stats, &stats));
	EXPECT_SAME_STATS(&expected, &stats, "region");
	ASSERT_EQ(0, flab_read_stats(STATS, &stats));
	EXPECT_SAME_STATS(&expected, &stats, "all");
}

struct faulter {
	char *mem;
	size_t rounds;
	int fd;
	bool done;
};

/* 16 faults a round. */
static void *fault_on(void *arg)
{
	struct faulter *f = arg;
	size_t i, page;

	for (i = 0; i < f->rounds; i++) {
		for (page = 0; page < 16; page++)
			faultlab_touch_write(f->mem + page * FLAB_PAGE, i, NULL);
		faultlab_evict(f->fd, 0, FAULTLAB_TO_END, 0);
	}
	__atomic_store_n(&f->done, true, __ATOMIC_RELEASE);
	return NULL;
}

TEST_F(debugfs, loses_no_fault_to_a_reset_by_the_region_itself)
{
	struct faulter f = { .rounds = flab_scale(300, 10000), .fd = self->fd };
	struct faultlab_stats stats;
	__u64 writes = 0, minor = 0;
	pthread_t thread;
	bool done;

	f.mem = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, 16);
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

/* The sum of a reset is not shown, so reset one thread's while it is known to rest. */
TEST_F(debugfs, goes_on_from_zero_after_a_reset_of_all_while_a_thread_faults)
{
	struct faulter f = { .rounds = flab_scale(300, 10000), .fd = self->fd };
	struct faultlab_stats stats;
	pthread_t thread;

	f.mem = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, 16);
	ASSERT_NE(NULL, f.mem);
	ASSERT_EQ(0, pthread_create(&thread, NULL, fault_on, &f));
	while (!__atomic_load_n(&f.done, __ATOMIC_ACQUIRE)) {
		ASSERT_EQ(0, flab_write_text(RESET, "1"));
		ASSERT_EQ(0, flab_read_stats(self->stats, &stats));
		/* Never below zero, never more than there were. */
		EXPECT_GE(f.rounds * 16, stats.value[FAULTLAB_STAT_FAULT_WRITE]);
	}
	pthread_join(thread, NULL);
	ASSERT_EQ(0, flab_write_text(RESET, "1"));
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	f.rounds = 1;
	fault_on(&f);
	EXPECT_EQ(16, flab_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
}

TEST_F(debugfs, shows_a_region_with_its_size_owner_and_flags)
{
	char text[FLAB_TEXT_MAX], comm[17] = "", flags[64] = "", kind[8] = "";
	unsigned int id, vmas, pid, pages;
	struct faultlab_info info;
	unsigned long long bytes;
	char *line, *mem;
	int fd;

	ASSERT_EQ(0, prctl(PR_SET_NAME, "flab-owner"));
	fd = flab_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_MKWRITE, 5);
	mem = flab_map(fd, FLAB_RW, MAP_SHARED, 0, 5);
	ASSERT_NE(NULL, mem);
	memset(mem, 1, 2 * FLAB_PAGE);
	ASSERT_EQ(0, faultlab_info(fd, &info));
	ASSERT_LT(0, flab_read_text(REGIONS, text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, "id ", 3));
	line = strstr(text, flab_text("\n%-6u ", info.id));
	ASSERT_NE(NULL, line);
	ASSERT_EQ(8, sscanf(line + 1, "%u %7s %llu %u %u %u %63s %16s", &id, kind, &bytes,
			    &pages, &vmas, &pid, flags, comm));
	EXPECT_STREQ("pfn", kind);
	EXPECT_EQ(5 * FLAB_PAGE, bytes);
	EXPECT_EQ(2, pages);
	EXPECT_EQ(1, vmas);
	EXPECT_EQ(getpid(), pid);
	EXPECT_STREQ("flab-owner", comm);
	EXPECT_STREQ("mkwrite", flags);

	ASSERT_EQ(0, faultlab_unplug(fd));
	ASSERT_LT(0, flab_read_text(REGIONS, text, sizeof(text)));
	line = strstr(text, flab_text("\n%-6u ", info.id));
	ASSERT_NE(NULL, line);
	EXPECT_NE(NULL, strstr(line, "mkwrite,unplugged"));
	close(fd);
}

TEST_F(debugfs, drops_the_directory_of_a_region_that_closes_though_a_file_in_it_is_open)
{
	int file = open(self->stats, O_RDONLY | O_CLOEXEC);
	char text[FLAB_TEXT_MAX];

	ASSERT_LE(0, file);
	ASSERT_LT(0, read(file, text, 64));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(-1, access(self->dir, F_OK));
	EXPECT_EQ(ENOENT, errno);
	/* debugfs lets nobody in any more; what was read before may still be there. */
	EXPECT_EQ(-1, pread(file, text, sizeof(text), 0));
	EXPECT_EQ(EIO, errno);
	close(file);
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
}

TEST_F(debugfs, refuses_a_walk_request_that_makes_no_sense)
{
	static const char *const bad[] = {
		"", " ", "x", "0", "0 ", "-1 0", "0 x", "0 0 0", "0 0 x", "0 0 4096 1",
		"0 -1", "99999999999 0", "0 0x10000000000000000", "0  0",
		"0 0xffffffffffffffff 4096", "0\n0",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, flab_write_text(WALK, bad[i])) {
			TH_LOG("\"%s\"", bad[i]);
		}
	}
	EXPECT_EQ(0, flab_write_text(WALK, "0 0x1000"));
	EXPECT_EQ(0, flab_write_text(WALK, "0 4096 8192\n"));
	EXPECT_EQ(0, flab_write_text(WALK, " 0 4096 8192 "));
	EXPECT_EQ(0, flab_write_text(WALK, "0 010000 0x1"));
}

TEST_F(debugfs, walks_a_task_that_is_not_there_with_an_error)
{
	char text[256];

	ASSERT_EQ(0, flab_write_text(WALK, "2147483647 0"));
	EXPECT_EQ(-ESRCH, flab_read_text(WALK, text, sizeof(text)));
	ASSERT_EQ(0, flab_write_text(WALK, "2 0"));
	EXPECT_EQ(-ESRCH, flab_read_text(WALK, text, sizeof(text)));
	ASSERT_EQ(0, flab_write_text(WALK, "0 0"));
	EXPECT_LT(0, flab_read_text(WALK, text, sizeof(text)));
}

TEST_HARNESS_MAIN
