// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules: which faults end how, and what a delay does to a fault.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include "flab.h"

#define NR		8
#define FOR_EVER	(60000 * FLAB_MS)	/* longer than a test may take */

FIXTURE(rule)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(rule)
{
	enum faultlab_kind kind;
	__u64 flags;
};

FIXTURE_VARIANT_ADD(rule, returned)
{
	.kind = FAULTLAB_KIND_PAGE,
};

FIXTURE_VARIANT_ADD(rule, inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_INSERT,
};

FIXTURE_VARIANT_ADD(rule, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
};

FIXTURE_SETUP(rule)
{
	self->fd = flab_region(variant->kind, variant->flags, NR);
	ASSERT_LE(0, self->fd);
	self->at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(rule)
{
	close(self->fd);
}

static int set_rule(int fd, struct faultlab_rule rule)
{
	return faultlab_rule(fd, FAULTLAB_RULE_SET, &rule);
}

static int add_rule(int fd, struct faultlab_rule rule)
{
	return faultlab_rule(fd, FAULTLAB_RULE_ADD, &rule);
}

/* How each page's first fault ends: "m" minor, "M" major, "-" neither. */
static const char *endings(int fd, char *at)
{
	static char text[NR + 1];
	struct faultlab_stats one, two;
	size_t i;

	for (i = 0; i < NR; i++) {
		faultlab_stats(fd, &one);
		faultlab_touch_read(flab_at(at, i), NULL);
		faultlab_stats(fd, &two);
		faultlab_stats_diff(&one, &two, &two);
		text[i] = two.value[FAULTLAB_STAT_MAJOR] ? 'M' :
			  two.value[FAULTLAB_STAT_MINOR] ? 'm' : '-';
	}
	return text;
}

TEST_F(rule, serve_changes_nothing)
{
	struct flab_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, NR, FAULTLAB_VERDICT_SERVE, 0)));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(0, faultlab_touch_write(flab_at(self->at, 1), 1, NULL));
	EXPECT_COUNTS("fault_read 1 fault_write 1 minor 2 locked 2 pages +2 minflt 2", &mark);
	EXPECT_EQ(2, flab_nr_mapped(self->fd, 0, self->at, NR));
}

TEST_F(rule, major_read_is_major_to_everyone)
{
	struct flab_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_MAJOR, 0)));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_COUNTS("fault_read 1 major 1 locked 1 pages +1 majflt 1", &mark);
	EXPECT_TRUE(flab_mapped(self->fd, self->at));
}

TEST_F(rule, major_write_is_major_and_writes)
{
	struct flab_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_MAJOR, 0)));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	EXPECT_COUNTS("fault_write 1 major 1 locked 1 pages +1 majflt 1", &mark);
	EXPECT_EQ('S', *self->at);
}

/* The figure is the machine's: others can only add to it, so one try is enough. */
TEST_F(rule, major_counts_once_in_vmstat)
{
	struct faultlab_witness witness;
	__u64 least = ~0ULL;
	size_t i;

	flab_settle();
	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, NR, FAULTLAB_VERDICT_MAJOR, 0)));
	for (i = 0; i < NR; i++) {
		ASSERT_EQ(0, faultlab_witness_begin(&witness, RUSAGE_THREAD));
		EXPECT_EQ(0, faultlab_touch_read(flab_at(self->at, i), NULL));
		ASSERT_EQ(0, faultlab_witness_end(&witness));
		if (witness.pgmajfault < least)
			least = witness.pgmajfault;
	}
	EXPECT_EQ(1, least);
	EXPECT_EQ(NR, flab_stat(self->fd, FAULTLAB_STAT_MAJOR));
}

TEST_F(rule, range_ends_where_it_says)
{
	ASSERT_EQ(0, set_rule(self->fd, flab_rule(2, 3, FAULTLAB_VERDICT_MAJOR, 0)));
	EXPECT_STREQ("mmMMMmmm", endings(self->fd, self->at));
}

TEST_F(rule, range_may_reach_to_the_end)
{
	struct faultlab_rule rule = flab_rule(5, 1, FAULTLAB_VERDICT_MAJOR, 0);

	rule.length = FAULTLAB_TO_END;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	EXPECT_STREQ("mmmmmMMM", endings(self->fd, self->at));
}

