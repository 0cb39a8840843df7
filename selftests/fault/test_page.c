// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind page: struct pages that a fault returns or inserts.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <linux/kernel-page-flags.h>
#include <signal.h>
#include <sys/uio.h>
#include "lib/tlib.h"

#define NR	16	/* what a fault-around covers: 64 KiB */

static bool is_anon(__u64 pfn)
{
	return tlib_kpageflags(pfn) & (1ULL << KPF_ANON);
}

FIXTURE(page)
{
	int fd;
};

/*
 * The counters after a first write to a shared page, and after a write that follows a
 * read.
 */
FIXTURE_VARIANT(page)
{
	__u64 flags;
	const char *first_write;
	const char *after_read;
	const char *read_entry;
};

FIXTURE_VARIANT_ADD(page, page_returned)
{
	.first_write = "fault_write 1 minor 1 locked 1 pages +1 minflt 1",
	.after_read = "",
	.read_entry = "page rw",
};

FIXTURE_VARIANT_ADD(page, page_inserted)
{
	.flags = FAULTLAB_REGION_INSERT,
	.first_write = "fault_write 1 minor 1 locked 1 pages +1 minflt 1",
	.after_read = "",
	.read_entry = "page rw",
};

/* do_shared_fault() calls .page_mkwrite in the same fault. */
FIXTURE_VARIANT_ADD(page, page_returned_mkwrite)
{
	.flags = FAULTLAB_REGION_MKWRITE,
	.first_write = "fault_write 1 fault_mkwrite 1 minor 1 locked 1 pages +1 minflt 1",
	.after_read = "fault_mkwrite 1 minor 1 minflt 1",
	.read_entry = "page r",
};

/* The entry is inserted read-only, so a write faults a second time. */
FIXTURE_VARIANT_ADD(page, page_inserted_mkwrite)
{
	.flags = FAULTLAB_REGION_INSERT | FAULTLAB_REGION_MKWRITE,
	.first_write = "fault_write 1 fault_mkwrite 1 minor 2 locked 1 pages +1 minflt 2",
	.after_read = "fault_mkwrite 1 minor 1 minflt 1",
	.read_entry = "page r",
};

FIXTURE_SETUP(page)
{
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, variant->flags, NR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(page)
{
	close(self->fd);
}

TEST_F(page, mmap_allocates_nothing)
{
	struct tlib_mark mark;
	char *at;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	EXPECT_COUNTS("vmas +1", &mark);
	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, at, NR));
	EXPECT_EQ(0, tlib_smaps(at, "Rss"));
}

TEST_F(page, first_read_allocates_one_zeroed_page)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct faultlab_touch touch;
	struct tlib_mark mark;
	size_t i, zeroes = 0;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(at, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	EXPECT_EQ(0, touch.value);
	EXPECT_EQ(1, tlib_nr_mapped(self->fd, 0, at, NR));
	EXPECT_EQ(tlib_pfn(self->fd, at), tlib_pagemap(at).pfn);
	EXPECT_TRUE(tlib_pagemap(at).file);
	for (i = 0; i < tlib_page_size(); i++)
		zeroes += !at[i];
	EXPECT_EQ(tlib_page_size(), zeroes);
}

TEST_F(page, first_shared_write_maps_a_dirty_writable_page)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(at, 'S', NULL));
	EXPECT_COUNTS(variant->first_write, &mark);
	EXPECT_ENTRY("page rw dirty", self->fd, at);
	EXPECT_EQ('S', *at);
	EXPECT_EQ(1, tlib_kpagecount(tlib_pfn(self->fd, at)));
}

TEST_F(page, write_after_a_read_faults_only_with_mkwrite)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct tlib_mark mark;
	__u64 pfn;

	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_ENTRY(variant->read_entry, self->fd, at);
	pfn = tlib_pfn(self->fd, at);

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(at, 'S', NULL));
	EXPECT_COUNTS(variant->after_read, &mark);
	EXPECT_ENTRY("page rw dirty", self->fd, at);
	EXPECT_EQ(pfn, tlib_pfn(self->fd, at));
}

TEST_F(page, second_access_does_not_fault)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_write(at, 1, NULL));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(at, 2, NULL));
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_COUNTS("", &mark);
}

TEST_F(page, map_populate_faults_in_mmap_and_never_again)
{
	struct tlib_mark mark;
	size_t i;
	char *at;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	at = tlib_map(self->fd, TLIB_RW, MAP_SHARED | MAP_POPULATE, 0, NR);
	EXPECT_COUNTS("fault_read 16 minor 16 locked 16 vmas +1 pages +16 minflt 16", &mark);
	EXPECT_EQ(NR, tlib_moved(&mark, FAULTLAB_STAT_UNDER_MMAP_LOCK));
	ASSERT_NE(NULL, at);
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, 0, at, NR));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	for (i = 0; i < NR; i++)
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(at, i), NULL));
	EXPECT_COUNTS("", &mark);
}

