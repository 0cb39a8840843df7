// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind page: struct pages that a fault returns or inserts.
 */
#include <kselftest_harness.h>
#include "flab.h"

FIXTURE(page)
{
	int fd;
};

FIXTURE_VARIANT(page)
{
	__u64 flags;
};

FIXTURE_VARIANT_ADD(page, returned)
{
	.flags = 0,
};

FIXTURE_VARIANT_ADD(page, inserted)
{
	.flags = FAULTLAB_REGION_INSERT,
};

FIXTURE_SETUP(page)
{
	self->fd = flab_region(FAULTLAB_KIND_PAGE, variant->flags, 16);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(page)
{
	close(self->fd);
}

TEST_F(page, first_read_allocates_one_zeroed_page)
{
	char *at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, 16);
	struct faultlab_touch touch;
	struct flab_mark mark;

	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_PAGES));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(at, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	EXPECT_EQ(0, touch.value);
	EXPECT_EQ(1, flab_nr_mapped(self->fd, 0, at, 16));
}

TEST_HARNESS_MAIN
