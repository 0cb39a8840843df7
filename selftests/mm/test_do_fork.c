// SPDX-License-Identifier: GPL-2.0-only
/*
 * Things done to a mapping: fork. Which entries parent and child have, and to which
 * page. test_vma.c tests the counters.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include "lib/memory/memory.h"

#define NR	4

FIXTURE(fork)
{
	int fd;
	char *shared;
	char *private;		/* read-only where it cannot be copied */
	size_t step;
	size_t bytes;
	struct tlib_peer peer;
};

FIXTURE_VARIANT(fork)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(fork, tlib_memory_usual)

#define NR_MAPPED(pid, at, steps) \
	tlib_memory_nr_mapped(variant->memory, self->fd, pid, at, steps)

FIXTURE_SETUP(fork)
{
	int prot = tlib_memory_private_prot(variant->memory);

	self->step = tlib_memory_bytes(variant->memory, 1);
	self->bytes = NR * self->step;
	self->fd = tlib_memory_region(variant->memory, NR);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->shared = tlib_memory_map(variant->memory, self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	self->private = tlib_memory_map(variant->memory, self->fd, prot, MAP_PRIVATE, 0, NR);
	ASSERT_NE(NULL, self->shared);
	ASSERT_NE(NULL, self->private);
}

FIXTURE_TEARDOWN(fork)
{
	close(self->fd);
}

/* Fork a child that waits for end_sleeper(). */
static bool fork_sleeper(struct tlib_peer *peer)
{
	if (tlib_peer_fork(peer) < 0)
		return false;
	if (peer->pid)
		return true;
	tlib_peer_await(peer);
	_exit(0);
}

static int end_sleeper(struct tlib_peer *peer)
{
	tlib_peer_nudge(peer);
	return tlib_peer_join(peer);
}

static __u64 bits(int fd, pid_t pid, const void *at)
{
	return tlib_entry(fd, pid, at).flags & (FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY);
}

/*
 * vma_needs_copy() decides whether entries are copied. A copied PTE is clean, as the child
 * has not written; a copied PMD keeps its dirty bit (copy_huge_pmd()).
 */
TEST_F(fork, fork_copies_shared_entries_of_pfnmap_and_mixedmap_only)
{
	bool leaf = variant->memory->leaf != FAULTLAB_LEAF_PTE;
	__u64 copy = FAULTLAB_PTE_WRITE | (leaf ? FAULTLAB_PTE_DIRTY : 0);
	bool copies = tlib_memory_forks(variant->memory);
	size_t mapped = tlib_memory_mapped(variant->memory, 2, NR);

	tlib_memory_write(variant->memory, self->shared, 2);
	ASSERT_TRUE(fork_sleeper(&self->peer));
	EXPECT_EQ(copies ? mapped : 0, NR_MAPPED(self->peer.pid, self->shared, NR));
	EXPECT_EQ(copies ? copy : 0, bits(self->fd, self->peer.pid, self->shared));
	EXPECT_ENTRY(tlib_memory_entry(variant->memory, "rw dirty"), self->fd, self->shared);
	if (copies)
		EXPECT_EQ(tlib_pfn(self->fd, self->shared),
			  tlib_entry(self->fd, self->peer.pid, self->shared).pfn);
	EXPECT_EQ(0, end_sleeper(&self->peer));
	EXPECT_EQ(mapped, NR_MAPPED(0, self->shared, NR));
}

/* The kernel does not count how often the frame of a special entry is mapped. */
TEST_F(fork, fork_raises_the_mapcount_only_where_it_copies_the_entry)
{
	bool copies = tlib_memory_forks(variant->memory);
	bool counted = !variant->memory->special;
	__u64 pfn;

	tlib_memory_write(variant->memory, self->shared, 1);
	pfn = tlib_pfn(self->fd, self->shared);
	EXPECT_EQ(counted, tlib_kpagecount(pfn));
	ASSERT_TRUE(fork_sleeper(&self->peer));
	EXPECT_EQ(counted + (counted && copies), tlib_kpagecount(pfn));
	EXPECT_EQ(0, end_sleeper(&self->peer));
	EXPECT_EQ(counted, tlib_kpagecount(pfn));
}

TEST_F(fork, the_parent_sees_what_the_child_writes_to_a_shared_mapping)
{
	tlib_memory_write(variant->memory, self->shared, 1);
	ASSERT_LE(0, tlib_peer_fork(&self->peer));
	if (!self->peer.pid) {
		faultlab_touch_write(self->shared, 'c', NULL);
		faultlab_touch_write(self->shared + self->step, 'C', NULL);
		_exit(0);
	}
	EXPECT_EQ(0, tlib_peer_join(&self->peer));
	EXPECT_EQ('c', *self->shared);
	EXPECT_EQ('C', self->shared[self->step]);
}

TEST_F(fork, fork_copies_private_entries_without_cow_pages_of_pfnmap_and_mixedmap_only)
{
	bool copies = tlib_memory_forks(variant->memory);

	*self->shared = 'S';
	EXPECT_EQ('S', *self->private);
	ASSERT_TRUE(fork_sleeper(&self->peer));
	EXPECT_EQ(copies ? tlib_memory_mapped(variant->memory, 1, NR) : 0,
		  NR_MAPPED(self->peer.pid, self->private, NR));
	EXPECT_EQ(0, end_sleeper(&self->peer));
}

/*
 * A CoW page gives the VMA an anon_vma, so that fork copies all its entries. The
 * exception is a PMD that maps a file's page, which a fault can map again
 * (copy_huge_pmd()).
 */
TEST_F(fork, cow_pages_are_shared_after_fork_until_one_side_writes)
{
	bool leaf = variant->memory->leaf != FAULTLAB_LEAF_PTE;
	struct tlib_mark mark;
	__u64 pfn;

	if (!tlib_memory_copies(variant->memory)) {
		EXPECT_TRUE(tlib_refuses_private(variant->memory, self->fd));
		return;
	}
	tlib_memory_write(variant->memory, self->private, 1);
	EXPECT_EQ(0, self->private[self->step]);
	pfn = tlib_pfn(self->fd, self->private);
	EXPECT_TRUE(tlib_pagemap(self->private).exclusive);

	ASSERT_LE(0, tlib_peer_fork(&self->peer));
	if (!self->peer.pid) {
		tlib_peer_await(&self->peer);
		tlib_counts_begin(self->fd, &mark);
		faultlab_touch_write(self->private, 'c', NULL);
		EXPECT_COUNTS("minflt 1", &mark);
		EXPECT_NE(pfn, tlib_pfn(self->fd, self->private));
		tlib_peer_nudge(&self->peer);
		tlib_peer_await(&self->peer);
		_exit(*self->private);
	}
	EXPECT_EQ(leaf ? 1 : 2, NR_MAPPED(self->peer.pid, self->private, NR));
	EXPECT_EQ(pfn, tlib_entry(self->fd, self->peer.pid, self->private).pfn);
	EXPECT_EQ(0, bits(self->fd, self->peer.pid, self->private) & FAULTLAB_PTE_WRITE);
	EXPECT_ENTRY("page r dirty", self->fd, self->private);
	EXPECT_FALSE(tlib_pagemap(self->private).exclusive);

	EXPECT_EQ(0, tlib_peer_nudge(&self->peer));
	EXPECT_EQ(0, tlib_peer_await(&self->peer));
	/*
	 * The child has its own copy by now, so the parent is the only owner of the page
	 * and writes to it without a copy.
	 */
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->private, 'p', NULL));
	EXPECT_COUNTS("minflt 1", &mark);
	EXPECT_EQ(pfn, tlib_pfn(self->fd, self->private));
	EXPECT_EQ(0, tlib_peer_nudge(&self->peer));
	EXPECT_EQ('c', tlib_peer_join(&self->peer));
	EXPECT_EQ(0, *self->shared);
}

