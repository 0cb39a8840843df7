// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a delay does to a fault: its length, its number, and how it is counted.
 */
#include "lib/fault/rule_kinds.h"

TEST_F(rule, a_delay_lasts_at_least_its_time_and_the_fault_counts_once)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 20 * TLIB_MS)));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_COUNTS(after_delay("fault_read"), &mark);
	EXPECT_LE(20 * NSEC_PER_MS, touch.ns);
	EXPECT_LE(20 * NSEC_PER_MS, tlib_moved(&mark, FAULTLAB_STAT_DELAY_NS));
	EXPECT_GE(touch.ns, tlib_moved(&mark, FAULTLAB_STAT_DELAY_NS));
	EXPECT_TRUE(tlib_mapped(self->fd, self->at));
}

/* See tlib_delayed_ends(). The retry itself is under mmap_lock on every kernel. */
TEST_F(rule, delayed_fault_is_major_where_its_first_try_was_under_mmap_lock)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, TLIB_MS)));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, NULL));
	EXPECT_COUNTS(after_delay("fault_write"), &mark);
	EXPECT_EQ(tlib_kernel_has_vma_lock(), tlib_moved(&mark, FAULTLAB_STAT_MINOR));
	EXPECT_EQ(!tlib_kernel_has_vma_lock(), tlib_moved(&mark, FAULTLAB_STAT_MAJOR));
	EXPECT_EQ(1, tlib_moved(&mark, FAULTLAB_STAT_UNDER_MMAP_LOCK));
	EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_UNDER_VMA_LOCK));
}

TEST_F(rule, delay_and_major_make_one_major_fault)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_MAJOR, TLIB_MS)));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_COUNTS("fault_read 1 major 1 retry 1 locked 1 delayed pages +1 majflt 1", &mark);
}

TEST_F(rule, a_delay_for_writes_does_not_delay_reads)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, FOR_EVER);
	struct tlib_mark mark;

	rule.access = FAULTLAB_ACCESS_WRITE;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
}

TEST_F(rule, a_delay_with_hold_lock_makes_no_retry)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 20 * TLIB_MS);
	bool vma_lock = tlib_kernel_has_vma_lock();
	struct faultlab_touch touch;
	struct tlib_mark mark;

	rule.flags = FAULTLAB_RULE_HOLD_LOCK;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 delayed pages +1 minflt 1", &mark);
	EXPECT_EQ(vma_lock, tlib_moved(&mark, FAULTLAB_STAT_UNDER_VMA_LOCK));
	EXPECT_LE(20 * NSEC_PER_MS, touch.ns);
	EXPECT_LE(20 * NSEC_PER_MS, tlib_moved(&mark, FAULTLAB_STAT_DELAY_NS));
}

TEST_F(rule, every_fault_on_the_page_is_delayed)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;
	int i;

	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 5 * TLIB_MS)));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
		ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
		EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
		EXPECT_COUNTS(after_delay("fault_read"), &mark);
		EXPECT_LE(5 * NSEC_PER_MS, touch.ns);
	}
}

/*
 * Faults of two threads wait for page 0. The first retry maps the page, and the other
 * thread finds it mapped, so its fault does not call .fault again. Returns false if that
 * did not happen.
 */
static bool wait_in_vain(int fd, char *at, __u64 ms)
{
	struct faultlab_stats stats;
	struct tlib_toucher other;

	if (faultlab_evict(fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP) ||
	    set_rule(fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, ms * TLIB_MS)) ||
	    faultlab_stats_reset(fd, &stats) ||
	    tlib_touch_start(&other, at, false, 0) || tlib_wait_delayed(other.tid))
		return false;
	faultlab_touch_read(at, NULL);
	tlib_touch_join(&other);
	return tlib_stat(fd, FAULTLAB_STAT_RETRY) == 2 &&
	       tlib_stat(fd, FAULTLAB_STAT_FAULT_READ) == 1;
}

/*
 * The module remembers that a fault has waited until the fault is retried (struct
 * flab_pending). For the thread that found the page mapped it still does, but must not
 * take its next fault for the retry.
 */
TEST_F(rule, a_fault_is_delayed_although_an_earlier_wait_found_the_page_mapped)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;
	bool in_vain = false;
	__u64 ms;

	for (ms = 250; !in_vain && ms < 10000; ms *= 2)
		in_vain = wait_in_vain(self->fd, self->at, ms);
	ASSERT_TRUE(in_vain);

	ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 20 * TLIB_MS)));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_COUNTS(after_delay("fault_read"), &mark);
	EXPECT_LE(20 * NSEC_PER_MS, touch.ns);
}

/*
 * Rules that are set while a fault waits apply to it: it waits again, as the new rule
 * says. The test repeats this, with longer delays, until the rules changed while the fault
 * was certainly waiting.
 */
