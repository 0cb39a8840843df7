// SPDX-License-Identifier: GPL-2.0-only
/*
 * While a fault waits for ever: what else can run, and what ends the wait. A thread
 * that still waits ends with the test's process.
 */
#include <signal.h>

#include "lib/fault/rule_kinds.h"

TEST_F(rule, delayed_page_does_not_delay_its_neighbours)
{
	struct tlib_toucher t;
	struct tlib_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, FOR_EVER)));
	ASSERT_EQ(0, tlib_touch_start(&t, self->at, false, 0));
	ASSERT_EQ(0, tlib_wait_delayed(t.tid));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 1), NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	EXPECT_ENTRY("none", self->fd, self->at);
	EXPECT_FALSE(t.done);
}

TEST_F(rule, a_waiting_fault_does_not_block_mmap_munmap_mprotect_or_fork)
{
	struct tlib_toucher t;
	struct tlib_peer peer;
	char *two;

	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, FOR_EVER)));
	ASSERT_EQ(0, tlib_touch_start(&t, self->at, true, 1));
	ASSERT_EQ(0, tlib_wait_delayed(t.tid));
	two = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, two);
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(two, 1), 1, NULL));
	tlib_unmap(two, NR);
	ASSERT_LE(0, tlib_peer_fork(&peer));
	if (!peer.pid)
		_exit(7);
	EXPECT_EQ(7, tlib_peer_join(&peer));
	EXPECT_EQ(0, mprotect(tlib_at(self->at, 4), tlib_page_size(), PROT_READ));
	EXPECT_EQ(0, munmap(self->at, NR * tlib_page_size()));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_VMAS));
	EXPECT_EQ(0, tlib_wait_delayed(t.tid));
	EXPECT_FALSE(t.done);
}

TEST_F(rule, a_waiting_fault_does_not_block_evict_or_the_setting_of_rules)
{
	struct tlib_toucher t;

	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, FOR_EVER)));
	ASSERT_EQ(0, tlib_touch_start(&t, self->at, true, 1));
	ASSERT_EQ(0, tlib_wait_delayed(t.tid));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0));
	EXPECT_EQ(0, tlib_wait_delayed(t.tid));
	EXPECT_FALSE(t.done);
}

TEST_F(rule, a_process_whose_fault_waits_can_be_killed)
{
	struct tlib_peer peer;
	__u64 start;

	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, FOR_EVER)));
	ASSERT_LE(0, tlib_peer_fork(&peer));
	if (!peer.pid) {
		*self->at = 1;
		_exit(0);
	}
	ASSERT_EQ(0, tlib_wait_delayed(peer.pid));
	start = tlib_now();
	EXPECT_EQ(0, kill(peer.pid, SIGKILL));
	EXPECT_EQ(-SIGKILL, tlib_peer_join(&peer));
	EXPECT_GT(FOR_EVER * 1000, tlib_now() - start);
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_VMAS));
}

/* The test repeats this until munmap() came while the fault was certainly waiting. */
TEST_F(rule, munmap_while_a_fault_waits_ends_it_with_sigsegv)
{
	struct faultlab_stats stats;
	struct tlib_toucher t;
	__u64 took, ms = 125;
	bool late;
	char *at = self->at;

	do {
		ms *= 2;
		if (!at)
			at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
		ASSERT_NE(NULL, at);
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
		ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE,
							  ms * TLIB_MS)));
		ASSERT_EQ(0, faultlab_stats_reset(self->fd, &stats));
		took = tlib_now();
		ASSERT_EQ(0, tlib_touch_start(&t, at, true, 1));
		late = tlib_wait_delayed(t.tid);
		tlib_unmap(at, NR);
		at = NULL;
		took = tlib_now() - took;
		ASSERT_EQ(0, tlib_touch_join(&t));
	} while ((late || took >= ms * NSEC_PER_MS) && ms < 10000);

	EXPECT_EQ(SIGSEGV, t.touch.signal);
	EXPECT_EQ(SEGV_MAPERR, t.touch.code);
	EXPECT_EQ((uintptr_t)t.addr, t.touch.addr);
	EXPECT_EQ(0, t.witness.minflt + t.witness.majflt);
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_VMAS));
}

TEST_HARNESS_MAIN
