// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs and counts of rare entries: swapped out, with a protection key, of hugetlbfs;
 * and of the kernel half.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/walk/random_space.h"
#include "lib/newer.h"

#define KERNEL_IMAGE	0xffffffff80000000

FIXTURE(rare_entries)
{
	int fd;
	char *mem;
	struct tlib_ground ground;	/* swap and hugetlb pages, for the tests that need them */
	struct faultlab_walk_run run;	/* the first run that has all the wanted flags */
	__u64 bytes;		/* of all such runs */
	struct faultlab_walk_counts counts;
};

FIXTURE_SETUP(rare_entries)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	self->ground.hugepages = ~0ULL;
	self->mem = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 16);
	ASSERT_NE(NULL, self->mem);
	memset(self->mem, 1, 16 * TLIB_PAGE);
}

FIXTURE_TEARDOWN(rare_entries)
{
	tlib_ground_give_back(&self->ground);
	close(self->fd);
}

static int add_run(const struct faultlab_walk_run *run, void *arg)
{
	FIXTURE_DATA(rare_entries) * self = arg;

	if (!self->bytes)
		self->run = *run;
	self->bytes += run->end - run->start;
	return 0;
}

static int see_runs(FIXTURE_DATA(rare_entries) * self, const char *from, size_t size, __u64 require)
{
	const __u64 start = (uintptr_t)from;

	self->bytes = 0;
	return faultlab_walk_runs(self->fd, 0, start, start + size, 0, require, 0, add_run, self);
}

static int keep_counts(const struct faultlab_walk_counts *counts, void *arg)
{
	FIXTURE_DATA(rare_entries) * self = arg;

	self->counts = *counts;
	return 0;
}

static int see_counts(FIXTURE_DATA(rare_entries) * self, const char *from, size_t size)
{
	const __u64 start = (uintptr_t)from;

	return faultlab_walk_counts(self->fd, 0, start, start + size, keep_counts, self);
}

#define COUNTED(name)	(self->counts.flag[__builtin_ctzll(FAULTLAB_PTE_##name)])

TEST_F(rare_entries, runs_and_counts_report_pages_in_swap)
{
	const size_t size = 16 * TLIB_PAGE;

	ASSERT_EQ(0, tlib_ground_take(&self->ground));
	if (!self->ground.swap[0])
		SKIP(return, "no swap device (CONFIG_ZRAM)");
	for (unsigned int i = 0; i < 50 && COUNTED(SWAP) != size; i++) {
		ASSERT_EQ(0, madvise(self->mem, size, MADV_PAGEOUT));
		ASSERT_EQ(0, see_counts(self, self->mem, size));
	}
	EXPECT_EQ(size, COUNTED(SWAP));
	EXPECT_EQ(size, COUNTED(NONPRESENT));
	EXPECT_EQ(0, COUNTED(LEAF));
	EXPECT_EQ(0, self->counts.leaf[FAULTLAB_LEVEL_PTE]);
	ASSERT_EQ(0, see_runs(self, self->mem, size, FAULTLAB_PTE_SWAP));
	EXPECT_EQ(size, self->bytes);
	EXPECT_FALSE(self->run.flags & (FAULTLAB_PTE_LEAF | FAULTLAB_PTE_CONTIG));
	ASSERT_EQ(0, see_runs(self, self->mem, size, FAULTLAB_PTE_LEAF));
	EXPECT_EQ(0, self->bytes);
}

TEST_F(rare_entries, runs_end_where_the_protection_key_changes)
{
	int pkey = pkey_alloc(0, 0);

	if (pkey < 0)
		SKIP(return, "no protection keys (X86_FEATURE_OSPKE)");
	ASSERT_EQ(0, pkey_mprotect(self->mem + 4 * TLIB_PAGE, 8 * TLIB_PAGE, TLIB_RW, pkey));
	ASSERT_EQ(0, see_runs(self, self->mem + 4 * TLIB_PAGE, 12 * TLIB_PAGE, FAULTLAB_PTE_LEAF));
	EXPECT_EQ(pkey, self->run.pkey);
	EXPECT_EQ((uintptr_t)self->mem + 12 * TLIB_PAGE, self->run.end);
	EXPECT_EQ(12 * TLIB_PAGE, self->bytes);
	pkey_free(pkey);
}

TEST_F(rare_entries, runs_and_counts_report_hugetlb_pages)
{
	const size_t size = 2 * TLIB_PMD_SIZE;
	char *huge;

	ASSERT_EQ(0, tlib_ground_take(&self->ground));
	if (self->ground.hugepages == ~0ULL)
		SKIP(return, "no hugetlb pages (CONFIG_HUGETLBFS)");
	huge = mmap(NULL, size, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (huge == MAP_FAILED)
		SKIP(return, "no two free hugetlb pages of 2 MiB");
	huge[0] = 1;
	huge[TLIB_PMD_SIZE] = 1;
	ASSERT_EQ(0, see_runs(self, huge, size, FAULTLAB_PTE_HUGETLB | FAULTLAB_PTE_LEAF));
	EXPECT_EQ(FAULTLAB_LEVEL_PMD, self->run.level);
	EXPECT_EQ(size, self->bytes);
	ASSERT_EQ(0, see_counts(self, huge, size));
	EXPECT_EQ(2, self->counts.leaf[FAULTLAB_LEVEL_PMD]);
	EXPECT_EQ(size, COUNTED(HUGETLB));
	munmap(huge, size);
}

static int add_kernel(const struct faultlab_walk_entry *e, void *arg)
{
	__u64 *last = arg;

	if (e->addr < *last || !e->pfn || e->flags & FAULTLAB_PTE_USER)
		return -EPROTO;
	*last = e->addr + e->bytes;
	return 0;
}

TEST_F(rare_entries, entries_of_the_kernel_image_are_in_order_and_lack_the_user_bit)
{
	__u64 last = KERNEL_IMAGE;

	EXPECT_EQ(0, faultlab_walk_entries(self->fd, 0, KERNEL_IMAGE, KERNEL_IMAGE + TLIB_PUD_SIZE,
					   FAULTLAB_WALK_KERNEL, FAULTLAB_PTE_LEAF, 0,
					   add_kernel, &last));
	EXPECT_LT(KERNEL_IMAGE, last);
}

TEST_HARNESS_MAIN
