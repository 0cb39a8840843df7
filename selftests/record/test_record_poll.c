// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for records: poll and epoll wake at the watermark and not before, also if
 * recording is started, changed or stopped during the wait.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/record/record.h"
#include "lib/sys.h"

#define PAGES	512
#define SLOTS	64

FIXTURE(poll)
{
	int fd;
	char *at;
	struct faultlab_record seen[PAGES];
};

FIXTURE_SETUP(poll)
{
	self->fd = tlib_recorded_region(PAGES, SLOTS, &self->at);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(poll)
{
	close(self->fd);
}

TEST_F(poll, poll_is_ready_at_the_watermark_and_not_before)
{
	struct pollfd p = { .fd = self->fd, .events = POLLIN };

	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 5));
	EXPECT_EQ(0, poll(&p, 1, 0));
	tlib_touch_pages(self->at, 0, 4);
	EXPECT_EQ(0, poll(&p, 1, 0));
	tlib_touch_pages(self->at, 4, 1);
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(2, faultlab_records_read(self->fd, self->seen, 2));
	EXPECT_EQ(0, poll(&p, 1, 0));
}

struct sleeper {
	pthread_t thread;
	struct pollfd p;
	pid_t tid;
	int ready;
};

static void *sleep_in_poll(void *arg)
{
	struct sleeper *s = arg;

	__atomic_store_n(&s->tid, gettid(), __ATOMIC_RELEASE);
	s->ready = poll(&s->p, 1, 20000);
	__atomic_store_n(&s->tid, 0, __ATOMIC_RELEASE);
	return NULL;
}

static void start_sleeper(struct sleeper *s, int fd)
{
	*s = (struct sleeper) { .p = { .fd = fd, .events = POLLIN } };
	pthread_create(&s->thread, NULL, sleep_in_poll, s);
	while (!__atomic_load_n(&s->tid, __ATOMIC_ACQUIRE))
		sched_yield();
	tlib_wait_asleep(s->tid);
}

TEST_F(poll, poll_wakes_at_the_watermark_and_not_before)
{
	struct sleeper s;

	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 5));
	start_sleeper(&s, self->fd);
	tlib_touch_pages(self->at, 0, 4);
	EXPECT_EQ(0, tlib_wait_asleep(s.tid));
	EXPECT_NE(0, __atomic_load_n(&s.tid, __ATOMIC_ACQUIRE));
	tlib_touch_pages(self->at, 4, 1);
	pthread_join(s.thread, NULL);
	EXPECT_EQ(1, s.ready);
	EXPECT_EQ(POLLIN, s.p.revents);
	EXPECT_EQ(5, faultlab_records_read(self->fd, self->seen, PAGES));
}

TEST_F(poll, stop_wakes_a_poll_below_the_watermark)
{
	struct sleeper s;

	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 5));
	start_sleeper(&s, self->fd);
	tlib_touch_pages(self->at, 0, 2);
	ASSERT_EQ(0, faultlab_records_stop(self->fd));
	pthread_join(s.thread, NULL);
	EXPECT_EQ(1, s.ready);
	EXPECT_EQ(2, faultlab_records_read(self->fd, self->seen, PAGES));
}

/* A watermark above the ring's size can be reached, since lost records count. */
TEST_F(poll, lost_records_count_towards_the_watermark)
{
	struct sleeper s;

	ASSERT_EQ(0, tlib_pin(0));
	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, SLOTS + 10));
	start_sleeper(&s, self->fd);
	tlib_touch_pages(self->at, 0, SLOTS + 10);
	pthread_join(s.thread, NULL);
	EXPECT_EQ(1, s.ready);
}

FIXTURE(epoll)
{
	int fd;
	int epoll;
	char *at;
};

FIXTURE_VARIANT(epoll)
{
	__u32 events;
};

FIXTURE_VARIANT_ADD(epoll, level) { .events = EPOLLIN };
FIXTURE_VARIANT_ADD(epoll, edge) { .events = EPOLLIN | EPOLLET };

FIXTURE_SETUP(epoll)
{
	struct epoll_event event = { .events = variant->events };

	self->fd = tlib_recorded_region(PAGES, SLOTS, &self->at);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, faultlab_records_start(self->fd, SLOTS, 3));
	self->epoll = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, self->epoll);
	ASSERT_EQ(0, epoll_ctl(self->epoll, EPOLL_CTL_ADD, self->fd, &event));
}

FIXTURE_TEARDOWN(epoll)
{
	close(self->epoll);
	close(self->fd);
}

