// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind pfn with HUGE: one fault maps a PMD or a PUD; and each reason to map single
 * pages instead.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <signal.h>
#include "lib/tlib.h"
#include "lib/sys.h"

#define ORDER	9
#define NR	512UL			/* pages of a PMD */
#define HUGE	(2UL << 20)
#define GIANT	(1UL << 30)

#define NO_HUGE	"no .huge_fault for PFN mappings (ARCH_SUPPORTS_PMD_PFNMAP, since 6.12)"

FIXTURE(huge)
{
	int fd;
	char *at;
	struct tlib_mark mark;
};

FIXTURE_VARIANT(huge)
{
	__u64 flags;
	__u32 order;
	const char *pages;	/* change of the counter "pages" for a folio */
};

FIXTURE_VARIANT_ADD(huge, folio) { .order = ORDER, .pages = " pages +512" };
FIXTURE_VARIANT_ADD(huge, phys) { .flags = FAULTLAB_REGION_PHYS, .pages = "" };

static int region(__u64 flags, __u32 order, __u64 bytes)
{
	struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.flags = FAULTLAB_REGION_HUGE | flags,
		.bytes = bytes,
		.order = order,
	};

	return tlib_region_full(&config);
}

FIXTURE_SETUP(huge)
{
	self->fd = region(variant->flags, variant->order, 4 * HUGE);
	if (self->fd == -EOPNOTSUPP)
		SKIP(return, NO_HUGE);
	ASSERT_LE(0, self->fd);
	self->at = mmap(NULL, 4 * HUGE, TLIB_RW, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->at);
}

FIXTURE_TEARDOWN(huge)
{
	if (self->fd >= 0)
		close(self->fd);
}

TEST_F(huge, mmap_picks_a_pmd_aligned_address)
{
	EXPECT_EQ(0, (uintptr_t)self->at % HUGE);
}

TEST_F(huge, one_read_fault_maps_a_pmd)
{
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &self->mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 3), NULL));
	EXPECT_COUNTS(tlib_text("fault_read 1 minor 1 locked 1%s fault_huge_pmd 1 minflt 1",
				variant->pages), &self->mark);
	EXPECT_EQ(FAULTLAB_LEVEL_PMD, tlib_entry(self->fd, 0, self->at).level);
	EXPECT_EQ(HUGE, tlib_entry(self->fd, 0, self->at).bytes);
	EXPECT_TRUE(tlib_mapped(self->fd, tlib_at(self->at, NR - 1)));
	EXPECT_FALSE(tlib_mapped(self->fd, tlib_at(self->at, NR)));
}

TEST_F(huge, one_write_fault_maps_a_dirty_pmd)
{
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &self->mark));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, 3), 'h', NULL));
	EXPECT_COUNTS(tlib_text("fault_write 1 minor 1 locked 1%s fault_huge_pmd 1 minflt 1",
				variant->pages), &self->mark);
	EXPECT_EQ('h', *tlib_at(self->at, 3));
	EXPECT_TRUE(tlib_entry(self->fd, 0, self->at).flags & FAULTLAB_PTE_DIRTY);
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ('h', *tlib_at(self->at, 3));
}

/*
 * After clear_refs the VMA has no VM_SOFTDIRTY, so its entries are read-only at first
 * (vma_wants_writenotify()): the write faults again, on a PMD that is present.
 */
TEST_F(huge, a_write_upgrades_a_pmd_that_is_read_only_for_soft_dirty)
{
	if (tlib_write_number("/proc/self/clear_refs", 4))
		SKIP(return, "no /proc/PID/clear_refs (CONFIG_PROC_PAGE_MONITOR)");
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	ASSERT_EQ(0, faultlab_touch_write(self->at, 's', NULL));
	EXPECT_EQ('s', *self->at);
	EXPECT_EQ(FAULTLAB_LEVEL_PMD, tlib_entry(self->fd, 0, self->at).level);
	EXPECT_TRUE(tlib_entry(self->fd, 0, self->at).flags & FAULTLAB_PTE_WRITE);
}

/* pagemap does not walk VM_PFNMAP, so only the walker shows the PMD. */
TEST_F(huge, pagemap_and_rss_do_not_show_the_pmd)
{
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_FALSE(tlib_pagemap(self->at).present);
	EXPECT_EQ(0, tlib_smaps(self->at, "Rss"));
}

TEST_F(huge, pmd_and_ptes_map_the_same_frames)
{
	__u64 pfn;

	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	pfn = tlib_pfn(self->fd, self->at);
	EXPECT_EQ(0, pfn % NR);
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	ASSERT_EQ(0, munmap(tlib_at(self->at, NR), 3 * HUGE));
	ASSERT_EQ(0, munmap(self->at, tlib_page_size()));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 5), NULL));
	EXPECT_EQ(pfn + 5, tlib_pfn(self->fd, tlib_at(self->at, 5)));
}