TEST_F(rule, first_match_wins)
{
	const struct faultlab_rule rules[] = {
		flab_rule(1, 2, FAULTLAB_VERDICT_SERVE, 0),
		flab_rule(0, 6, FAULTLAB_VERDICT_MAJOR, 0),
		flab_rule(0, NR, FAULTLAB_VERDICT_SERVE, 0),
	};

	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, 3));
	EXPECT_STREQ("MmmMMMmm", endings(self->fd, self->at));
}

TEST_F(rule, set_replaces_what_was_there)
{
	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 4, FAULTLAB_VERDICT_MAJOR, 0)));
	ASSERT_EQ(0, set_rule(self->fd, flab_rule(6, 1, FAULTLAB_VERDICT_MAJOR, 0)));
	EXPECT_STREQ("mmmmmmMm", endings(self->fd, self->at));
}

TEST_F(rule, add_goes_behind_what_was_there)
{
	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 2, FAULTLAB_VERDICT_SERVE, 0)));
	ASSERT_EQ(0, add_rule(self->fd, flab_rule(1, 3, FAULTLAB_VERDICT_MAJOR, 0)));
	ASSERT_EQ(0, add_rule(self->fd, flab_rule(3, 2, FAULTLAB_VERDICT_SERVE, 0)));
	EXPECT_STREQ("mmMMmmmm", endings(self->fd, self->at));
}

TEST_F(rule, set_of_none_clears)
{
	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, NR, FAULTLAB_VERDICT_MAJOR, 0)));
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0));
	EXPECT_STREQ("mmmmmmmm", endings(self->fd, self->at));
}

TEST_F(rule, add_of_none_changes_nothing)
{
	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 4, FAULTLAB_VERDICT_MAJOR, 0)));
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_ADD, NULL, 0));
	EXPECT_STREQ("MMMMmmmm", endings(self->fd, self->at));
}

TEST_F(rule, access_mask_chooses_the_faults)
{
	struct faultlab_rule rule = flab_rule(0, NR, FAULTLAB_VERDICT_MAJOR, 0);
	struct flab_mark mark;

	rule.access = FAULTLAB_ACCESS_WRITE;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(flab_at(self->at, 1), 1, NULL));
	EXPECT_COUNTS("fault_write 1 major 1 locked 1 pages +1 majflt 1", &mark);
}

TEST_F(rule, page_that_is_mapped_meets_no_rule)
{
	struct flab_mark mark;

	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, NULL));
	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, NR, FAULTLAB_VERDICT_MAJOR, FOR_EVER)));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 2, NULL));
	EXPECT_COUNTS("", &mark);
}

/*
 * Delays.
 */

/* What a task counts whose fault was delayed and came again. */
static const char *after_delay(const char *access)
{
	const char *end = flab_delayed_ends();

	return flab_text("%s 1 %s 1 retry 1 locked 1 delayed pages +1 %.3sflt 1", access, end, end);
}

TEST_F(rule, delay_waits_as_long_as_it_says_and_counts_once)
{
	struct faultlab_touch touch;
	struct flab_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, 20 * FLAB_MS)));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_COUNTS(after_delay("fault_read"), &mark);
	EXPECT_LE(20 * NSEC_PER_MS, touch.ns);
	EXPECT_LE(20 * NSEC_PER_MS, flab_moved(&mark, FAULTLAB_STAT_DELAY_NS));
	EXPECT_GE(touch.ns, flab_moved(&mark, FAULTLAB_STAT_DELAY_NS));
	EXPECT_TRUE(flab_mapped(self->fd, self->at));
}

/* The pass that ends it runs under mmap_lock everywhere. */
TEST_F(rule, delayed_fault_is_major_where_its_first_try_was_under_mmap_lock)
{
	struct flab_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, FLAB_MS)));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, NULL));
	EXPECT_COUNTS(after_delay("fault_write"), &mark);
	EXPECT_EQ(flab_kernel_has_vma_lock(), flab_moved(&mark, FAULTLAB_STAT_MINOR));
	EXPECT_EQ(!flab_kernel_has_vma_lock(), flab_moved(&mark, FAULTLAB_STAT_MAJOR));
	EXPECT_EQ(1, flab_moved(&mark, FAULTLAB_STAT_UNDER_MMAP_LOCK));
	EXPECT_EQ(0, flab_moved(&mark, FAULTLAB_STAT_UNDER_VMA_LOCK));
}

