// SPDX-License-Identifier: GPL-2.0-only
/*
 * The levels of a page table as the walk shows them: which exist, where they end,
 * and what is at the end. Physical memory itself, by /proc/kcore, is the witness.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <unistd.h>
#include <linux/kernel-page-flags.h>

#include <kselftest_harness.h>
#include "flab_space.h"
#include "flab_sys.h"

#define TIB		(1ULL << 40)
#define KPF(name)	(1ULL << KPF_##name)
#define THP		"/sys/kernel/mm/transparent_hugepage/"
#define NR_HUGEPAGES	"/proc/sys/vm/nr_hugepages"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif

FIXTURE(tables)
{
	int fd;
	struct flab_entries entries;
	__u64 hugepages;	/* as it was before */
	char swap[32];		/* a swap device to be given back */
};

FIXTURE_SETUP(tables)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, flab_entries_init(&self->entries, 8192));
	self->hugepages = ~0ULL;
}

FIXTURE_TEARDOWN(tables)
{
	if (self->hugepages != ~0ULL)
		flab_write_number(NR_HUGEPAGES, self->hugepages);
	if (self->swap[0]) {
		swapoff(self->swap);
		flab_disk_remove(self->swap);
	}
	close(self->fd);
}

#define WALK(start, bytes, flags) \
	flab_entries_walk(&self->entries, self->fd, 0, (uintptr_t)(start), \
			  (uintptr_t)(start) + (bytes), flags, 512)

static char *anonymous(size_t bytes, int prot, int flags)
{
	char *mem = mmap(NULL, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	return mem == MAP_FAILED ? NULL : mem;
}

/* What each level's index and reach are by the architecture manual. */
static unsigned int shift_of(unsigned int level)
{
	static const unsigned int shift[] = { 12, 21, 30, 39, 48 };

	if (level == FAULTLAB_LEVEL_PGD && !flab_five_levels())
		return 39;
	return shift[level];
}

static unsigned int index_of(unsigned int level, __u64 addr)
{
	if (level == FAULTLAB_LEVEL_P4D && !flab_five_levels())
		return 0;
	return addr >> shift_of(level) & 511;
}

TEST_F(tables, of_an_address_are_five_and_their_indices_are_slices_of_it)
{
	char *mem = flab_map_apart(-1, FLAB_RW, MAP_PRIVATE, 512);
	__u64 addr = (uintptr_t)mem + 77 * FLAB_PAGE;
	const struct faultlab_walk_entry *e = self->entries.at;
	unsigned int i, level;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, madvise(mem, FLAB_PMD_SIZE, MADV_NOHUGEPAGE));
	ASSERT_EQ(0, faultlab_touch_write((char *)addr, 1, NULL));
	ASSERT_EQ(0, WALK(addr, 1, FAULTLAB_WALK_TABLES));
	ASSERT_EQ(5, self->entries.nr);
	for (i = 0; i < 5; i++) {
		level = FAULTLAB_LEVEL_PGD - i;
		EXPECT_EQ(level, e[i].level);
		EXPECT_EQ(index_of(level, addr), e[i].index);
		EXPECT_EQ(1ULL << shift_of(level), e[i].bytes);
		EXPECT_EQ(addr & ~(e[i].bytes - 1), e[i].addr);
		EXPECT_EQ(level == FAULTLAB_LEVEL_P4D && !flab_five_levels(),
			  !!(e[i].flags & FAULTLAB_PTE_FOLDED));
		EXPECT_EQ(level ? FAULTLAB_PTE_TABLE : FAULTLAB_PTE_LEAF,
			  e[i].flags & (FAULTLAB_PTE_TABLE | FAULTLAB_PTE_LEAF));
	}
}

