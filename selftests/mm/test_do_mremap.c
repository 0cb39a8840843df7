// SPDX-License-Identifier: GPL-2.0-only
/*
 * Things done to a mapping: mremap. vma_to_resize() refuses to grow VM_PFNMAP and
 * VM_DONTEXPAND (EFAULT), and MREMAP_DONTUNMAP of them (EINVAL). test_vma.c tests
 * growth past the region.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include "lib/memory/memory.h"
#include "lib/newer.h"

#define NR	8	/* pages of the region */
#define MAPPED	4	/* how many of them are mapped and written */

FIXTURE(mremap)
{
	int fd;
	size_t step;
	char *at;
	char *to;	/* free address space for NR pages */
};

FIXTURE_VARIANT(mremap)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(mremap, tlib_memory_usual)

#define NR_MAPPED(pid, at, steps) \
	tlib_memory_nr_mapped(variant->memory, self->fd, pid, at, steps)

FIXTURE_SETUP(mremap)
{
	self->step = tlib_memory_bytes(variant->memory, 1);
	self->fd = tlib_memory_region(variant->memory, NR);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_memory_map(variant->memory, self->fd, TLIB_RW, MAP_SHARED, 0, MAPPED);
	self->to = tlib_memory_map(variant->memory, self->fd, PROT_READ, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	ASSERT_NE(NULL, self->to);
	tlib_memory_unmap(variant->memory, self->to, NR);
	tlib_memory_write(variant->memory, self->at, MAPPED);
}

FIXTURE_TEARDOWN(mremap)
{
	close(self->fd);
}

/* Map a page at @at, so that the mapping before it cannot grow in place. */
static bool block(const char *at)
{
	return mmap((void *)at, tlib_page_size(), PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == at;
}

/* What mremap() returned: "at", "to", "elsewhere", or the error. */
#define EXPECT_MOVED(text, ret) EXPECT_STREQ(text, moved(self->at, self->to, ret))

static const char *moved(const char *at, const char *to, const void *ret)
{
	if (ret == MAP_FAILED)
		return strerrorname_np(errno);
	return ret == at ? "at" : ret == to ? "to" : "elsewhere";
}

/*
 * Whether the module unmaps the PMDs before a move, so that the new place has no entries.
 * It must do so before 6.12: see EOPNOTSUPP of FAULTLAB_IOC_CONFIG.
 */
static bool moves_nothing(const struct faultlab_memory *memory)
{
	return memory->kind == FAULTLAB_KIND_PAGE && memory->leaf == FAULTLAB_LEAF_PMD &&
	       !tlib_kernel_since(6, 12);
}

TEST_F(mremap, shrinking_unmaps_the_rest)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_MOVED("at", mremap(self->at, MAPPED * self->step, self->step, 0));
	EXPECT_COUNTS("", &mark);
	EXPECT_ENTRY(tlib_memory_entry(variant->memory, "rw dirty"), self->fd, self->at);
	EXPECT_ENTRY("no VMA", self->fd, self->at + self->step);
}

/* Whether the VMA has VM_DONTEXPAND or VM_PFNMAP. */
static bool cannot_grow(const struct faultlab_memory *memory)
{
	return memory->pfnmap || memory->dontexpand;
}

/*
 * The result of growing in place. 6.1 extends a VMA by vma_adjust(). Since 6.7 it is a
 * merge (vma_merge_extend()), and VM_SPECIAL never merges: ENOMEM, even with
 * MREMAP_MAYMOVE.
 */
static const char *grown_in_place(const struct faultlab_memory *memory)
{
	if (cannot_grow(memory))
		return "EFAULT";
	return memory->mixedmap && tlib_kernel_since(6, 7) ? "ENOMEM" : "at";
}

TEST_F(mremap, growing_with_maymove_and_room_behind_does_as_growing_in_place)
{
	EXPECT_MOVED(grown_in_place(variant->memory),
		     mremap(self->at, MAPPED * self->step, NR * self->step, MREMAP_MAYMOVE));
	EXPECT_EQ(MAPPED, NR_MAPPED(0, self->at, NR));
}

TEST_F(mremap, new_pages_fault_after_growing_in_place_where_that_is_allowed)
{
	bool refused = strcmp(grown_in_place(variant->memory), "at");
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_MOVED(grown_in_place(variant->memory),
		     mremap(self->at, MAPPED * self->step, NR * self->step, 0));
	EXPECT_COUNTS("", &mark);
	EXPECT_EQ(MAPPED, NR_MAPPED(0, self->at, NR));
	if (refused)
		return;
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at + (NR - 1) * self->step, 'h', NULL));
	EXPECT_COUNTS(tlib_memory_faults(variant->memory, "write", MAPPED, 1), &mark);
	EXPECT_EQ(NR * self->step / 1024, tlib_smaps(self->at, "Size"));
}

