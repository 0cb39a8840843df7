// SPDX-License-Identifier: GPL-2.0-only
/*
 * Things done to a mapping: fork. Who has which entries, and whose page it is.
 * test_vma.c has what the counters make of it.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include "flab_way.h"

#define NR	4

FIXTURE(fork)
{
	int fd;
	char *shared;
	char *private;		/* read-only where it cannot be copied */
	size_t bytes;
	struct flab_peer peer;
};

FIXTURE_VARIANT(fork)
{
	const struct flab_way *way;
};

#define FLAB_WAY(name) FIXTURE_VARIANT_ADD(fork, name) { .way = &flab_way_##name }
#include "flab_ways.h"
#undef FLAB_WAY

FIXTURE_SETUP(fork)
{
	int prot = variant->way->pfnmap ? PROT_READ : FLAB_RW;

	self->bytes = NR * flab_page_size();
	self->fd = flab_way_region(variant->way, NR);
	ASSERT_LE(0, self->fd);
	self->shared = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
	self->private = flab_map(self->fd, prot, MAP_PRIVATE, 0, NR);
	ASSERT_NE(NULL, self->shared);
	ASSERT_NE(NULL, self->private);
}

FIXTURE_TEARDOWN(fork)
{
	close(self->fd);
}

/* A child that waits until it is asked to end. */
static bool fork_sleeper(struct flab_peer *peer)
{
	if (flab_peer_fork(peer) < 0)
		return false;
	if (peer->pid)
		return true;
	flab_peer_await(peer);
	_exit(0);
}

static int end_sleeper(struct flab_peer *peer)
{
	flab_peer_nudge(peer);
	return flab_peer_join(peer);
}

static __u64 bits(int fd, pid_t pid, const void *at)
{
	return flab_entry(fd, pid, at).flags & (FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY);
}

/* vma_needs_copy(); the child's entry is clean, as it has not written. */
TEST_F(fork, shared_entries_are_copied_clean_or_not_at_all)
{
	bool copies = variant->way->pfnmap || variant->way->mixedmap;
	size_t mapped = flab_way_mapped(variant->way, 2, NR);

	flab_write(self->shared, 2);
	ASSERT_TRUE(fork_sleeper(&self->peer));
	EXPECT_EQ(copies ? mapped : 0, flab_nr_mapped(self->fd, self->peer.pid, self->shared, NR));
	EXPECT_EQ(copies ? FAULTLAB_PTE_WRITE : 0,
		  bits(self->fd, self->peer.pid, self->shared));
	EXPECT_ENTRY(flab_way_entry(variant->way, "rw dirty"), self->fd, self->shared);
	if (copies)
		EXPECT_EQ(flab_pfn(self->fd, self->shared),
			  flab_entry(self->fd, self->peer.pid, self->shared).pfn);
	EXPECT_EQ(0, end_sleeper(&self->peer));
	EXPECT_EQ(mapped, flab_nr_mapped(self->fd, 0, self->shared, NR));
}

/* Of special entries nobody counts how often their frame is mapped. */
TEST_F(fork, frame_is_mapped_once_more_where_the_entry_was_copied)
{
	bool copies = variant->way->pfnmap || variant->way->mixedmap;
	bool counted = !variant->way->special;
	__u64 pfn;

	flab_write(self->shared, 1);
	pfn = flab_pfn(self->fd, self->shared);
	EXPECT_EQ(counted, flab_kpagecount(pfn));
	ASSERT_TRUE(fork_sleeper(&self->peer));
	EXPECT_EQ(counted + (counted && copies), flab_kpagecount(pfn));
	EXPECT_EQ(0, end_sleeper(&self->peer));
	EXPECT_EQ(counted, flab_kpagecount(pfn));
}

TEST_F(fork, what_the_child_writes_is_seen_by_both)
{
	flab_write(self->shared, 1);
	ASSERT_LE(0, flab_peer_fork(&self->peer));
	if (!self->peer.pid) {
		faultlab_touch_write(self->shared, 'c', NULL);
		faultlab_touch_write(flab_at(self->shared, 1), 'C', NULL);
		_exit(0);
	}
	EXPECT_EQ(0, flab_peer_join(&self->peer));
	EXPECT_EQ('c', *self->shared);
	EXPECT_EQ('C', *flab_at(self->shared, 1));
}