TEST_F(tables, each_lie_in_the_frame_that_the_entry_above_names)
{
	char *mem = flab_map_apart(-1, FLAB_RW, MAP_PRIVATE, 512);
	const struct faultlab_walk_entry *e = self->entries.at;
	struct faultlab_pagemap map;
	__u64 word = 0;
	int err = 0;
	size_t i;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, madvise(mem, FLAB_PMD_SIZE, MADV_NOHUGEPAGE));
	ASSERT_EQ(0, faultlab_touch_write(mem + 5 * FLAB_PAGE, 0x42, NULL));
	ASSERT_EQ(0, WALK(mem + 5 * FLAB_PAGE, 1, FAULTLAB_WALK_TABLES));
	ASSERT_EQ(5, self->entries.nr);
	for (i = 1; !err && i < 5; i++) {
		err = flab_physical_word(e[i - 1].pfn * FLAB_PAGE + e[i].index * 8, &word);
		if (e[i].flags & FAULTLAB_PTE_FOLDED) {
			/* The level above, seen again. */
			EXPECT_EQ(e[i - 1].raw, e[i].raw);
			EXPECT_EQ(e[i - 1].pfn, e[i].pfn);
			continue;
		}
		EXPECT_EQ(e[i].raw, word);
	}
	if (err == -ENOENT)
		SKIP(return, "no /proc/kcore (CONFIG_PROC_KCORE)");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, flab_physical_word(e[4].pfn * FLAB_PAGE, &word));
	EXPECT_EQ(0x42, word);
	map = flab_pagemap(mem + 5 * FLAB_PAGE);
	EXPECT_EQ(map.pfn, e[4].pfn);
}

TEST_F(tables, of_a_tebibyte_with_one_page_are_one_for_each_missing_level)
{
	const bool five = flab_five_levels();
	const unsigned int top = five ? FAULTLAB_LEVEL_P4D : FAULTLAB_LEVEL_PGD;
	char *mem = mmap((void *)TIB, TIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
			 MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	char *page = mem + 600 * FLAB_PUD_SIZE + 5 * FLAB_PMD_SIZE + 3 * FLAB_PAGE;
	__u64 before, after;

	ASSERT_EQ((void *)TIB, mem);
	ASSERT_EQ(0, mprotect(page, FLAB_PAGE, FLAB_RW));
	ASSERT_EQ(0, flab_read_field("/proc/self/status", "VmPTE:", &before));
	ASSERT_EQ(0, flab_read_field("/proc/self/status", "VmPTE:", &before));
	ASSERT_EQ(0, WALK(mem, TIB, FLAB_WALK_ALL));
	EXPECT_EQ(2, flab_entries_count(&self->entries, top, FAULTLAB_PTE_NONE));
	EXPECT_EQ(five ? 3 : 2, self->entries.nr);

	ASSERT_EQ(0, faultlab_touch_write(page, 1, NULL));

	ASSERT_EQ(0, flab_read_field("/proc/self/status", "VmPTE:", &after));
	EXPECT_EQ(3 * FLAB_PAGE / 1024, after - before);
	ASSERT_EQ(0, WALK(mem, TIB, FAULTLAB_WALK_TABLES));
	EXPECT_EQ(5, self->entries.nr);
	ASSERT_EQ(0, WALK(mem, TIB, FLAB_WALK_ALL));
	EXPECT_EQ(1, flab_entries_count(&self->entries, top, FAULTLAB_PTE_NONE));
	EXPECT_EQ(511, flab_entries_count(&self->entries, FAULTLAB_LEVEL_PUD, FAULTLAB_PTE_NONE));
	EXPECT_EQ(511, flab_entries_count(&self->entries, FAULTLAB_LEVEL_PMD, FAULTLAB_PTE_NONE));
	EXPECT_EQ(511, flab_entries_count(&self->entries, FAULTLAB_LEVEL_PTE, FAULTLAB_PTE_NONE));
	EXPECT_EQ(5 + 1 + 3 * 511, self->entries.nr);
}

TEST_F(tables, are_not_walked_where_there_is_no_vma)
{
	char *mem = flab_map_apart(-1, FLAB_RW, MAP_PRIVATE, 16);
	const struct faultlab_walk_entry *e = self->entries.at;

	ASSERT_NE(NULL, mem);
	memset(mem, 1, 16 * FLAB_PAGE);
	ASSERT_EQ(0, munmap(mem + 4 * FLAB_PAGE, 8 * FLAB_PAGE));
	ASSERT_EQ(0, WALK(mem, 16 * FLAB_PAGE, FAULTLAB_WALK_HOLES));
	ASSERT_EQ(4 + 1 + 4, self->entries.nr);
	EXPECT_EQ(FAULTLAB_PTE_NO_VMA, e[4].flags);
	EXPECT_EQ((uintptr_t)mem + 4 * FLAB_PAGE, e[4].addr);
	EXPECT_EQ(8 * FLAB_PAGE, e[4].bytes);
	/* Cut to what was asked for. */
	ASSERT_EQ(0, WALK(mem + 5 * FLAB_PAGE, FLAB_PAGE, FAULTLAB_WALK_HOLES));
	ASSERT_EQ(1, self->entries.nr);
	EXPECT_EQ((uintptr_t)mem + 5 * FLAB_PAGE, e[0].addr);
	EXPECT_EQ(FLAB_PAGE, e[0].bytes);
}

TEST_F(tables, show_the_zero_page_until_the_first_write)
{
	char *mem = flab_map_apart(-1, FLAB_RW, MAP_PRIVATE, 512);
	struct faultlab_walk_entry e;
	struct flab_mark mark;

	/* So large that flab_begin() leaves it alone. */
	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, madvise(mem, FLAB_PMD_SIZE, MADV_NOHUGEPAGE));
	e = flab_entry(self->fd, 0, mem);
	EXPECT_TRUE(e.flags & FAULTLAB_PTE_NONE);
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(mem, NULL));
	EXPECT_COUNTS("minflt 1", &mark);
	e = flab_entry(self->fd, 0, mem);
	EXPECT_EQ(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_SPECIAL,
		  e.flags & (FAULTLAB_PTE_LEAF | FAULTLAB_PTE_SPECIAL | FAULTLAB_PTE_WRITE |
			     FAULTLAB_PTE_DIRTY));
	EXPECT_EQ(KPF(ZERO_PAGE), flab_kpageflags(e.pfn) & (KPF(ZERO_PAGE) | KPF(ANON)));

	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(mem, 1, NULL));
	EXPECT_COUNTS("minflt 1", &mark);
	e = flab_entry(self->fd, 0, mem);
	EXPECT_EQ(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
		  e.flags & (FAULTLAB_PTE_LEAF | FAULTLAB_PTE_SPECIAL | FAULTLAB_PTE_WRITE |
			     FAULTLAB_PTE_DIRTY));
	EXPECT_EQ(KPF(ANON), flab_kpageflags(e.pfn) & (KPF(ZERO_PAGE) | KPF(ANON)));
}

