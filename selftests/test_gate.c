// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate, and the races that it makes deterministic: a fault is under way and
 * has dropped its lock, and something happens to its page, its mapping or its
 * process.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <signal.h>
#include <sys/uio.h>
#include "flab.h"

#define NR	4
#define SOON	(10000 * FLAB_MS)	/* longer than anything here should take */

FIXTURE(gate)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(gate)
{
	enum faultlab_kind kind;
	__u64 flags;
};

FIXTURE_VARIANT_ADD(gate, returned)
{
	.kind = FAULTLAB_KIND_PAGE,
};

FIXTURE_VARIANT_ADD(gate, inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_INSERT,
};

FIXTURE_VARIANT_ADD(gate, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
};

static struct faultlab_rule gated(void)
{
	struct faultlab_rule rule = flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, 0);

	rule.delay_kind = FAULTLAB_DELAY_GATE;
	return rule;
}

static int gate(int fd, enum faultlab_gate_op op, __u32 nr)
{
	return faultlab_gate(fd, op, nr, op == FAULTLAB_GATE_AWAIT ? SOON : 0, NULL);
}

static __u32 waiting(int fd)
{
	__u32 nr = ~0U;

	faultlab_gate(fd, FAULTLAB_GATE_PASS, 0, 0, &nr);
	return nr;
}

/* Page 0 has a gate. */
FIXTURE_SETUP(gate)
{
	struct faultlab_rule rule = gated();

	self->fd = flab_region(variant->kind, variant->flags, NR);
	ASSERT_LE(0, self->fd);
	self->at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
}

FIXTURE_TEARDOWN(gate)
{
	close(self->fd);
}

/* A thread is at the gate: 0 or an errno. */
static int send_to_gate(struct _test_data_gate *self, struct flab_toucher *t, bool write)
{
	__u32 nr = waiting(self->fd);
	int err = flab_touch_start(t, self->at, write, 'g');

	return err ?: gate(self->fd, FAULTLAB_GATE_AWAIT, nr + 1);
}

TEST_F(gate, fault_waits_until_it_is_let_pass)
{
	const char *end = flab_delayed_ends();
	struct flab_toucher t;
	struct flab_mark mark;

	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	ASSERT_EQ(0, send_to_gate(self, &t, false));
	EXPECT_EQ(1, waiting(self->fd));
	EXPECT_FALSE(t.done);
	EXPECT_ENTRY("none", self->fd, self->at);
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	ASSERT_EQ(0, flab_touch_join(&t));
	EXPECT_EQ(0, t.touch.signal);
	EXPECT_EQ(0, waiting(self->fd));
	flab_end(&mark);
	EXPECT_EQ(1, flab_moved(&mark, FAULTLAB_STAT_FAULT_READ));
	EXPECT_EQ(1, flab_moved(&mark, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(1, flab_moved(&mark, faultlab_stat_by_name(end)));
	EXPECT_EQ(1, t.witness.minflt + t.witness.majflt);
	EXPECT_TRUE(flab_mapped(self->fd, self->at));
}

TEST_F(gate, pass_that_nobody_took_is_kept_for_the_next)
{
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 2));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(2, flab_stat(self->fd, FAULTLAB_STAT_RETRY));
}

TEST_F(gate, close_forgets_passes_and_shuts)
{
	struct flab_toucher t;

	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 5));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_CLOSE, 0));
	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, flab_touch_join(&t));
}

TEST_F(gate, open_gate_lets_everyone_pass)
{
	struct flab_toucher t[3];
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, send_to_gate(self, &t[i], i == 1));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, flab_touch_join(&t[i]));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
}

TEST_F(gate, first_come_is_first_served)
{
	struct flab_toucher t[3];
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, send_to_gate(self, &t[i], false));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
		ASSERT_EQ(0, flab_touch_join(&t[i]));
		EXPECT_EQ(2 - i, waiting(self->fd));
	}
}

TEST_F(gate, await_times_out_and_says_so)
{
	__u64 start = flab_now();

	EXPECT_EQ(-ETIMEDOUT, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 1, 20 * FLAB_MS, NULL));
	EXPECT_LE(20 * NSEC_PER_MS, flab_now() - start);
	EXPECT_EQ(0, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 0, 0, NULL));
}

