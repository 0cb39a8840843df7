// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits of regions' memory: module parameters, and the cgroup's limit. All memory that
 * was charged to a limit is uncharged in the end.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/machine/memcg.h"
#include "lib/space.h"
#include "lib/sys.h"

#define MAX_PAGES	TLIB_PARAMETERS "max_pages"
#define CGROUPS		"/sys/fs/cgroup/"
#define CGROUP		CGROUPS "faultlab-selftest"

FIXTURE(limits)
{
	int fd;
	__u64 max_pages, max_total;	/* as they were before */
};

FIXTURE_SETUP(limits)
{
	ASSERT_EQ(0, tlib_read_number(MAX_PAGES, &self->max_pages));
	ASSERT_EQ(0, tlib_read_number(TLIB_MAX_TOTAL, &self->max_total));
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
}

/* Runs in the parent, so that the parameters are restored even if the test crashes. */
FIXTURE_TEARDOWN_PARENT(limits)
{
	tlib_write_number(MAX_PAGES, self->max_pages);
	tlib_write_number(TLIB_MAX_TOTAL, self->max_total);
	rmdir(CGROUP);
}

TEST_F(limits, a_region_grows_to_max_pages_and_mmap_beyond_is_enomem)
{
	struct faultlab_info info;

	ASSERT_EQ(0, tlib_write_number(MAX_PAGES, 64));
	EXPECT_EQ(NULL, tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 65));
	EXPECT_EQ(ENOMEM, errno);
	EXPECT_EQ(NULL, tlib_map(self->fd, TLIB_RW, MAP_SHARED, 60, 5));
	EXPECT_EQ(ENOMEM, errno);
	EXPECT_EQ(NULL, tlib_map(self->fd, TLIB_RW, MAP_SHARED, 1ULL << 40, 1));
	EXPECT_EQ(ENOMEM, errno);
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(0, info.bytes);
	EXPECT_EQ(64 * TLIB_PAGE, info.max_bytes);

	EXPECT_NE(NULL, tlib_map(self->fd, TLIB_RW, MAP_SHARED, 60, 4));
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(64 * TLIB_PAGE, info.bytes);
	EXPECT_NE(NULL, tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 64));
}

/*
 * mremap() grows the VMA without calling the driver, so the limit is checked at the
 * fault.
 */
TEST_F(limits, a_fault_beyond_max_pages_after_mremap_is_sigbus)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;
	char *mem;

	ASSERT_EQ(0, tlib_write_number(MAX_PAGES, 64));
	mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 16);
	ASSERT_NE(NULL, mem);
	mem = mremap(mem, 16 * TLIB_PAGE, 80 * TLIB_PAGE, MREMAP_MAYMOVE);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(mem + 63 * TLIB_PAGE, 1, NULL));
	EXPECT_EQ(-EFAULT, faultlab_touch_write(mem + 64 * TLIB_PAGE, 1, &touch));
	EXPECT_EQ(SIGBUS, touch.signal);
	EXPECT_COUNTS("fault_write 2 minor 1 sigbus 1 locked 2 pages +1 minflt 1", &mark);
	EXPECT_EQ(1, tlib_nr_mapped(self->fd, 0, mem, 80));
}

FIXTURE(max_total_pages)
{
	int fd;
	char *mem;
	__u64 max_total;
};

FIXTURE_VARIANT(max_total_pages)
{
	enum faultlab_kind kind;
	__u64 flags;
	int share;
};

