// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entries and pages that a walk finds: the zero page, huge pages, PROT_NONE, swap.
 * They must match the kernel's own files about the page.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <linux/kernel-page-flags.h>

#include <kselftest_harness.h>
#include <pagemap.h>
#include "lib/walk/random_space.h"
#include "lib/sys.h"
#include "lib/newer.h"
#include "util.h"

#define THP		"/sys/kernel/mm/transparent_hugepage/"

FIXTURE(walks)
{
	int fd;
	struct tlib_entries entries;
	struct tlib_ground ground;	/* swap and hugetlb pages, for the tests that need them */
};

FIXTURE_SETUP(walks)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, tlib_entries_init(&self->entries, 1024));
	self->ground.hugepages = ~0ULL;
}

FIXTURE_TEARDOWN(walks)
{
	tlib_ground_give_back(&self->ground);
	close(self->fd);
}

#define WALK(start, bytes, flags) \
	tlib_entries_walk(&self->entries, self->fd, 0, (uintptr_t)(start), \
			  (uintptr_t)(start) + (bytes), flags, 512)

TEST_F(walks, the_zero_page_is_shown_until_the_first_write)
{
	char *mem = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 512);
	struct faultlab_walk_entry e;
	struct tlib_mark mark;

	/* Larger than the mappings that tlib_counts_begin() populates. */
	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, madvise(mem, TLIB_PMD_SIZE, MADV_NOHUGEPAGE));
	e = tlib_entry(self->fd, 0, mem);
	EXPECT_TRUE(e.flags & FAULTLAB_PTE_NONE);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(mem, NULL));
	EXPECT_COUNTS("minflt 1", &mark);
	e = tlib_entry(self->fd, 0, mem);
	EXPECT_EQ(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_SPECIAL,
		  e.flags & (FAULTLAB_PTE_LEAF | FAULTLAB_PTE_SPECIAL | FAULTLAB_PTE_WRITE |
			     FAULTLAB_PTE_DIRTY));
	EXPECT_EQ(KPF(ZERO_PAGE), tlib_kpageflags(e.pfn) & (KPF(ZERO_PAGE) | KPF(ANON)));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(mem, 1, NULL));
	EXPECT_COUNTS("minflt 1", &mark);
	e = tlib_entry(self->fd, 0, mem);
	EXPECT_EQ(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
		  e.flags & (FAULTLAB_PTE_LEAF | FAULTLAB_PTE_SPECIAL | FAULTLAB_PTE_WRITE |
			     FAULTLAB_PTE_DIRTY));
	EXPECT_EQ(KPF(ANON), tlib_kpageflags(e.pfn) & (KPF(ZERO_PAGE) | KPF(ANON)));
}

TEST_F(walks, a_transparent_huge_page_is_a_leaf_at_pmd_level)
{
	char *mem = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 512);
	const struct faultlab_walk_entry *e = self->entries.at;
	char text[64];

	ASSERT_NE(NULL, mem);
	if (tlib_read_text(THP "enabled", text, sizeof(text)) < 0 || strstr(text, "[never]"))
		SKIP(return, "transparent huge pages are off (CONFIG_TRANSPARENT_HUGEPAGE)");
	ASSERT_EQ(0, madvise(mem, TLIB_PMD_SIZE, MADV_HUGEPAGE));
	ASSERT_EQ(0, faultlab_touch_write(mem + 9 * TLIB_PAGE, 1, NULL));
	ASSERT_EQ(0, WALK(mem + 3 * TLIB_PAGE, 8 * TLIB_PAGE, TLIB_WALK_ALL));
	ASSERT_EQ(4, self->entries.nr);
	EXPECT_EQ(FAULTLAB_LEVEL_PMD, e[3].level);
	EXPECT_EQ((uintptr_t)mem, e[3].addr);
	EXPECT_EQ(TLIB_PMD_SIZE, e[3].bytes);
	EXPECT_EQ(0, e[3].pfn % 512);
	EXPECT_EQ(tlib_pagemap(mem + 9 * TLIB_PAGE).pfn, e[3].pfn + 9);
	EXPECT_TRUE(tlib_kpageflags(e[3].pfn) & KPF(THP));
	/*
	 * Bit 7 says that the entry is huge; only in a PTE it is the PAT bit. The VMA
	 * is new, and so it is soft-dirty.
	 */
	EXPECT_TRUE(e[3].raw & 1 << 7);
	EXPECT_EQ(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_USER |
		  FAULTLAB_PTE_ACCESSED | FAULTLAB_PTE_DIRTY | FAULTLAB_PTE_SOFT_DIRTY |
		  FAULTLAB_PTE_WB | FAULTLAB_PTE_VMA_SOFT_DIRTY, e[3].flags);
}

