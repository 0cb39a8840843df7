// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk drops mmap_lock if others wait for it, even in the middle of a VMA. If there is
 * another VMA when the walk continues, it begins a new run and new counts: no record spans
 * both VMAs.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

#define BYTES		(16 * TLIB_PMD_SIZE)
#define PATIENCE	60	/* seconds until the test gives up */
#define VM_WRITE	0x2	/* of vm_flags */

static bool *stop;	/* shared */

static int map_part(int fd, char *at, int prot, size_t offset)
{
	return mmap(at, BYTES, prot, MAP_SHARED | MAP_FIXED, fd, offset) == MAP_FAILED;
}

/*
 * The functions from here to protect_half() change the walked memory, in odd turns to one
 * state, in even turns to another. With protect_half() it is two VMAs, else one. This
 * function maps one of two parts of the file. The frames of one part are consecutive, so
 * they form a run with CONTIG. A run that spans pages of both parts would have no CONTIG.
 */
static int map_other_part(int fd, char *at, bool odd)
{
	return map_part(fd, at, TLIB_RW, odd ? 2 * BYTES : 0);
}

/* For COUNTS: the two parts of the file also differ in whether they are writable. */
static int map_read_only(int fd, char *at, bool odd)
{
	return map_part(fd, at, odd ? PROT_READ : TLIB_RW, odd ? 2 * BYTES : 0);
}

static int protect(int fd, char *at, bool odd)
{
	return mprotect(at, BYTES, odd ? PROT_READ : TLIB_RW);
}

/* Split the memory into two VMAs. The second may begin before the walk's position. */
static int protect_half(int fd, char *at, bool odd)
{
	return mprotect(at + BYTES / 2, BYTES / 2, odd ? PROT_READ : TLIB_RW);
}

FIXTURE(paused)
{
	int fd;
	struct tlib_peer peer;
	char *at;
};

FIXTURE_VARIANT(paused)
{
	int (*change)(int fd, char *at, bool odd);
	bool counts;
};

FIXTURE_VARIANT_ADD(paused, runs_by_mmap_of_another_part)
{
	.change = map_other_part,
};

FIXTURE_VARIANT_ADD(paused, counts_by_mmap_of_another_part)
{
	.change = map_read_only, .counts = true,
};

FIXTURE_VARIANT_ADD(paused, counts_by_mprotect)
{
	.change = protect, .counts = true,
};

FIXTURE_VARIANT_ADD(paused, counts_by_mprotect_of_a_half)
{
	.change = protect_half, .counts = true,
};

FIXTURE_SETUP(paused)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_REMAP, .flags = FAULTLAB_REGION_PHYS, .bytes = 4 * BYTES,
	};

	self->fd = tlib_region_full(&config);
	if (self->fd < 0)
		SKIP(return, "no memory for phys= (scripts/parts/vm/cmdline)");
	self->at = tlib_map_apart(-1, PROT_NONE, MAP_PRIVATE, BYTES / TLIB_PAGE);
	ASSERT_NE(NULL, self->at);
	ASSERT_EQ(0, map_part(self->fd, self->at, TLIB_RW, 0));
	stop = mmap(NULL, TLIB_PAGE, TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, stop);
}

FIXTURE_TEARDOWN(paused)
{
	__atomic_store_n(stop, true, __ATOMIC_RELAXED);
	if (self->peer.pid > 0)
		EXPECT_EQ(0, tlib_peer_join(&self->peer));
	close(self->fd);
}

struct seen {
	__u64 start, end;	/* of the walked memory */
	unsigned long cut;	/* records that begin in the middle of that memory */
};

static int check_run(const struct faultlab_walk_run *run, void *arg)
{
	struct seen *seen = arg;

	seen->cut += run->start != seen->start;
	if (run->flags & FAULTLAB_PTE_CONTIG)
		return 0;
	ksft_print_msg("a run spans two VMAs: %#llx-%#llx of %#llx-%#llx\n", run->start, run->end,
		       seen->start, seen->end);
	return -EBADMSG;
}

static int check_counts(const struct faultlab_walk_counts *c, void *arg)
{
	const __u64 leaf = c->flag[__builtin_ctzll(FAULTLAB_PTE_LEAF)];
	const __u64 write = c->flag[__builtin_ctzll(FAULTLAB_PTE_WRITE)];
	struct seen *seen = arg;

	/* protect_half() makes a VMA that begins at BYTES / 2. */
	seen->cut += c->start != seen->start && c->start != seen->start + BYTES / 2;
	if (leaf == c->end - c->start && write == (c->vm_flags & VM_WRITE ? leaf : 0))
		return 0;
	ksft_print_msg("across VMAs: %#llx-%#llx of %#llx-%#llx, %#llx mapped, %#llx writable\n",
		       c->start, c->end, seen->start, seen->end, leaf, write);
	return -EBADMSG;
}

/* Repeat walks until the VMA has changed in the middle of a walk often enough. */
static int walk(struct _test_data_paused *self, bool counts, struct seen *seen)
{
	const unsigned long enough = tlib_scale(20, 500);
	const time_t end = time(NULL) + PATIENCE;
	int err = 0;

	seen->start = (uintptr_t)self->at;
	seen->end = seen->start + BYTES;
	while (!err && seen->cut < enough && time(NULL) < end) {
		if (counts)
			err = faultlab_walk_counts(self->fd, self->peer.pid, seen->start, seen->end,
						   check_counts, seen);
		else
			err = faultlab_walk_runs(self->fd, self->peer.pid, seen->start, seen->end,
						 0, 0, 0, check_run, seen);
	}
	return err ?: seen->cut < enough ? -ETIMEDOUT : 0;
}

static void keep_changing(struct _test_data_paused *self,
			  int (*change)(int fd, char *at, bool odd))
{
	unsigned int i = 0;

	while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
		if (change(self->fd, self->at, i % 2))
			_exit(1);
		if (!i++)
			tlib_peer_nudge(&self->peer);
	}
	_exit(0);
}

TEST_F(paused, no_run_or_count_spans_two_vmas_if_the_vma_changes_during_a_pause)
{
	struct seen seen = { 0 };

	ASSERT_LE(0, tlib_peer_fork(&self->peer));
	if (!self->peer.pid)
		keep_changing(self, variant->change);
	ASSERT_EQ(0, tlib_peer_await(&self->peer));
	EXPECT_EQ(0, walk(self, variant->counts, &seen));
}

TEST_HARNESS_MAIN
