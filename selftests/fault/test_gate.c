// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate: which faults wait at it, and what lets them pass.
 */
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "lib/fault/gate.h"
#include "lib/sys.h"

TEST_F(gate, a_fault_waits_until_pass_releases_it)
{
	const char *end = tlib_delayed_ends();
	struct tlib_toucher t;
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	ASSERT_EQ(0, send_to_gate(self, &t, false));
	EXPECT_EQ(1, waiting(self->fd));
	EXPECT_FALSE(t.done);
	EXPECT_ENTRY("none", self->fd, self->at);
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	ASSERT_EQ(0, tlib_touch_join(&t));
	EXPECT_EQ(0, t.touch.signal);
	EXPECT_EQ(0, waiting(self->fd));
	tlib_counts_end(&mark);
	EXPECT_EQ(1, tlib_moved(&mark, FAULTLAB_STAT_FAULT_READ));
	EXPECT_EQ(1, tlib_moved(&mark, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(1, tlib_moved(&mark, faultlab_stat_by_name(end)));
	EXPECT_EQ(1, t.witness.minflt + t.witness.majflt);
	EXPECT_TRUE(tlib_mapped(self->fd, self->at));
}

TEST_F(gate, unused_passes_let_later_faults_through)
{
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 2));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(2, tlib_stat(self->fd, FAULTLAB_STAT_RETRY));
}

TEST_F(gate, close_discards_unused_passes_and_makes_faults_wait_again)
{
	struct tlib_toucher t;

	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 5));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_CLOSE, 0));
	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, tlib_touch_join(&t));
}

TEST_F(gate, open_releases_all_waiting_faults_and_lets_later_ones_through)
{
	struct tlib_toucher t[3];
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, send_to_gate(self, &t[i], i == 1));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, tlib_touch_join(&t[i]));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
}

TEST_F(gate, pass_releases_waiting_faults_in_order_of_arrival)
{
	struct tlib_toucher t[3];
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, send_to_gate(self, &t[i], false));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
		ASSERT_EQ(0, tlib_touch_join(&t[i]));
		EXPECT_EQ(2 - i, waiting(self->fd));
	}
}

TEST_F(gate, await_returns_etimedout_after_its_timeout)
{
	__u64 start = tlib_now();

	EXPECT_EQ(-ETIMEDOUT, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 1, 20 * TLIB_MS, NULL));
	EXPECT_LE(20 * NSEC_PER_MS, tlib_now() - start);
	EXPECT_EQ(0, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 0, 0, NULL));
}

static void on_alarm(int sig)
{
}

/* If AWAIT were restarted after a signal, each signal would start its timeout anew. */
TEST_F(gate, await_returns_eintr_even_for_a_signal_with_sa_restart)
{
	/* Repeated, since the first signal may arrive before the ioctl waits. */
	const struct itimerval soon = {
		.it_value.tv_usec = 50 * TLIB_MS, .it_interval.tv_usec = 50 * TLIB_MS,
	};
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &soon, NULL));
	EXPECT_EQ(-EINTR, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 1, 20000 * TLIB_MS, NULL));
}

static int await_none(void *arg)
{
	return -faultlab_gate(*(int *)arg, FAULTLAB_GATE_AWAIT, 1, 1000 * TLIB_MS, NULL);
}

/*
 * SIGSTOP and SIGCONT interrupt AWAIT, but run no signal handler. So AWAIT goes on waiting
 * and does not return EINTR.
 */
TEST_F(gate, await_goes_on_after_sigstop_and_sigcont)
{
	pid_t pid = tlib_spawn(await_none, &self->fd);
	int i, status;

	for (i = 0; i < 3; i++) {
		usleep(100 * 1000);
		ASSERT_EQ(0, kill(pid, SIGSTOP));
		ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
		ASSERT_TRUE(WIFSTOPPED(status));
		ASSERT_EQ(0, kill(pid, SIGCONT));
	}
	EXPECT_EQ(ETIMEDOUT, tlib_reap(pid));
}

TEST_F(gate, invalid_gate_arguments_are_einval)
{
	EXPECT_EQ(-EINVAL, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT + 1, 0, 0, NULL));
	EXPECT_EQ(-EINVAL, faultlab_gate(self->fd, FAULTLAB_GATE_OPEN, 1, 0, NULL));
	EXPECT_EQ(-EINVAL, faultlab_gate(self->fd, FAULTLAB_GATE_CLOSE, 1, 0, NULL));
	EXPECT_EQ(-EINVAL, faultlab_gate(self->fd, FAULTLAB_GATE_PASS, 1, 1, NULL));
	EXPECT_EQ(-EINVAL, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 1,
					 FAULTLAB_MAX_DELAY_US + 1, NULL));
}

/* With hold-lock the fault keeps its lock, so the wait ends after FAULTLAB_MAX_HOLD_US. */
TEST_F(gate, a_gated_fault_with_hold_lock_is_served_after_a_second)
{
	struct faultlab_rule rule = gated();
	struct faultlab_touch touch;
	struct tlib_mark mark;

	rule.flags = FAULTLAB_RULE_HOLD_LOCK;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 delayed pages +1 minflt 1", &mark);
	EXPECT_LE(1000 * NSEC_PER_MS, touch.ns);
}

TEST_F(gate, a_fault_in_a_system_call_waits_at_the_gate_too)
{
	int fds[2];
	struct tlib_toucher t;

	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 2));
	ASSERT_EQ(0, tlib_touch_join(&t));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(1, write(fds[1], self->at, 1));
	EXPECT_EQ(2, tlib_stat(self->fd, FAULTLAB_STAT_RETRY));
	close(fds[0]);
	close(fds[1]);
}

TEST_HARNESS_MAIN
