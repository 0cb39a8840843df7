// SPDX-License-Identifier: GPL-2.0-only
/*
 * FAULTLAB_IOC_WALK: whose address space it is. Tasks that have none, or that turn
 * into somebody else while a walk of them goes on in pieces.
 */
#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "flab_space.h"
#include "flab_sys.h"

static __u64 room[1024];	/* more than the least that any form takes */

static const struct {
	enum faultlab_walk_form form;
	size_t least;		/* one record */
} forms[] = {
	{ FAULTLAB_WALK_ENTRIES, 1 },
	{ FAULTLAB_WALK_RUNS, 1 },
	{ FAULTLAB_WALK_RAW, 514 },
	{ FAULTLAB_WALK_COUNTS, 1 },
};

static struct faultlab_walk walk_of(pid_t pid, unsigned int form)
{
	return (struct faultlab_walk) {
		.size = sizeof(struct faultlab_walk),
		.pid = pid,
		.end = FLAB_EVERYWHERE,
		.entries = (uintptr_t)room,
		.form = forms[form].form,
	};
}

/* As far as one record goes. */
static int go_on(int fd, struct faultlab_walk *walk)
{
	walk->nr = forms[walk->form].least;
	if (ioctl(fd, FAULTLAB_IOC_WALK, walk))
		return -errno;
	walk->start = walk->next;
	return walk->next == walk->end ? -ENODATA : 0;
}

/*
 * Tasks that have no address space
 */
static pid_t never_was(void)
{
	return 2147483647;
}