TEST_F(rule, delay_and_major_make_one_major_fault)
{
	struct flab_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_MAJOR, FLAB_MS)));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_COUNTS("fault_read 1 major 1 retry 1 locked 1 delayed pages +1 majflt 1", &mark);
}

TEST_F(rule, delay_of_a_mask_leaves_other_accesses_alone)
{
	struct faultlab_rule rule = flab_rule(0, NR, FAULTLAB_VERDICT_SERVE, FOR_EVER);
	struct flab_mark mark;

	rule.access = FAULTLAB_ACCESS_WRITE;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
}

TEST_F(rule, hold_lock_waits_without_a_retry)
{
	struct faultlab_rule rule = flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, 20 * FLAB_MS);
	bool vma_lock = flab_kernel_has_vma_lock();
	struct faultlab_touch touch;
	struct flab_mark mark;

	rule.flags = FAULTLAB_RULE_HOLD_LOCK;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 delayed pages +1 minflt 1", &mark);
	EXPECT_EQ(vma_lock, flab_moved(&mark, FAULTLAB_STAT_UNDER_VMA_LOCK));
	EXPECT_LE(20 * NSEC_PER_MS, touch.ns);
	EXPECT_LE(20 * NSEC_PER_MS, flab_moved(&mark, FAULTLAB_STAT_DELAY_NS));
}

TEST_F(rule, each_fault_waits_anew)
{
	struct faultlab_touch touch;
	struct flab_mark mark;
	int i;

	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, 5 * FLAB_MS)));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
		ASSERT_EQ(0, flab_begin(self->fd, &mark));
		EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
		EXPECT_COUNTS(after_delay("fault_read"), &mark);
		EXPECT_LE(5 * NSEC_PER_MS, touch.ns);
	}
}

/* Both wait for page 0, and one of them maps it for both: false if not so. */
static bool wait_in_vain(int fd, char *at, __u64 ms)
{
	struct faultlab_stats stats;
	struct flab_toucher other;

	if (faultlab_evict(fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP) ||
	    set_rule(fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, ms * FLAB_MS)) ||
	    faultlab_stats_reset(fd, &stats) ||
	    flab_touch_start(&other, at, false, 0) || flab_wait_delayed(other.tid))
		return false;
	faultlab_touch_read(at, NULL);
	flab_touch_join(&other);
	return flab_stat(fd, FAULTLAB_STAT_RETRY) == 2 &&
	       flab_stat(fd, FAULTLAB_STAT_FAULT_READ) == 1;
}

/* The one that found the page mapped came again without a fault. */
TEST_F(rule, wait_in_vain_is_not_taken_for_that_of_a_later_fault)
{
	struct faultlab_touch touch;
	struct flab_mark mark;
	bool in_vain = false;
	__u64 ms;

	for (ms = 250; !in_vain && ms < 10000; ms *= 2)
		in_vain = wait_in_vain(self->fd, self->at, ms);
	ASSERT_TRUE(in_vain);

	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, 20 * FLAB_MS)));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_COUNTS(after_delay("fault_read"), &mark);
	EXPECT_LE(20 * NSEC_PER_MS, touch.ns);
}

/*
 * The rules change while it waits: they make it wait again. A try counts if they
 * changed while the fault was certainly waiting.
 */
TEST_F(rule, waiting_fault_is_judged_anew_when_the_rules_change)
{
	struct faultlab_stats stats;
	struct flab_toucher t;
	__u64 took, ms = 125;

	do {
		ms *= 2;
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
		ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE,
							  ms * FLAB_MS)));
		ASSERT_EQ(0, faultlab_stats_reset(self->fd, &stats));
		took = flab_now();
		ASSERT_EQ(0, flab_touch_start(&t, self->at, false, 0));
		ASSERT_EQ(0, flab_wait_delayed(t.tid));
		ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE,
							  20 * FLAB_MS)));
		took = flab_now() - took;
		ASSERT_EQ(0, flab_touch_join(&t));
	} while (took >= ms * NSEC_PER_MS);

	EXPECT_EQ(0, t.touch.signal);
	EXPECT_LE((ms + 20) * NSEC_PER_MS, t.touch.ns);
	EXPECT_EQ(2, flab_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(1, flab_stat(self->fd, FAULTLAB_STAT_FAULT_READ));
	/* The second retry is under mmap_lock on every kernel. */
	EXPECT_EQ(1, flab_stat(self->fd, FAULTLAB_STAT_MAJOR));
	EXPECT_EQ(1, t.witness.majflt);
	EXPECT_EQ(0, t.witness.minflt);
}

