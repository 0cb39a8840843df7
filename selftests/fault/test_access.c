// SPDX-License-Identifier: GPL-2.0-only
/*
 * .access: ptrace and /proc/PID/mem reach frames that get_user_pages() refuses, in
 * another process that sleeps in tlib_peer_await().
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ptrace.h>

#include "lib/fault/pfn.h"

/* fd, or -errno; opens /proc/PID/mem */
static int open_mem(pid_t pid)
{
	int fd = open(tlib_text("/proc/%d/mem", pid), O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static off_t mem_at(const char *at)
{
	return (off_t)(uintptr_t)at;
}

static void sleep_as_peer(struct tlib_peer *peer)
{
	tlib_peer_nudge(peer);
	tlib_peer_await(peer);
	_exit(0);
}

TEST_F(pfn, proc_mem_reads_and_writes_another_process)
{
	char text[6] = "";
	struct tlib_mark mark;
	struct tlib_peer peer;
	int mem;

	ASSERT_LE(0, tlib_peer_fork(&peer));
	if (!peer.pid)
		sleep_as_peer(&peer);
	ASSERT_EQ(0, tlib_peer_await(&peer));
	mem = open_mem(peer.pid);
	ASSERT_LE(0, mem);

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(5, pwrite(mem, "hello", 5, mem_at(self->at) + 7));
	EXPECT_COUNTS(tlib_text("access 1%s", variant->pages), &mark);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(5, pread(mem, text, 5, mem_at(self->at) + 7));
	EXPECT_COUNTS("access 1", &mark);
	EXPECT_STREQ("hello", text);
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, peer.pid, self->at, NR));
	EXPECT_EQ('h', self->at[7]);
	EXPECT_EQ(0, tlib_peer_nudge(&peer));
	EXPECT_EQ(0, tlib_peer_join(&peer));
}

TEST_F(pfn, ptrace_peek_and_poke_call_access_once_each)
{
	struct tlib_mark mark;
	struct tlib_peer peer;

	ASSERT_LE(0, tlib_peer_fork(&peer));
	if (!peer.pid)
		sleep_as_peer(&peer);
	ASSERT_EQ(0, tlib_peer_await(&peer));
	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, peer.pid, NULL, NULL));
	ASSERT_EQ(peer.pid, waitpid(peer.pid, NULL, __WALL));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, ptrace(PTRACE_POKEDATA, peer.pid, self->at + 16, (void *)0x1234567L));
	EXPECT_COUNTS(tlib_text("access 1%s", variant->pages), &mark);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0x1234567L, ptrace(PTRACE_PEEKDATA, peer.pid, self->at + 16, NULL));
	EXPECT_COUNTS("access 1", &mark);
	EXPECT_EQ(0x1234567L, *(long *)(self->at + 16));
	EXPECT_EQ(0, ptrace(PTRACE_DETACH, peer.pid, NULL, NULL));
	EXPECT_EQ(0, tlib_peer_nudge(&peer));
	EXPECT_EQ(0, tlib_peer_join(&peer));
}

TEST_F(pfn, one_access_call_writes_across_a_page_boundary)
{
	char *end = tlib_at(self->at, 1);
	struct tlib_mark mark;
	int mem = open_mem(getpid());

	ASSERT_LE(0, mem);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(4, pwrite(mem, "abcd", 4, mem_at(end) - 2));
	tlib_counts_end(&mark);
	EXPECT_EQ(1, tlib_moved(&mark, FAULTLAB_STAT_ACCESS));
	EXPECT_EQ(0, memcmp(end - 2, "abcd", 4));
}

TEST_F(pfn, access_stops_at_the_end_of_the_mapping)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 2);
	char *end = tlib_at(at, 2);
	char buf[200] = "";
	struct tlib_mark mark;
	int mem = open_mem(getpid());

	ASSERT_NE(NULL, at);
	ASSERT_LE(0, mem);
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, 1), 1, NULL));
	memset(end - 100, 'v', 100);
	memset(tlib_at(self->at, 2), 'n', 100);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(100, pread(mem, buf, 200, mem_at(end) - 100));
	EXPECT_COUNTS("access 1", &mark);
	EXPECT_EQ('v', buf[99]);
	EXPECT_EQ(0, buf[100]);
}

TEST_F(pfn, access_stops_at_the_end_of_the_region)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR + 2);
	char *end = tlib_at(at, NR);
	char buf[200] = "";
	struct tlib_mark mark;
	int mem = open_mem(getpid());

	ASSERT_NE(NULL, at);
	ASSERT_LE(0, mem);
	memset(end - 100, 'v', 100);
	/*
	 * Three calls of .access: one reads up to the end of the region. When it is short,
	 * __access_remote_vm() calls again for the rest, and so does mem_rw(); both calls
	 * fail.
	 */
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(100, pread(mem, buf, 200, mem_at(end) - 100));
	EXPECT_COUNTS("access 3", &mark);
	EXPECT_EQ('v', buf[99]);
	EXPECT_EQ(-1, pread(mem, buf, 1, mem_at(end)));
	EXPECT_EQ(EIO, errno);
}

TEST_F(pfn, access_does_not_write_to_a_read_only_mapping)
{
	char *at = tlib_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	int mem = open_mem(getpid());

	ASSERT_NE(NULL, at);
	ASSERT_LE(0, mem);
	*self->at = 'S';
	EXPECT_EQ(-1, pwrite(mem, "x", 1, mem_at(at)));
	EXPECT_EQ(EIO, errno);
	EXPECT_EQ('S', *self->at);
}

TEST_HARNESS_MAIN
