// SPDX-License-Identifier: GPL-2.0-only
/*
 * A container to which the device was passed: a process that is uid 0 with all capabilities in
 * its own user namespace, and process 1 in its own PID namespace. test_may_see and
 * test_output_secrets have what it may not see; here is what it can do, and how processes
 * are named.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/space.h"
#include "lib/sys.h"
#include "lib/tlib.h"
#include "lib/secret/viewer.h"

/* What the process in the container found, for the test outside. */
struct inside {
	pid_t pid;		/* of the record of its own fault */
	int own;		/* what a walk of itself by its PID returned */
	int other;		/* what a walk of its child returned */
	int gate;		/* what setting a rule for a gate returned */
};

FIXTURE(container)
{
	struct inside *inside;
	char node[64];
	struct tlib_peer peer;
};

static int count_walk(int fd, pid_t pid)
{
	struct faultlab_walk_counts counts;
	struct faultlab_walk walk = {
		.size = sizeof(walk), .pid = pid, .form = FAULTLAB_WALK_COUNTS,
		.end = TLIB_EVERYWHERE, .entries = (uintptr_t)&counts, .nr = 1,
	};

	return ioctl(fd, FAULTLAB_IOC_WALK, &walk) ? -errno : 0;
}

static int wait_for_parent(void *arg)
{
	return tlib_peer_await(arg) ? 1 : 0;
}

/* Process 1 of the container. It ends when the test has looked at it from outside. */
static int work_inside(struct inside *inside, const char *node, struct tlib_peer *peer)
{
	/* For a page that is not touched: the wait would not end. */
	struct faultlab_rule rule = tlib_rule(1, 1, FAULTLAB_VERDICT_SERVE, 0);
	int fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct faultlab_record record;
	char *at;
	pid_t child;

	if (getpid() != 1 || fd < 0 || faultlab_records_start(fd, 0, 0))
		return 2;
	rule.delay_kind = FAULTLAB_DELAY_GATE;
	inside->gate = faultlab_rule(fd, FAULTLAB_RULE_SET, &rule);
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 1);
	if (!at || faultlab_touch_write(at, 1, NULL) ||
	    faultlab_records_read(fd, &record, 1) != 1)
		return 3;
	inside->pid = record.pid;
	inside->own = count_walk(fd, 1);
	child = tlib_spawn(wait_for_parent, peer);
	inside->other = count_walk(fd, child);
	if (tlib_peer_nudge(peer) || tlib_peer_await(peer))
		return 4;
	return tlib_reap(child);
}

static int contain(struct inside *inside, const char *node, struct tlib_peer *peer)
{
	pid_t pid;

	if (tlib_become(TLIB_VIEWER_CONTAINED) || unshare(CLONE_NEWPID))
		return 1;
	pid = fork();
	if (!pid)
		_exit(work_inside(inside, node, peer));
	return tlib_reap(pid);
}

FIXTURE_SETUP(container)
{
	if (!tlib_viewer_exists(TLIB_VIEWER_CONTAINED))
		SKIP(return, TLIB_NO_USER_NS);
	self->inside = mmap(NULL, sizeof(*self->inside), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->inside);
	ASSERT_EQ(0, tlib_node_add(self->node, sizeof(self->node)));
	ASSERT_LE(0, tlib_peer_fork(&self->peer));
	if (!self->peer.pid)
		_exit(contain(self->inside, self->node, &self->peer));
	ASSERT_EQ(0, tlib_peer_await(&self->peer)) {
		TH_LOG("status %d", tlib_peer_join(&self->peer));
	}
}

FIXTURE_TEARDOWN(container)
{
	unlink(self->node);
}

/* End the container: its process 1 and that one's child await a nudge each. */
static int leave(struct tlib_peer *peer)
{
	return tlib_peer_nudge(peer) ?: tlib_peer_nudge(peer) ?: tlib_peer_join(peer);
}

TEST_F(container, a_process_may_walk_itself_by_its_pid_in_the_container_but_no_other)
{
	EXPECT_EQ(0, self->inside->own);
	EXPECT_EQ(-EPERM, self->inside->other);
	EXPECT_EQ(0, self->inside->gate);
	EXPECT_EQ(0, leave(&self->peer));
}

/* Records are read outside, too. So they have the PID that a process has there. */
TEST_F(container, records_have_pids_of_the_initial_namespace)
{
	char path[32], status[4096], *line;
	pid_t outside = 0, inside = 0;

	EXPECT_NE(1, self->inside->pid);
	snprintf(path, sizeof(path), "/proc/%d/status", self->inside->pid);
	ASSERT_LT(0, tlib_read_text(path, status, sizeof(status)));
	line = strstr(status, "NSpid:");
	ASSERT_NE(NULL, line);
	if (sscanf(line, "NSpid: %d %d", &outside, &inside) != 2)
		outside = 0;
	EXPECT_EQ(self->inside->pid, outside);
	EXPECT_EQ(1, inside);
	EXPECT_EQ(0, leave(&self->peer));
}

TEST_HARNESS_MAIN
