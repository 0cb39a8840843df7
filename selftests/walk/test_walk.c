// SPDX-License-Identifier: GPL-2.0-only
/*
 * FAULTLAB_IOC_WALK: what it refuses, which task may walk which other, and that a walk in
 * pieces equals one walk of everything.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

#define ROOM	16384

FIXTURE(walk)
{
	int fd;
	char *mem;		/* 16 pages of the region, the first 4 touched */
	struct tlib_entries entries;
	struct faultlab_walk arg;	/* walks mem */
};

FIXTURE_SETUP(walk)
{
	size_t i;

	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 16);
	ASSERT_LE(0, self->fd);
	self->mem = tlib_map_apart(self->fd, TLIB_RW, MAP_SHARED, 16);
	ASSERT_NE(NULL, self->mem);
	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, faultlab_touch_write(self->mem + i * TLIB_PAGE, i, NULL));
	ASSERT_EQ(0, tlib_entries_init(&self->entries, ROOM));
	self->arg = (struct faultlab_walk) {
		.size = sizeof(self->arg),
		.start = (uintptr_t)self->mem,
		.end = (uintptr_t)self->mem + 16 * TLIB_PAGE,
		.entries = (uintptr_t)self->entries.at,
		.nr = ROOM,
	};
}

FIXTURE_TEARDOWN(walk)
{
	close(self->fd);
}

static int walk(int fd, struct faultlab_walk arg)
{
	return ioctl(fd, FAULTLAB_IOC_WALK, &arg) ? -errno : 0;
}

