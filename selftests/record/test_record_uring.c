// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records through io_uring: a read of many records, a read that waits for the first
 * record, and a poll that waits for the watermark.
 */
#include <errno.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include <liburing.h>
#include "lib/record/record.h"
#include "lib/sys.h"

#define PAGES	64

FIXTURE(uring)
{
	int fd;
	char *at;
	struct io_uring ring;
	struct faultlab_record seen[PAGES];
};

FIXTURE_SETUP(uring)
{
	if (io_uring_queue_init(4, &self->ring, 0))
		SKIP(return, "the kernel has no CONFIG_IO_URING, or forbids it");
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 0));
	tlib_settle();
}

FIXTURE_TEARDOWN(uring)
{
	io_uring_queue_exit(&self->ring);
	close(self->fd);
}

static void submit_read(struct io_uring *ring, int fd, void *to, size_t bytes)
{
	io_uring_prep_read(io_uring_get_sqe(ring), fd, to, bytes, -1);
	io_uring_submit(ring);
}

/* The result of a submitted operation; -EAGAIN if there is none yet. */
static int result(struct io_uring *ring, bool wait)
{
	struct io_uring_cqe *cqe;
	int res = wait ? io_uring_wait_cqe(ring, &cqe) : io_uring_peek_cqe(ring, &cqe);

	if (res)
		return res;
	res = cqe->res;
	io_uring_cqe_seen(ring, cqe);
	return res;
}

TEST_F(uring, one_read_gives_many_records)
{
	int i;

	tlib_touch_pages(self->at, 0, 40);
	submit_read(&self->ring, self->fd, self->seen, sizeof(self->seen));
	ASSERT_EQ(40 * sizeof(self->seen[0]), result(&self->ring, true));
	for (i = 0; i < 40; i++)
		EXPECT_EQ(i, self->seen[i].fault.index);
}

TEST_F(uring, a_read_waits_for_the_first_record)
{
	submit_read(&self->ring, self->fd, self->seen, sizeof(self->seen));
	EXPECT_EQ(-EAGAIN, result(&self->ring, false));
	tlib_touch_pages(self->at, 5, 1);
	ASSERT_EQ(sizeof(self->seen[0]), result(&self->ring, true));
	EXPECT_EQ(5, self->seen[0].fault.index);
}

/* O_NONBLOCK is not enough: without RWF_NOWAIT io_uring polls the file and tries again. */
TEST_F(uring, a_read_with_rwf_nowait_does_not_wait)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&self->ring);

	io_uring_prep_read(sqe, self->fd, self->seen, sizeof(self->seen), -1);
	sqe->rw_flags = RWF_NOWAIT;
	io_uring_submit(&self->ring);
	EXPECT_EQ(-EAGAIN, result(&self->ring, true));
}

TEST_F(uring, a_buffer_for_less_than_a_record_is_einval)
{
	tlib_touch_pages(self->at, 0, 1);
	submit_read(&self->ring, self->fd, self->seen, sizeof(self->seen[0]) - 1);
	EXPECT_EQ(-EINVAL, result(&self->ring, true));
}

TEST_F(uring, poll_completes_at_the_watermark)
{
	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 3));
	io_uring_prep_poll_add(io_uring_get_sqe(&self->ring), self->fd, POLLIN);
	io_uring_submit(&self->ring);
	tlib_touch_pages(self->at, 0, 2);
	EXPECT_EQ(-EAGAIN, result(&self->ring, false));
	tlib_touch_pages(self->at, 2, 1);
	EXPECT_EQ(POLLIN, result(&self->ring, true) & POLLIN);
	submit_read(&self->ring, self->fd, self->seen, sizeof(self->seen));
	EXPECT_EQ(3 * sizeof(self->seen[0]), result(&self->ring, true));
}

TEST_F(uring, a_read_that_waits_can_be_cancelled)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&self->ring);
	struct io_uring_cqe *cqe;
	int i, cancelled = 0;

	io_uring_prep_read(sqe, self->fd, self->seen, sizeof(self->seen), -1);
	sqe->user_data = 7;
	io_uring_submit(&self->ring);
	sqe = io_uring_get_sqe(&self->ring);
	io_uring_prep_cancel64(sqe, 7, 0);
	io_uring_submit(&self->ring);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, io_uring_wait_cqe(&self->ring, &cqe));
		cancelled += cqe->user_data == 7 && (cqe->res == -ECANCELED || cqe->res == -EINTR);
		io_uring_cqe_seen(&self->ring, cqe);
	}
	EXPECT_EQ(1, cancelled);
	tlib_touch_pages(self->at, 0, 1);
	EXPECT_EQ(1, faultlab_records_read(self->fd, self->seen, PAGES));
}

TEST_HARNESS_MAIN
