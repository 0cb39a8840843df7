// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings: their bounds, and what mremap, fork, mprotect, madvise and munmap do to
 * them and to their counters.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <signal.h>
#include "lib/tlib.h"

#define NR	8

FIXTURE(vma)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(vma)
{
	enum faultlab_kind kind;
	__u64 flags;
	bool fork_copies;
};

FIXTURE_VARIANT_ADD(vma, page_returned)
{
	.kind = FAULTLAB_KIND_PAGE,
};

FIXTURE_VARIANT_ADD(vma, page_inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_INSERT,
	.fork_copies = true,
};

FIXTURE_VARIANT_ADD(vma, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
	.fork_copies = true,
};

FIXTURE_SETUP(vma)
{
	self->fd = tlib_region(variant->kind, variant->flags, NR);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(vma)
{
	close(self->fd);
}

TEST_F(vma, fault_runs_under_the_vma_lock_where_the_kernel_has_one)
{
	bool vma_lock = tlib_kernel_has_vma_lock();
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, 1), 1, NULL));
	EXPECT_COUNTS("fault_read 1 fault_write 1 minor 2 locked 2 pages +2 minflt 2", &mark);
	EXPECT_EQ(vma_lock ? 2 : 0, tlib_moved(&mark, FAULTLAB_STAT_UNDER_VMA_LOCK));
	EXPECT_EQ(vma_lock ? 0 : 2, tlib_moved(&mark, FAULTLAB_STAT_UNDER_MMAP_LOCK));
}

TEST_F(vma, access_past_the_end_of_the_region_is_a_bus_error)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR + 2);
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(at, NR - 1), NULL));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(tlib_at(at, NR) + 5, &touch));
	EXPECT_COUNTS("fault_read 1 sigbus 1 locked 1", &mark);
	EXPECT_EQ(SIGBUS, touch.signal);
	EXPECT_EQ(BUS_ADRERR, touch.code);
	EXPECT_EQ((uintptr_t)tlib_at(at, NR) + 5, touch.addr);
	EXPECT_ENTRY("none", self->fd, tlib_at(at, NR));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-EFAULT, faultlab_touch_write(tlib_at(at, NR), 1, &touch));
	EXPECT_COUNTS("fault_write 1 sigbus 1 locked 1", &mark);
	EXPECT_EQ(SIGBUS, touch.signal);
}

TEST_F(vma, an_access_behind_the_vma_is_sigsegv_without_a_callback)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(tlib_at(self->at, NR), &touch));
	EXPECT_COUNTS("", &mark);
	EXPECT_EQ(SIGSEGV, touch.signal);
	EXPECT_EQ(SEGV_MAPERR, touch.code);
	EXPECT_ENTRY("no VMA", self->fd, tlib_at(self->at, NR));
}

TEST_F(vma, a_write_to_a_read_only_mapping_is_segv_accerr_without_a_callback)
{
	char *at = tlib_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(-EFAULT, faultlab_touch_write(at, 1, &touch));
	EXPECT_COUNTS("", &mark);
	EXPECT_EQ(SIGSEGV, touch.signal);
	EXPECT_EQ(SEGV_ACCERR, touch.code);
	EXPECT_ENTRY("none", self->fd, at);
}

TEST_F(vma, mremap_moves_the_entries_and_keeps_the_counters)
{
	char *to = tlib_map(self->fd, PROT_NONE, MAP_SHARED, 0, NR);
	__u64 pfn, vmas;
	struct tlib_mark mark;

	ASSERT_NE(NULL, to);
	tlib_unmap(to, NR);
	tlib_write(self->at, NR);
	pfn = tlib_pfn(self->fd, tlib_at(self->at, 2));
	vmas = tlib_stat(self->fd, FAULTLAB_STAT_VMAS);
	EXPECT_EQ(1, vmas);

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	ASSERT_EQ(to, mremap(self->at, NR * tlib_page_size(), NR * tlib_page_size(),
			     MREMAP_MAYMOVE | MREMAP_FIXED, to));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(to, 2), NULL));
	EXPECT_COUNTS("mremap 1", &mark);
	EXPECT_EQ('c', *tlib_at(to, 2));
	EXPECT_EQ(pfn, tlib_pfn(self->fd, tlib_at(to, 2)));
	EXPECT_ENTRY("no VMA", self->fd, self->at);
	EXPECT_EQ(NR, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
}

