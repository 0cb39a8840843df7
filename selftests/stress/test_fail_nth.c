// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every failure point (slab and page allocations) of every operation: it fails, the
 * operation returns a precise errno or does without for a known reason, nothing is left,
 * and the same works right after. A success for no known reason is counted as unexplained,
 * and fails the test if it happens again and again. test_fail_load does the same with
 * loading the module.
 */
#include <errno.h>
#include <string.h>

#include <kselftest_harness.h>
#include "lib/fault/fail_ops.h"
#include "lib/machine/free_pages.h"
#include "lib/machine/memcg.h"
#include "lib/sys.h"
#include "lib/tier.h"

FIXTURE(fail_nth)
{
	struct tlib_fail_place place;
	struct faultlab_stats before;	/* of all regions */
};

FIXTURE_VARIANT(fail_nth)
{
	const struct faultlab_memory *memory;
};

/* A row takes minutes on the debug kernel; scripts/reliability runs them all. */
static bool is_row(const struct faultlab_memory *memory)
{
	return tlib_full() || !strcmp(memory->id, "page");
}

TLIB_MEMORIES(fail_nth, is_row);

FIXTURE_SETUP(fail_nth)
{
	int err;

	self->place.memory = variant->memory;
	err = tlib_fail_open(&self->place);
	if (err && faultlab_memory_lacks(err))
		SKIP(return, "%s", faultlab_memory_lacks(err));
	ASSERT_EQ(0, err);
	tlib_fail_close(&self->place);
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &self->before));
	err = tlib_fail_begin();
	if (err == -ENOENT)
		SKIP(return, "no CONFIG_FAULT_INJECTION (/proc/thread-self/fail-nth)");
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN_PARENT(fail_nth)
{
	tlib_fail_end();
}

/* Nothing that the operation made is there any more. */
static void check_counters(struct __test_metadata *_metadata,
			   const struct faultlab_stats *before, const char *name)
{
	static const enum faultlab_stat gauges[] = {
		FAULTLAB_STAT_REGIONS, FAULTLAB_STAT_VMAS, FAULTLAB_STAT_PAGES,
	};
	struct faultlab_stats now;
	unsigned int i;

	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &now));
	for (i = 0; i < ARRAY_SIZE(gauges); i++)
		EXPECT_EQ(before->value[gauges[i]], now.value[gauges[i]]) {
			TH_LOG("%s: %s", name, faultlab_stat_name(gauges[i]));
		}
}

TEST_F_TIMEOUT(fail_nth, each_operation_fails_cleanly_at_each_point_and_works_right_after, 1700)
{
	const unsigned int every = tlib_scale(4, 1);
	struct tlib_fail_report report;
	unsigned int i, all = 0, survived = 0, unexplained = 0;

	for (i = 0; i < TLIB_NR_FAIL_OPS; i++) {
		const struct tlib_fail_op *op = &tlib_fail_ops[i];

		EXPECT_EQ(0, tlib_fail_each(op, &self->place, 1, 1, every, &report)) {
			TH_LOG("%s", report.why);
		}
		check_counters(_metadata, &self->before, op->name);
		all += report.points;
		survived += report.survived;
		unexplained += report.unexplained;
		if (report.unexplained)
			TH_LOG("%s: %u of %u points succeeded once", op->name, report.unexplained,
			       report.points);
	}
	/* As a measure: an open alone has some tens. */
	EXPECT_LT(100, all);
	TH_LOG("points: %u", all);
	TH_LOG("survived: %u", survived);
	TH_LOG("unexplained: %u", unexplained);
}

/*
 * The memory is what the process is charged for, since free memory (MemFree) also depends
 * on all other tasks. What is not charged is slab or vmalloc memory, of which kmemleak finds
 * each leaked object, so free memory is only compared roughly, once for all operations: a
 * page for each second failure.
 */
TEST_F_TIMEOUT(fail_nth, an_operation_that_fails_again_and_again_leaks_no_memory, 1700)
{
	const unsigned int times = tlib_memcg_slack() + tlib_scale(8, 100);
	const __u64 least = times * TLIB_NR_FAIL_OPS / 2;
	__u64 before, free_before;
	struct tlib_memcg group;
	unsigned int i;
	int err = tlib_memcg_enter(&group);

	if (err == -ENOENT)
		SKIP(return, "no memory controller in cgroup2 (CONFIG_MEMCG)");
	ASSERT_EQ(0, err);
	free_before = tlib_free_pages(0);
	for (i = 0; i < TLIB_NR_FAIL_OPS; i++) {
		const struct tlib_fail_op *op = &tlib_fail_ops[i];
		const unsigned int points = tlib_fail_count(op, &self->place);

		tlib_fail_again(op, &self->place, points, points < 16 ? points : 16);
		before = tlib_memcg_pages(&group);
		tlib_fail_again(op, &self->place, points, times);
		EXPECT_TRUE(tlib_memcg_settles(&group, before + tlib_memcg_slack())) {
			TH_LOG("%s: from %llu to %llu pages", op->name, before,
			       tlib_memcg_pages(&group));
		}
		check_counters(_metadata, &self->before, op->name);
	}
	EXPECT_LT(free_before, tlib_free_pages(free_before - least) + least);
	tlib_memcg_leave(&group);
}

TEST_HARNESS_MAIN