#define TOTAL(name, k, f, s) FIXTURE_VARIANT_ADD(max_total_pages, name) \
	{ .kind = FAULTLAB_KIND_##k, .flags = f, .share = s }

TOTAL(page, PAGE, 0, MAP_SHARED);
TOTAL(insert, PAGE, FAULTLAB_REGION_INSERT, MAP_SHARED);
TOTAL(mkwrite, PAGE, FAULTLAB_REGION_MKWRITE, MAP_SHARED);
TOTAL(cow, PAGE, 0, MAP_PRIVATE);
TOTAL(pfn, PFN, 0, MAP_SHARED);

FIXTURE_SETUP(max_total_pages)
{
	ASSERT_EQ(0, tlib_read_number(TLIB_MAX_TOTAL, &self->max_total));
	self->fd = tlib_region(variant->kind, variant->flags, 16);
	ASSERT_LE(0, self->fd);
	self->mem = tlib_map(self->fd, TLIB_RW, variant->share, 0, 16);
	ASSERT_NE(NULL, self->mem);
}

FIXTURE_TEARDOWN_PARENT(max_total_pages)
{
	tlib_write_number(TLIB_MAX_TOTAL, self->max_total);
}

TEST_F(max_total_pages, at_the_limit_new_pages_are_sigbus_and_old_ones_fault_in)
{
	struct faultlab_touch touch;
	unsigned int i;

	ASSERT_EQ(0, tlib_write_number(TLIB_MAX_TOTAL, tlib_all_pages() + 8));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(0, faultlab_touch_write(self->mem + i * TLIB_PAGE, i, NULL));
	EXPECT_EQ(-EFAULT, faultlab_touch_write(self->mem + 8 * TLIB_PAGE, 1, &touch));
	EXPECT_EQ(SIGBUS, touch.signal);
	EXPECT_EQ(-EFAULT, faultlab_touch_read(self->mem + 9 * TLIB_PAGE, &touch));
	EXPECT_EQ(SIGBUS, touch.signal);
	EXPECT_EQ(2, tlib_stat(self->fd, FAULTLAB_STAT_SIGBUS));
	EXPECT_EQ(8, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(8, tlib_nr_mapped(self->fd, 0, self->mem, 16));

	/* After an evict these pages fault again, and are served. */
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(0, faultlab_touch_read(self->mem + i * TLIB_PAGE, &touch));
		EXPECT_EQ(i, touch.value);
	}
	EXPECT_EQ(2, tlib_stat(self->fd, FAULTLAB_STAT_SIGBUS));
}

TEST_F(max_total_pages, drop_makes_room_for_as_many_new_pages)
{
	unsigned int i;

	ASSERT_EQ(0, tlib_write_number(TLIB_MAX_TOTAL, tlib_all_pages() + 8));
	for (i = 0; i < 8; i++)
		ASSERT_EQ(0, faultlab_touch_write(self->mem + i * TLIB_PAGE, i, NULL));
	ASSERT_EQ(0, faultlab_evict(self->fd, 2 * TLIB_PAGE, 3 * TLIB_PAGE,
				    FAULTLAB_EVICT_DROP | FAULTLAB_EVICT_COWS));
	EXPECT_EQ(5, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	for (i = 8; i < 11; i++)
		EXPECT_EQ(0, faultlab_touch_write(self->mem + i * TLIB_PAGE, i, NULL));
	EXPECT_EQ(-EFAULT, faultlab_touch_write(self->mem + 11 * TLIB_PAGE, 1, NULL));
	EXPECT_EQ(8, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(8, tlib_stat(self->fd, FAULTLAB_STAT_PAGES_PEAK));
}

TEST_F(max_total_pages, the_limit_holds_for_the_sum_over_all_regions)
{
	int other = tlib_region(FAULTLAB_KIND_PAGE, 0, 8);
	char *mem = tlib_map(other, TLIB_RW, MAP_SHARED, 0, 8);
	__u64 before = tlib_all_pages();
	unsigned int i;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, tlib_write_number(TLIB_MAX_TOTAL, before + 8));
	for (i = 0; i < 5; i++)
		EXPECT_EQ(0, faultlab_touch_write(mem + i * TLIB_PAGE, 1, NULL));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, faultlab_touch_write(self->mem + i * TLIB_PAGE, 1, NULL));
	EXPECT_EQ(before + 8, tlib_all_pages());
	EXPECT_EQ(-EFAULT, faultlab_touch_write(self->mem + 3 * TLIB_PAGE, 1, NULL));
	EXPECT_EQ(-EFAULT, faultlab_touch_write(mem + 5 * TLIB_PAGE, 1, NULL));
	/* When a region is closed, other regions can use its share. */
	ASSERT_EQ(0, munmap(mem, 8 * TLIB_PAGE));
	ASSERT_EQ(0, close(other));
	EXPECT_EQ(before + 3, tlib_all_pages());
	EXPECT_EQ(0, faultlab_touch_write(self->mem + 3 * TLIB_PAGE, 1, NULL));
}

TEST_F(limits, pages_peak_keeps_the_maximum_until_a_reset_sets_it_to_pages)
{
	struct faultlab_stats stats;
	char *mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 16);

	ASSERT_NE(NULL, mem);
	memset(mem, 1, 10 * TLIB_PAGE);
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, 4 * TLIB_PAGE, FAULTLAB_EVICT_DROP));
	memset(mem + 10 * TLIB_PAGE, 1, 2 * TLIB_PAGE);
	EXPECT_EQ(8, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(10, tlib_stat(self->fd, FAULTLAB_STAT_PAGES_PEAK));
	ASSERT_EQ(0, faultlab_stats_reset(self->fd, &stats));
	EXPECT_EQ(10, stats.value[FAULTLAB_STAT_PAGES_PEAK]);
	EXPECT_EQ(8, tlib_stat(self->fd, FAULTLAB_STAT_PAGES_PEAK));
}