TEST_F(gate, refuses_what_makes_no_sense)
{
	EXPECT_EQ(-EINVAL, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT + 1, 0, 0, NULL));
	EXPECT_EQ(-EINVAL, faultlab_gate(self->fd, FAULTLAB_GATE_OPEN, 1, 0, NULL));
	EXPECT_EQ(-EINVAL, faultlab_gate(self->fd, FAULTLAB_GATE_CLOSE, 1, 0, NULL));
	EXPECT_EQ(-EINVAL, faultlab_gate(self->fd, FAULTLAB_GATE_PASS, 1, 1, NULL));
	EXPECT_EQ(-EINVAL, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 1,
					 FAULTLAB_MAX_DELAY_US + 1, NULL));
}

/* The lock is held: nobody can be made to wait for ever behind it. */
TEST_F(gate, with_hold_lock_ends_after_a_second)
{
	struct faultlab_rule rule = gated();
	struct faultlab_touch touch;
	struct flab_mark mark;

	rule.flags = FAULTLAB_RULE_HOLD_LOCK;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 delayed pages +1 minflt 1", &mark);
	EXPECT_LE(1000 * NSEC_PER_MS, touch.ns);
}

TEST_F(gate, kernel_faults_wait_too_for_who_may_trace)
{
	int fds[2];
	struct flab_toucher t;

	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 2));
	ASSERT_EQ(0, flab_touch_join(&t));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(1, write(fds[1], self->at, 1));
	EXPECT_EQ(2, flab_stat(self->fd, FAULTLAB_STAT_RETRY));
	close(fds[0]);
	close(fds[1]);
}

/*
 * The races.
 */

TEST_F(gate, evict_while_a_fault_waits_leaves_nothing_stale)
{
	struct flab_toucher t;
	__u64 old;

	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'o', NULL));
	old = flab_pfn(self->fd, self->at);
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));

	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_ENTRY("none", self->fd, self->at);
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	ASSERT_EQ(0, flab_touch_join(&t));
	/* The page that it came for is gone: it reads a new one. */
	EXPECT_EQ(0, t.touch.signal);
	EXPECT_EQ(0, t.touch.value);
	EXPECT_NE(0, old);
	EXPECT_EQ(1, flab_stat(self->fd, FAULTLAB_STAT_PAGES));
}

TEST_F(gate, munmap_while_a_fault_waits_is_not_held_up_and_ends_it)
{
	struct flab_toucher t;
	__u64 start;

	ASSERT_EQ(0, send_to_gate(self, &t, true));
	start = flab_now();
	flab_unmap(self->at, NR);
	EXPECT_GE(1000 * NSEC_PER_MS, flab_now() - start);
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_VMAS));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	ASSERT_EQ(0, flab_touch_join(&t));
	/* When it comes again there is no mapping any more. */
	EXPECT_EQ(SIGSEGV, t.touch.signal);
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_PAGES));
}

TEST_F(gate, sigkill_while_a_fault_waits_ends_the_process_within_a_second)
{
	__u64 start;
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		faultlab_touch_read(self->at, NULL);
		_exit(1);
	}
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_AWAIT, 1));
	start = flab_now();
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_GE(1000 * NSEC_PER_MS, flab_now() - start);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(0, waiting(self->fd));
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_FAULT_READ));
}

/* The child has the gate too, and its own fault: the parent's is not copied. */
TEST_F(gate, fork_while_a_fault_waits_is_not_held_up)
{
	struct flab_toucher t;
	__u64 start;
	int status;
	pid_t pid;

	ASSERT_EQ(0, send_to_gate(self, &t, true));
	start = flab_now();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		/* Another page, then the one at the gate. */
		if (faultlab_touch_read(flab_at(self->at, 1), NULL) ||
		    faultlab_touch_read(self->at, NULL))
			_exit(1);
		_exit(*self->at);
	}
	EXPECT_GE(1000 * NSEC_PER_MS, flab_now() - start);
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_AWAIT, 2));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	ASSERT_EQ(0, flab_touch_join(&t));
	EXPECT_EQ(1, waiting(self->fd));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ('g', WEXITSTATUS(status));
}

TEST_F(gate, two_faults_on_one_page_end_with_one_page)
{
	struct flab_toucher reader, writer;

	ASSERT_EQ(0, send_to_gate(self, &reader, false));
	ASSERT_EQ(0, send_to_gate(self, &writer, true));
	EXPECT_EQ(2, waiting(self->fd));
	/* Let the second overtake the first. */
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, flab_touch_join(&reader));
	ASSERT_EQ(0, flab_touch_join(&writer));
	EXPECT_EQ(0, reader.touch.signal);
	EXPECT_EQ(0, writer.touch.signal);
	EXPECT_EQ('g', *self->at);
	EXPECT_EQ(1, flab_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(2, flab_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(1, flab_nr_mapped(self->fd, 0, self->at, NR));
}

TEST_F(gate, rules_cleared_while_a_fault_waits_let_it_go)
{
	struct flab_toucher t;

	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0));
	ASSERT_EQ(0, flab_touch_join(&t));
	EXPECT_EQ(0, t.touch.signal);
	EXPECT_EQ(0, waiting(self->fd));
	EXPECT_TRUE(flab_mapped(self->fd, self->at));
}

