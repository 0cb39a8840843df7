// SPDX-License-Identifier: GPL-2.0-only
/*
 * Things done to a mapping: madvise. For each advice its result, and which entries
 * remain. test_vma.c tests MADV_DONTNEED, test_do_fork.c the advice about fork.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include "lib/memory/memory.h"
#include "lib/newer.h"

#define NR	4

FIXTURE(madvise)
{
	int fd;
	char *at;
	char *private;	/* untouched; read-only where it cannot be copied */
	size_t step;
	size_t bytes;
};

FIXTURE_VARIANT(madvise)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(madvise, tlib_memory_usual)

#define NR_MAPPED(pid, at, steps) \
	tlib_memory_nr_mapped(variant->memory, self->fd, pid, at, steps)

FIXTURE_SETUP(madvise)
{
	int prot = tlib_memory_private_prot(variant->memory);

	self->step = tlib_memory_bytes(variant->memory, 1);
	self->bytes = NR * self->step;
	self->fd = tlib_memory_region(variant->memory, NR);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_memory_map(variant->memory, self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	self->private = tlib_memory_map(variant->memory, self->fd, prot, MAP_PRIVATE, 0, NR);
	ASSERT_NE(NULL, self->at);
	ASSERT_NE(NULL, self->private);
}

FIXTURE_TEARDOWN(madvise)
{
	close(self->fd);
}

/*
 * The error of an advice for a shared mapping whose pages have all been written. pfnmap:
 * for a VMA with VM_PFNMAP and VM_IO; special: with another flag of VM_SPECIAL; plain:
 * with none. zaps: if there is no error, the entries are removed.
 */
struct advice {
	int advice;
	const char *name;
	int pfnmap;
	int special;
	int plain;
	bool zaps;
};

#define ADVICE(name) MADV_##name, #name

static const struct advice advices[] = {
	{ ADVICE(NORMAL), 0, 0, 0, false },
	{ ADVICE(RANDOM), 0, 0, 0, false },
	{ ADVICE(SEQUENTIAL), 0, 0, 0, false },
	/* madvise_willneed() calls vfs_fadvise() and ignores its error */
	{ ADVICE(WILLNEED), 0, 0, 0, false },
	/* can_madv_lru_vma() refuses VM_PFNMAP; pages on no LRU list are skipped */
	{ ADVICE(COLD), EINVAL, 0, 0, false },
	{ ADVICE(PAGEOUT), EINVAL, 0, 0, false },
	/* madvise_dontneed_free_valid_vma() refuses VM_PFNMAP */
	{ ADVICE(DONTNEED_LOCKED), EINVAL, 0, 0, true },
	/* madvise_free_single_vma() accepts anonymous memory only */
	{ ADVICE(FREE), EINVAL, EINVAL, EINVAL, false },
	/* vfs_fallocate() refuses files that are not regular */
	{ ADVICE(REMOVE), ENODEV, ENODEV, ENODEV, false },
	/* ksm_madvise() ignores shared mappings */
	{ ADVICE(MERGEABLE), 0, 0, 0, false },
	{ ADVICE(UNMERGEABLE), 0, 0, 0, false },
	/* hugepage_madvise() sets a flag of the VMA, and accepts any VMA */
	{ ADVICE(HUGEPAGE), 0, 0, 0, false },
	{ ADVICE(NOHUGEPAGE), 0, 0, 0, false },
	/* only files opened read-only are collapsed */
	{ ADVICE(COLLAPSE), EINVAL, EINVAL, EINVAL, false },
	{ ADVICE(DONTDUMP), 0, 0, 0, false },
	/* madvise_vma_behavior() refuses VM_SPECIAL */
	{ ADVICE(DODUMP), EINVAL, EINVAL, 0, false },
	/* check_vma_flags() of GUP refuses VM_PFNMAP and VM_IO */
	{ ADVICE(POPULATE_READ), EINVAL, 0, 0, false },
	{ ADVICE(POPULATE_WRITE), EINVAL, 0, 0, false },
};

static int answer(const struct advice *advice, const struct faultlab_memory *memory)
{
	if (memory->pfnmap)
		return advice->pfnmap;
	return memory->merges ? advice->plain : advice->special;
}

/*
 * Write to every page. tlib_memory_write() writes only to the first page of each step, and
 * its fault need not have mapped the others.
 */
static void write_all(volatile char *at, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i += tlib_page_size())
		at[i] = at[i];
}

static int ask(void *at, size_t bytes, int advice)
{
	return madvise(at, bytes, advice) ? errno : 0;
}