TEST_F(vma, faults_of_a_child_count_for_the_region_also_after_its_exit)
{
	struct tlib_peer peer;
	struct tlib_mark mark;

	ASSERT_LE(0, tlib_peer_fork(&peer));
	if (!peer.pid) {
		tlib_counts_begin(self->fd, &mark);
		faultlab_touch_write(self->at, 'c', NULL);
		faultlab_touch_read(tlib_at(self->at, 1), NULL);
		EXPECT_COUNTS("fault_read 1 fault_write 1 minor 2 locked 2 pages +2 minflt 2",
			      &mark);
		tlib_peer_nudge(&peer);
		tlib_peer_await(&peer);
		_exit(0);
	}
	EXPECT_EQ(0, tlib_peer_await(&peer));
	EXPECT_EQ(2, tlib_stat(self->fd, FAULTLAB_STAT_VMAS));
	EXPECT_EQ(2, tlib_nr_mapped(self->fd, peer.pid, self->at, NR));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_EQ(0, tlib_peer_nudge(&peer));
	EXPECT_EQ(0, tlib_peer_join(&peer));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_VMAS));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ('c', *self->at);
}

TEST_F(vma, fork_copies_entries_of_pfn_and_mixed_maps_only)
{
	struct tlib_peer peer;

	tlib_write(self->at, 3);
	ASSERT_LE(0, tlib_peer_fork(&peer));
	if (!peer.pid) {
		tlib_peer_await(&peer);
		_exit(0);
	}
	EXPECT_EQ(variant->fork_copies ? 3 : 0, tlib_nr_mapped(self->fd, peer.pid, self->at, NR));
	EXPECT_EQ(3, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_EQ(0, tlib_peer_nudge(&peer));
	EXPECT_EQ(0, tlib_peer_join(&peer));
}

TEST_F(vma, madv_dontfork_keeps_the_mapping_from_the_child)
{
	struct tlib_peer peer;

	tlib_write(self->at, 1);
	ASSERT_EQ(0, madvise(self->at, NR * tlib_page_size(), MADV_DONTFORK));
	ASSERT_LE(0, tlib_peer_fork(&peer));
	if (!peer.pid) {
		struct faultlab_touch touch;

		faultlab_touch_read(self->at, &touch);
		tlib_peer_nudge(&peer);
		tlib_peer_await(&peer);
		_exit(touch.signal == SIGSEGV && touch.code == SEGV_MAPERR);
	}
	EXPECT_EQ(0, tlib_peer_await(&peer));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_VMAS));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, peer.pid, self->at, NR));
	EXPECT_EQ(1, tlib_peer_join(&peer));
}

TEST_F(vma, munmap_of_the_middle_makes_two_vmas_and_keeps_the_counters)
{
	struct tlib_mark mark;

	tlib_write(self->at, NR);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	tlib_unmap(tlib_at(self->at, 3), 2);
	EXPECT_COUNTS("vmas +1", &mark);
	EXPECT_EQ(3, tlib_nr_mapped(self->fd, 0, self->at, 3));
	EXPECT_EQ(3, tlib_nr_mapped(self->fd, 0, tlib_at(self->at, 5), 3));
	EXPECT_ENTRY("no VMA", self->fd, tlib_at(self->at, 3));
	EXPECT_EQ('f', *tlib_at(self->at, 5));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	tlib_unmap(self->at, NR);
	EXPECT_COUNTS("vmas -2", &mark);
	EXPECT_EQ(NR, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(NR, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
}

TEST_F(vma, mprotect_of_the_middle_makes_three_vmas_and_keeps_the_counters)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;

	tlib_write(self->at, NR);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	ASSERT_EQ(0, mprotect(tlib_at(self->at, 3), tlib_page_size(), PROT_READ));
	EXPECT_COUNTS("vmas +2", &mark);
	EXPECT_EQ(-EFAULT, faultlab_touch_write(tlib_at(self->at, 3), 1, &touch));
	EXPECT_EQ(SEGV_ACCERR, touch.code);
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_EQ('d', *tlib_at(self->at, 3));
	EXPECT_EQ(NR, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
}

TEST_F(vma, each_part_of_a_split_mapping_shows_its_own_pages)
{
	struct tlib_mark mark;
	size_t i;

	tlib_unmap(tlib_at(self->at, 3), 1);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, 2), 'c', NULL));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, 4), 'e', NULL));
	EXPECT_COUNTS("fault_write 2 minor 2 locked 2 pages +2 minflt 2", &mark);

	self->at = tlib_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	for (i = 0; i < NR; i++)
		EXPECT_EQ(i == 2 || i == 4 ? 'a' + i : 0, *tlib_at(self->at, i));
}