#define REGIONS	1000

TEST_F_TIMEOUT(limits, a_thousand_regions_can_be_open_and_mappings_keep_them_after_close, 300)
{
	const struct rlimit files = { 2 * REGIONS, 2 * REGIONS };
	struct faultlab_stats before, now;
	static int fds[REGIONS];
	unsigned int i;
	char *mem;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &before));
	for (i = 0; i < REGIONS; i++) {
		fds[i] = faultlab_open();
		ASSERT_LE(0, fds[i]);
		mem = tlib_map(fds[i], TLIB_RW, MAP_SHARED, 0, 2);
		ASSERT_NE(NULL, mem);
		ASSERT_EQ(0, faultlab_touch_write(mem, i, NULL));
	}
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &now));
	EXPECT_EQ(REGIONS, now.value[FAULTLAB_STAT_REGIONS] - before.value[FAULTLAB_STAT_REGIONS]);
	EXPECT_EQ(REGIONS, now.value[FAULTLAB_STAT_VMAS] - before.value[FAULTLAB_STAT_VMAS]);
	EXPECT_EQ(REGIONS, now.value[FAULTLAB_STAT_PAGES] - before.value[FAULTLAB_STAT_PAGES]);
	for (i = 0; i < REGIONS; i++) {
		EXPECT_EQ(1, tlib_stat(fds[i], FAULTLAB_STAT_FAULT_WRITE));
		close(fds[i]);
	}
	/* The mappings keep the regions alive. */
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &now));
	EXPECT_EQ(REGIONS, now.value[FAULTLAB_STAT_REGIONS] - before.value[FAULTLAB_STAT_REGIONS]);
}

TEST_F(limits, a_process_exit_frees_its_regions_vmas_and_pages)
{
	struct faultlab_stats before, now;
	pid_t pid;

	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &before));
	pid = fork();
	if (!pid) {
		int fd = faultlab_open();
		char *mem = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 64);

		memset(mem, 1, 64 * TLIB_PAGE);
		_exit(tlib_stat(fd, FAULTLAB_STAT_PAGES));
	}
	EXPECT_EQ(64, tlib_reap(pid));
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &now));
	EXPECT_EQ(before.value[FAULTLAB_STAT_REGIONS], now.value[FAULTLAB_STAT_REGIONS]);
	EXPECT_EQ(before.value[FAULTLAB_STAT_VMAS], now.value[FAULTLAB_STAT_VMAS]);
	EXPECT_EQ(before.value[FAULTLAB_STAT_PAGES], now.value[FAULTLAB_STAT_PAGES]);
	EXPECT_EQ(64, now.value[FAULTLAB_STAT_FAULT_WRITE] -
		      before.value[FAULTLAB_STAT_FAULT_WRITE]);
}

#define CHARGED		4096			/* pages: 16 MiB */
#define SLACK		32			/* for page tables and the index */

