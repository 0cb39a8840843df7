// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delays in .page_mkwrite and .pfn_mkwrite, where the kernel allows no retry.
 */
#include "lib/fault/rule.h"

FIXTURE(mkwrite)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(mkwrite)
{
	enum faultlab_kind kind;
	__u64 flags;
	__u32 access;
	const char *counts;
};

FIXTURE_VARIANT_ADD(mkwrite, page_returned)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_MKWRITE,
	.access = FAULTLAB_ACCESS_MKWRITE,
	.counts = "fault_mkwrite 1 minor 1 delayed minflt 1",
};

FIXTURE_VARIANT_ADD(mkwrite, page_inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_MKWRITE | FAULTLAB_REGION_INSERT,
	.access = FAULTLAB_ACCESS_MKWRITE,
	.counts = "fault_mkwrite 1 minor 1 delayed minflt 1",
};

FIXTURE_VARIANT_ADD(mkwrite, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
	.flags = FAULTLAB_REGION_MKWRITE,
	.access = FAULTLAB_ACCESS_PFN_MKWRITE,
	.counts = "fault_pfn_mkwrite 1 minor 1 locked 1 delayed minflt 1",
};

FIXTURE_SETUP(mkwrite)
{
	self->fd = tlib_region(variant->kind, variant->flags, NR);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
}

FIXTURE_TEARDOWN(mkwrite)
{
	close(self->fd);
}

TEST_F(mkwrite, a_delayed_mkwrite_waits_without_a_retry)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 20 * TLIB_MS);
	struct faultlab_touch touch;
	struct tlib_mark mark;

	rule.access = variant->access;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, &touch));
	EXPECT_COUNTS(variant->counts, &mark);
	EXPECT_LE(20 * NSEC_PER_MS, touch.ns);
	EXPECT_LE(20 * NSEC_PER_MS, tlib_moved(&mark, FAULTLAB_STAT_DELAY_NS));
}

TEST_F(mkwrite, a_delay_longer_than_max_hold_us_is_cut_short)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, FOR_EVER);
	struct faultlab_touch touch;
	struct tlib_mark mark;

	rule.access = variant->access;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, &touch));
	EXPECT_COUNTS(variant->counts, &mark);
	EXPECT_LE(FAULTLAB_MAX_HOLD_US * 1000, touch.ns);
	EXPECT_GT(FOR_EVER * 1000, touch.ns);
}

TEST_F(mkwrite, a_rule_for_mkwrite_does_not_delay_a_read_fault)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, FOR_EVER);
	struct tlib_mark mark;

	rule.access = variant->access;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 1), NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
}

TEST_HARNESS_MAIN
