// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory without struct page (PHYS): which region owns it, and its content.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <linux/kernel-page-flags.h>
#include "lib/tlib.h"

#define NR	8

FIXTURE(phys)
{
	int fd;
	char *at;
};

FIXTURE_SETUP(phys)
{
	self->fd = tlib_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, NR);
	if (self->fd == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(phys)
{
	close(self->fd);
}

TEST_F(phys, frames_have_no_struct_page_and_are_contiguous)
{
	size_t i;

	for (i = 0; i < NR; i++) {
		EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, i), i, NULL));
		EXPECT_EQ(1ULL << KPF_NOPAGE,
			  tlib_kpageflags(tlib_pfn(self->fd, tlib_at(self->at, i))));
		EXPECT_EQ(tlib_pfn(self->fd, self->at) + i,
			  tlib_pfn(self->fd, tlib_at(self->at, i)));
	}
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
}

TEST_F(phys, content_survives_munmap_of_all_mappings)
{
	struct faultlab_touch touch;

	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, 3), 'S', NULL));
	tlib_unmap(self->at, NR);
	self->at = tlib_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 3), &touch));
	EXPECT_EQ('S', touch.value);
}

TEST_F(phys, the_range_is_busy_until_descriptor_and_mapping_are_gone)
{
	EXPECT_EQ(-EBUSY, tlib_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 1));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));

	/* The mapping keeps the region alive, which still owns the range of phys=. */
	close(self->fd);
	EXPECT_EQ(-EBUSY, tlib_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 1));
	tlib_unmap(self->at, NR);
	self->fd = tlib_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 1);
	EXPECT_LE(0, self->fd);
}

TEST_F(phys, range_is_zeroed_when_it_is_claimed)
{
	struct faultlab_touch touch;
	size_t i;

	for (i = 0; i < NR; i++)
		memset(tlib_at(self->at, i), 'S', tlib_page_size());
	close(self->fd);
	tlib_unmap(self->at, NR);

	self->fd = tlib_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, NR);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	for (i = 0; i < NR; i++) {
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, i) + i, &touch));
		EXPECT_EQ(0, touch.value);
	}
}

TEST_F(phys, evict_keeps_the_content_and_with_drop_is_einval)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;

	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	EXPECT_EQ(-EINVAL, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_TRUE(tlib_mapped(self->fd, self->at));

	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_FALSE(tlib_mapped(self->fd, self->at));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ('S', touch.value);
}

TEST(reconfiguring_a_region_without_phys_frees_the_range)
{
	int one = tlib_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 1);
	int two;

	if (one == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	ASSERT_LE(0, one);
	EXPECT_EQ(0, faultlab_config(one, FAULTLAB_KIND_PFN, 0, 0));
	two = tlib_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 1);
	EXPECT_LE(0, two);
	EXPECT_EQ(-EBUSY, faultlab_config(one, FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 0));
}

TEST_HARNESS_MAIN