static pid_t dead(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return flab_reap(pid) ? -1 : pid;
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

static void *outlive(void *arg)
{
	const pid_t leader = getpid();
	const char *path = flab_text("/proc/%d/task/%d/stat", leader, leader);
	struct flab_peer *peer = arg;
	pid_t tid = syscall(SYS_gettid);
	char text[512];

	/* Until it has exited, as far as it can. */
	do {
		usleep(1000);
	} while (flab_read_text(path, text, sizeof(text)) > 0 && !strstr(text, ") Z "));
	send(peer->sock, &tid, sizeof(tid), 0);
	flab_peer_await(peer);
	_exit(0);
}

/* A process whose first thread is gone; and which thread is there. */
static int fork_headless(struct flab_peer *peer, pid_t *tid)
{
	pthread_t thread;
	pid_t pid = flab_peer_fork(peer);

	if (pid < 0)
		return -errno;
	if (pid)
		return recv(peer->sock, tid, sizeof(*tid), 0) == sizeof(*tid) ? 0 : -EPIPE;
	pthread_create(&thread, NULL, outlive, peer);
	/* Of this thread alone. */
	syscall(SYS_exit, 0);
	return 0;
}

FIXTURE(task)
{
	int fd;
};

FIXTURE_VARIANT(task)
{
	pid_t (*make)(void);
};

FIXTURE_VARIANT_ADD(task, that_never_was)	{ .make = never_was };
FIXTURE_VARIANT_ADD(task, that_is_dead)		{ .make = dead };
FIXTURE_VARIANT_ADD(task, that_is_a_zombie)	{ .make = zombie };
FIXTURE_VARIANT_ADD(task, of_the_kernel)	{ .make = kthreadd };

FIXTURE_SETUP(task)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(task)
{
	close(self->fd);
}

TEST_F(task, has_no_address_space_in_any_form)
{
	pid_t pid = variant->make();

	ASSERT_LT(0, pid);
	for (unsigned int i = 0; i < ARRAY_SIZE(forms); i++) {
		struct faultlab_walk walk = walk_of(pid, i);

		EXPECT_EQ(-ESRCH, go_on(self->fd, &walk));
	}
	waitpid(pid, NULL, WNOHANG);
}

/*
 * A walk of which one record has been read
 */
FIXTURE(walked)
{
	int fd;
	struct flab_peer peer;
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

/* What is nudged once turns into a program that sends back what it gets. */
static void be_walked(struct flab_peer *peer)
{
	flab_make_mess();
	flab_peer_nudge(peer);
	flab_peer_await(peer);
	if (dup2(peer->sock, 0) == 0 && dup2(peer->sock, 1) == 1)
		execlp("cat", "cat", NULL);
	_exit(1);
}

FIXTURE_SETUP(walked)
{
	pid_t pid;

	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	pid = flab_peer_fork(&self->peer);
	ASSERT_LE(0, pid);
	if (!pid)
		be_walked(&self->peer);
	ASSERT_EQ(0, flab_peer_await(&self->peer));
	self->walk = walk_of(pid, variant->form);
	ASSERT_EQ(0, go_on(self->fd, &self->walk));
}

FIXTURE_TEARDOWN(walked)
{
	if (self->peer.pid) {
		kill(self->peer.pid, SIGKILL);
		flab_peer_join(&self->peer);
	}
	close(self->fd);
}

/* Exits and is waited for. */
static void bury(struct flab_peer *peer)
{
	kill(peer->pid, SIGKILL);
	flab_peer_join(peer);
	peer->pid = 0;
}

/* A fork with a PID of the caller's choice. */
static pid_t fork_as(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

TEST_F(walked, goes_on_where_it_stopped)
{
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(0, go_on(self->fd, &self->walk));
}

TEST_F(walked, ends_when_the_task_exits)
{
	siginfo_t info;

	kill(self->peer.pid, SIGKILL);
	ASSERT_EQ(0, waitid(P_PID, self->peer.pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(-ESRCH, go_on(self->fd, &self->walk));
	bury(&self->peer);
	EXPECT_EQ(-ESRCH, go_on(self->fd, &self->walk));
}

TEST_F(walked, is_stale_when_the_task_has_called_exec)
{
	ASSERT_EQ(0, flab_peer_nudge(&self->peer));
	ASSERT_EQ(0, flab_peer_nudge(&self->peer));
	ASSERT_EQ(0, flab_peer_await(&self->peer));
	EXPECT_EQ(-ESTALE, go_on(self->fd, &self->walk));
	/* Who does not mind goes on there. */
	self->walk.resume = 0;
	self->walk.start = 0;
	EXPECT_EQ(0, go_on(self->fd, &self->walk));
	EXPECT_NE(-ESTALE, go_on(self->fd, &self->walk));
}

TEST_F(walked, is_stale_when_another_has_the_pid)
{
	const pid_t pid = self->peer.pid;
	struct faultlab_walk fresh = walk_of(pid, variant->form);

	bury(&self->peer);
	ASSERT_EQ(-ESRCH, go_on(self->fd, &self->walk));
	self->peer.pid = fork_as(pid);
	if (!self->peer.pid) {
		flab_make_mess();
		pause();
	}
	ASSERT_EQ(pid, self->peer.pid);
	EXPECT_EQ(-ESTALE, go_on(self->fd, &self->walk));
	EXPECT_EQ(0, go_on(self->fd, &fresh));
	EXPECT_NE(-ESTALE, go_on(self->fd, &fresh));
}

TEST_F(walked, is_stale_with_any_other_tag)
{
	const __u32 resume = self->walk.resume;

	for (unsigned int bit = 5; bit < 32; bit++) {
		self->walk.resume = resume ^ 1U << bit;
		if (!(self->walk.resume >> 5))
			continue;
		EXPECT_EQ(-ESTALE, go_on(self->fd, &self->walk)) {
			TH_LOG("bit %u", bit);
		}
	}
	self->walk.resume = resume;
	EXPECT_EQ(0, go_on(self->fd, &self->walk));
}

/*
 * Processes and their threads
 */
FIXTURE(own)
{
	int fd;
	struct faultlab_walk walk;	/* of the caller, begun */
};

FIXTURE_SETUP(own)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	self->walk = walk_of(0, 0);
	ASSERT_EQ(0, go_on(self->fd, &self->walk));
}

FIXTURE_TEARDOWN(own)
{
	close(self->fd);
}

TEST_F(own, walk_is_stale_in_a_child)
{
	pid_t pid = fork();

	if (!pid)
		_exit(go_on(self->fd, &self->walk) == -ESTALE ? 0 : 1);
	EXPECT_EQ(0, flab_reap(pid));
	EXPECT_EQ(0, go_on(self->fd, &self->walk));
}

static void *go_on_there(void *walk)
{
	int fd = faultlab_open();
	intptr_t err = go_on(fd, walk);

	close(fd);
	return (void *)err;
}

TEST_F(own, walk_goes_on_in_another_thread)
{
	pthread_t thread;
	void *err;

	ASSERT_EQ(0, pthread_create(&thread, NULL, go_on_there, &self->walk));
	ASSERT_EQ(0, pthread_join(thread, &err));
	EXPECT_EQ(NULL, err);
	EXPECT_EQ(0, go_on(self->fd, &self->walk));
}

TEST_F(own, walk_goes_on_by_pid)
{
	self->walk.pid = getpid();
	EXPECT_EQ(0, go_on(self->fd, &self->walk));
}

TEST(a_process_without_its_first_thread_is_walked_by_another)
{
	int fd = faultlab_open();
	struct faultlab_walk walk;
	struct flab_peer peer;
	pid_t tid = 0;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fork_headless(&peer, &tid));
	walk = walk_of(peer.pid, 0);
	EXPECT_EQ(-ESRCH, go_on(fd, &walk));
	walk = walk_of(tid, 0);
	EXPECT_EQ(0, go_on(fd, &walk));
	EXPECT_EQ(0, go_on(fd, &walk));
	flab_peer_nudge(&peer);
	EXPECT_EQ(0, flab_peer_join(&peer));
	close(fd);
}

TEST_HARNESS_MAIN
