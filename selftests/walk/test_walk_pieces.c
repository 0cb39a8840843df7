// SPDX-License-Identifier: GPL-2.0-only
/*
 * FAULTLAB_IOC_WALK: a walk in pieces cannot be continued once its address space is gone,
 * even if the task, or another task with the same PID, has a new address space.
 */
#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/walk/resume.h"
#include "lib/space.h"
#include "lib/sys.h"

/*
 * The bits of .resume from this one on identify the walked address space. The bits below
 * say what was reported at the position of the walk.
 */
#define TAG	8

/* A walk of another process, of which one record has been read. */
FIXTURE(walked)
{
	int fd;
	struct tlib_peer peer;
	struct faultlab_walk walk;
};

FIXTURE_VARIANT(walked)
{
	unsigned int form;
};

FIXTURE_VARIANT_ADD(walked, entries)	{ .form = FAULTLAB_WALK_ENTRIES };
FIXTURE_VARIANT_ADD(walked, runs)	{ .form = FAULTLAB_WALK_RUNS };
FIXTURE_VARIANT_ADD(walked, raw)	{ .form = FAULTLAB_WALK_RAW };
FIXTURE_VARIANT_ADD(walked, counts)	{ .form = FAULTLAB_WALK_COUNTS };

/*
 * The process to be walked. When it is nudged, it executes cat, which sends back all bytes
 * that it receives.
 */
static void be_walked(struct tlib_peer *peer)
{
	tlib_make_mess();
	tlib_peer_nudge(peer);
	tlib_peer_await(peer);
	if (dup2(peer->sock, 0) == 0 && dup2(peer->sock, 1) == 1)
		execlp("cat", "cat", NULL);
	_exit(1);
}

FIXTURE_SETUP(walked)
{
	pid_t pid;

	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	pid = tlib_peer_fork(&self->peer);
	ASSERT_LE(0, pid);
	if (!pid)
		be_walked(&self->peer);
	ASSERT_EQ(0, tlib_peer_await(&self->peer));
	self->walk = tlib_resume_of(pid, variant->form);
	ASSERT_EQ(0, tlib_resume_next(self->fd, &self->walk));
}

FIXTURE_TEARDOWN(walked)
{
	if (self->peer.pid > 0) {
		kill(self->peer.pid, SIGKILL);
		tlib_peer_join(&self->peer);
	}
	close(self->fd);
}

/* Kill the peer and wait for it. */
static void bury(struct tlib_peer *peer)
{
	kill(peer->pid, SIGKILL);
	tlib_peer_join(peer);
	peer->pid = 0;
}

/* fork() with a PID that the caller chooses. */
static pid_t fork_as(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

TEST_F(walked, a_walk_in_pieces_can_be_continued)
{
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(0, tlib_resume_next(self->fd, &self->walk));
}

TEST_F(walked, continuing_after_the_task_has_exited_is_esrch)
{
	siginfo_t info;

	kill(self->peer.pid, SIGKILL);
	ASSERT_EQ(0, waitid(P_PID, self->peer.pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(-ESRCH, tlib_resume_next(self->fd, &self->walk));
	bury(&self->peer);
	EXPECT_EQ(-ESRCH, tlib_resume_next(self->fd, &self->walk));
}

TEST_F(walked, continuing_after_exec_is_estale)
{
	ASSERT_EQ(0, tlib_peer_nudge(&self->peer));
	ASSERT_EQ(0, tlib_peer_nudge(&self->peer));
	ASSERT_EQ(0, tlib_peer_await(&self->peer));
	EXPECT_EQ(-ESTALE, tlib_resume_next(self->fd, &self->walk));
	/* A walk without resume simply begins in the new program. */
	self->walk.resume = 0;
	self->walk.start = 0;
	EXPECT_EQ(0, tlib_resume_next(self->fd, &self->walk));
	EXPECT_NE(-ESTALE, tlib_resume_next(self->fd, &self->walk));
}

TEST_F(walked, continuing_after_the_pid_was_reused_is_estale)
{
	const pid_t pid = self->peer.pid;
	struct faultlab_walk fresh = tlib_resume_of(pid, variant->form);

	bury(&self->peer);
	ASSERT_EQ(-ESRCH, tlib_resume_next(self->fd, &self->walk));
	self->peer.pid = fork_as(pid);
	if (!self->peer.pid) {
		tlib_make_mess();
		pause();
	}
	ASSERT_EQ(pid, self->peer.pid);
	EXPECT_EQ(-ESTALE, tlib_resume_next(self->fd, &self->walk));
	EXPECT_EQ(0, tlib_resume_next(self->fd, &fresh));
	EXPECT_NE(-ESTALE, tlib_resume_next(self->fd, &fresh));
}

TEST_F(walked, continuing_with_another_resume_tag_is_estale)
{
	const __u32 resume = self->walk.resume;

	for (unsigned int bit = TAG; bit < 32; bit++) {
		self->walk.resume = resume ^ 1U << bit;
		if (!(self->walk.resume >> TAG))
			continue;
		EXPECT_EQ(-ESTALE, tlib_resume_next(self->fd, &self->walk)) {
			TH_LOG("bit %u", bit);
		}
	}
	self->walk.resume = resume;
	EXPECT_EQ(0, tlib_resume_next(self->fd, &self->walk));
}

FIXTURE(own_walk)
{
	int fd;
	struct faultlab_walk walk;	/* of this process; one record was read */
};

FIXTURE_SETUP(own_walk)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	self->walk = tlib_resume_of(0, 0);
	ASSERT_EQ(0, tlib_resume_next(self->fd, &self->walk));
}

FIXTURE_TEARDOWN(own_walk)
{
	close(self->fd);
}

TEST_F(own_walk, continuing_in_a_forked_child_is_estale)
{
	pid_t pid = fork();

	if (!pid)
		_exit(tlib_resume_next(self->fd, &self->walk) == -ESTALE ? 0 : 1);
	EXPECT_EQ(0, tlib_reap(pid));
	EXPECT_EQ(0, tlib_resume_next(self->fd, &self->walk));
}

static void *go_on_there(void *walk)
{
	int fd = faultlab_open();
	intptr_t err = tlib_resume_next(fd, walk);

	close(fd);
	return (void *)err;
}

TEST_F(own_walk, a_walk_by_pid_0_can_be_continued_in_another_thread)
{
	pthread_t thread;
	void *err;

	ASSERT_EQ(0, pthread_create(&thread, NULL, go_on_there, &self->walk));
	ASSERT_EQ(0, pthread_join(thread, &err));
	EXPECT_EQ(NULL, err);
	EXPECT_EQ(0, tlib_resume_next(self->fd, &self->walk));
}

TEST_F(own_walk, a_walk_by_pid_0_can_be_continued_by_own_pid)
{
	self->walk.pid = getpid();
	EXPECT_EQ(0, tlib_resume_next(self->fd, &self->walk));
}

TEST_HARNESS_MAIN
