// SPDX-License-Identifier: GPL-2.0-only
/*
 * The levels of page tables in a walk: which levels exist, and where the tables are. The
 * entries are compared with physical memory, read through /proc/kcore.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

#define TIB	(1ULL << 40)

FIXTURE(tables)
{
	int fd;
	struct tlib_entries entries;
};

FIXTURE_SETUP(tables)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, tlib_entries_init(&self->entries, 8192));
}

FIXTURE_TEARDOWN(tables)
{
	close(self->fd);
}

#define WALK(start, bytes, flags) \
	tlib_entries_walk(&self->entries, self->fd, 0, (uintptr_t)(start), \
			  (uintptr_t)(start) + (bytes), flags, 512)

/* The shift for each level's index, by the architecture manual. */
static unsigned int shift_of(unsigned int level)
{
	static const unsigned int shift[] = { 12, 21, 30, 39, 48 };

	if (level == FAULTLAB_LEVEL_PGD && !tlib_five_levels())
		return 39;
	return shift[level];
}

static unsigned int index_of(unsigned int level, __u64 addr)
{
	if (level == FAULTLAB_LEVEL_P4D && !tlib_five_levels())
		return 0;
	return addr >> shift_of(level) & 511;
}

TEST_F(tables, an_address_has_five_levels_with_indices_from_its_bits)
{
	char *mem = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 512);
	__u64 addr = (uintptr_t)mem + 77 * TLIB_PAGE;
	const struct faultlab_walk_entry *e = self->entries.at;
	unsigned int i, level;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, madvise(mem, TLIB_PMD_SIZE, MADV_NOHUGEPAGE));
	ASSERT_EQ(0, faultlab_touch_write((char *)addr, 1, NULL));
	ASSERT_EQ(0, WALK(addr, 1, FAULTLAB_WALK_TABLES));
	ASSERT_EQ(5, self->entries.nr);
	for (i = 0; i < 5; i++) {
		level = FAULTLAB_LEVEL_PGD - i;
		EXPECT_EQ(level, e[i].level);
		EXPECT_EQ(index_of(level, addr), e[i].index);
		EXPECT_EQ(1ULL << shift_of(level), e[i].bytes);
		EXPECT_EQ(addr & ~(e[i].bytes - 1), e[i].addr);
		EXPECT_EQ(level == FAULTLAB_LEVEL_P4D && !tlib_five_levels(),
			  !!(e[i].flags & FAULTLAB_PTE_FOLDED));
		EXPECT_EQ(level ? FAULTLAB_PTE_TABLE : FAULTLAB_PTE_LEAF,
			  e[i].flags & (FAULTLAB_PTE_TABLE | FAULTLAB_PTE_LEAF));
	}
}

TEST_F(tables, each_entry_equals_the_word_in_physical_memory)
{
	char *mem = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 512);
	const struct faultlab_walk_entry *e = self->entries.at;
	struct faultlab_pagemap map;
	__u64 word = 0;
	int err = 0;
	size_t i;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, madvise(mem, TLIB_PMD_SIZE, MADV_NOHUGEPAGE));
	ASSERT_EQ(0, faultlab_touch_write(mem + 5 * TLIB_PAGE, 0x42, NULL));
	ASSERT_EQ(0, WALK(mem + 5 * TLIB_PAGE, 1, FAULTLAB_WALK_TABLES));
	ASSERT_EQ(5, self->entries.nr);
	for (i = 1; !err && i < 5; i++) {
		err = tlib_physical_word(e[i - 1].pfn * TLIB_PAGE + e[i].index * 8, &word);
		if (e[i].flags & FAULTLAB_PTE_FOLDED) {
			/* A folded level repeats the entry of the level above. */
			EXPECT_EQ(e[i - 1].raw, e[i].raw);
			EXPECT_EQ(e[i - 1].pfn, e[i].pfn);
			continue;
		}
		EXPECT_EQ(e[i].raw, word);
	}
	if (err == -ENOENT && !_metadata->exit_code)
		SKIP(return, "no /proc/kcore (CONFIG_PROC_KCORE)");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, tlib_physical_word(e[4].pfn * TLIB_PAGE, &word));
	EXPECT_EQ(0x42, word);
	map = tlib_pagemap(mem + 5 * TLIB_PAGE);
	EXPECT_EQ(map.pfn, e[4].pfn);
}

