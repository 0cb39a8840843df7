// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind pfn: page frames by number, with and without a struct page.
 */
#include <signal.h>
#include <sys/uio.h>

#include "lib/fault/pfn.h"

TEST_F(pfn, first_read_maps_one_special_zeroed_page)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_COUNTS(tlib_text("fault_read 1 minor 1 locked 1%s minflt 1", variant->pages),
		      &mark);
	EXPECT_EQ(0, touch.value);
	EXPECT_ENTRY(variant->read_entry, self->fd, self->at);
	EXPECT_EQ(1, tlib_nr_mapped(self->fd, 0, self->at, NR));
}

TEST_F(pfn, first_write_maps_a_dirty_writable_page)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	EXPECT_COUNTS(variant->first_write, &mark);
	EXPECT_ENTRY("page rw dirty special", self->fd, self->at);
	EXPECT_EQ('S', *self->at);
}

TEST_F(pfn, write_after_a_read_faults_only_with_mkwrite)
{
	struct tlib_mark mark;

	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_ENTRY(variant->read_entry, self->fd, self->at);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	EXPECT_COUNTS(variant->after_read, &mark);
	EXPECT_ENTRY("page rw dirty special", self->fd, self->at);
}

TEST_F(pfn, pagemap_and_rss_do_not_show_a_frame_that_the_walk_shows)
{
	struct faultlab_pagemap map;
	__u64 pfn;

	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	pfn = tlib_pfn(self->fd, self->at);
	EXPECT_NE(0, pfn);
	ASSERT_EQ(0, faultlab_pagemap(0, self->at, &map));
	EXPECT_FALSE(map.present);
	EXPECT_FALSE(map.swapped);
	EXPECT_EQ(0, map.pfn);
	EXPECT_EQ(0, tlib_smaps(self->at, "Rss"));
	EXPECT_EQ(0, tlib_smaps(self->at, "Pss"));
	EXPECT_EQ(0, tlib_kpagecount(pfn));
}

TEST_F(pfn, two_mappings_show_one_frame)
{
	char *two = tlib_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_NE(NULL, two);
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(two, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ('S', touch.value);
	EXPECT_ENTRY("page r special", self->fd, two);
	EXPECT_EQ(tlib_pfn(self->fd, self->at), tlib_pfn(self->fd, two));
}

TEST_F(pfn, map_populate_maps_nothing)
{
	struct tlib_mark mark;
	char *at;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	at = tlib_map(self->fd, TLIB_RW, MAP_SHARED | MAP_POPULATE, 0, NR);
	EXPECT_COUNTS("vmas +1", &mark);
	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, at, NR));
}

TEST_F(pfn, private_writable_mapping_is_refused)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(NULL, tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(NULL, tlib_map(self->fd, PROT_WRITE, MAP_PRIVATE, 0, NR));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_COUNTS("", &mark);
}

TEST_F(pfn, private_read_only_mapping_can_never_be_written)
{
	char *at = tlib_map(self->fd, PROT_READ, MAP_PRIVATE, 0, NR);
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(at, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ('S', touch.value);
	EXPECT_ENTRY("page r special", self->fd, at);
	EXPECT_EQ(tlib_pfn(self->fd, self->at), tlib_pfn(self->fd, at));

	EXPECT_EQ(-1, mprotect(at, tlib_page_size(), TLIB_RW));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-EFAULT, faultlab_touch_write(at, 'P', &touch));
	EXPECT_EQ(SEGV_ACCERR, touch.code);
	EXPECT_EQ('S', *self->at);
}

TEST_F(pfn, process_vm_readv_is_efault_without_a_fault)
{
	struct iovec from = { .iov_base = self->at, .iov_len = 1 };
	struct tlib_mark mark;
	char byte = 'x';
	struct iovec to = { .iov_base = &byte, .iov_len = 1 };

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-1, process_vm_readv(getpid(), &to, 1, &from, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_COUNTS("", &mark);
	EXPECT_EQ('x', byte);
}

TEST_HARNESS_MAIN