TEST_F(madvise, each_madvise_returns_its_expected_errno_and_faults_nothing)
{
	const struct advice *a;
	struct tlib_mark mark;

	for (a = advices; a < advices + ARRAY_SIZE(advices); a++) {
		int want = answer(a, variant->memory), got;
		const char *moved;

		tlib_memory_write(variant->memory, self->at, NR);
		write_all(self->at, self->bytes);
		tlib_counts_begin(self->fd, &mark);
		got = ask(self->at, self->bytes, a->advice);
		moved = tlib_counts_end(&mark);
		EXPECT_EQ(want, got)
			TH_LOG("MADV_%s", a->name);
		EXPECT_STREQ("", moved)
			TH_LOG("MADV_%s", a->name);
		EXPECT_EQ(a->zaps && !got ? 0 : NR,
			  NR_MAPPED(0, self->at, NR))
			TH_LOG("MADV_%s", a->name);
		EXPECT_EQ('d', self->at[3 * self->step])
			TH_LOG("MADV_%s", a->name);
	}
}

TEST_F(madvise, madv_populate_read_and_write_fault_in_all_pages_except_of_pfnmap)
{
	/*
	 * MADV_POPULATE_WRITE leaves an entry dirty, except an entry that .fault inserted
	 * and that is not special. (In a special entry GUP itself sets the dirty bit.)
	 */
	bool dirties = !variant->memory->inserts || variant->memory->gup == FAULTLAB_GUP_LATE;
	bool drops = tlib_memory_drops(variant->memory);
	bool refused = variant->memory->pfnmap;
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(refused ? EINVAL : 0, ask(self->at, self->bytes, MADV_POPULATE_READ));
	EXPECT_COUNTS(tlib_memory_populates(variant->memory, "read", refused ? 0 : NR), &mark);
	EXPECT_EQ(tlib_memory_mapped(variant->memory, refused ? 0 : NR, NR),
		  NR_MAPPED(0, self->at, NR));

	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END,
				    drops ? FAULTLAB_EVICT_DROP : 0));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(refused ? EINVAL : 0, ask(self->at, self->bytes, MADV_POPULATE_WRITE));
	EXPECT_COUNTS(tlib_memory_populates(variant->memory, "write", refused ? 0 : NR), &mark);
	if (!refused)
		EXPECT_ENTRY(tlib_memory_entry(variant->memory, dirties ? "rw dirty" : "rw"),
			     self->fd, self->at);
}

TEST_F(madvise, madv_populate_write_copies_the_pages_of_a_private_mapping)
{
	struct tlib_mark mark;

	if (!tlib_memory_copies(variant->memory)) {
		EXPECT_TRUE(tlib_refuses_private(variant->memory, self->fd));
		return;
	}
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, ask(self->private, self->bytes, MADV_POPULATE_WRITE));
	EXPECT_COUNTS(tlib_memory_populates(variant->memory, "cow", NR), &mark);
	EXPECT_ENTRY("page rw dirty", self->fd, self->private);
	EXPECT_FALSE(tlib_pagemap(self->private).file);
}

TEST_F(madvise, madv_populate_past_the_end_of_the_region_stops_with_an_error)
{
	const size_t step = faultlab_memory_step(variant->memory);
	const size_t folio = 1UL << variant->memory->order;
	/*
	 * The region consists of whole folios. Map its last NR steps, and one step past
	 * its end.
	 */
	size_t end = (NR * step + folio - 1) / folio * folio / step;
	char *at = tlib_memory_map(variant->memory, self->fd, TLIB_RW, MAP_SHARED, end - NR,
				   NR + 1);
	bool refused = variant->memory->pfnmap;

	ASSERT_NE(NULL, at);
	EXPECT_EQ(refused ? EINVAL : EFAULT,
		  ask(at, self->bytes + self->step, MADV_POPULATE_READ));
	EXPECT_EQ(tlib_memory_mapped(variant->memory, refused ? 0 : NR, NR),
		  tlib_memory_nr_mapped(variant->memory, self->fd, 0, at, NR + 1));
}

TEST_F(madvise, madv_remove_of_a_private_mapping_is_eacces)
{
	EXPECT_EQ(EACCES, ask(self->private, self->bytes, MADV_REMOVE));
}

/* MADV_DONTNEED drops the copies, not the region's pages. */
TEST_F(madvise, madv_dontneed_drops_cow_pages)
{
	if (!tlib_memory_copies(variant->memory)) {
		EXPECT_TRUE(tlib_refuses_private(variant->memory, self->fd));
		return;
	}
	*self->at = 'S';
	*self->private = 'P';
	EXPECT_EQ(0, ask(self->private, self->bytes, MADV_DONTNEED));
	EXPECT_ENTRY("none", self->fd, self->private);
	EXPECT_EQ('S', *self->private);
}

TEST_HARNESS_MAIN