static int grow_in_cgroup(void *arg)
{
	const __u64 slack = SLACK + tlib_memcg_slack();
	struct tlib_memcg group;
	__u64 before, grown;
	int fd = faultlab_open(), err;
	char *mem;

	err = tlib_memcg_enter(&group);
	if (err)
		return err == -ENOENT ? 4 : 5;
	mem = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, CHARGED);
	before = tlib_memcg_pages(&group);
	memset(mem, 1, CHARGED * TLIB_PAGE);
	grown = tlib_memcg_pages(&group) - before;
	faultlab_evict(fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP);
	if (grown < CHARGED || grown > CHARGED + slack)
		err = 1;
	else if (!tlib_memcg_settles(&group, before + slack))
		err = 2;
	tlib_memcg_leave(&group);
	return err;
}

TEST_F(limits, touched_pages_are_charged_to_the_cgroup_and_uncharged_by_drop)
{
	int status = tlib_reap(tlib_spawn(grow_in_cgroup, NULL));

	if (status == 4)
		SKIP(return, "no memory controller in cgroup2 (CONFIG_MEMCG)");
	EXPECT_EQ(0, status);
}

#define VMAS		32
#define SLOTS		4096

static char *maps[VMAS];

static int take_rules(int fd)
{
	static struct faultlab_rule rules[FAULTLAB_MAX_RULES];
	unsigned int i;

	for (i = 0; i < FAULTLAB_MAX_RULES; i++)
		rules[i] = tlib_rule(i % VMAS, 1, FAULTLAB_VERDICT_MAJOR, 0);
	return faultlab_rules(fd, FAULTLAB_RULE_SET, rules, FAULTLAB_MAX_RULES);
}

static int take_records(int fd)
{
	return faultlab_records_start(fd, SLOTS, 0);
}

/* Each VMA of kind pfn has counters of its own. */
static int take_counters(int fd)
{
	unsigned int i;

	for (i = 0; i < VMAS; i++) {
		maps[i] = tlib_map(fd, TLIB_RW, MAP_SHARED, i, 1);
		if (!maps[i])
			return -errno;
	}
	return 0;
}

/* Memory of a region other than its pages. test_sparse has the index of pages. */
FIXTURE(charge) { };

FIXTURE_VARIANT(charge)
{
	int (*take)(int fd);
	const char *field;	/* of memory.stat: in "kernel" the rest of the process is, too */
	size_t bytes;		/* charged at least; less than the structs of the module take */
	bool each_cpu;
};

FIXTURE_VARIANT_ADD(charge, rules)
{
	.take = take_rules, .field = "kernel", .bytes = FAULTLAB_MAX_RULES * 32,
};

FIXTURE_VARIANT_ADD(charge, records)
{
	.take = take_records, .field = "kernel", .bytes = SLOTS * 32, .each_cpu = true,
};

FIXTURE_VARIANT_ADD(charge, counters)
{
	.take = take_counters, .field = "percpu", .bytes = VMAS * 512, .each_cpu = true,
};

FIXTURE_SETUP(charge) { }
FIXTURE_TEARDOWN(charge) { }

/* Returns 0, or which step failed; 4 without a controller. */
static int charge_in_cgroup(void *arg)
{
	FIXTURE_VARIANT(charge) const *v = arg;
	const size_t want = v->bytes * (v->each_cpu ? sysconf(_SC_NPROCESSORS_CONF) : 1);
	int fd = tlib_region(FAULTLAB_KIND_PFN, 0, VMAS), err;
	struct tlib_memcg group;
	__u64 before, pages;
	unsigned int i;

	err = tlib_memcg_enter(&group);
	if (err)
		return err == -ENOENT ? 4 : 5;
	pages = tlib_memcg_pages(&group);
	before = tlib_memcg_stat(&group, v->field);
	if (v->take(fd))
		err = 1;
	else if (tlib_memcg_stat(&group, v->field) < before + want)
		err = 2;
	for (i = 0; i < VMAS && maps[i]; i++)
		tlib_unmap(maps[i], 1);
	close(fd);
	/* Page tables of the mappings, and what the process has used itself, stay. */
	if (!err && !tlib_memcg_settles(&group, pages + SLACK + tlib_memcg_slack()))
		err = 3;
	tlib_memcg_leave(&group);
	return err;
}