/* The same where the lock is held: nothing comes again, and yet the new rule holds. */
TEST_F(rule, fault_that_waits_under_the_lock_is_judged_anew_too)
{
	struct faultlab_rule hold, major = flab_rule(0, 1, FAULTLAB_VERDICT_MAJOR, 0);
	struct faultlab_stats stats;
	struct flab_toucher t;
	__u64 took, ms = 125;

	do {
		ms *= 2;
		hold = flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, ms * FLAB_MS);
		hold.flags = FAULTLAB_RULE_HOLD_LOCK;
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
		ASSERT_EQ(0, set_rule(self->fd, hold));
		ASSERT_EQ(0, faultlab_stats_reset(self->fd, &stats));
		took = flab_now();
		ASSERT_EQ(0, flab_touch_start(&t, self->at, false, 0));
		ASSERT_EQ(0, flab_wait_delayed(t.tid));
		ASSERT_EQ(0, set_rule(self->fd, major));
		took = flab_now() - took;
		ASSERT_EQ(0, flab_touch_join(&t));
	} while (took >= ms * NSEC_PER_MS && ms < 1000);

	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(1, flab_stat(self->fd, FAULTLAB_STAT_MAJOR));
	EXPECT_EQ(1, t.witness.majflt);
	EXPECT_EQ(0, t.witness.minflt);
}

/*
 * While a fault waits for ever: the test's process takes the thread along.
 */
TEST_F(rule, delayed_page_does_not_delay_its_neighbours)
{
	struct flab_toucher t;
	struct flab_mark mark;

	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, FOR_EVER)));
	ASSERT_EQ(0, flab_touch_start(&t, self->at, false, 0));
	ASSERT_EQ(0, flab_wait_delayed(t.tid));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(flab_at(self->at, 1), NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	EXPECT_ENTRY("none", self->fd, self->at);
	EXPECT_FALSE(t.done);
}

TEST_F(rule, waiting_fault_holds_up_neither_mmap_nor_munmap_nor_fork)
{
	struct flab_toucher t;
	struct flab_peer peer;
	char *two;

	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, FOR_EVER)));
	ASSERT_EQ(0, flab_touch_start(&t, self->at, true, 1));
	ASSERT_EQ(0, flab_wait_delayed(t.tid));
	two = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, two);
	EXPECT_EQ(0, faultlab_touch_write(flab_at(two, 1), 1, NULL));
	flab_unmap(two, NR);
	ASSERT_LE(0, flab_peer_fork(&peer));
	if (!peer.pid)
		_exit(7);
	EXPECT_EQ(7, flab_peer_join(&peer));
	EXPECT_EQ(0, mprotect(flab_at(self->at, 4), flab_page_size(), PROT_READ));
	EXPECT_EQ(0, munmap(self->at, NR * flab_page_size()));
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_VMAS));
	EXPECT_EQ(0, flab_wait_delayed(t.tid));
	EXPECT_FALSE(t.done);
}

TEST_F(rule, waiting_fault_holds_up_neither_evict_nor_rules)
{
	struct flab_toucher t;

	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, FOR_EVER)));
	ASSERT_EQ(0, flab_touch_start(&t, self->at, true, 1));
	ASSERT_EQ(0, flab_wait_delayed(t.tid));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0));
	EXPECT_EQ(0, flab_wait_delayed(t.tid));
	EXPECT_FALSE(t.done);
}