TEST_F(vma, counts_outlive_all_mappings)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	tlib_write(self->at, NR);
	tlib_unmap(self->at, NR);
	EXPECT_COUNTS("fault_write 8 minor 8 locked 8 vmas -1 pages +8 minflt 8", &mark);
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_VMAS));
}

TEST_F(vma, hundred_mappings_split_and_unmapped_lose_no_count)
{
	struct tlib_mark mark;
	int i, bad = 0;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	for (i = 0; i < 100; i++) {
		char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);

		ASSERT_NE(NULL, at);
		bad += !!faultlab_touch_write(tlib_at(at, 0), i, NULL);
		bad += !!mprotect(tlib_at(at, 2), tlib_page_size(), PROT_READ);
		bad += !!faultlab_touch_write(tlib_at(at, 3), i, NULL);
		tlib_unmap(tlib_at(at, 5), 1);
		bad += !!faultlab_touch_write(tlib_at(at, 7), i, NULL);
		tlib_unmap(at, i % NR + 1);
		tlib_unmap(at, NR);
	}
	EXPECT_COUNTS("fault_write 300 minor 300 locked 300 pages +3 minflt 300", &mark);
	EXPECT_EQ(0, bad);
}

/*
 * Only the first VMAs of a region have counters of their own. The region has one cell for
 * all others.
 */
TEST_F(vma, hundred_mappings_at_once_lose_no_count)
{
	size_t i, nr = 2 * 100 - 1;
	int fd = tlib_region(variant->kind, variant->flags, nr);
	struct tlib_mark mark;
	char *at;

	ASSERT_LE(0, fd);
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, nr);
	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	for (i = 1; i < nr; i += 2)
		tlib_unmap(tlib_at(at, i), 1);
	EXPECT_COUNTS("vmas +99", &mark);

	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	for (i = 0; i < nr; i += 2)
		EXPECT_EQ(0, faultlab_touch_write(tlib_at(at, i), 1, NULL));
	EXPECT_COUNTS("fault_write 100 minor 100 locked 100 pages +100 minflt 100", &mark);
	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	tlib_unmap(at, nr);
	EXPECT_COUNTS("vmas -100", &mark);
	EXPECT_EQ(100, tlib_stat(fd, FAULTLAB_STAT_FAULT_WRITE));
}

TEST_F(vma, two_regions_have_separate_pages_counters_and_evicts)
{
	int other = tlib_region(variant->kind, variant->flags, NR);
	char *at;

	ASSERT_LE(0, other);
	at = tlib_map(other, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, at);
	tlib_write(self->at, NR);
	tlib_write(at, 3);
	EXPECT_NE(tlib_pfn(self->fd, self->at), tlib_pfn(self->fd, at));
	EXPECT_EQ(3, tlib_stat(other, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(3, tlib_stat(other, FAULTLAB_STAT_PAGES));

	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_EQ(3, tlib_nr_mapped(self->fd, 0, at, NR));
	EXPECT_EQ('b', *tlib_at(at, 1));
	close(other);
}

TEST_F(vma, closing_the_descriptor_leaves_mapping_and_rules)
{
	struct faultlab_rule rule = tlib_rule(1, 1, FAULTLAB_VERDICT_MAJOR, 0);
	int other = tlib_region(FAULTLAB_KIND_PAGE, 0, 1);
	struct tlib_mark mark;

	ASSERT_LE(0, other);
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	close(self->fd);
	ASSERT_EQ(0, tlib_counts_begin(other, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'a', NULL));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, 1), 'b', NULL));
	EXPECT_COUNTS("minflt 1 majflt 1", &mark);
	EXPECT_EQ('a', *self->at);
	EXPECT_EQ(2, tlib_nr_mapped(other, 0, self->at, NR));
	self->fd = other;
}

