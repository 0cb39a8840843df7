// SPDX-License-Identifier: GPL-2.0-only
/*
 * The forms RUNS and COUNTS of a walk: the state of one table or VMA must not leak into
 * the next one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"

#define ROOM	4096
#define PMDS	5

FIXTURE(forms)
{
	int fd;
	char *mem;	/* PMDS of anonymous memory, no huge pages */
	struct faultlab_walk_run *run;
	struct faultlab_walk_counts *vma;
};

FIXTURE_SETUP(forms)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	self->mem = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, PMDS * 512);
	ASSERT_NE(NULL, self->mem);
	ASSERT_EQ(0, madvise(self->mem, PMDS * TLIB_PMD_SIZE, MADV_NOHUGEPAGE));
	self->run = calloc(ROOM, sizeof(*self->run));
	self->vma = calloc(ROOM, sizeof(*self->vma));
	ASSERT_NE(NULL, self->run);
	ASSERT_NE(NULL, self->vma);
}

FIXTURE_TEARDOWN(forms)
{
	free(self->run);
	free(self->vma);
	close(self->fd);
}

/* Walk [start, end), @step records a call. Returns the number of records, or -errno. */
static ssize_t walk(int fd, __u32 form, __u32 flags, __u64 start, __u64 end, void *to,
		    size_t record, size_t step)
{
	struct faultlab_walk w = {
		.size = sizeof(w), .form = form, .flags = flags, .start = start, .end = end,
	};
	size_t nr = 0;

	while (w.start < end && nr + step <= ROOM) {
		w.entries = (uintptr_t)to + nr * record;
		w.nr = step;
		if (ioctl(fd, FAULTLAB_IOC_WALK, &w))
			return -errno;
		nr += w.nr;
		w.start = w.next;
	}
	return nr;
}

#define BEGIN(self)	((uintptr_t)(self)->mem)
#define END(self)	(BEGIN(self) + PMDS * TLIB_PMD_SIZE)
#define RUNS(self, flags, step) \
	walk((self)->fd, FAULTLAB_WALK_RUNS, flags, BEGIN(self), END(self), (self)->run, \
	     sizeof(*(self)->run), step)
#define COUNTS(self, step) \
	walk((self)->fd, FAULTLAB_WALK_COUNTS, 0, BEGIN(self), END(self), (self)->vma, \
	     sizeof(*(self)->vma), step)

/* How many bytes the runs map. */
static __u64 leaf_bytes(const struct faultlab_walk_run *run, ssize_t nr)
{
	__u64 bytes = 0;
	ssize_t i;

	for (i = 0; i < nr; i++)
		if (run[i].flags & FAULTLAB_PTE_LEAF)
			bytes += run[i].end - run[i].start;
	return bytes;
}

TEST_F(forms, runs_and_counts_do_not_join_equal_pages_of_two_vmas)
{
	char *second = self->mem + 24 * TLIB_PAGE;
	ssize_t nr;

	memset(self->mem, 1, 32 * TLIB_PAGE);
	ASSERT_EQ(0, munmap(self->mem + 16 * TLIB_PAGE, 8 * TLIB_PAGE));
	nr = RUNS(self, 0, ROOM);
	EXPECT_EQ(24 * TLIB_PAGE, leaf_bytes(self->run, nr));
	EXPECT_EQ(2, nr);
	EXPECT_EQ(BEGIN(self) + 16 * TLIB_PAGE, self->run[0].end);
	EXPECT_EQ((uintptr_t)second, self->run[1].start);
	EXPECT_EQ((uintptr_t)second + 8 * TLIB_PAGE, self->run[1].end);

	ASSERT_EQ(2, COUNTS(self, ROOM));
	EXPECT_EQ(16, self->vma[0].leaf[FAULTLAB_LEVEL_PTE]);
	EXPECT_EQ(8, self->vma[1].leaf[FAULTLAB_LEVEL_PTE]);
	EXPECT_EQ(8 * TLIB_PAGE, self->vma[1].flag[__builtin_ctzll(FAULTLAB_PTE_WRITE)]);
}

TEST_F(forms, counts_and_runs_are_right_for_empty_entries_around_an_empty_pmd)
{
	const struct faultlab_walk_counts *c = self->vma;

	memset(self->mem + 7 * TLIB_PAGE, 1, TLIB_PAGE);
	memset(self->mem + 2 * TLIB_PMD_SIZE + 500 * TLIB_PAGE, 1, TLIB_PAGE);
	ASSERT_EQ(1, COUNTS(self, ROOM));
	EXPECT_EQ(2, c->leaf[FAULTLAB_LEVEL_PTE]);
	EXPECT_EQ(2 * 511, c->none[FAULTLAB_LEVEL_PTE]);
	EXPECT_EQ(PMDS - 2, c->none[FAULTLAB_LEVEL_PMD]);
	EXPECT_EQ(2, c->table[FAULTLAB_LEVEL_PMD]);
	EXPECT_EQ(2 * TLIB_PAGE, c->flag[__builtin_ctzll(FAULTLAB_PTE_LEAF)]);

	/* Five runs: hole, page, hole, page, hole. */
	ASSERT_EQ(5, RUNS(self, FAULTLAB_WALK_HOLES, ROOM));
	EXPECT_EQ(BEGIN(self), self->run[0].start);
	EXPECT_EQ(END(self), self->run[4].end);
}