TEST_F(rule, waiting_fault_can_be_killed)
{
	struct flab_peer peer;
	__u64 start;

	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, FOR_EVER)));
	ASSERT_LE(0, flab_peer_fork(&peer));
	if (!peer.pid) {
		*self->at = 1;
		_exit(0);
	}
	ASSERT_EQ(0, flab_wait_delayed(peer.pid));
	start = flab_now();
	EXPECT_EQ(0, kill(peer.pid, SIGKILL));
	EXPECT_EQ(-SIGKILL, flab_peer_join(&peer));
	EXPECT_GT(FOR_EVER * 1000, flab_now() - start);
	EXPECT_EQ(1, flab_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(1, flab_stat(self->fd, FAULTLAB_STAT_VMAS));
}

/* A try counts if the mapping went while the fault was certainly waiting. */
TEST_F(rule, mapping_that_goes_while_a_fault_waits_is_a_segmentation_fault)
{
	struct faultlab_stats stats;
	struct flab_toucher t;
	__u64 took, ms = 125;
	char *at = self->at;

	do {
		ms *= 2;
		if (!at)
			at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
		ASSERT_NE(NULL, at);
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
		ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE,
							  ms * FLAB_MS)));
		ASSERT_EQ(0, faultlab_stats_reset(self->fd, &stats));
		took = flab_now();
		ASSERT_EQ(0, flab_touch_start(&t, at, true, 1));
		ASSERT_EQ(0, flab_wait_delayed(t.tid));
		flab_unmap(at, NR);
		at = NULL;
		took = flab_now() - took;
		ASSERT_EQ(0, flab_touch_join(&t));
	} while (took >= ms * NSEC_PER_MS);

	EXPECT_EQ(SIGSEGV, t.touch.signal);
	EXPECT_EQ(SEGV_MAPERR, t.touch.code);
	EXPECT_EQ((uintptr_t)t.addr, t.touch.addr);
	EXPECT_EQ(0, t.witness.minflt + t.witness.majflt);
	EXPECT_EQ(1, flab_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_VMAS));
}

/*
 * Where the kernel allows no retry: .page_mkwrite and .pfn_mkwrite.
 */
FIXTURE(mkwrite)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(mkwrite)
{
	enum faultlab_kind kind;
	__u64 flags;
	__u32 access;
	const char *counts;
};

FIXTURE_VARIANT_ADD(mkwrite, returned)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_MKWRITE,
	.access = FAULTLAB_ACCESS_MKWRITE,
	.counts = "fault_mkwrite 1 minor 1 delayed minflt 1",
};

FIXTURE_VARIANT_ADD(mkwrite, inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_MKWRITE | FAULTLAB_REGION_INSERT,
	.access = FAULTLAB_ACCESS_MKWRITE,
	.counts = "fault_mkwrite 1 minor 1 delayed minflt 1",
};

FIXTURE_VARIANT_ADD(mkwrite, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
	.flags = FAULTLAB_REGION_MKWRITE,
	.access = FAULTLAB_ACCESS_PFN_MKWRITE,
	.counts = "fault_pfn_mkwrite 1 minor 1 locked 1 delayed minflt 1",
};

FIXTURE_SETUP(mkwrite)
{
	self->fd = flab_region(variant->kind, variant->flags, NR);
	ASSERT_LE(0, self->fd);
	self->at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
}

FIXTURE_TEARDOWN(mkwrite)
{
	close(self->fd);
}

TEST_F(mkwrite, delay_sleeps_under_the_lock)
{
	struct faultlab_rule rule = flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, 20 * FLAB_MS);
	struct faultlab_touch touch;
	struct flab_mark mark;

	rule.access = variant->access;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, &touch));
	EXPECT_COUNTS(variant->counts, &mark);
	EXPECT_LE(20 * NSEC_PER_MS, touch.ns);
	EXPECT_LE(20 * NSEC_PER_MS, flab_moved(&mark, FAULTLAB_STAT_DELAY_NS));
}

TEST_F(mkwrite, delay_without_end_is_cut_to_what_the_lock_may_be_held)
{
	struct faultlab_rule rule = flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, FOR_EVER);
	struct faultlab_touch touch;
	struct flab_mark mark;

	rule.access = variant->access;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, &touch));
	EXPECT_COUNTS(variant->counts, &mark);
	EXPECT_LE(FAULTLAB_MAX_HOLD_US * 1000, touch.ns);
	EXPECT_GT(FOR_EVER * 1000, touch.ns);
}