TEST_F(tables, end_at_the_pmd_for_a_transparent_huge_page)
{
	char *mem = flab_map_apart(-1, FLAB_RW, MAP_PRIVATE, 512);
	const struct faultlab_walk_entry *e = self->entries.at;
	char text[64];

	ASSERT_NE(NULL, mem);
	if (flab_read_text(THP "enabled", text, sizeof(text)) < 0 || strstr(text, "[never]"))
		SKIP(return, "transparent huge pages are off (CONFIG_TRANSPARENT_HUGEPAGE)");
	ASSERT_EQ(0, madvise(mem, FLAB_PMD_SIZE, MADV_HUGEPAGE));
	ASSERT_EQ(0, faultlab_touch_write(mem + 9 * FLAB_PAGE, 1, NULL));
	ASSERT_EQ(0, WALK(mem + 3 * FLAB_PAGE, 8 * FLAB_PAGE, FLAB_WALK_ALL));
	ASSERT_EQ(4, self->entries.nr);
	EXPECT_EQ(FAULTLAB_LEVEL_PMD, e[3].level);
	EXPECT_EQ((uintptr_t)mem, e[3].addr);
	EXPECT_EQ(FLAB_PMD_SIZE, e[3].bytes);
	EXPECT_EQ(0, e[3].pfn % 512);
	EXPECT_EQ(flab_pagemap(mem + 9 * FLAB_PAGE).pfn, e[3].pfn + 9);
	EXPECT_TRUE(flab_kpageflags(e[3].pfn) & KPF(THP));
	/* Bit 7 says that it is huge, and nothing of memory types. */
	EXPECT_TRUE(e[3].raw & 1 << 7);
	EXPECT_EQ(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_USER |
		  FAULTLAB_PTE_ACCESSED | FAULTLAB_PTE_DIRTY | FAULTLAB_PTE_SOFT_DIRTY,
		  e[3].flags);
}

TEST_F(tables, end_at_the_pmd_for_a_hugetlb_page)
{
	const struct faultlab_walk_entry *e = self->entries.at;
	__u64 now;
	char *mem;

	if (flab_read_number(NR_HUGEPAGES, &self->hugepages))
		SKIP(return, "no hugetlb pages (CONFIG_HUGETLBFS)");
	flab_write_number(NR_HUGEPAGES, self->hugepages + 2);
	ASSERT_EQ(0, flab_read_number(NR_HUGEPAGES, &now));
	if (now < self->hugepages + 2)
		SKIP(return, "no two free hugetlb pages of 2 MiB");
	mem = anonymous(2 * FLAB_PMD_SIZE, FLAB_RW, MAP_HUGETLB);
	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, faultlab_touch_write(mem + FLAB_PMD_SIZE + 1, 1, NULL));
	ASSERT_EQ(0, WALK(mem, 2 * FLAB_PMD_SIZE, FAULTLAB_WALK_HOLES));
	ASSERT_EQ(2, self->entries.nr);
	EXPECT_EQ(FAULTLAB_LEVEL_PMD, e[0].level);
	EXPECT_TRUE(e[0].flags & FAULTLAB_PTE_NONE);
	EXPECT_EQ(FAULTLAB_LEVEL_PMD, e[1].level);
	EXPECT_TRUE(e[1].flags & FAULTLAB_PTE_LEAF);
	EXPECT_EQ(FLAB_PMD_SIZE, e[1].bytes);
	EXPECT_EQ(flab_pagemap(mem + FLAB_PMD_SIZE).pfn, e[1].pfn);
	EXPECT_TRUE(flab_kpageflags(e[1].pfn) & KPF(HUGE));
	munmap(mem, 2 * FLAB_PMD_SIZE);
}