TEST_F(forms, counts_and_runs_are_right_for_equal_pages_around_an_empty_pmd)
{
	memset(self->mem, 1, TLIB_PMD_SIZE);
	memset(self->mem + 2 * TLIB_PMD_SIZE, 1, TLIB_PMD_SIZE);
	EXPECT_EQ(2 * TLIB_PMD_SIZE, leaf_bytes(self->run, RUNS(self, 0, ROOM)));
	ASSERT_EQ(1, COUNTS(self, ROOM));
	EXPECT_EQ(1024, self->vma[0].leaf[FAULTLAB_LEVEL_PTE]);
}

TEST_F(forms, runs_are_right_for_huge_pages_on_both_sides_of_a_hole)
{
	ASSERT_EQ(0, madvise(self->mem, PMDS * TLIB_PMD_SIZE, MADV_HUGEPAGE));
	memset(self->mem, 1, TLIB_PMD_SIZE);
	memset(self->mem + 2 * TLIB_PMD_SIZE, 1, TLIB_PMD_SIZE);
	if (tlib_entry(self->fd, 0, self->mem).level != FAULTLAB_LEVEL_PMD ||
	    tlib_entry(self->fd, 0, self->mem + 2 * TLIB_PMD_SIZE).level != FAULTLAB_LEVEL_PMD)
		SKIP(return, "needs CONFIG_TRANSPARENT_HUGEPAGE and a free page of it");
	/* Four runs: page, hole, page, hole. */
	EXPECT_EQ(4, RUNS(self, FAULTLAB_WALK_HOLES, ROOM));
	EXPECT_EQ(2 * TLIB_PMD_SIZE, leaf_bytes(self->run, 4));
	EXPECT_EQ(2, RUNS(self, 0, ROOM));
}

TEST_F(forms, runs_and_counts_in_pieces_equal_those_in_one_walk)
{
	struct faultlab_walk_counts *counts;
	struct faultlab_walk_run *runs;
	ssize_t nr_runs, nr_counts;
	size_t page;

	for (page = 0; page < PMDS * 512; page += 3)
		self->mem[page * TLIB_PAGE] = 1;
	/*
	 * Some VMAs share a page table with others, and some have one for themselves.
	 */
	for (page = 8; page < PMDS * 512; page += 300)
		ASSERT_EQ(0, mprotect(self->mem + page * TLIB_PAGE, 8 * TLIB_PAGE, PROT_READ));
	runs = self->run;
	nr_runs = RUNS(self, FAULTLAB_WALK_HOLES, ROOM);
	counts = self->vma;
	nr_counts = COUNTS(self, ROOM);
	ASSERT_LT(1000, nr_runs);
	ASSERT_EQ(19, nr_counts);

	self->run = calloc(ROOM, sizeof(*self->run));
	self->vma = calloc(ROOM, sizeof(*self->vma));
	EXPECT_EQ(nr_runs, RUNS(self, FAULTLAB_WALK_HOLES, 1));
	EXPECT_EQ(0, memcmp(runs, self->run, nr_runs * sizeof(*runs)));
	EXPECT_EQ(nr_counts, COUNTS(self, 1));
	EXPECT_EQ(0, memcmp(counts, self->vma, nr_counts * sizeof(*counts)));
	free(runs);
	free(counts);
}

/*
 * A thread that waits for mmap_lock makes the walk drop the lock, and can then unmap the
 * VMA in which the walk is. Behind that VMA nothing is ever mapped.
 */
static void *comes_and_goes(void *arg)
{
	struct { char *mem; bool stop; } *c = arg;

	while (!__atomic_load_n(&c->stop, __ATOMIC_RELAXED)) {
		munmap(c->mem, (PMDS - 1) * TLIB_PMD_SIZE);
		if (mmap(c->mem, (PMDS - 1) * TLIB_PMD_SIZE, TLIB_RW, MAP_PRIVATE |
			 MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1, 0) == MAP_FAILED)
			break;
	}
	return NULL;
}

TEST_F(forms, runs_and_counts_end_with_a_vma_that_is_unmapped_during_the_walk)
{
	struct { char *mem; bool stop; } c = { .mem = self->mem };
	const __u64 limit = END(self) - TLIB_PMD_SIZE;
	pthread_t thread;
	ssize_t nr, i;
	int round;

	ASSERT_EQ(0, munmap(self->mem + (PMDS - 1) * TLIB_PMD_SIZE, TLIB_PMD_SIZE));
	ASSERT_EQ(0, pthread_create(&thread, NULL, comes_and_goes, &c));
	for (round = 0; round < 300; round++) {
		nr = RUNS(self, 0, ROOM);
		for (i = 0; i < nr; i++)
			EXPECT_GE(limit, self->run[i].end);
		nr = COUNTS(self, ROOM);
		for (i = 0; i < nr; i++) {
			EXPECT_GE(limit, self->vma[i].end);
			EXPECT_GE(self->vma[i].end - self->vma[i].start,
				  self->vma[i].leaf[0] * TLIB_PAGE);
		}
	}
	__atomic_store_n(&c.stop, true, __ATOMIC_RELAXED);
	EXPECT_EQ(0, pthread_join(thread, NULL));
}

TEST_HARNESS_MAIN
