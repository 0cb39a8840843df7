// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: io_uring, one request at a time. It serves pipes in the caller. The
 * disk is always served by a worker: a thread of the process, with fault counts of its
 * own.
 */
#include <errno.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "matrix/path/tools.h"

struct matrix_ring {
	int fd;
	__u32 *sq_tail;
	__u32 sq_mask;
	__u32 *sq_array;
	struct io_uring_sqe *sqes;
	__u32 *cq_head;
	__u32 cq_mask;
	struct io_uring_cqe *cqes;
};

static char *ring_map(int fd, size_t bytes, off_t offset)
{
	void *addr = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
			  offset);

	return addr == MAP_FAILED ? NULL : addr;
}

struct matrix_ring *matrix_ring_open(void)
{
	struct io_uring_params p = { 0 };
	struct matrix_ring *ring = calloc(1, sizeof(*ring));
	char *sq, *cq;

	if (!ring)
		return NULL;
	ring->fd = syscall(SYS_io_uring_setup, 2, &p);
	if (ring->fd < 0)
		return NULL;
	sq = ring_map(ring->fd, p.sq_off.array + p.sq_entries * sizeof(__u32),
		      IORING_OFF_SQ_RING);
	cq = ring_map(ring->fd, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe),
		      IORING_OFF_CQ_RING);
	ring->sqes = (void *)ring_map(ring->fd, p.sq_entries * sizeof(struct io_uring_sqe),
				      IORING_OFF_SQES);
	if (!sq || !cq || !ring->sqes)
		return NULL;
	ring->sq_tail = (__u32 *)(sq + p.sq_off.tail);
	ring->sq_mask = *(__u32 *)(sq + p.sq_off.ring_mask);
	ring->sq_array = (__u32 *)(sq + p.sq_off.array);
	ring->cq_head = (__u32 *)(cq + p.cq_off.head);
	ring->cq_mask = *(__u32 *)(cq + p.cq_off.ring_mask);
	ring->cqes = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
	return ring;
}

static ssize_t ring_do(struct matrix_call *call, const struct io_uring_sqe *sqe)
{
	struct matrix_ring *ring = call->tools->ring;
	__u32 tail = *ring->sq_tail, head = *ring->cq_head;
	__u32 index = tail & ring->sq_mask;
	int res;

	ring->sqes[index] = *sqe;
	ring->sqes[index].addr = (uintptr_t)call->first;
	ring->sqes[index].len = 2 * call->tools->page;
	ring->sq_array[index] = index;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return -errno;
	res = ring->cqes[head & ring->cq_mask].res;
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return res;
}

ssize_t matrix_path_uring_read(struct matrix_call *call)
{
	struct matrix_tools *tools = call->tools;

	/* Not /dev/zero: its read ends early if the task is to be preempted. */
	if (write(tools->pipe[1], tools->buffer, 2 * tools->page) < 0)
		return -errno;
	return ring_do(call, &(struct io_uring_sqe) {
		.opcode = IORING_OP_READ, .fd = tools->pipe[0], .off = -1,
	});
}

ssize_t matrix_path_uring_write(struct matrix_call *call)
{
	return ring_do(call, &(struct io_uring_sqe) {
		.opcode = IORING_OP_WRITE, .fd = call->tools->pipe[1], .off = -1,
	});
}

/* No other thread runs meanwhile, so all faults of the process are the worker's. */
static ssize_t worker_do(struct matrix_call *call, __u8 op)
{
	static struct rusage was, is;
	ssize_t ret;

	was = (struct rusage){ 0 };
	/* Whatever code and memory a request needs of this process is mapped afterwards. */
	ring_do(call, &(struct io_uring_sqe) { .opcode = IORING_OP_NOP, .flags = IOSQE_ASYNC });
	getrusage(RUSAGE_SELF, &was);
	ret = ring_do(call, &(struct io_uring_sqe) {
		.opcode = op, .fd = call->tools->direct, .flags = IOSQE_ASYNC,
	});
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
	const int fd = call->tools->ring->fd;

	if (syscall(SYS_io_uring_register, fd, IORING_REGISTER_BUFFERS, &buffer, 1))
		return -errno;
	return matrix_result(syscall(SYS_io_uring_register, fd, IORING_UNREGISTER_BUFFERS,
				     NULL, 0));
}
