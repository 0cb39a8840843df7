// SPDX-License-Identifier: GPL-2.0-only
/*
 * Things done to a mapping: mlock and its relatives, and mprotect.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <signal.h>
#include "lib/space.h"
#include "lib/memory/memory.h"

#define NR	4

FIXTURE(lock)
{
	int fd;
	char *at;
	size_t step;
	size_t bytes;
};

FIXTURE_VARIANT(lock)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(lock, tlib_memory_usual)

#define NR_MAPPED(pid, at, steps) \
	tlib_memory_nr_mapped(variant->memory, self->fd, pid, at, steps)

FIXTURE_SETUP(lock)
{
	self->step = tlib_memory_bytes(variant->memory, 1);
	self->bytes = NR * self->step;
	self->fd = tlib_memory_region(variant->memory, NR);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_memory_map(variant->memory, self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(lock)
{
	munlockall();
	close(self->fd);
}

/* Whether VmFlags of smaps has a flag: "lo", "dd", ... */
static bool vma_flag(const void *at, const char *flag)
{
	static struct tlib_vma vmas[256];
	ssize_t nr = tlib_vmas(0, vmas, ARRAY_SIZE(vmas)), i;

	for (i = 0; i < nr; i++)
		if (vmas[i].start <= (uintptr_t)at && (uintptr_t)at < vmas[i].end)
			return strstr(vmas[i].flags, tlib_text(" %s ", flag));
	return false;
}

/*
 * Whether VMAs of this memory are VM_SPECIAL. mlock_fixup() and mmap_region() leave those
 * unlocked, without an error.
 */
static bool special(const struct faultlab_memory *memory)
{
	return !memory->merges;
}

/*
 * The counters after __mm_populate() of a shared mapping: a read fault for each page, but
 * none in a VMA with VM_IO or VM_PFNMAP. mlock() calls __mm_populate() even for a VMA that
 * was left unlocked.
 */
static const char *populated(const struct faultlab_memory *memory)
{
	return tlib_memory_populates(memory, "read", memory->pfnmap ? 0 : NR);
}

TEST_F(lock, mlock_populates_all_but_pfnmap_and_locks_all_but_vm_special)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, mlock(self->at, self->bytes));
	EXPECT_COUNTS(populated(variant->memory), &mark);
	EXPECT_EQ(!special(variant->memory), vma_flag(self->at, "lo"));
	EXPECT_EQ(special(variant->memory) ? 0 : self->bytes / 1024,
		  tlib_smaps(self->at, "Locked"));
	EXPECT_EQ(0, munlock(self->at, self->bytes));
	EXPECT_FALSE(vma_flag(self->at, "lo"));
}

TEST_F(lock, mlock_onfault_populates_nothing_unless_the_vma_is_vm_special)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, mlock2(self->at, self->bytes, MLOCK_ONFAULT));
	EXPECT_COUNTS(special(variant->memory) ? populated(variant->memory) : "", &mark);
	EXPECT_EQ(!special(variant->memory), vma_flag(self->at, "lo"));
}

TEST_F(lock, map_locked_populates_all_but_pfnmap_and_locks_all_but_vm_special)
{
	const char *faults = populated(variant->memory);
	struct tlib_mark mark;
	char *at;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	at = tlib_memory_map(variant->memory, self->fd, TLIB_RW, MAP_SHARED | MAP_LOCKED, 0, NR);
	tlib_counts_end(&mark);
	ASSERT_NE(NULL, at);
	EXPECT_EQ(*faults ? tlib_memory_nr_populates(variant->memory, "read", NR) : 0,
		  tlib_moved(&mark, FAULTLAB_STAT_FAULT_READ));
	EXPECT_EQ(tlib_memory_mapped(variant->memory, *faults ? NR : 0, NR),
		  NR_MAPPED(0, at, NR));
	EXPECT_EQ(!special(variant->memory), vma_flag(at, "lo"));
}