TEST_F(tables, keep_the_frame_of_a_page_that_became_prot_none)
{
	char *mem = flab_map_apart(-1, FLAB_RW, MAP_PRIVATE, 16);
	struct faultlab_walk_entry before, e;
	struct faultlab_touch touch;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, faultlab_touch_write(mem, 1, NULL));
	before = flab_entry(self->fd, 0, mem);
	ASSERT_EQ(0, mprotect(mem, FLAB_PAGE, PROT_NONE));
	e = flab_entry(self->fd, 0, mem);
	EXPECT_EQ(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_PROTNONE,
		  e.flags & (FAULTLAB_PTE_LEAF | FAULTLAB_PTE_PROTNONE | FAULTLAB_PTE_USER |
			     FAULTLAB_PTE_EXEC | FAULTLAB_PTE_GLOBAL | FAULTLAB_PTE_NONPRESENT));
	EXPECT_LT(0, e.pfn);
	EXPECT_EQ(before.pfn, e.pfn);
	EXPECT_EQ(flab_pagemap(mem).pfn, e.pfn);
	/* Without the present bit the CPU must find no frame in it: the rest is inverted. */
	EXPECT_EQ(0, e.raw & 1);
	EXPECT_EQ(-EFAULT, faultlab_touch_read(mem, &touch));
	EXPECT_EQ(SIGSEGV, touch.signal);
}

static int add_swap(char *device, size_t size)
{
	char command[64];
	int err = flab_disk_add(device, size, "16M");

	if (err)
		return err;
	snprintf(command, sizeof(command), "mkswap %s >/dev/null 2>&1", device);
	if (system(command))
		return -ENODEV;
	return swapon(device, 0) ? -errno : 0;
}

TEST_F(tables, show_a_page_in_swap_by_its_slot)
{
	char *mem = flab_map_apart(-1, FLAB_RW, MAP_PRIVATE, 16);
	struct faultlab_walk_entry e;
	struct faultlab_witness seen = { 0 };
	struct flab_mark mark;
	__u64 word = 0;
	unsigned int i;

	if (add_swap(self->swap, sizeof(self->swap)))
		SKIP(return, "no swap device (CONFIG_ZRAM)");
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	memset(mem, 0x11, 16 * FLAB_PAGE);
	for (i = 0; i < 50 && !(flab_entry(self->fd, 0, mem).flags & FAULTLAB_PTE_SWAP); i++)
		ASSERT_EQ(0, madvise(mem, 16 * FLAB_PAGE, MADV_PAGEOUT));
	e = flab_entry(self->fd, 0, mem);
	EXPECT_EQ(FAULTLAB_PTE_NONPRESENT | FAULTLAB_PTE_SWAP,
		  e.flags & ~(__u64)FAULTLAB_PTE_SOFT_DIRTY);
	ASSERT_EQ(1, flab_pagemap_words(0, (uintptr_t)mem, &word, 1));
	EXPECT_EQ(FLAB_PM_SWAP, word & (FLAB_PM_SWAP | FLAB_PM_PRESENT));
	/* pagemap: type in bits 0 to 4, offset in 5 to 54 */
	EXPECT_EQ(FLAB_PM_PFN(word) >> 5, e.pfn);

	ASSERT_EQ(0, faultlab_witness_begin(&seen, RUSAGE_THREAD));
	EXPECT_EQ(0, faultlab_touch_read(mem, NULL));
	ASSERT_EQ(0, faultlab_witness_end(&seen));
	EXPECT_EQ(1, seen.minflt + seen.majflt);
	EXPECT_TRUE(flab_mapped(self->fd, mem));
}

TEST_HARNESS_MAIN