TEST_F(walk, invalid_arguments_are_einval_or_efault)
{
	const struct faultlab_walk ok = self->arg;
	struct faultlab_walk arg;
	unsigned int bit;

#define EXPECT_WALK(err, field, to) do {					\
	arg = ok;								\
	arg.field = to;								\
	EXPECT_EQ(err, walk(self->fd, arg)) { TH_LOG(#field " = " #to); }	\
} while (0)
	ASSERT_EQ(0, walk(self->fd, ok));
	/*
	 * All these bits are unknown flags, except FAULTLAB_WALK_KERNEL, which is refused
	 * since the range is in user space.
	 */
	for (bit = 3; bit < 32; bit++)
		EXPECT_WALK(-EINVAL, flags, 1U << bit);
	EXPECT_WALK(-EFAULT, flags, FAULTLAB_WALK_PAGES);
	EXPECT_WALK(-EINVAL, pages, 8);
	EXPECT_WALK(-EINVAL, form, FAULTLAB_NR_WALK_FORMS);
	EXPECT_WALK(-EINVAL, pad, 1);
	EXPECT_WALK(-EINVAL, end, ok.start);
	EXPECT_WALK(-EINVAL, end, ok.start - 1);
	EXPECT_WALK(-EINVAL, end, 0);
	EXPECT_WALK(-EINVAL, start, ~0ULL);
	EXPECT_WALK(-EINVAL, nr, 0);
	EXPECT_WALK(-EINVAL, nr, ~0ULL);
	EXPECT_WALK(-EINVAL, nr, ~0ULL / sizeof(struct faultlab_walk_entry) + 1);
	EXPECT_WALK(-EINVAL, pid, -1);
	EXPECT_WALK(-EINVAL, pid, -2147483648LL);
	EXPECT_WALK(-EFAULT, entries, 0);
	EXPECT_WALK(-EFAULT, entries, 1ULL << 63);
}

/* The last entry of the kernel half ends at 2^64, which does not fit into .next: 0. */
TEST_F(walk, a_walk_to_the_last_kernel_address_ends_with_next_0)
{
	struct faultlab_walk arg = {
		.size = sizeof(arg),
		.flags = FAULTLAB_WALK_KERNEL | FAULTLAB_WALK_HOLES,
		.start = -2 * TLIB_PMD_SIZE,
		.entries = (uintptr_t)self->entries.at,
		.nr = ROOM,
	};
	const struct faultlab_walk_entry *last;
	int err = ioctl(self->fd, FAULTLAB_IOC_WALK, &arg) ? errno : 0;

	if (err == EOPNOTSUPP)
		SKIP(return, "FAULTLAB_WALK_KERNEL is for x86");
	ASSERT_EQ(0, err);
	ASSERT_LT(0, arg.nr);
	EXPECT_EQ(0, arg.next);
	last = &self->entries.at[arg.nr - 1];
	EXPECT_EQ(0, last->addr + last->bytes);
}

TEST_F(walk, no_more_entries_are_written_than_asked_for)
{
	struct faultlab_walk arg = self->arg;
	char *edge = (char *)(self->entries.at + 2);

	memset(edge, 0x5a, sizeof(*self->entries.at));
	arg.nr = 2;
	ASSERT_EQ(0, ioctl(self->fd, FAULTLAB_IOC_WALK, &arg));
	EXPECT_EQ(2, arg.nr);
	EXPECT_EQ((uintptr_t)self->mem + 2 * TLIB_PAGE, arg.next);
	EXPECT_EQ(0x5a, edge[0]);
	EXPECT_EQ(0x5a, edge[sizeof(*self->entries.at) - 1]);
}

TEST_F(walk, every_page_that_the_range_overlaps_is_reported)
{
	struct faultlab_walk arg = self->arg;

	arg.start += TLIB_PAGE + 1;
	arg.end = arg.start + TLIB_PAGE;
	ASSERT_EQ(0, ioctl(self->fd, FAULTLAB_IOC_WALK, &arg));
	EXPECT_EQ(2, arg.nr);
	EXPECT_EQ((uintptr_t)self->mem + TLIB_PAGE, self->entries.at[0].addr);
	EXPECT_EQ((uintptr_t)self->mem + 2 * TLIB_PAGE, self->entries.at[1].addr);
	EXPECT_EQ(arg.end, arg.next);
}

TEST_F(walk, only_leaves_are_reported_unless_holes_are_asked_for)
{
	ASSERT_EQ(0, tlib_entries_walk(&self->entries, self->fd, 0, self->arg.start,
				       self->arg.end, 0, 100));
	EXPECT_EQ(4, self->entries.nr);
	EXPECT_EQ(4, tlib_entries_count(&self->entries, FAULTLAB_LEVEL_PTE, FAULTLAB_PTE_LEAF));
	ASSERT_EQ(0, tlib_entries_walk(&self->entries, self->fd, 0, self->arg.start,
				       self->arg.end, FAULTLAB_WALK_HOLES, 100));
	EXPECT_EQ(16, self->entries.nr);
	EXPECT_EQ(12, tlib_entries_count(&self->entries, FAULTLAB_LEVEL_PTE, FAULTLAB_PTE_NONE));
}

/*
 * The walk's copy to user memory faults in the mapping that is being walked, so the fault
 * must not need a lock that the walk holds.
 */
TEST_F(walk, entries_can_be_written_into_the_walked_mapping)
{
	struct faultlab_walk arg = self->arg;
	struct tlib_mark mark;

	arg.entries = (uintptr_t)self->mem + 4 * TLIB_PAGE;
	arg.flags = FAULTLAB_WALK_HOLES;
	arg.nr = 12 * TLIB_PAGE / sizeof(struct faultlab_walk_entry);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, ioctl(self->fd, FAULTLAB_IOC_WALK, &arg));
	EXPECT_COUNTS("fault_write 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	EXPECT_EQ(16, arg.nr);
	EXPECT_EQ(5, tlib_nr_mapped(self->fd, 0, self->mem, 16));
}

TEST_F(walk, kernel_addresses_without_flag_kernel_report_nothing)
{
	struct faultlab_walk arg = self->arg;

	arg.start = 0xffff800000000000ULL;
	arg.end = ~0ULL;
	arg.flags = TLIB_WALK_ALL;
	EXPECT_EQ(0, ioctl(self->fd, FAULTLAB_IOC_WALK, &arg));
	EXPECT_EQ(0, arg.nr);
	EXPECT_EQ(arg.end, arg.next);
}

/* In a walk with holes each entry begins where the one before ends, or overlaps it. */
TEST_F(walk, with_holes_covers_all_of_user_space_without_gap_or_overlap)
{
	const struct faultlab_walk_entry *e = self->entries.at;
	struct tlib_peer peer;
	__u64 at = 0;
	size_t i;

	ASSERT_EQ(0, tlib_messy_peer(&peer));
	ASSERT_EQ(0, tlib_entries_walk(&self->entries, self->fd, peer.pid, 0, TLIB_EVERYWHERE,
				       FAULTLAB_WALK_HOLES, 512));
	for (i = 0; i < self->entries.nr; i++) {
		/* An empty entry of an upper level may reach beyond its VMA. */
		ASSERT_GE(at, e[i].addr);
		ASSERT_LT(at, e[i].addr + e[i].bytes);
		at = e[i].addr + e[i].bytes;
		if (i + 1 < self->entries.nr && e[i + 1].addr < at)
			at = e[i + 1].addr;
	}
	EXPECT_EQ((tlib_five_levels() ? 1ULL << 56 : 1ULL << 47) - TLIB_PAGE, at);
	tlib_peer_nudge(&peer);
	EXPECT_EQ(0, tlib_peer_join(&peer));
}

TEST_F(walk, a_walk_in_pieces_of_any_size_equals_one_walk)
{
	static const size_t sizes[] = { 1, 2, 3, 7, 64, 341, 342, 512 };
	struct tlib_entries pieces;
	struct tlib_peer peer;
	unsigned int i, flags;

	ASSERT_EQ(0, tlib_entries_init(&pieces, ROOM));
	ASSERT_EQ(0, tlib_messy_peer(&peer));
	for (flags = 0; flags <= TLIB_WALK_ALL; flags++) {
		ASSERT_EQ(0, tlib_entries_walk(&self->entries, self->fd, peer.pid, 0,
					       TLIB_EVERYWHERE, flags, ROOM));
		EXPECT_LT(100, self->entries.nr);
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			ASSERT_EQ(0, tlib_entries_walk(&pieces, self->fd, peer.pid, 0,
						       TLIB_EVERYWHERE, flags, sizes[i]));
			EXPECT_EQ(self->entries.nr, pieces.nr);
			EXPECT_EQ(0, memcmp(self->entries.at, pieces.at,
					    pieces.nr * sizeof(*pieces.at))) {
				TH_LOG("flags %u, %zu at a time", flags, sizes[i]);
			}
		}
	}
	tlib_peer_nudge(&peer);
	EXPECT_EQ(0, tlib_peer_join(&peer));
}