TEST_F(tables, one_page_in_a_tebibyte_adds_three_page_tables)
{
	const bool five = tlib_five_levels();
	const unsigned int top = five ? FAULTLAB_LEVEL_P4D : FAULTLAB_LEVEL_PGD;
	char *mem = mmap((void *)TIB, TIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
			 MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	char *page = mem + 600 * TLIB_PUD_SIZE + 5 * TLIB_PMD_SIZE + 3 * TLIB_PAGE;
	__u64 before, after;
	char touched;

	ASSERT_EQ((void *)TIB, mem);
	ASSERT_EQ(0, mprotect(page, TLIB_PAGE, TLIB_RW));
	ASSERT_EQ(0, WALK(mem, TIB, TLIB_WALK_ALL));
	EXPECT_EQ(2, tlib_entries_count(&self->entries, top, FAULTLAB_PTE_NONE));
	EXPECT_EQ(five ? 3 : 2, self->entries.nr);

	/*
	 * First call all functions that are used below. Their code and data may need a
	 * page table, since fork() does not copy the entries of files.
	 */
	ASSERT_EQ(0, faultlab_touch_write(&touched, 1, NULL));
	ASSERT_EQ(0, tlib_read_field("/proc/self/status", "VmPTE:", &before));
	ASSERT_EQ(0, tlib_read_field("/proc/self/status", "VmPTE:", &before));
	ASSERT_EQ(0, faultlab_touch_write(page, 1, NULL));
	ASSERT_EQ(0, tlib_read_field("/proc/self/status", "VmPTE:", &after));
	EXPECT_EQ(3 * TLIB_PAGE / 1024, after - before);
	ASSERT_EQ(0, WALK(mem, TIB, FAULTLAB_WALK_TABLES));
	EXPECT_EQ(5, self->entries.nr);
	ASSERT_EQ(0, WALK(mem, TIB, TLIB_WALK_ALL));
	EXPECT_EQ(1, tlib_entries_count(&self->entries, top, FAULTLAB_PTE_NONE));
	EXPECT_EQ(511, tlib_entries_count(&self->entries, FAULTLAB_LEVEL_PUD, FAULTLAB_PTE_NONE));
	EXPECT_EQ(511, tlib_entries_count(&self->entries, FAULTLAB_LEVEL_PMD, FAULTLAB_PTE_NONE));
	EXPECT_EQ(511, tlib_entries_count(&self->entries, FAULTLAB_LEVEL_PTE, FAULTLAB_PTE_NONE));
	EXPECT_EQ(5 + 1 + 3 * 511, self->entries.nr);
}

TEST_F(tables, a_range_without_vma_is_one_hole_cut_to_the_walked_range)
{
	char *mem = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 16);
	const struct faultlab_walk_entry *e = self->entries.at;

	ASSERT_NE(NULL, mem);
	memset(mem, 1, 16 * TLIB_PAGE);
	ASSERT_EQ(0, munmap(mem + 4 * TLIB_PAGE, 8 * TLIB_PAGE));
	ASSERT_EQ(0, WALK(mem, 16 * TLIB_PAGE, FAULTLAB_WALK_HOLES));
	ASSERT_EQ(4 + 1 + 4, self->entries.nr);
	EXPECT_EQ(FAULTLAB_PTE_NO_VMA, e[4].flags);
	EXPECT_EQ((uintptr_t)mem + 4 * TLIB_PAGE, e[4].addr);
	EXPECT_EQ(8 * TLIB_PAGE, e[4].bytes);
	/* The entry for a hole is cut to the range of the walk. */
	ASSERT_EQ(0, WALK(mem + 5 * TLIB_PAGE, TLIB_PAGE, FAULTLAB_WALK_HOLES));
	ASSERT_EQ(1, self->entries.nr);
	EXPECT_EQ((uintptr_t)mem + 5 * TLIB_PAGE, e[0].addr);
	EXPECT_EQ(TLIB_PAGE, e[0].bytes);
}

TEST_HARNESS_MAIN