TEST_F(rule, rules_set_while_a_fault_waits_apply_to_it)
{
	struct faultlab_stats stats;
	struct tlib_toucher t;
	__u64 took, ms = 125;
	bool late;

	do {
		ms *= 2;
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
		ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE,
							  ms * TLIB_MS)));
		ASSERT_EQ(0, faultlab_stats_reset(self->fd, &stats));
		took = tlib_now();
		ASSERT_EQ(0, tlib_touch_start(&t, self->at, false, 0));
		late = tlib_wait_delayed(t.tid);
		ASSERT_EQ(0, set_rule(self->fd, tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE,
							  20 * TLIB_MS)));
		took = tlib_now() - took;
		ASSERT_EQ(0, tlib_touch_join(&t));
	} while ((late || took >= ms * NSEC_PER_MS) && ms < 10000);

	EXPECT_EQ(0, t.touch.signal);
	EXPECT_LE((ms + 20) * NSEC_PER_MS, t.touch.ns);
	EXPECT_EQ(2, tlib_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_READ));
	/*
	 * The second retry is major on every kernel: the first retry already had mmap_lock
	 * (see tlib_delayed_ends()).
	 */
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_MAJOR));
	EXPECT_EQ(1, t.witness.majflt);
	EXPECT_EQ(0, t.witness.minflt);
}

/*
 * The same test with hold-lock: the fault keeps its lock while it waits and is not
 * retried, and yet the new rule applies to it.
 */
TEST_F(rule, rules_set_while_a_fault_waits_with_hold_lock_apply_to_it)
{
	struct faultlab_rule hold, major = tlib_rule(0, 1, FAULTLAB_VERDICT_MAJOR, 0);
	struct faultlab_stats stats;
	struct tlib_toucher t;
	__u64 took, ms = 125;
	unsigned int tries = 0;
	bool late;

	do {
		/* With hold-lock a delay can be one second at most. */
		ms = ms < 500 ? 2 * ms : 1000;
		hold = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, ms * TLIB_MS);
		hold.flags = FAULTLAB_RULE_HOLD_LOCK;
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
		ASSERT_EQ(0, set_rule(self->fd, hold));
		ASSERT_EQ(0, faultlab_stats_reset(self->fd, &stats));
		took = tlib_now();
		ASSERT_EQ(0, tlib_touch_start(&t, self->at, false, 0));
		late = tlib_wait_delayed(t.tid);
		ASSERT_EQ(0, set_rule(self->fd, major));
		took = tlib_now() - took;
		ASSERT_EQ(0, tlib_touch_join(&t));
	} while ((late || took >= ms * NSEC_PER_MS) && ++tries < 20);

	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_MAJOR));
	EXPECT_EQ(1, t.witness.majflt);
	EXPECT_EQ(0, t.witness.minflt);
}

static bool is_done(const struct tlib_toucher *t)
{
	return __atomic_load_n(&t->done, __ATOMIC_ACQUIRE);
}

/*
 * New rules can make a fault wait again. But with hold-lock others may wait for the lock:
 * munmap(), fork(), readers of /proc/PID/maps. So all waits of a fault together end after
 * FAULTLAB_MAX_HOLD_US. Here the rules change three times a second for as long as the fault
 * waits, at most thirty times.
 */
TEST_F(rule, rules_set_while_a_fault_waits_with_hold_lock_do_not_prolong_the_wait)
{
	static const enum faultlab_delay kinds[] = {
		FAULTLAB_DELAY_FIXED, FAULTLAB_DELAY_GATE,
	};
	unsigned int i, changes;
	struct tlib_toucher t;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct faultlab_rule hold = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 0);

		hold.delay_kind = kinds[i];
		hold.delay_us = kinds[i] == FAULTLAB_DELAY_GATE ? 0 : FAULTLAB_MAX_HOLD_US;
		hold.flags = FAULTLAB_RULE_HOLD_LOCK;
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
		ASSERT_EQ(0, set_rule(self->fd, hold));
		ASSERT_EQ(0, tlib_touch_start(&t, self->at, false, 0));
		for (changes = 0; changes < 30 && !is_done(&t); changes++) {
			usleep(300 * TLIB_MS);
			ASSERT_EQ(0, set_rule(self->fd, hold));
		}
		ASSERT_EQ(0, tlib_touch_join(&t));
		EXPECT_LE(2, changes);
		EXPECT_GT(30, changes);
		EXPECT_LE(FAULTLAB_MAX_HOLD_US * 1000, t.touch.ns);
		EXPECT_EQ(1, t.witness.minflt);
	}
}

/*
 * The limit is for waits under the lock. A wait that drops it, by a rule that is set while the
 * fault waits with hold-lock, takes place also if the limit is reached.
 */
TEST_F(rule, a_gate_set_while_a_fault_waits_with_hold_lock_is_not_passed)
{
	struct faultlab_rule hold = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, FAULTLAB_MAX_HOLD_US);
	struct faultlab_rule gate = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 0);
	struct tlib_toucher t;

	hold.flags = FAULTLAB_RULE_HOLD_LOCK;
	gate.delay_kind = FAULTLAB_DELAY_GATE;
	ASSERT_EQ(0, set_rule(self->fd, hold));
	ASSERT_EQ(0, tlib_touch_start(&t, self->at, false, 0));
	EXPECT_EQ(0, tlib_wait_delayed(t.tid));
	ASSERT_EQ(0, set_rule(self->fd, gate));
	EXPECT_EQ(0, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 1, 10000000, NULL));
	EXPECT_FALSE(is_done(&t));
	EXPECT_EQ(0, faultlab_gate(self->fd, FAULTLAB_GATE_OPEN, 0, 0, NULL));
	ASSERT_EQ(0, tlib_touch_join(&t));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_READ));
}

TEST_HARNESS_MAIN