/*
 * For walk_as_nobody(), which walks without CAP_SYS_ADMIN. It returns 0 or the number of the
 * first step that failed.
 */
struct nobody {
	int fd;
	pid_t other;
	struct faultlab_walk arg;
	struct tlib_entries *entries;
};

static int walk_as_nobody(void *arg)
{
	struct nobody *n = arg;
	size_t i;

	if (tlib_become_nobody())
		return 1;
	n->arg.pid = n->other;
	if (walk(n->fd, n->arg) != -EPERM)
		return 2;
	n->arg.pid = 1;
	if (walk(n->fd, n->arg) != -EPERM)
		return 3;
	/* fork() does not copy the entries of a shared mapping: touch it again. */
	faultlab_touch_read((void *)(uintptr_t)n->arg.start, NULL);
	/* A task may walk itself by its PID, too. */
	if (tlib_entries_walk(n->entries, n->fd, getpid(), n->arg.start, n->arg.end,
			      TLIB_WALK_ALL, 64))
		return 4;
	if (n->entries->nr != 4 + 16 || !(n->entries->at[4].flags & FAULTLAB_PTE_LEAF))
		return 5;
	for (i = 0; i < n->entries->nr; i++)
		if (n->entries->at[i].raw || n->entries->at[i].pfn)
			return 6;
	return 0;
}

TEST_F(walk, without_cap_sys_admin_frames_are_0_and_other_tasks_are_eperm)
{
	struct nobody nobody = { self->fd, getpid(), self->arg, &self->entries };

	EXPECT_EQ(0, tlib_reap(tlib_spawn(walk_as_nobody, &nobody)));
}

TEST_F(walk, walks_by_pid_0_and_by_own_pid_are_equal)
{
	struct tlib_entries own;

	ASSERT_EQ(0, tlib_entries_init(&own, 64));
	ASSERT_EQ(0, tlib_entries_walk(&own, self->fd, 0, self->arg.start, self->arg.end,
				       TLIB_WALK_ALL, 64));
	ASSERT_EQ(0, tlib_entries_walk(&self->entries, self->fd, getpid(), self->arg.start,
				       self->arg.end, TLIB_WALK_ALL, 64));
	EXPECT_EQ(4 + 16, own.nr);
	EXPECT_EQ(own.nr, self->entries.nr);
	EXPECT_EQ(0, memcmp(own.at, self->entries.at, own.nr * sizeof(*own.at)));
	EXPECT_LT(0, own.at[4].pfn);
	EXPECT_LT(0, own.at[4].raw);
}

static int exit_soon(void *arg)
{
	volatile unsigned int left = (uintptr_t)arg;

	tlib_make_mess();
	while (left)
		left--;
	return 0;
}

TEST_F(walk, a_walk_of_an_exiting_process_succeeds_or_is_esrch)
{
	const unsigned int rounds = tlib_scale(12, 200);
	unsigned int i, walks = 0;
	pid_t pid;
	int err;

	for (i = 0; i < rounds; i++) {
		pid = tlib_spawn(exit_soon, (void *)(uintptr_t)(i * 10000));
		ASSERT_LT(0, pid);
		do {
			err = tlib_entries_walk(&self->entries, self->fd, pid, 0,
						TLIB_EVERYWHERE, TLIB_WALK_ALL, 100);
			walks += !err;
		} while (!err);
		EXPECT_EQ(-ESRCH, err);
		EXPECT_EQ(0, tlib_reap(pid));
	}
	EXPECT_LT(0, walks);
}

TEST_HARNESS_MAIN
