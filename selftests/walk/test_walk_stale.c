// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk in pieces never continues in another address space, even if the new mm_struct has
 * the address of the old one, which was freed. After every second exec() that is likely.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

#define WALK	FAULTLAB_DEBUGFS "/walk"
#define TIMES	8

/* Continue the walk of a task by one entry. Returns 0, or -errno. */
static int go_on(int fd, pid_t pid, __u64 *start, __u32 *resume)
{
	struct faultlab_walk_entry entry;
	struct faultlab_walk walk = {
		.size = sizeof(walk),
		.pid = pid,
		.start = *start,
		.resume = *resume,
		.end = TLIB_EVERYWHERE,
		.entries = (uintptr_t)&entry,
		.nr = 1,
	};

	if (ioctl(fd, FAULTLAB_IOC_WALK, &walk))
		return -errno;
	*start = walk.next;
	*resume = walk.resume;
	return walk.nr == 1 ? 0 : -ENODATA;
}

/* Run a shell that executes itself again for each line that it reads. */
static void keep_executing(struct tlib_peer *peer)
{
	const char *script = "echo && read -r line && exec sh -c \"$script\"";

	setenv("script", script, 1);
	if (dup2(peer->sock, 0) == 0 && dup2(peer->sock, 1) == 1)
		execlp("sh", "sh", "-c", script, NULL);
	_exit(1);
}

static int exec_again(struct tlib_peer *peer)
{
	return send(peer->sock, "\n", 1, MSG_NOSIGNAL) == 1 ? tlib_peer_await(peer) : -EPIPE;
}

FIXTURE(stale)
{
	int fd;
	struct tlib_peer peer;
	__u64 start[TIMES];	/* where the walk of each address space goes on */
	__u32 resume[TIMES];
};

FIXTURE_SETUP(stale)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(stale)
{
	if (self->peer.pid > 0) {
		kill(self->peer.pid, SIGKILL);
		tlib_peer_join(&self->peer);
	}
	close(self->fd);
}

/*
 * The peer is in its nth address space. Returns how many walks of its earlier address
 * spaces can be continued there.
 */
static int nr_going_on(struct _test_data_stale *self, unsigned int nth)
{
	int nr = 0;

	for (unsigned int i = 0; i < nth; i++) {
		__u64 start = self->start[i];
		__u32 resume = self->resume[i];

		nr += go_on(self->fd, self->peer.pid, &start, &resume) != -ESTALE;
	}
	return nr;
}

static int begin_walk(struct _test_data_stale *self, unsigned int nth)
{
	self->start[nth] = 0;
	self->resume[nth] = 0;
	return go_on(self->fd, self->peer.pid, &self->start[nth], &self->resume[nth]);
}

TEST_F(stale, continuing_a_walk_after_each_exec_is_estale)
{
	pid_t pid = tlib_peer_fork(&self->peer);

	ASSERT_LE(0, pid);
	if (!pid)
		keep_executing(&self->peer);
	ASSERT_EQ(0, tlib_peer_await(&self->peer));
	for (unsigned int i = 0; i < TIMES; i++) {
		ASSERT_EQ(0, begin_walk(self, i));
		EXPECT_EQ(0, nr_going_on(self, i)) {
			TH_LOG("after exec %u", i);
		}
		ASSERT_EQ(0, go_on(self->fd, pid, &self->start[i], &self->resume[i]));
		ASSERT_EQ(0, exec_again(&self->peer));
	}
}

/* The mm of each child is likely to have the same address as that of the one before. */
TEST_F(stale, continuing_a_walk_of_an_earlier_child_in_a_new_one_is_estale)
{
	for (unsigned int i = 0; i < TIMES; i++) {
		pid_t pid = tlib_peer_fork(&self->peer);

		ASSERT_LE(0, pid);
		if (!pid)
			_exit(tlib_peer_await(&self->peer));
		ASSERT_EQ(0, begin_walk(self, i));
		EXPECT_EQ(0, nr_going_on(self, i)) {
			TH_LOG("in child %u", i);
		}
		ASSERT_EQ(0, tlib_peer_nudge(&self->peer));
		ASSERT_EQ(0, tlib_peer_join(&self->peer));
		self->peer.pid = 0;
	}
}

TEST_F(stale, reading_the_debugfs_walk_file_after_exec_is_estale)
{
	const char *all = "%d 0 0x7ffffffff000";
	pid_t pid = tlib_peer_fork(&self->peer);
	ssize_t n, total = 0;
	char text[256];
	int file;

	ASSERT_LE(0, pid);
	if (!pid)
		keep_executing(&self->peer);
	ASSERT_EQ(0, tlib_peer_await(&self->peer));
	file = open(WALK, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, file);
	n = snprintf(text, sizeof(text), all, pid);
	ASSERT_EQ(n, write(file, text, n));
	ASSERT_LT(0, read(file, text, sizeof(text)));
	ASSERT_EQ(0, exec_again(&self->peer));
	/* First come the entries that were walked before the exec. */
	while ((n = read(file, text, sizeof(text))) > 0)
		total += n;
	EXPECT_EQ(-1, n);
	EXPECT_EQ(ESTALE, errno);
	EXPECT_GT(16384, total);
	close(file);
}

TEST_HARNESS_MAIN
