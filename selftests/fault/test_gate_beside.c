// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a waiting fault blocks, and what it must not block.
 */
#include <errno.h>
#include <unistd.h>

#include "lib/fault/gate.h"

TEST_F(gate, faults_on_other_pages_are_served_while_one_waits)
{
	struct tlib_toucher t;
	struct tlib_mark mark;
	int i;

	ASSERT_EQ(0, send_to_gate(self, &t, true));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	for (i = 1; i < NR; i++)
		EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, i), 1, NULL));
	EXPECT_COUNTS("fault_write 3 minor 3 locked 3 pages +3 minflt 3", &mark);
	EXPECT_FALSE(t.done);
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, tlib_touch_join(&t));
}

/* What belongs to all regions is not held while a fault waits. */
TEST_F(gate, another_region_faults_evicts_and_takes_rules_while_a_fault_waits)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_MAJOR, 0);
	int other = tlib_region(variant->kind, variant->flags, NR);
	struct tlib_toucher t;
	char *at;

	ASSERT_LE(0, other);
	at = tlib_map(other, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, send_to_gate(self, &t, true));
	EXPECT_EQ(0, faultlab_touch_write(at, 1, NULL));
	EXPECT_EQ(0, faultlab_rule(other, FAULTLAB_RULE_SET, &rule));
	EXPECT_EQ(0, faultlab_evict(other, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_EQ(1, tlib_stat(other, FAULTLAB_STAT_MAJOR));
	tlib_unmap(at, NR);
	EXPECT_EQ(0, close(other));
	EXPECT_FALSE(t.done);
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, tlib_touch_join(&t));
}

/* All of these take mmap_lock for write, which a fault at the gate does not hold. */
TEST_F(gate, mmap_mprotect_and_munmap_do_not_wait_for_a_fault_at_the_gate)
{
	struct tlib_toucher t;
	char *more;

	ASSERT_EQ(0, send_to_gate(self, &t, true));
	more = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, more);
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(more, 1), NULL));
	EXPECT_EQ(0, mprotect(more, tlib_page_size(), PROT_READ));
	tlib_unmap(more, NR);
	EXPECT_FALSE(t.done);
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, tlib_touch_join(&t));
	EXPECT_EQ(0, t.touch.signal);
}

/* With hold-lock the fault keeps its lock, so munmap() waits for it. */
TEST_F(gate, munmap_waits_for_a_fault_at_a_gate_with_hold_lock)
{
	struct faultlab_rule rule = gated();
	struct tlib_toucher t;
	__u64 start;

	rule.flags = FAULTLAB_RULE_HOLD_LOCK;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	/* Take the time before the fault begins to wait. */
	start = tlib_now();
	ASSERT_EQ(0, send_to_gate(self, &t, false));
	tlib_unmap(self->at, NR);
	EXPECT_LE(FAULTLAB_MAX_HOLD_US * 1000, tlib_now() - start);
	/* The fault is served; the access itself may come before munmap() or after. */
	ASSERT_EQ(0, tlib_touch_join(&t));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_MINOR));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_RETRY));
}

TEST_HARNESS_MAIN