/* Tests of single kinds */
TEST(a_region_without_a_configured_size_grows_with_its_mappings)
{
	struct faultlab_info info;
	int fd = faultlab_open();
	char *at;

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, faultlab_info(fd, &info));
	EXPECT_EQ(0, info.bytes);
	ASSERT_NE(NULL, tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 4));
	EXPECT_EQ(0, faultlab_info(fd, &info));
	EXPECT_EQ(4 * tlib_page_size(), info.bytes);

	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 8, 8);
	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_info(fd, &info));
	EXPECT_EQ(16 * tlib_page_size(), info.bytes);
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(at, 7), 1, NULL));

	ASSERT_NE(NULL, tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 2));
	EXPECT_EQ(0, faultlab_info(fd, &info));
	EXPECT_EQ(16 * tlib_page_size(), info.bytes);
	EXPECT_EQ(FAULTLAB_INFO_MAPPED, info.state);
}

TEST(after_mremap_access_past_a_region_of_fixed_size_is_sigbus)
{
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 4);
	struct faultlab_touch touch;
	struct tlib_mark mark;
	char *at;

	ASSERT_LE(0, fd);
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 4);
	ASSERT_NE(NULL, at);
	tlib_write(at, 4);
	ASSERT_EQ(at, mremap(at, 4 * tlib_page_size(), 6 * tlib_page_size(), 0));

	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(tlib_at(at, 4), &touch));
	EXPECT_COUNTS("fault_read 1 sigbus 1 locked 1", &mark);
	EXPECT_EQ(SIGBUS, touch.signal);
	EXPECT_EQ(4, tlib_nr_mapped(fd, 0, at, 6));
	EXPECT_EQ('d', *tlib_at(at, 3));
	EXPECT_EQ(1, tlib_stat(fd, FAULTLAB_STAT_VMAS));
}

/* mremap() grows a VMA without calling the driver, so the region grows at the fault. */
TEST(after_mremap_a_fault_grows_a_region_without_a_configured_size)
{
	struct faultlab_info info;
	int fd = faultlab_open();
	struct tlib_mark mark;
	char *at;

	ASSERT_LE(0, fd);
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 4);
	ASSERT_NE(NULL, at);
	ASSERT_EQ(at, mremap(at, 4 * tlib_page_size(), 6 * tlib_page_size(), 0));
	EXPECT_EQ(0, faultlab_info(fd, &info));
	EXPECT_EQ(4 * tlib_page_size(), info.bytes);

	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(at, 5), 'f', NULL));
	EXPECT_COUNTS("fault_write 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	EXPECT_EQ(0, faultlab_info(fd, &info));
	EXPECT_EQ(6 * tlib_page_size(), info.bytes);
}

TEST(mremap_cannot_grow_a_mapping_of_kind_pfn)
{
	int fd = tlib_region(FAULTLAB_KIND_PFN, 0, NR);
	char *at;

	ASSERT_LE(0, fd);
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 4);
	ASSERT_NE(NULL, at);
	EXPECT_EQ(MAP_FAILED, mremap(at, 4 * tlib_page_size(), 6 * tlib_page_size(),
				     MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(vma, madv_dontneed_unmaps_kind_page_and_is_einval_for_kind_pfn)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;
	int err;

	tlib_write(self->at, NR);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	err = madvise(self->at, 4 * tlib_page_size(), MADV_DONTNEED) ? errno : 0;
	EXPECT_COUNTS("", &mark);
	if (variant->kind == FAULTLAB_KIND_PFN) {
		EXPECT_EQ(EINVAL, err);
		EXPECT_EQ(NR, tlib_nr_mapped(self->fd, 0, self->at, NR));
		return;
	}
	EXPECT_EQ(0, err);
	EXPECT_EQ(4, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_EQ(NR, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, 1), 'B', &touch));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 1), NULL));
	EXPECT_COUNTS("fault_write 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ('c', *tlib_at(self->at, 2));
}

TEST_HARNESS_MAIN
