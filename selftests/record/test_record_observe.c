// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who sees which records: through a region's descriptor only the region's own are read;
 * with FAULTLAB_IOC_OBSERVE and CAP_SYS_ADMIN those of all regions. debugfs shows the same
 * records as read().
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/record/record.h"
#include "lib/space.h"
#include "lib/sys.h"

#define PAGES	32
#define ROOM	64

FIXTURE(observe)
{
	int fd;
	char *at;
	struct faultlab_record seen[ROOM];
};

FIXTURE_SETUP(observe)
{
	self->fd = tlib_recorded_region(PAGES, 0, &self->at);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(observe)
{
	close(self->fd);
}

TEST_F(observe, records_are_not_visible_in_another_region)
{
	int other = tlib_record_region(FAULTLAB_KIND_PAGE, 0, PAGES);

	ASSERT_EQ(0, faultlab_records_start(other, 0, 0));
	tlib_work(self->at, "rrr");
	EXPECT_EQ(-EAGAIN, faultlab_records_read(other, self->seen, ROOM));
	EXPECT_EQ(3, faultlab_records_read(self->fd, self->seen, ROOM));
	close(other);
}

TEST_F(observe, an_observer_reads_records_of_all_regions_also_of_closed_ones)
{
	int all = tlib_record_region(FAULTLAB_KIND_PAGE, 0, PAGES), other;
	struct faultlab_info info;
	char *at;

	ASSERT_EQ(0, faultlab_observe_start(all, 0));
	ASSERT_EQ(0, faultlab_records_stop(self->fd));
	tlib_work(self->at, "r");
	other = tlib_record_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_EQ(0, faultlab_info(other, &info));
	at = tlib_map(other, TLIB_RW, MAP_SHARED, 0, PAGES);
	tlib_work(at, "rw");
	tlib_unmap(at, PAGES);
	close(other);
	ASSERT_EQ(3, faultlab_records_read(all, self->seen, ROOM));
	EXPECT_NE(info.id, self->seen[0].region);
	EXPECT_EQ(info.id, self->seen[1].region);
	EXPECT_STREQ("1 write fault minor 1", tlib_record_line(&self->seen[2]));
	EXPECT_EQ(-EAGAIN, faultlab_records_read(self->fd, self->seen, ROOM));
	close(all);
}

TEST_F(observe, an_observer_and_the_region_read_the_same_records)
{
	struct faultlab_record more[ROOM];
	int all = tlib_record_region(FAULTLAB_KIND_PAGE, 0, PAGES), i;

	ASSERT_EQ(0, faultlab_observe_start(all, 0));
	tlib_work(self->at, "rwRrw");
	ASSERT_EQ(4, faultlab_records_read(all, more, ROOM));
	ASSERT_EQ(4, faultlab_records_read(self->fd, self->seen, ROOM));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(more[i].tid, self->seen[i].tid);
		EXPECT_EQ(0, memcmp(&more[i].fault, &self->seen[i].fault,
				    sizeof(more[i].fault)));
	}
	close(all);
}

static int observe_as_nobody(void *arg)
{
	int fd = *(int *)arg;

	if (tlib_become_nobody())
		return 1;
	if (faultlab_observe_start(fd, 0) != -EPERM)
		return 2;
	return faultlab_records_start(fd, 0, 0) ? 3 : 0;
}

TEST_F(observe, an_unprivileged_task_may_record_its_region_but_not_observe_all)
{
	EXPECT_EQ(0, tlib_reap(tlib_spawn(observe_as_nobody, &self->fd)));
}

/*
 * Edge-triggered epoll reports an event for each wakeup. Returns 0 if it reports only that the
 * caller may not poll, and nothing when other regions fault.
 */
static int wait_for_edges(int fd, struct tlib_peer *peer)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (tlib_become_nobody() || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		return 1;
	if (epoll_wait(epoll, &event, 1, 0) != 1 || event.events != EPOLLERR)
		return 2;
	if (tlib_peer_nudge(peer) || tlib_peer_await(peer))
		return 3;
	return epoll_wait(epoll, &event, 1, 0) ? 4 : 0;
}

