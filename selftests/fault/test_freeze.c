// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting faults and the freezer, for suspend or of a cgroup. A fault from user mode
 * may be frozen while it waits. A fault in a system call must not: the task may hold
 * locks that others need in order to be frozen or thawed.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/tlib.h"
#include "lib/sys.h"

#define CGROUPS	"/tmp/flab-freezer"
#define CGROUP	CGROUPS "/flab"
#define SOON	(20000 * TLIB_MS)
#define A_WHILE	300	/* milliseconds */

FIXTURE(freeze)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(freeze)
{
	bool in_kernel;
};

FIXTURE_VARIANT_ADD(freeze, fault_in_user_mode) { .in_kernel = false };
FIXTURE_VARIANT_ADD(freeze, fault_in_a_system_call) { .in_kernel = true };

FIXTURE_SETUP(freeze)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 0);

	mkdir(CGROUPS, 0755);
	if (mount("none", CGROUPS, "cgroup", 0, "freezer"))
		SKIP(return, "no freezer of cgroup v1 (CONFIG_CGROUP_FREEZER)");
	ASSERT_EQ(0, mkdir(CGROUP, 0755));

	rule.delay_kind = FAULTLAB_DELAY_GATE;
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 1);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 1);
	ASSERT_NE(NULL, self->at);
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
}

/* Runs in the parent: a test that failed may have left its child frozen. */
FIXTURE_TEARDOWN_PARENT(freeze)
{
	tlib_write_text(CGROUP "/freezer.state", "THAWED");
	rmdir(CGROUP);
	umount2(CGROUPS, MNT_DETACH);
}

/*
 * Faults at the gate, in user mode or in a system call. Returns 0 if the access
 * succeeded.
 */
static int fault_at_gate(char *at, bool in_kernel)
{
	int ends[2];

	if (tlib_write_text(CGROUP "/cgroup.procs", "0"))
		return 1;
	if (!in_kernel)
		return *(volatile char *)at;
	/* A fault with the mutex of the pipe held. */
	return pipe(ends) || write(ends[1], at, 1) != 1;
}

static bool is_frozen(unsigned int within_ms)
{
	char state[32] = "";

	do {
		tlib_read_text(CGROUP "/freezer.state", state, sizeof(state));
		if (!strcmp(state, "FROZEN"))
			return true;
		usleep(1000);
	} while (within_ms--);
	return false;
}

TEST_F(freeze, a_task_at_a_gate_is_frozen_only_if_it_faulted_in_user_mode)
{
	/* Not in self, which the child shares: its fork() result 0 would overwrite the PID. */
	pid_t child = fork();

	if (!child)
		_exit(fault_at_gate(self->at, variant->in_kernel));
	ASSERT_EQ(0, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 1, SOON, NULL));
	ASSERT_EQ(0, tlib_wait_delayed(child));
	ASSERT_EQ(0, tlib_write_text(CGROUP "/freezer.state", "FROZEN"));
	EXPECT_EQ(!variant->in_kernel, is_frozen(variant->in_kernel ? A_WHILE : SOON / TLIB_MS));

	/* After the gate it is frozen on its return to user mode. */
	ASSERT_EQ(0, faultlab_gate(self->fd, FAULTLAB_GATE_PASS, 1, 0, NULL));
	EXPECT_TRUE(is_frozen(SOON / TLIB_MS));
	ASSERT_EQ(0, tlib_write_text(CGROUP "/freezer.state", "THAWED"));
	EXPECT_EQ(0, tlib_reap(child));
}

TEST_HARNESS_MAIN