TEST_F(lock, mmap_after_mlockall_mcl_future_populates_all_but_pfnmap)
{
	bool faults = *populated(variant->memory);
	char *at;

	ASSERT_EQ(0, mlockall(MCL_FUTURE));
	at = tlib_memory_map(variant->memory, self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_EQ(0, munlockall());
	ASSERT_NE(NULL, at);
	EXPECT_EQ(tlib_memory_mapped(variant->memory, faults ? NR : 0, NR),
		  NR_MAPPED(0, at, NR));
}

TEST_F(lock, evict_and_drop_work_on_mlocked_pages)
{
	EXPECT_EQ(0, mlock(self->at, self->bytes));
	tlib_memory_write(variant->memory, self->at, NR);
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, NR_MAPPED(0, self->at, NR));
	/* Kind remap maps nothing again after an evict: see test_remap.c. */
	if (variant->memory->at_mmap)
		return;
	EXPECT_EQ('b', self->at[self->step]);
	if (!tlib_memory_drops(variant->memory))
		return;
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(0, self->at[self->step]);
}

TEST_F(lock, madv_dontneed_is_einval_on_pfnmap_and_locked_vmas)
{
	bool refused = variant->memory->pfnmap || !special(variant->memory);

	EXPECT_EQ(0, mlock(self->at, self->bytes));
	EXPECT_EQ(refused ? -1 : 0, madvise(self->at, self->bytes, MADV_DONTNEED));
	EXPECT_TRUE(!refused || errno == EINVAL);
}

TEST_F(lock, mprotect_to_prot_none_and_back_keeps_the_entries_without_faults)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;
	__u64 pfn;

	tlib_memory_write(variant->memory, self->at, NR);
	pfn = tlib_pfn(self->fd, self->at);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, mprotect(self->at, self->bytes, PROT_NONE));
	EXPECT_TRUE(tlib_entry(self->fd, 0, self->at).flags & FAULTLAB_PTE_PROTNONE);
	EXPECT_EQ(pfn, tlib_pfn(self->fd, self->at));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(self->at, &touch));
	EXPECT_EQ(SEGV_ACCERR, touch.code);
	EXPECT_EQ(0, mprotect(self->at, self->bytes, TLIB_RW));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'A', NULL));
	EXPECT_COUNTS("", &mark);
	EXPECT_ENTRY(tlib_memory_entry(variant->memory, "rw dirty"), self->fd, self->at);
	EXPECT_EQ(pfn, tlib_pfn(self->fd, self->at));
}

TEST_F(lock, mprotect_to_read_only_clears_the_write_bit)
{
	tlib_memory_write(variant->memory, self->at, NR);
	EXPECT_EQ(0, mprotect(self->at, self->bytes, PROT_READ));
	EXPECT_ENTRY(tlib_memory_entry(variant->memory, "r dirty"), self->fd, self->at);
	EXPECT_EQ(0, mprotect(self->at, self->bytes, TLIB_RW));
	EXPECT_ENTRY(tlib_memory_entry(variant->memory, "rw dirty"), self->fd, self->at);
}

/* VMAs that can merge are merged into one again; others stay split. */
TEST_F(lock, mprotect_of_a_part_and_back_leaves_three_vmas_unless_they_can_merge)
{
	tlib_memory_write(variant->memory, self->at, NR);
	EXPECT_EQ(1, tlib_nr_vmas(self->at, self->bytes));
	ASSERT_EQ(0, mprotect(self->at + self->step, self->step, PROT_READ));
	EXPECT_EQ(3, tlib_nr_vmas(self->at, self->bytes));
	ASSERT_EQ(0, mprotect(self->at + self->step, self->step, TLIB_RW));
	EXPECT_EQ(variant->memory->merges ? 1 : 3, tlib_nr_vmas(self->at, self->bytes));
	EXPECT_EQ(NR, NR_MAPPED(0, self->at, NR));
}

TEST_HARNESS_MAIN