TEST_F(observe, an_unprivileged_task_cannot_see_by_epoll_when_other_regions_fault)
{
	int all = tlib_record_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	struct pollfd p = { .fd = all, .events = POLLIN };
	struct tlib_peer peer;

	ASSERT_EQ(0, faultlab_observe_start(all, 0));
	ASSERT_LE(0, tlib_peer_fork(&peer));
	if (!peer.pid)
		_exit(wait_for_edges(all, &peer));
	ASSERT_EQ(0, tlib_peer_await(&peer));
	/* Faults wake those who wait only after a reader has asked for it. */
	ASSERT_EQ(0, poll(&p, 1, 0));
	tlib_work(self->at, "r");
	ASSERT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(0, tlib_peer_nudge(&peer));
	EXPECT_EQ(0, tlib_peer_join(&peer));
	close(all);
}

TEST_F(observe, a_fault_of_a_child_is_recorded_in_the_region_with_the_childs_pid)
{
	struct faultlab_record *r = self->seen;
	pid_t child = fork();

	if (!child) {
		tlib_work(self->at, "w");
		_exit(0);
	}
	ASSERT_EQ(0, tlib_reap(child));
	ASSERT_EQ(1, faultlab_records_read(self->fd, r, ROOM));
	EXPECT_EQ(child, r->pid);
	EXPECT_EQ(child, r->tid);
}

TEST_F(observe, debugfs_shows_records_newest_last_and_reset_empties_it)
{
	char text[TLIB_TEXT_MAX], *last;
	struct faultlab_info info;

	if (access(FAULTLAB_DEBUGFS "/records", F_OK))
		SKIP(return, "no debugfs (CONFIG_DEBUG_FS, mounted)");
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	ASSERT_EQ(0, tlib_write_text(FAULTLAB_DEBUGFS "/records", "1"));
	ASSERT_EQ(0, tlib_write_text(FAULTLAB_DEBUGFS "/reset", "1"));
	tlib_work(self->at, "rw");
	ASSERT_EQ(0, tlib_write_text(FAULTLAB_DEBUGFS "/records", "0"));
	tlib_work(self->at + 2 * TLIB_PAGE, "r");
	ASSERT_LT(0, tlib_read_text(FAULTLAB_DEBUGFS "/records", text, sizeof(text)));
	last = strchr(text, '\n');
	ASSERT_NE(NULL, last);
	EXPECT_NE(NULL, strstr(text, tlib_text("region %u pid %d", info.id, getpid())));
	EXPECT_NE(NULL, strstr(last, " page 1 write fault minor addr "));
	EXPECT_EQ(NULL, strstr(last + 1, "\n"));
	ASSERT_EQ(0, tlib_write_text(FAULTLAB_DEBUGFS "/reset", "1"));
	EXPECT_EQ(0, tlib_read_text(FAULTLAB_DEBUGFS "/records", text, sizeof(text)));
}

/* The library writes a record as debugfs does. */
TEST_F(observe, the_library_formats_a_record_as_debugfs_does)
{
	char text[TLIB_TEXT_MAX], ours[FAULTLAB_RECORD_TEXT_MAX];
	int all = tlib_record_region(FAULTLAB_KIND_PAGE, 0, PAGES);

	if (access(FAULTLAB_DEBUGFS "/records", F_OK))
		SKIP(return, "no debugfs (CONFIG_DEBUG_FS, mounted)");
	ASSERT_EQ(0, faultlab_observe_start(all, 0));
	ASSERT_EQ(0, tlib_write_text(FAULTLAB_DEBUGFS "/reset", "1"));
	tlib_work(self->at, "r");
	ASSERT_EQ(1, faultlab_records_read(all, self->seen, ROOM));
	ASSERT_LT(0, tlib_read_text(FAULTLAB_DEBUGFS "/records", text, sizeof(text)));
	EXPECT_STREQ(text, faultlab_record_text(self->seen, ours, sizeof(ours)));
	close(all);
}

TEST_HARNESS_MAIN