TEST_F(charge, what_a_region_has_beside_its_pages_is_charged_to_the_cgroup)
{
	int status = tlib_reap(tlib_spawn(charge_in_cgroup, (void *)variant));

	if (status == 4)
		SKIP(return, "no memory controller in cgroup2 (CONFIG_MEMCG)");
	EXPECT_EQ(0, status);
}

/* Move the caller to a new cgroup. Returns 0, or -errno without a memory controller. */
static int enter_cgroup(void)
{
	tlib_write_text(CGROUPS "cgroup.subtree_control", "+memory");
	if (mkdir(CGROUP, 0755) && errno != EEXIST)
		return -errno;
	if (access(CGROUP "/memory.current", F_OK))
		return -ENOENT;
	return tlib_write_text(CGROUP "/cgroup.procs", "0");
}

static int outgrow_cgroup(void *arg)
{
	int fd = faultlab_open();
	char *mem = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, CHARGED);

	if (enter_cgroup() || tlib_write_text(CGROUP "/memory.max", "8M"))
		return 4;
	tlib_write_text(CGROUP "/memory.swap.max", "0");
	memset(mem, 1, CHARGED * TLIB_PAGE);
	return 0;
}

TEST_F(limits, a_task_that_touches_more_than_memory_max_is_oom_killed)
{
	__u64 before = tlib_all_pages(), kills = 0;
	int status = tlib_reap(tlib_spawn(outgrow_cgroup, NULL));

	if (status == 4)
		SKIP(return, "no memory controller in " CGROUPS " (cgroup v2, CONFIG_MEMCG)");
	EXPECT_EQ(-SIGKILL, status);
	EXPECT_EQ(0, tlib_read_field(CGROUP "/memory.events", "oom_kill", &kills));
	EXPECT_LE(1, kills);
	EXPECT_EQ(before, tlib_all_pages());
}

/* Touch all pages but the first two, with a limit of half of them: 4 without a controller. */
static int outgrow_shared(void *at)
{
	char *mem = at;

	if (enter_cgroup() || tlib_write_text(CGROUP "/memory.max", "8M"))
		return 4;
	tlib_write_text(CGROUP "/memory.swap.max", "0");
	memset(mem + 2 * TLIB_PAGE, 3, (CHARGED - 2) * TLIB_PAGE);
	return 0;
}

/* The pages of a region are charged to whoever touches them first, not to its opener. */
TEST_F(limits, only_the_task_that_faults_is_charged_and_killed_not_those_that_share_a_region)
{
	char *mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, CHARGED);
	struct tlib_peer neighbour;
	struct faultlab_touch touch;
	__u64 pages;
	int status;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, faultlab_touch_write(mem, 1, NULL));
	if (!tlib_peer_fork(&neighbour)) {
		bool good = !faultlab_touch_write(mem + TLIB_PAGE, 2, NULL);

		tlib_peer_nudge(&neighbour);
		tlib_peer_await(&neighbour);
		good = good && !faultlab_touch_read(mem, NULL);
		_exit(!(good && !faultlab_touch_write(mem + (CHARGED - 1) * TLIB_PAGE, 2, NULL)));
	}
	ASSERT_EQ(0, tlib_peer_await(&neighbour));
	status = tlib_reap(tlib_spawn(outgrow_shared, mem));
	if (status == 4)
		SKIP(return, "no memory controller in " CGROUPS " (cgroup v2, CONFIG_MEMCG)");
	EXPECT_EQ(-SIGKILL, status);

	/* What it had touched is still there, as the region is. */
	pages = tlib_stat(self->fd, FAULTLAB_STAT_PAGES);
	EXPECT_LT(CHARGED / 4, pages);
	EXPECT_GT(CHARGED / 2 + 2 + 1, pages);
	EXPECT_EQ(0, faultlab_touch_read(mem + 2 * TLIB_PAGE, &touch));
	EXPECT_EQ(3, touch.value);
	/* Those who share it live, and fault in pages that it could not. */
	EXPECT_EQ(0, faultlab_touch_write(mem + (CHARGED - 2) * TLIB_PAGE, 1, NULL));
	ASSERT_EQ(0, tlib_peer_nudge(&neighbour));
	EXPECT_EQ(0, tlib_peer_join(&neighbour));
	EXPECT_EQ(pages + 2, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
}

TEST_HARNESS_MAIN