TEST_F(fork, evict_with_cows_drops_the_cow_pages_of_parent_and_child)
{
	if (!tlib_memory_copies(variant->memory)) {
		EXPECT_TRUE(tlib_refuses_private(variant->memory, self->fd));
		return;
	}
	tlib_memory_write(variant->memory, self->private, 2);
	ASSERT_TRUE(fork_sleeper(&self->peer));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, tlib_page_size(), FAULTLAB_EVICT_COWS));
	EXPECT_EQ(1, NR_MAPPED(self->peer.pid, self->private, NR));
	EXPECT_EQ(1, NR_MAPPED(0, self->private, NR));
	EXPECT_EQ(0, *self->private);
	EXPECT_EQ('b', self->private[self->step]);
	EXPECT_EQ(0, end_sleeper(&self->peer));
}

/* MADV_DOFORK refuses VM_IO, so for such a mapping there is no way back. */
TEST_F(fork, madv_dofork_undoes_madv_dontfork_except_for_pfnmap)
{
	bool refused = variant->memory->pfnmap;

	ASSERT_EQ(0, madvise(self->shared, self->bytes, MADV_DONTFORK));
	EXPECT_EQ(refused ? -1 : 0, madvise(self->shared, self->bytes, MADV_DOFORK));
	EXPECT_TRUE(!refused || errno == EINVAL);
	ASSERT_TRUE(fork_sleeper(&self->peer));
	EXPECT_STREQ(refused ? "no VMA" : "none", ({
			struct faultlab_walk_entry entry =
				tlib_entry(self->fd, self->peer.pid, self->shared);
			faultlab_entry_what(&entry);
		}));
	EXPECT_EQ(0, end_sleeper(&self->peer));
}

TEST_F(fork, madv_wipeonfork_is_einval_and_madv_keeponfork_works)
{
	EXPECT_EQ(-1, madvise(self->shared, self->bytes, MADV_WIPEONFORK));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, madvise(self->private, self->bytes, MADV_WIPEONFORK));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, madvise(self->shared, self->bytes, MADV_KEEPONFORK));
}

TEST_HARNESS_MAIN