TEST_F(walks, a_hugetlb_page_is_a_leaf_at_pmd_level)
{
	const struct faultlab_walk_entry *e = self->entries.at;
	char *mem;

	ASSERT_EQ(0, tlib_ground_take(&self->ground));
	if (self->ground.hugepages == ~0ULL)
		SKIP(return, "no hugetlb pages (CONFIG_HUGETLBFS)");
	mem = mmap(NULL, 2 * TLIB_PMD_SIZE, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB,
		   -1, 0);
	if (mem == MAP_FAILED)
		SKIP(return, "no two free hugetlb pages of 2 MiB");
	ASSERT_EQ(0, faultlab_touch_write(mem + TLIB_PMD_SIZE + 1, 1, NULL));
	ASSERT_EQ(0, WALK(mem, 2 * TLIB_PMD_SIZE, FAULTLAB_WALK_HOLES));
	ASSERT_EQ(2, self->entries.nr);
	EXPECT_EQ(FAULTLAB_LEVEL_PMD, e[0].level);
	EXPECT_TRUE(e[0].flags & FAULTLAB_PTE_NONE);
	EXPECT_EQ(FAULTLAB_LEVEL_PMD, e[1].level);
	EXPECT_TRUE(e[1].flags & FAULTLAB_PTE_LEAF);
	EXPECT_EQ(TLIB_PMD_SIZE, e[1].bytes);
	EXPECT_EQ(tlib_pagemap(mem + TLIB_PMD_SIZE).pfn, e[1].pfn);
	EXPECT_TRUE(tlib_kpageflags(e[1].pfn) & KPF(HUGE));
	munmap(mem, 2 * TLIB_PMD_SIZE);
}

TEST_F(walks, a_prot_none_page_is_shown_with_its_frame)
{
	char *mem = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 16);
	struct faultlab_walk_entry before, e;
	struct faultlab_touch touch;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, faultlab_touch_write(mem, 1, NULL));
	before = tlib_entry(self->fd, 0, mem);
	ASSERT_EQ(0, mprotect(mem, TLIB_PAGE, PROT_NONE));
	e = tlib_entry(self->fd, 0, mem);
	EXPECT_EQ(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_PROTNONE,
		  e.flags & (FAULTLAB_PTE_LEAF | FAULTLAB_PTE_PROTNONE | FAULTLAB_PTE_USER |
			     FAULTLAB_PTE_EXEC | FAULTLAB_PTE_GLOBAL | FAULTLAB_PTE_NONPRESENT));
	EXPECT_LT(0, e.pfn);
	EXPECT_EQ(before.pfn, e.pfn);
	EXPECT_EQ(tlib_pagemap(mem).pfn, e.pfn);
	/*
	 * The present bit is clear, and the frame is inverted: so the processor cannot
	 * use it, not even speculatively.
	 */
	EXPECT_EQ(0, e.raw & 1);
	EXPECT_EQ(-EFAULT, faultlab_touch_read(mem, &touch));
	EXPECT_EQ(SIGSEGV, touch.signal);
}

TEST_F(walks, a_page_in_swap_is_shown_with_its_swap_offset)
{
	char *mem = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 16);
	struct faultlab_walk_entry e;
	struct faultlab_witness seen = { 0 };
	struct tlib_mark mark;
	__u64 word = 0;
	unsigned int i;

	ASSERT_EQ(0, tlib_ground_take(&self->ground));
	if (!self->ground.swap[0])
		SKIP(return, "no swap device (CONFIG_ZRAM)");
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	memset(mem, 0x11, 16 * TLIB_PAGE);
	for (i = 0; i < 50 && !(tlib_entry(self->fd, 0, mem).flags & FAULTLAB_PTE_SWAP); i++)
		ASSERT_EQ(0, madvise(mem, 16 * TLIB_PAGE, MADV_PAGEOUT));
	e = tlib_entry(self->fd, 0, mem);
	EXPECT_EQ(FAULTLAB_PTE_NONPRESENT | FAULTLAB_PTE_SWAP,
		  e.flags & ~(__u64)(FAULTLAB_PTE_SOFT_DIRTY | FAULTLAB_PTE_VMA_SOFT_DIRTY));
	ASSERT_EQ(1, tlib_pagemap_words(0, (uintptr_t)mem, &word, 1));
	EXPECT_EQ(PM_SWAP, word & (PM_SWAP | PM_PRESENT));
	/* pagemap: type in bits 0 to 4, offset in 5 to 54 */
	EXPECT_EQ((word & PM_PFN) >> 5, e.pfn);

	ASSERT_EQ(0, faultlab_witness_begin(&seen, RUSAGE_THREAD));
	EXPECT_EQ(0, faultlab_touch_read(mem, NULL));
	ASSERT_EQ(0, faultlab_witness_end(&seen));
	EXPECT_EQ(1, seen.minflt + seen.majflt);
	EXPECT_TRUE(tlib_mapped(self->fd, mem));
}

TEST_HARNESS_MAIN