TEST_F(gate, rules_changed_while_a_fault_waits_judge_it_anew)
{
	struct faultlab_rule rule = flab_rule(0, 1, FAULTLAB_VERDICT_SIGSEGV, 0);
	struct flab_toucher t;

	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, flab_touch_join(&t));
	EXPECT_EQ(SIGSEGV, t.touch.signal);
	EXPECT_EQ(1, flab_stat(self->fd, FAULTLAB_STAT_SIGSEGV));
}

TEST_F(gate, rule_added_while_a_fault_waits_sends_it_back_to_the_gate)
{
	struct faultlab_rule rule = flab_rule(0, 1, FAULTLAB_VERDICT_SIGSEGV, 0);
	struct flab_toucher t;

	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_ADD, &rule));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_AWAIT, 1));
	EXPECT_FALSE(t.done);
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	ASSERT_EQ(0, flab_touch_join(&t));
	EXPECT_EQ(0, t.touch.signal);
}

TEST_F(gate, unplug_while_a_fault_waits_ends_it_with_sigbus)
{
	struct flab_toucher t;

	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	ASSERT_EQ(0, flab_touch_join(&t));
	EXPECT_EQ(SIGBUS, t.touch.signal);
	EXPECT_EQ(-ENODEV, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
}

TEST_F(gate, mremap_while_a_fault_waits_leaves_nothing_at_the_old_place)
{
	size_t bytes = NR * flab_page_size();
	struct flab_toucher t;
	char *to;

	ASSERT_EQ(0, send_to_gate(self, &t, false));
	to = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, to);
	ASSERT_EQ(to, mremap(self->at, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, flab_touch_join(&t));
	EXPECT_EQ(SIGSEGV, t.touch.signal);
	EXPECT_EQ(0, faultlab_touch_read(to, NULL));
}

/*
 * What a fault that waits must not hold up.
 */

TEST_F(gate, other_pages_are_served_meanwhile)
{
	struct flab_toucher t;
	struct flab_mark mark;
	int i;

	ASSERT_EQ(0, send_to_gate(self, &t, true));
	ASSERT_EQ(0, flab_begin(self->fd, &mark));
	for (i = 1; i < NR; i++)
		EXPECT_EQ(0, faultlab_touch_write(flab_at(self->at, i), 1, NULL));
	EXPECT_COUNTS("fault_write 3 minor 3 locked 3 pages +3 minflt 3", &mark);
	EXPECT_FALSE(t.done);
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, flab_touch_join(&t));
}

/* mmap, munmap, mprotect and fork want mmap_lock for write: nobody has it. */
TEST_F(gate, address_space_can_change_meanwhile)
{
	struct flab_toucher t;
	__u64 start;
	char *more;

	ASSERT_EQ(0, send_to_gate(self, &t, true));
	start = flab_now();
	more = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, more);
	EXPECT_EQ(0, faultlab_touch_read(flab_at(more, 1), NULL));
	EXPECT_EQ(0, mprotect(more, flab_page_size(), PROT_READ));
	flab_unmap(more, NR);
	EXPECT_GE(1000 * NSEC_PER_MS, flab_now() - start);
	EXPECT_FALSE(t.done);
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, flab_touch_join(&t));
	EXPECT_EQ(0, t.touch.signal);
}

/* The counterpart: under the lock munmap waits, as the kernel's locks require. */
TEST_F(gate, with_hold_lock_munmap_waits)
{
	struct faultlab_rule rule = gated();
	struct flab_toucher t;
	__u64 start;

	rule.flags = FAULTLAB_RULE_HOLD_LOCK;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, send_to_gate(self, &t, false));
	start = flab_now();
	flab_unmap(self->at, NR);
	EXPECT_LE(500 * NSEC_PER_MS, flab_now() - start);
	/* Served; whether the access comes before munmap or after is anyone's guess. */
	ASSERT_EQ(0, flab_touch_join(&t));
	EXPECT_EQ(1, flab_stat(self->fd, FAULTLAB_STAT_MINOR));
	EXPECT_EQ(0, flab_stat(self->fd, FAULTLAB_STAT_RETRY));
}

TEST_HARNESS_MAIN
