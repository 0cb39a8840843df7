// SPDX-License-Identifier: GPL-2.0-only
/*
 * FAULTLAB_IOC_WALK: which address space it walks, for tasks without one and for
 * threads of a process.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/walk/resume.h"
#include "lib/sys.h"

static pid_t never_was(void)
{
	return 2147483647;
}

static pid_t dead(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return tlib_reap(pid) ? -1 : pid;
}

static pid_t zombie(void)
{
	pid_t pid = fork();
	siginfo_t info;

	if (!pid)
		_exit(0);
	return waitid(P_PID, pid, &info, WEXITED | WNOWAIT) ? -1 : pid;
}

static pid_t kthreadd(void)
{
	return 2;
}

FIXTURE(task)
{
	int fd;
};

FIXTURE_VARIANT(task)
{
	pid_t (*make)(void);
};

FIXTURE_VARIANT_ADD(task, never_existed)	{ .make = never_was };
FIXTURE_VARIANT_ADD(task, dead)		{ .make = dead };
FIXTURE_VARIANT_ADD(task, zombie)	{ .make = zombie };
FIXTURE_VARIANT_ADD(task, kernel_thread)	{ .make = kthreadd };

FIXTURE_SETUP(task)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(task)
{
	close(self->fd);
}

TEST_F(task, a_walk_in_any_form_is_esrch)
{
	pid_t pid = variant->make();

	ASSERT_LT(0, pid);
	for (unsigned int i = 0; i < FAULTLAB_NR_WALK_FORMS; i++) {
		struct faultlab_walk walk = tlib_resume_of(pid, i);

		EXPECT_EQ(-ESRCH, tlib_resume_next(self->fd, &walk));
	}
	waitpid(pid, NULL, WNOHANG);
}

static void *outlive(void *arg)
{
	const pid_t leader = getpid();
	const char *path = tlib_text("/proc/%d/task/%d/stat", leader, leader);
	struct tlib_peer *peer = arg;
	pid_t tid = syscall(SYS_gettid);
	char text[512];

	/* Wait until the first thread is a zombie. */
	do {
		usleep(1000);
	} while (tlib_read_text(path, text, sizeof(text)) > 0 && !strstr(text, ") Z "));
	send(peer->sock, &tid, sizeof(tid), 0);
	tlib_peer_await(peer);
	_exit(0);
}

/*
 * Fork a process whose first thread has exited. @tid becomes the thread that is left.
 */
static int fork_headless(struct tlib_peer *peer, pid_t *tid)
{
	pthread_t thread;
	pid_t pid = tlib_peer_fork(peer);

	if (pid < 0)
		return -errno;
	if (pid)
		return recv(peer->sock, tid, sizeof(*tid), 0) == sizeof(*tid) ? 0 : -EPIPE;
	pthread_create(&thread, NULL, outlive, peer);
	/* This ends only the first thread. */
	syscall(SYS_exit, 0);
	return 0;
}

TEST(a_process_whose_main_thread_exited_is_walked_by_the_tid_of_another)
{
	int fd = faultlab_open();
	struct faultlab_walk walk;
	struct tlib_peer peer;
	pid_t tid = 0;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fork_headless(&peer, &tid));
	walk = tlib_resume_of(peer.pid, 0);
	EXPECT_EQ(-ESRCH, tlib_resume_next(fd, &walk));
	walk = tlib_resume_of(tid, 0);
	EXPECT_EQ(0, tlib_resume_next(fd, &walk));
	EXPECT_EQ(0, tlib_resume_next(fd, &walk));
	tlib_peer_nudge(&peer);
	EXPECT_EQ(0, tlib_peer_join(&peer));
	close(fd);
}

TEST_HARNESS_MAIN