TEST_F(fork, private_entries_not_copied_on_write_are_left_to_the_child)
{
	bool copies = variant->way->pfnmap || variant->way->mixedmap;

	*self->shared = 'S';
	EXPECT_EQ('S', *self->private);
	ASSERT_TRUE(fork_sleeper(&self->peer));
	EXPECT_EQ(copies ? flab_way_mapped(variant->way, 1, NR) : 0,
		  flab_nr_mapped(self->fd, self->peer.pid, self->private, NR));
	EXPECT_EQ(0, end_sleeper(&self->peer));
}

/* One copy gives the VMA an anon_vma, and then fork copies all of its entries. */
TEST_F(fork, private_copies_are_shared_until_one_side_writes)
{
	struct flab_mark mark;
	__u64 pfn;

	if (variant->way->pfnmap) {
		EXPECT_TRUE(flab_refuses_private(self->fd));
		return;
	}
	flab_write(self->private, 1);
	EXPECT_EQ(0, *flab_at(self->private, 1));
	pfn = flab_pfn(self->fd, self->private);
	EXPECT_TRUE(flab_pagemap(self->private).exclusive);

	ASSERT_LE(0, flab_peer_fork(&self->peer));
	if (!self->peer.pid) {
		flab_peer_await(&self->peer);
		flab_begin(self->fd, &mark);
		faultlab_touch_write(self->private, 'c', NULL);
		EXPECT_COUNTS("minflt 1", &mark);
		EXPECT_NE(pfn, flab_pfn(self->fd, self->private));
		flab_peer_nudge(&self->peer);
		flab_peer_await(&self->peer);
		_exit(*self->private);
	}
	EXPECT_EQ(2, flab_nr_mapped(self->fd, self->peer.pid, self->private, NR));
	EXPECT_EQ(pfn, flab_entry(self->fd, self->peer.pid, self->private).pfn);
	EXPECT_EQ(0, bits(self->fd, self->peer.pid, self->private) & FAULTLAB_PTE_WRITE);
	EXPECT_ENTRY("page r dirty", self->fd, self->private);
	EXPECT_FALSE(flab_pagemap(self->private).exclusive);

	EXPECT_EQ(0, flab_peer_nudge(&self->peer));
	EXPECT_EQ(0, flab_peer_await(&self->peer));
	/* The last owner of the copy writes to it, and keeps it. */
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->private, 'p', NULL));
	EXPECT_COUNTS("minflt 1", &mark);
	EXPECT_EQ(pfn, flab_pfn(self->fd, self->private));
	EXPECT_EQ(0, flab_peer_nudge(&self->peer));
	EXPECT_EQ('c', flab_peer_join(&self->peer));
	EXPECT_EQ(0, *self->shared);
}

TEST_F(fork, evict_with_cows_takes_the_copies_of_both)
{
	if (variant->way->pfnmap) {
		EXPECT_TRUE(flab_refuses_private(self->fd));
		return;
	}
	flab_write(self->private, 2);
	ASSERT_TRUE(fork_sleeper(&self->peer));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, flab_page_size(), FAULTLAB_EVICT_COWS));
	EXPECT_EQ(1, flab_nr_mapped(self->fd, self->peer.pid, self->private, NR));
	EXPECT_EQ(1, flab_nr_mapped(self->fd, 0, self->private, NR));
	EXPECT_EQ(0, *self->private);
	EXPECT_EQ('b', *flab_at(self->private, 1));
	EXPECT_EQ(0, end_sleeper(&self->peer));
}

/* MADV_DOFORK refuses VM_IO, so for such a mapping there is no way back. */
TEST_F(fork, dofork_takes_dontfork_back)
{
	bool refused = variant->way->pfnmap;

	ASSERT_EQ(0, madvise(self->shared, self->bytes, MADV_DONTFORK));
	EXPECT_EQ(refused ? -1 : 0, madvise(self->shared, self->bytes, MADV_DOFORK));
	EXPECT_TRUE(!refused || errno == EINVAL);
	ASSERT_TRUE(fork_sleeper(&self->peer));
	EXPECT_STREQ(refused ? "no VMA" : "none", ({
			struct faultlab_walk_entry entry =
				flab_entry(self->fd, self->peer.pid, self->shared);
			faultlab_entry_what(&entry);
		}));
	EXPECT_EQ(0, end_sleeper(&self->peer));
}

TEST_F(fork, wipeonfork_is_for_anonymous_memory)
{
	EXPECT_EQ(-1, madvise(self->shared, self->bytes, MADV_WIPEONFORK));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, madvise(self->private, self->bytes, MADV_WIPEONFORK));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, madvise(self->shared, self->bytes, MADV_KEEPONFORK));
}

TEST_HARNESS_MAIN