TEST_F(mremap, growing_without_room_moves_all_entries_where_that_is_allowed)
{
	bool refused = cannot_grow(variant->memory);
	struct tlib_mark mark;
	char *now;

	ASSERT_TRUE(block(self->at + MAPPED * self->step));
	EXPECT_MOVED(refused ? "EFAULT" : "ENOMEM",
		     mremap(self->at, MAPPED * self->step, NR * self->step, 0));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	now = mremap(self->at, MAPPED * self->step, NR * self->step, MREMAP_MAYMOVE);
	EXPECT_MOVED(refused ? "EFAULT" : "elsewhere", now);
	EXPECT_COUNTS(refused ? "" : "mremap 1", &mark);
	if (refused)
		return;
	EXPECT_EQ(MAPPED, NR_MAPPED(0, now, NR));
	EXPECT_EQ('d', now[3 * self->step]);
	EXPECT_ENTRY("no VMA", self->fd, self->at);
}

TEST_F(mremap, moving_the_middle_makes_three_vmas_and_keeps_the_data)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_MOVED("to", mremap(self->at + self->step, 2 * self->step, 2 * self->step,
				  MREMAP_MAYMOVE | MREMAP_FIXED, self->to));
	EXPECT_COUNTS("vmas +2 mremap 1", &mark);
	EXPECT_ENTRY("no VMA", self->fd, self->at + self->step);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ('b', *self->to);
	EXPECT_EQ('c', self->to[self->step]);
	EXPECT_EQ('d', self->at[3 * self->step]);
	EXPECT_COUNTS(moves_nothing(variant->memory) ?
		      "fault_read 2 minor 2 locked 2 minflt 2" : "", &mark);
	EXPECT_EQ(0, faultlab_evict(self->fd, self->step, tlib_page_size(), 0));
	EXPECT_ENTRY("none", self->fd, self->to);
}

TEST_F(mremap, moving_a_part_away_and_back_loses_no_data)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_MOVED("to", mremap(self->at + 2 * self->step, 2 * self->step, 2 * self->step,
				  MREMAP_MAYMOVE | MREMAP_FIXED, self->to));
	EXPECT_EQ(self->at + 2 * self->step,
		  mremap(self->to, 2 * self->step, 2 * self->step,
			 MREMAP_MAYMOVE | MREMAP_FIXED, self->at + 2 * self->step));
	tlib_counts_end(&mark);
	EXPECT_EQ(moves_nothing(variant->memory) ? MAPPED - 2 : MAPPED,
		  NR_MAPPED(0, self->at, MAPPED));
	EXPECT_EQ('d', self->at[3 * self->step]);
	tlib_memory_unmap(variant->memory, self->at, MAPPED);
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_VMAS));
}

TEST_F(mremap, mremap_dontunmap_leaves_an_empty_mapping_or_is_einval)
{
	bool refused = cannot_grow(variant->memory);
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_MOVED(refused ? "EINVAL" : "to",
		     mremap(self->at, MAPPED * self->step, MAPPED * self->step,
			    MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, self->to));
	EXPECT_COUNTS(refused ? "" : "vmas +1 mremap 1", &mark);
	EXPECT_EQ(refused ? MAPPED : 0, NR_MAPPED(0, self->at, MAPPED));
	if (refused)
		return;
	EXPECT_EQ(MAPPED, NR_MAPPED(0, self->to, MAPPED));
	EXPECT_EQ('a', *self->at);
	EXPECT_EQ(tlib_pfn(self->fd, self->at), tlib_pfn(self->fd, self->to));
}

/* An old size of 0 makes a second mapping of the same pages, with no entries. */
TEST_F(mremap, an_old_size_of_zero_makes_a_second_empty_mapping_or_is_efault)
{
	bool refused = cannot_grow(variant->memory);
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_MOVED(refused ? "EFAULT" : "to",
		     mremap(self->at, 0, MAPPED * self->step,
			    MREMAP_MAYMOVE | MREMAP_FIXED, self->to));
	EXPECT_COUNTS(refused ? "" : "vmas +1 mremap 1", &mark);
	EXPECT_EQ(MAPPED, NR_MAPPED(0, self->at, MAPPED));
	if (refused)
		return;
	EXPECT_EQ(0, NR_MAPPED(0, self->to, MAPPED));
	EXPECT_EQ('d', self->to[3 * self->step]);
	EXPECT_EQ(tlib_pfn(self->fd, self->at + 3 * self->step),
		  tlib_pfn(self->fd, self->to + 3 * self->step));
}

TEST_HARNESS_MAIN
