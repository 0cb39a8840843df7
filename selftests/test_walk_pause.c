// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk lets go of mmap_lock where others wait for it, in the middle of a VMA. Where
 * that VMA is another one afterwards, runs and counts begin anew: no record is of both.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "flab_space.h"
#include "flab_sys.h"

#define BYTES		(16 * FLAB_PMD_SIZE)
#define PATIENCE	150	/* seconds: then it never happens */
#define VM_WRITE	0x2	/* of vm_flags */

/*
 * Frames that follow each other, so any run of a VMA has CONTIG, and one of two does
 * not. What is told apart by counts is whether it can be written.
 */
static const struct {
	size_t offset;
	int prot[2];	/* for runs, for counts */
} vmas[] = {
	{ 0, { FLAB_RW, FLAB_RW } },
	{ 2 * BYTES, { FLAB_RW, PROT_READ } },
};

static bool *stop;	/* shared */

/* The whole place is one VMA, and then the other. */
static void keep_mapping(struct flab_peer *peer, int fd, char *at, bool counts)
{
	unsigned int i = 0;

	while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
		if (mmap(at, BYTES, vmas[i % 2].prot[counts], MAP_SHARED | MAP_FIXED, fd,
			 vmas[i % 2].offset) == MAP_FAILED)
			_exit(1);
		if (!i++)
			flab_peer_nudge(peer);
	}
	_exit(0);
}

FIXTURE(paused)
{
	int fd;
	struct flab_peer peer;
	char *at;
};

FIXTURE_SETUP(paused)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_REMAP, .flags = FAULTLAB_REGION_PHYS, .bytes = 4 * BYTES,
	};

	self->fd = flab_region_full(&config);
	if (self->fd < 0)
		SKIP(return, "no memory for phys= (scripts/vm.cmdline)");
	self->at = flab_map_apart(-1, PROT_NONE, MAP_PRIVATE, BYTES / FLAB_PAGE);
	ASSERT_NE(NULL, self->at);
	stop = mmap(NULL, FLAB_PAGE, FLAB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, stop);
}

FIXTURE_TEARDOWN(paused)
{
	__atomic_store_n(stop, true, __ATOMIC_RELAXED);
	if (self->peer.pid > 0)
		EXPECT_EQ(0, flab_peer_join(&self->peer));
	close(self->fd);
}

struct seen {
	__u64 start, end;	/* of the place */
	unsigned long cut;	/* records that begin in its middle */
};

static int check_run(const struct faultlab_walk_run *run, void *arg)
{
	struct seen *seen = arg;

	seen->cut += run->start != seen->start;
	if (run->flags & FAULTLAB_PTE_CONTIG)
		return 0;
	ksft_print_msg("of two VMAs: %#llx-%#llx of %#llx-%#llx\n", run->start, run->end,
		       seen->start, seen->end);
	return -EBADMSG;
}

static int check_counts(const struct faultlab_walk_counts *c, void *arg)
{
	const __u64 leaf = c->flag[__builtin_ctzll(FAULTLAB_PTE_LEAF)];
	const __u64 write = c->flag[__builtin_ctzll(FAULTLAB_PTE_WRITE)];
	struct seen *seen = arg;

	seen->cut += c->start != seen->start;
	if (leaf == c->end - c->start && write == (c->vm_flags & VM_WRITE ? leaf : 0))
		return 0;
	ksft_print_msg("of two VMAs: %#llx-%#llx of %#llx-%#llx, %#llx mapped, %#llx writable\n",
		       c->start, c->end, seen->start, seen->end, leaf, write);
	return -EBADMSG;
}

/* Until a walk was often enough in the middle of it when the VMA became another. */
static int walk(struct _test_data_paused *self, bool counts, struct seen *seen)
{
	const unsigned long enough = flab_scale(20, 500);
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

static int walk_what_changes(struct _test_data_paused *self, bool counts)
{
	struct seen seen = { 0 };

	if (flab_peer_fork(&self->peer) < 0)
		return -errno;
	if (!self->peer.pid)
		keep_mapping(&self->peer, self->fd, self->at, counts);
	return flab_peer_await(&self->peer) ?: walk(self, counts, &seen);
}

TEST_F_TIMEOUT(paused, runs_are_each_of_one_vma, 400)
{
	EXPECT_EQ(0, walk_what_changes(self, false));
}

TEST_F_TIMEOUT(paused, counts_are_each_of_one_vma, 400)
{
	EXPECT_EQ(0, walk_what_changes(self, true));
}

TEST_HARNESS_MAIN