TEST_F(epoll, epoll_reports_each_time_the_watermark_is_reached)
{
	struct faultlab_record seen[8];
	struct epoll_event event;
	int i;

	for (i = 0; i < 4; i++) {
		EXPECT_EQ(0, epoll_wait(self->epoll, &event, 1, 0));
		tlib_touch_pages(self->at, 8 * i, 2);
		EXPECT_EQ(0, epoll_wait(self->epoll, &event, 1, 0));
		tlib_touch_pages(self->at, 8 * i + 2, 1);
		EXPECT_EQ(1, epoll_wait(self->epoll, &event, 1, 0));
		/* Two more come before the records are read. */
		tlib_touch_pages(self->at, 8 * i + 3, 2);
		EXPECT_EQ(5, faultlab_records_read(self->fd, seen, 8));
		EXPECT_EQ(-EAGAIN, faultlab_records_read(self->fd, seen, 8));
	}
}

static void *sleep_in_epoll(void *arg)
{
	struct sleeper *s = arg;
	struct epoll_event event;

	__atomic_store_n(&s->tid, gettid(), __ATOMIC_RELEASE);
	s->ready = epoll_wait(s->p.fd, &event, 1, 20000);
	return NULL;
}

static int start_epoll_sleeper(struct sleeper *s, int epoll)
{
	int err;

	*s = (struct sleeper) { .p.fd = epoll };
	err = pthread_create(&s->thread, NULL, sleep_in_epoll, s);
	if (err)
		return -err;
	while (!__atomic_load_n(&s->tid, __ATOMIC_ACQUIRE))
		sched_yield();
	return tlib_wait_asleep(s->tid);
}

TEST_F(epoll, lowering_the_watermark_wakes_epoll_if_enough_records_wait)
{
	struct sleeper s;

	ASSERT_EQ(0, start_epoll_sleeper(&s, self->epoll));
	tlib_touch_pages(self->at, 0, 2);
	EXPECT_EQ(0, tlib_wait_asleep(s.tid));
	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 2));
	pthread_join(s.thread, NULL);
	EXPECT_EQ(1, s.ready);
}

/* For programs that add the descriptor to epoll before they start recording. */
FIXTURE(epoll_before_start)
{
	int fd;
	int epoll;
	char *at;
};

FIXTURE_VARIANT(epoll_before_start)
{
	int (*start)(int fd);
};

static int start_recording(int fd)
{
	return faultlab_records_start(fd, SLOTS, 1);
}

static int start_observing(int fd)
{
	return faultlab_observe_start(fd, 1);
}

static int start_both(int fd)
{
	return start_recording(fd) ?: start_observing(fd);
}

FIXTURE_VARIANT_ADD(epoll_before_start, record) { start_recording };
FIXTURE_VARIANT_ADD(epoll_before_start, observe) { start_observing };
FIXTURE_VARIANT_ADD(epoll_before_start, record_and_observe) { start_both };

FIXTURE_SETUP(epoll_before_start)
{
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
	self->epoll = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, self->epoll);
}

FIXTURE_TEARDOWN(epoll_before_start)
{
	close(self->epoll);
	close(self->fd);
}

/* Before the start the descriptor is ready at once, as read() would return 0. */
static int watch(int epoll, int fd, __u32 events)
{
	struct epoll_event event = { .events = events };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		return -errno;
	return epoll_wait(epoll, &event, 1, 0);
}

TEST_F(epoll_before_start, level_triggered_epoll_reports_a_record_after_a_later_start)
{
	struct epoll_event event;

	ASSERT_EQ(1, watch(self->epoll, self->fd, EPOLLIN));
	ASSERT_EQ(0, variant->start(self->fd));
	EXPECT_EQ(0, epoll_wait(self->epoll, &event, 1, 0));
	tlib_touch_pages(self->at, 0, 1);
	EXPECT_EQ(1, epoll_wait(self->epoll, &event, 1, 0));
}

TEST_F(epoll_before_start, edge_triggered_epoll_reports_a_record_after_a_later_start)
{
	struct epoll_event event;

	ASSERT_EQ(1, watch(self->epoll, self->fd, EPOLLIN | EPOLLET));
	ASSERT_EQ(0, variant->start(self->fd));
	EXPECT_EQ(0, epoll_wait(self->epoll, &event, 1, 0));
	tlib_touch_pages(self->at, 0, 1);
	EXPECT_EQ(1, epoll_wait(self->epoll, &event, 1, 0));
}

TEST_F(epoll_before_start, a_sleeping_epoll_wakes_for_a_record_after_start)
{
	struct sleeper s;

	ASSERT_EQ(1, watch(self->epoll, self->fd, EPOLLIN | EPOLLET));
	ASSERT_EQ(0, start_epoll_sleeper(&s, self->epoll));
	ASSERT_EQ(0, variant->start(self->fd));
	tlib_touch_pages(self->at, 0, 1);
	pthread_join(s.thread, NULL);
	EXPECT_EQ(1, s.ready);
}

TEST_HARNESS_MAIN
