// SPDX-License-Identifier: GPL-2.0-only
/* Kind pfn with around: one fault maps an aligned window of pages. */
#include <errno.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"

#define AROUND	8UL
#define NR	(4 * AROUND)

static int around_region(__u64 flags, __u32 order, __u32 around, size_t pages)
{
	struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.flags = flags,
		.bytes = pages * tlib_page_size(),
		.order = order,
		.around = around,
	};

	return tlib_region_full(&config);
}

FIXTURE(around)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(around)
{
	__u64 flags;
	__u32 order;
	const char *pages;	/* change of the counter when one window is mapped */
};

FIXTURE_VARIANT_ADD(around, single_pages)
{
	.pages = "pages +8 ",
};

FIXTURE_VARIANT_ADD(around, folios)
{
	.order = 2,
	.pages = "pages +8 ",
};

FIXTURE_VARIANT_ADD(around, phys)
{
	.flags = FAULTLAB_REGION_PHYS,
	.pages = "",
};

FIXTURE_SETUP(around)
{
	self->fd = around_region(variant->flags, variant->order, AROUND, NR);
	if (self->fd == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(around)
{
	tlib_unmap(self->at, NR);
	close(self->fd);
}

TEST_F(around, one_fault_maps_its_whole_aligned_window)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, AROUND + 3), 1, NULL));
	EXPECT_COUNTS(tlib_text("fault_write 1 minor 1 locked 1 %spages_batch 7 minflt 1",
				variant->pages), &mark);
	EXPECT_EQ(AROUND, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_EQ(AROUND, tlib_nr_mapped(self->fd, 0, tlib_at(self->at, AROUND), AROUND));
	EXPECT_ENTRY("page rw special", self->fd, tlib_at(self->at, AROUND));
}

TEST_F(around, one_fault_per_window_maps_each_page_at_its_own_address)
{
	struct faultlab_touch touch;
	char *other;
	size_t i;

	tlib_write(self->at, NR);
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	other = tlib_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, other);
	for (i = 0; i < NR; i++) {
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(other, i), &touch));
		EXPECT_EQ('a' + (int)i, touch.value);
	}
	EXPECT_EQ(NR / AROUND, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_READ));
}

TEST_F(around, a_window_leaves_out_pages_that_a_rule_matches)
{
	struct faultlab_rule rule = tlib_rule(2, 2, FAULTLAB_VERDICT_MAJOR, 0);
	struct tlib_mark mark;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(AROUND - 2, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_STREQ("none", tlib_show(self->fd, tlib_at(self->at, 2)));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 3), NULL));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 2), NULL));
	EXPECT_COUNTS(tlib_text("fault_read 2 major 2 locked 2 %smajflt 2",
				*variant->pages && !variant->order ? "pages +2 " : ""), &mark);
}

TEST_F(around, a_serve_rule_without_delay_leaves_no_page_out_of_the_window)
{
	struct faultlab_rule rules[] = {
		tlib_rule(0, AROUND, FAULTLAB_VERDICT_SERVE, 0),
		tlib_rule(2, 2, FAULTLAB_VERDICT_MAJOR, 0),
	};

	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, 2));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(AROUND, tlib_nr_mapped(self->fd, 0, self->at, NR));
}

TEST_F(around, a_window_is_cut_at_both_ends_of_the_vma)
{
	char *at = tlib_map(self->fd, PROT_READ, MAP_SHARED, AROUND + 2, AROUND);

	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_EQ(AROUND - 2, tlib_nr_mapped(self->fd, 0, at, AROUND));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(at, AROUND - 1), NULL));
	EXPECT_EQ(AROUND, tlib_nr_mapped(self->fd, 0, at, AROUND));
}

TEST_F(around, evict_unmaps_one_page_of_a_window_or_all_of_it)
{
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(0, faultlab_evict(self->fd, tlib_page_size(), tlib_page_size(), 0));
	EXPECT_EQ(AROUND - 1, tlib_nr_mapped(self->fd, 0, self->at, NR));
	/* Only the missing page is mapped: the window's other pages still are. */
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 1), NULL));
	EXPECT_EQ(AROUND - 1, tlib_stat(self->fd, FAULTLAB_STAT_PAGES_BATCH));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, NR));
}

TEST(a_window_is_cut_at_the_end_of_the_region)
{
	int fd = around_region(0, 0, AROUND, AROUND / 2);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, AROUND);
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +4 pages_batch 3 minflt 1", &mark);
	EXPECT_EQ(-EFAULT, faultlab_touch_read(tlib_at(at, AROUND / 2), NULL));
	close(fd);
}

TEST(a_window_of_512_pages_is_cut_at_the_end_of_the_page_table)
{
	int fd = around_region(0, 0, 512, 1024);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 256, 768);

	/* A window is aligned in the region, and ends where the page table ends. */
	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(at, 300), NULL));
	EXPECT_EQ(212 + 44, tlib_nr_mapped(fd, 0, at, 768));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(at, 600), NULL));
	EXPECT_EQ(512, tlib_nr_mapped(fd, 0, at, 768));
	close(fd);
}

TEST(with_mkwrite_each_page_of_a_window_calls_pfn_mkwrite_at_its_first_write)
{
	int fd = around_region(FAULTLAB_REGION_MKWRITE, 0, AROUND, AROUND);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, AROUND);
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_ENTRY("page r special", fd, tlib_at(at, 1));
	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	tlib_write(at, AROUND);
	EXPECT_COUNTS("fault_pfn_mkwrite 8 minor 8 locked 8 minflt 8", &mark);
	close(fd);
}

TEST_HARNESS_MAIN