/* After a fallback one page is mapped, and the reason is counted. */
#define EXPECT_FALLBACK(why, page) do {							\
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &self->mark));				\
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, page), NULL));		\
	tlib_counts_end(&self->mark);							\
	EXPECT_EQ(1, tlib_moved(&self->mark, FAULTLAB_STAT_FAULT_READ));		\
	EXPECT_EQ(0, tlib_moved(&self->mark, FAULTLAB_STAT_FAULT_HUGE_PMD));		\
	EXPECT_EQ(1, tlib_moved(&self->mark, FAULTLAB_STAT_FALLBACK_##why));		\
	EXPECT_EQ(1, tlib_moved(&self->mark, FAULTLAB_STAT_MINOR));			\
	EXPECT_EQ(1, self->mark.witness.minflt);					\
	EXPECT_EQ(FAULTLAB_LEVEL_PTE, tlib_entry(self->fd, 0,				\
						 tlib_at(self->at, page)).level);	\
} while (0)

TEST_F(huge, a_vma_that_starts_within_a_pmd_falls_back_to_ptes)
{
	ASSERT_EQ(0, munmap(self->at, tlib_page_size()));
	EXPECT_FALLBACK(START, 1);
}

TEST_F(huge, a_vma_that_ends_within_a_pmd_falls_back_to_ptes)
{
	ASSERT_EQ(0, munmap(tlib_at(self->at, 4 * NR - 1), tlib_page_size()));
	EXPECT_FALLBACK(END, 3 * NR);
}

TEST_F(huge, a_pmd_past_the_end_of_the_region_falls_back_and_is_sigbus)
{
	char *at = mmap(NULL, 2 * HUGE, TLIB_RW, MAP_SHARED, self->fd, 3 * HUGE);

	ASSERT_NE(MAP_FAILED, at);
	self->at = at;
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_HUGE_PMD));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(tlib_at(at, NR), NULL));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_FALLBACK_END));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_SIGBUS));
}

TEST_F(huge, a_pfn_not_aligned_like_its_address_falls_back_to_ptes)
{
	ASSERT_EQ(0, munmap(self->at, 4 * HUGE));
	self->at = mmap(self->at, HUGE, TLIB_RW, MAP_SHARED | MAP_FIXED_NOREPLACE, self->fd,
			tlib_page_size());
	ASSERT_NE(MAP_FAILED, self->at);
	EXPECT_FALLBACK(PFN, 0);
}

TEST_F(huge, a_rule_for_one_page_makes_its_pmd_fall_back_to_ptes)
{
	struct faultlab_rule rule = tlib_rule(7, 1, FAULTLAB_VERDICT_SIGBUS, 0);

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	EXPECT_FALLBACK(RULE, 3);
	EXPECT_EQ(-EFAULT, faultlab_touch_read(tlib_at(self->at, 7), NULL));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_SIGBUS));
	/* In the next PMD no page has a rule. */
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, NR), NULL));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_HUGE_PMD));
}

TEST_F(huge, verdict_fallback_maps_ptes)
{
	struct faultlab_rule rule = tlib_rule(0, 2 * NR, FAULTLAB_VERDICT_FALLBACK, 0);

	rule.access = FAULTLAB_ACCESS_HUGE;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	EXPECT_FALLBACK(RULE, 0);
	EXPECT_FALLBACK(RULE, NR);
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 2 * NR), NULL));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_HUGE_PMD));
}

TEST_F(huge, evict_of_one_page_of_a_pmd_unmaps_it_and_keeps_the_data)
{
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'a', NULL));
	EXPECT_EQ(0, faultlab_evict(self->fd, 5 * tlib_page_size(), tlib_page_size(), 0));
	EXPECT_FALSE(tlib_mapped(self->fd, tlib_at(self->at, 5)));
	EXPECT_EQ('a', *self->at);
}

TEST_F(huge, mprotect_of_one_page_of_a_pmd_protects_that_page_only)
{
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'a', NULL));
	ASSERT_EQ(0, mprotect(tlib_at(self->at, 1), tlib_page_size(), PROT_READ));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'b', NULL));
	EXPECT_EQ(-EFAULT, faultlab_touch_write(tlib_at(self->at, 1), 'b', NULL));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 1), NULL));
	EXPECT_EQ('b', *self->at);
}

TEST_F(huge, parent_and_child_share_the_memory_of_a_pmd)
{
	int status;
	pid_t pid;

	EXPECT_EQ(0, faultlab_touch_write(self->at, 'a', NULL));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(faultlab_touch_write(tlib_at(self->at, 1), 'c', NULL) ? 1 : *self->at);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ('a', WEXITSTATUS(status));
	EXPECT_EQ('c', *tlib_at(self->at, 1));
}

TEST_F(huge, unplug_makes_access_to_a_pmd_sigbus)
{
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'a', NULL));
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_SIGBUS));
}