TEST_F(mkwrite, rule_about_it_leaves_the_first_fault_alone)
{
	struct faultlab_rule rule = flab_rule(0, NR, FAULTLAB_VERDICT_SERVE, FOR_EVER);
	struct flab_mark mark;

	rule.access = variant->access;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(flab_at(self->at, 1), NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
}

/*
 * What only pages can show: private mappings, and GUP.
 */
FIXTURE(page_rule)
{
	int fd;
};

FIXTURE_VARIANT(page_rule)
{
	__u64 flags;
};

FIXTURE_VARIANT_ADD(page_rule, returned)
{
	.flags = 0,
};

FIXTURE_VARIANT_ADD(page_rule, inserted)
{
	.flags = FAULTLAB_REGION_INSERT,
};

FIXTURE_SETUP(page_rule)
{
	self->fd = flab_region(FAULTLAB_KIND_PAGE, variant->flags, NR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(page_rule)
{
	close(self->fd);
}

TEST_F(page_rule, copy_on_write_has_an_access_of_its_own)
{
	struct faultlab_rule rule = flab_rule(0, NR, FAULTLAB_VERDICT_MAJOR, 0);
	char *private = flab_map(self->fd, FLAB_RW, MAP_PRIVATE, 0, NR);
	char *shared = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
	struct flab_mark mark;

	ASSERT_NE(NULL, private);
	ASSERT_NE(NULL, shared);
	rule.access = FAULTLAB_ACCESS_COW;
	ASSERT_EQ(0, set_rule(self->fd, rule));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(private, 'P', NULL));
	EXPECT_COUNTS("fault_cow 1 major 1 locked 1 pages +1 majflt 1", &mark);
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(shared, 'S', NULL));
	EXPECT_EQ(0, faultlab_touch_read(flab_at(private, 1), NULL));
	EXPECT_COUNTS("fault_read 1 fault_write 1 minor 2 locked 2 pages +1 minflt 2", &mark);
}

TEST_F(page_rule, delayed_copy_on_write_comes_again_and_copies)
{
	char *private = flab_map(self->fd, FLAB_RW, MAP_PRIVATE, 0, NR);
	struct flab_mark mark;

	ASSERT_NE(NULL, private);
	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, FLAB_MS)));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(private, 'P', NULL));
	EXPECT_COUNTS(after_delay("fault_cow"), &mark);
	EXPECT_EQ('P', *private);
	EXPECT_FALSE(flab_pagemap(private).file);
}

TEST_F(page_rule, delay_in_gup_retries_under_mmap_lock_and_is_major_everywhere)
{
	char *at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
	struct iovec from = { .iov_base = at, .iov_len = 1 };
	char byte = 'x';
	struct iovec to = { .iov_base = &byte, .iov_len = 1 };
	struct flab_mark mark;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, FLAB_MS)));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(1, process_vm_readv(getpid(), &to, 1, &from, 1, 0));
	EXPECT_COUNTS("fault_read 1 major 1 retry 1 locked 1 delayed pages +1 majflt 1", &mark);
	EXPECT_EQ(0, byte);
}

static int drop_cap(cap_value_t cap)
{
	cap_t caps = cap_get_proc();
	int err;

	err = cap_set_flag(caps, CAP_EFFECTIVE, 1, &cap, CAP_CLEAR) || cap_set_proc(caps);
	cap_free(caps);
	return err;
}

TEST_F(page_rule, delay_in_gup_needs_cap_sys_ptrace_of_whoever_sets_the_rule)
{
	char *at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
	struct iovec from = { .iov_base = at, .iov_len = 1 };
	char byte = 'x';
	struct iovec to = { .iov_base = &byte, .iov_len = 1 };
	struct flab_mark mark;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, drop_cap(CAP_SYS_PTRACE));
	ASSERT_EQ(0, set_rule(self->fd, flab_rule(0, NR, FAULTLAB_VERDICT_SERVE, FLAB_MS)));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(1, process_vm_readv(getpid(), &to, 1, &from, 1, 0));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);

	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(flab_at(at, 1), NULL));
	EXPECT_COUNTS(after_delay("fault_read"), &mark);
}

TEST_HARNESS_MAIN
