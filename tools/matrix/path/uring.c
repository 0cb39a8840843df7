// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: io_uring, one request at a time. Requests for a pipe run in the task that
 * submits them. Requests for the disk run in a worker (IOSQE_ASYNC): a thread of the
 * process, with fault counts of its own.
 */
#include <errno.h>
#include <liburing.h>
#include <sys/resource.h>
#include <unistd.h>

#include "matrix/path/tools.h"

static ssize_t ring_do(struct matrix_call *call, __u8 op, int fd, __u64 offset, __u8 flags)
{
	struct io_uring *ring = &call->tools->ring;
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
	struct io_uring_cqe *cqe;
	int res;

	io_uring_prep_rw(op, sqe, fd, call->first, 2 * call->tools->page, offset);
	sqe->flags = flags;
	res = io_uring_submit_and_wait(ring, 1);
	if (res >= 0)
		res = io_uring_wait_cqe(ring, &cqe);
	if (res < 0)
		return res;
	res = cqe->res;
	io_uring_cqe_seen(ring, cqe);
	return res;
}

ssize_t matrix_path_uring_read(struct matrix_call *call)
{
	struct matrix_tools *tools = call->tools;

	/*
	 * A pipe: io_uring's read of /dev/zero, which must not block, ends early if the
	 * task should be rescheduled.
	 */
	if (write(tools->pipe[1], tools->buffer, 2 * tools->page) < 0)
		return -errno;
	return ring_do(call, IORING_OP_READ, tools->pipe[0], -1, 0);
}

ssize_t matrix_path_uring_write(struct matrix_call *call)
{
	return ring_do(call, IORING_OP_WRITE, call->tools->pipe[1], -1, 0);
}

/*
 * No other thread of the process faults meanwhile: the calling thread waits, and that of
 * gate.c uses no new memory. So all faults that getrusage() counts are the worker's.
 */
static ssize_t worker_do(struct matrix_call *call, __u8 op)
{
	static struct rusage was, is;
	ssize_t ret;

	was = (struct rusage){ 0 };
	/* Fault in the code and memory that a request uses, so that they are not counted. */
	ring_do(call, IORING_OP_NOP, -1, 0, IOSQE_ASYNC);
	getrusage(RUSAGE_SELF, &was);
	ret = ring_do(call, op, call->tools->direct, 0, IOSQE_ASYNC);
	getrusage(RUSAGE_SELF, &is);
	call->counted = true;
	call->minflt = is.ru_minflt - was.ru_minflt;
	call->majflt = is.ru_majflt - was.ru_majflt;
	return ret;
}

ssize_t matrix_path_uring_direct_read(struct matrix_call *call)
{
	return worker_do(call, IORING_OP_READ);
}

ssize_t matrix_path_uring_direct_write(struct matrix_call *call)
{
	return worker_do(call, IORING_OP_WRITE);
}

ssize_t matrix_path_uring_register(struct matrix_call *call)
{
	const struct iovec buffer = { call->first, 2 * call->tools->page };
	struct io_uring *ring = &call->tools->ring;
	int err = io_uring_register_buffers(ring, &buffer, 1);

	return err ? err : io_uring_unregister_buffers(ring);
}