TEST_F(page, two_mappings_show_one_frame)
{
	char *one = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	char *two = tlib_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_NE(NULL, one);
	ASSERT_NE(NULL, two);
	EXPECT_EQ(0, faultlab_touch_write(one, 'S', NULL));
	EXPECT_TRUE(tlib_pagemap(one).exclusive);

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(two, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ('S', touch.value);
	EXPECT_ENTRY("page r", self->fd, two);
	EXPECT_EQ(tlib_pfn(self->fd, one), tlib_pfn(self->fd, two));
	EXPECT_EQ(2, tlib_kpagecount(tlib_pfn(self->fd, one)));
	EXPECT_FALSE(tlib_pagemap(one).exclusive);

	tlib_unmap(two, NR);
	EXPECT_EQ(1, tlib_kpagecount(tlib_pfn(self->fd, one)));
}

TEST_F(page, offset_of_the_mapping_chooses_the_page)
{
	char *all = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	char *part = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 5, 3);
	struct faultlab_touch touch;

	ASSERT_NE(NULL, all);
	ASSERT_NE(NULL, part);
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(all, 7), '7', NULL));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(part, 2), &touch));
	EXPECT_EQ('7', touch.value);
	EXPECT_EQ(tlib_pfn(self->fd, tlib_at(all, 7)), tlib_pfn(self->fd, tlib_at(part, 2)));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
}

TEST_F(page, a_first_private_write_is_one_cow_fault)
{
	char *shared = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	char *private = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	struct tlib_mark mark;

	ASSERT_NE(NULL, shared);
	ASSERT_NE(NULL, private);
	shared[0] = 'S';
	shared[1] = 's';

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(private, 'P', NULL));
	EXPECT_COUNTS("fault_cow 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_ENTRY("page rw dirty", self->fd, private);
	EXPECT_EQ('P', private[0]);
	EXPECT_EQ('s', private[1]);
	EXPECT_EQ('S', shared[0]);

	EXPECT_NE(tlib_pfn(self->fd, shared), tlib_pfn(self->fd, private));
	EXPECT_TRUE(is_anon(tlib_pfn(self->fd, private)));
	EXPECT_FALSE(is_anon(tlib_pfn(self->fd, shared)));
	EXPECT_FALSE(tlib_pagemap(private).file);
	EXPECT_TRUE(tlib_pagemap(private).exclusive);
	EXPECT_TRUE(tlib_pagemap(shared).file);
	EXPECT_EQ(4, tlib_smaps(private, "Anonymous"));
}

TEST_F(page, a_first_private_write_allocates_the_page_that_it_copies)
{
	char *private = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	struct tlib_mark mark;

	ASSERT_NE(NULL, private);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(private, 'P', NULL));
	EXPECT_COUNTS("fault_cow 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	EXPECT_TRUE(is_anon(tlib_pfn(self->fd, private)));
}

TEST_F(page, a_private_write_after_a_read_is_copied_by_the_core_without_a_callback)
{
	char *shared = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	char *private = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_NE(NULL, shared);
	ASSERT_NE(NULL, private);
	*shared = 'S';

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(private, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ('S', touch.value);
	EXPECT_ENTRY("page r", self->fd, private);
	EXPECT_EQ(tlib_pfn(self->fd, shared), tlib_pfn(self->fd, private));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(private, 'P', NULL));
	EXPECT_COUNTS("minflt 1", &mark);
	EXPECT_ENTRY("page rw dirty", self->fd, private);
	EXPECT_NE(tlib_pfn(self->fd, shared), tlib_pfn(self->fd, private));
	EXPECT_TRUE(is_anon(tlib_pfn(self->fd, private)));
	EXPECT_TRUE(tlib_pagemap(private).exclusive);
	EXPECT_EQ('S', *shared);
	EXPECT_EQ(1, tlib_kpagecount(tlib_pfn(self->fd, shared)));
}

TEST_F(page, rss_counts_what_is_mapped)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	long page_kib = tlib_page_size() / 1024;
	size_t i;

	ASSERT_NE(NULL, at);
	for (i = 0; i < 5; i++)
		EXPECT_EQ(0, faultlab_touch_write(tlib_at(at, i), 1, NULL));
	EXPECT_EQ(5 * page_kib, tlib_smaps(at, "Rss"));
	EXPECT_EQ(5 * page_kib, tlib_smaps(at, "Pss"));
	EXPECT_EQ(0, tlib_smaps(at, "Anonymous"));
}

TEST_F(page, process_vm_readv_faults_once_under_mmap_lock)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct iovec from = { .iov_len = 1 }, to = { .iov_len = 1 };
	struct tlib_mark mark;
	char byte = 'x';

	ASSERT_NE(NULL, at);
	from.iov_base = at;
	to.iov_base = &byte;
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(1, process_vm_readv(getpid(), &to, 1, &from, 1, 0));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	EXPECT_EQ(1, tlib_moved(&mark, FAULTLAB_STAT_UNDER_MMAP_LOCK));
	EXPECT_EQ(0, byte);
	EXPECT_TRUE(tlib_mapped(self->fd, at));
}

TEST_F(page, access_to_a_poisoned_page_is_sigbus_until_it_is_dropped)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct faultlab_touch touch;
	struct tlib_mark mark;
	__u64 pfn;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, faultlab_touch_write(at, 'S', NULL));
	pfn = tlib_pfn(self->fd, at);
	if (madvise(at, tlib_page_size(), MADV_HWPOISON) && errno == EINVAL)
		SKIP(return, "the kernel has no CONFIG_MEMORY_FAILURE");
	ASSERT_NE(0, tlib_kpageflags(pfn) & 1ULL << KPF_HWPOISON);
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(at, &touch));
	EXPECT_COUNTS("fault_read 1 locked 1 hwpoison 1", &mark);
	EXPECT_EQ(SIGBUS, touch.signal);
	EXPECT_EQ(BUS_MCEERR_AR, touch.code);

	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, faultlab_touch_read(at, &touch));
	EXPECT_EQ(0, touch.value);
	EXPECT_NE(pfn, tlib_pfn(self->fd, at));
}

TEST_HARNESS_MAIN