/* Threads fault all pages of one PMD while it is evicted and rules come and go. */
TEST_F(huge, threads_fault_without_error_while_rules_and_evicts_change_the_pmd)
{
	struct faultlab_rule rule = tlib_rule(7, 1, FAULTLAB_VERDICT_MAJOR, 0);
	struct tlib_hammer hammers[2];
	int i;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, tlib_hammer_start(&hammers[i], self->at, NR, i));
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, &rule, i % 2));
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	}
	EXPECT_EQ(0, hammers[0].faults + hammers[1].faults);
}

/* Only phys= can have 1 GiB of memory aligned to 1 GiB. */
TEST(one_write_fault_maps_a_pud_of_1_gib)
{
	int fd = region(FAULTLAB_REGION_PHYS, 0, GIANT);
	struct tlib_mark mark;
	char *at;

	if (fd == -EOPNOTSUPP)
		SKIP(return, NO_HUGE);
	ASSERT_LE(0, fd);
	at = mmap(NULL, GIANT, TLIB_RW, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, at);
	EXPECT_EQ(0, (uintptr_t)at % GIANT);
	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(at + GIANT / 2, 'p', NULL));
	EXPECT_COUNTS("fault_write 1 minor 1 locked 1 fault_huge_pud 1 minflt 1", &mark);
	EXPECT_EQ(FAULTLAB_LEVEL_PUD, tlib_entry(fd, 0, at).level);
	EXPECT_EQ(GIANT, tlib_entry(fd, 0, at).bytes);
	/* An evict of a part of the PUD removes the whole entry. */
	EXPECT_EQ(0, faultlab_evict(fd, HUGE, HUGE, 0));
	EXPECT_FALSE(tlib_mapped(fd, at));
	EXPECT_EQ('p', at[GIANT / 2]);
	EXPECT_EQ(0, munmap(at, GIANT));
	close(fd);
}

TEST(huge_with_mkwrite_is_refused)
{
	EXPECT_EQ(-EINVAL, region(FAULTLAB_REGION_MKWRITE, ORDER, HUGE));
}

/*
 * WHOLE: VMAs of whole folios, as device DAX has them.
 */
FIXTURE(whole)
{
	int fd;
	char *at;
	size_t bytes;
};

FIXTURE_SETUP(whole)
{
	struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PAGE,
		.flags = FAULTLAB_REGION_WHOLE,
		.order = 2,
	};

	self->bytes = 16 * tlib_page_size();
	config.bytes = self->bytes;
	self->fd = tlib_region_full(&config);
	ASSERT_LE(0, self->fd);
	self->at = mmap(NULL, self->bytes, TLIB_RW, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->at);
}

FIXTURE_TEARDOWN(whole)
{
	close(self->fd);
}

TEST_F(whole, mmap_picks_a_folio_aligned_address)
{
	EXPECT_EQ(0, (uintptr_t)self->at % (4 * tlib_page_size()));
}

TEST_F(whole, mapping_of_a_part_of_a_folio_is_refused)
{
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 3 * tlib_page_size(), TLIB_RW, MAP_SHARED, self->fd, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4 * tlib_page_size(), TLIB_RW, MAP_SHARED, self->fd,
				   tlib_page_size()));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(whole, split_within_a_folio_is_refused)
{
	EXPECT_EQ(-1, munmap(self->at, tlib_page_size()));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, mprotect(self->at, 6 * tlib_page_size(), PROT_READ));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, mprotect(self->at, 8 * tlib_page_size(), PROT_READ));
	EXPECT_EQ(0, munmap(self->at, 4 * tlib_page_size()));
}

TEST_F(whole, mremap_to_an_address_not_folio_aligned_is_einval_and_undone)
{
	char *room = mmap(NULL, 2 * self->bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *to = room + (-(uintptr_t)room & (4 * tlib_page_size() - 1));

	ASSERT_NE(MAP_FAILED, room);
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'm', NULL));
	EXPECT_EQ(MAP_FAILED, mremap(self->at, self->bytes, self->bytes,
				     MREMAP_MAYMOVE | MREMAP_FIXED, to + tlib_page_size()));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ('m', *self->at);
	EXPECT_EQ(to, mremap(self->at, self->bytes, self->bytes,
			     MREMAP_MAYMOVE | MREMAP_FIXED, to));
	EXPECT_EQ('m', *to);
	EXPECT_LE(2, tlib_stat(self->fd, FAULTLAB_STAT_MREMAP));
}

TEST_F(whole, smaps_shows_the_folio_size_as_kernel_page_size)
{
	EXPECT_EQ(16, tlib_smaps(self->at, "KernelPageSize"));
	EXPECT_EQ(4, tlib_smaps(self->at, "MMUPageSize") % 12);
}

TEST_HARNESS_MAIN
