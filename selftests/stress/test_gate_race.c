// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races that a gate makes deterministic: while a fault is under way, its page, its
 * mapping or its process changes.
 */
#include <errno.h>
#include <signal.h>

#include "lib/fault/gate.h"
#include "lib/fault/kill.h"

TEST_F(gate, a_page_dropped_while_a_fault_waits_is_read_as_a_new_one)
{
	struct tlib_toucher t;
	__u64 old;

	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'o', NULL));
	old = tlib_pfn(self->fd, self->at);
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));

	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	EXPECT_ENTRY("none", self->fd, self->at);
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	ASSERT_EQ(0, tlib_touch_join(&t));
	/* The page that the fault had found was dropped: the read gets a new one. */
	EXPECT_EQ(0, t.touch.signal);
	EXPECT_EQ(0, t.touch.value);
	EXPECT_NE(0, old);
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
}

TEST_F(gate, munmap_while_a_fault_waits_does_not_block_and_ends_it_with_sigsegv)
{
	struct tlib_toucher t;

	ASSERT_EQ(0, send_to_gate(self, &t, true));
	/*
	 * The gate is still closed: if munmap() waited for the fault, it would never
	 * return.
	 */
	tlib_unmap(self->at, NR);
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_VMAS));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	ASSERT_EQ(0, tlib_touch_join(&t));
	/* When the fault is retried, there is no mapping any more. */
	EXPECT_EQ(SIGSEGV, t.touch.signal);
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
}

TEST_F(gate, sigkill_while_a_fault_waits_ends_the_process)
{
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		faultlab_touch_read(self->at, NULL);
		_exit(1);
	}
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_AWAIT, 1));
	EXPECT_EQ(-SIGKILL, tlib_kill(pid, SIGKILL));
	EXPECT_EQ(0, waiting(self->fd));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_READ));
}

/*
 * The child's mapping has the same gate. The waiting fault of the parent is not copied:
 * the child needs a fault of its own.
 */
TEST_F(gate, fork_while_a_fault_waits_does_not_block)
{
	struct tlib_toucher t;
	int status;
	pid_t pid;

	ASSERT_EQ(0, send_to_gate(self, &t, true));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		/* First a page without a rule, then the one with the gate. */
		if (faultlab_touch_read(tlib_at(self->at, 1), NULL) ||
		    faultlab_touch_read(self->at, NULL))
			_exit(1);
		_exit(*self->at);
	}
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_AWAIT, 2));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	ASSERT_EQ(0, tlib_touch_join(&t));
	EXPECT_EQ(1, waiting(self->fd));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ('g', WEXITSTATUS(status));
}

TEST_F(gate, two_waiting_faults_on_a_page_allocate_it_once)
{
	struct tlib_toucher reader, writer;

	ASSERT_EQ(0, send_to_gate(self, &reader, false));
	ASSERT_EQ(0, send_to_gate(self, &writer, true));
	EXPECT_EQ(2, waiting(self->fd));
	/* Open the gate: the second fault may pass before the first. */
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, tlib_touch_join(&reader));
	ASSERT_EQ(0, tlib_touch_join(&writer));
	EXPECT_EQ(0, reader.touch.signal);
	EXPECT_EQ(0, writer.touch.signal);
	EXPECT_EQ('g', *self->at);
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(2, tlib_stat(self->fd, FAULTLAB_STAT_RETRY));
	EXPECT_EQ(1, tlib_nr_mapped(self->fd, 0, self->at, NR));
}

TEST_F(gate, clearing_the_rules_releases_a_waiting_fault)
{
	struct tlib_toucher t;

	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0));
	ASSERT_EQ(0, tlib_touch_join(&t));
	EXPECT_EQ(0, t.touch.signal);
	EXPECT_EQ(0, waiting(self->fd));
	EXPECT_TRUE(tlib_mapped(self->fd, self->at));
}

TEST_F(gate, rules_set_while_a_fault_waits_apply_to_it)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SIGSEGV, 0);
	struct tlib_toucher t;

	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, tlib_touch_join(&t));
	EXPECT_EQ(SIGSEGV, t.touch.signal);
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_SIGSEGV));
}

TEST_F(gate, adding_a_rule_makes_a_waiting_fault_wait_at_the_gate_again)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SIGSEGV, 0);
	struct tlib_toucher t;

	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_ADD, &rule));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_AWAIT, 1));
	EXPECT_FALSE(t.done);
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_PASS, 1));
	ASSERT_EQ(0, tlib_touch_join(&t));
	EXPECT_EQ(0, t.touch.signal);
}

TEST_F(gate, unplug_while_a_fault_waits_ends_it_with_sigbus)
{
	struct tlib_toucher t;

	ASSERT_EQ(0, send_to_gate(self, &t, false));
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	ASSERT_EQ(0, tlib_touch_join(&t));
	EXPECT_EQ(SIGBUS, t.touch.signal);
	EXPECT_EQ(-ENODEV, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
}

TEST_F(gate, mremap_while_a_fault_waits_ends_it_with_sigsegv)
{
	size_t bytes = NR * tlib_page_size();
	struct tlib_toucher t;
	char *to;

	ASSERT_EQ(0, send_to_gate(self, &t, false));
	to = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, to);
	ASSERT_EQ(to, mremap(self->at, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to));
	ASSERT_EQ(0, gate(self->fd, FAULTLAB_GATE_OPEN, 0));
	ASSERT_EQ(0, tlib_touch_join(&t));
	EXPECT_EQ(SIGSEGV, t.touch.signal);
	EXPECT_EQ(0, faultlab_touch_read(to, NULL));
}

TEST_HARNESS_MAIN
