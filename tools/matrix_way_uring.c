// SPDX-License-Identifier: GPL-2.0-only
/*
 * Way in: io_uring. One request at a time, by files that it serves in the caller
 * and not in a worker, whose faults would be counted elsewhere.
 */
#include <errno.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "matrix_tools.h"

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

static ssize_t ring_do(struct matrix_call *call, __u8 op, int fd)
{
	struct matrix_ring *ring = call->tools->ring;
	__u32 tail = *ring->sq_tail, head = *ring->cq_head;
	__u32 index = tail & ring->sq_mask;
	int res;

	ring->sqes[index] = (struct io_uring_sqe) {
		.opcode = op, .fd = fd, .addr = (uintptr_t)call->first,
		.len = 2 * call->tools->page, .off = -1,
	};
	ring->sq_array[index] = index;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return -errno;
	res = ring->cqes[head & ring->cq_mask].res;
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return res;
}

ssize_t matrix_way_uring_read(struct matrix_call *call)
{
	struct matrix_tools *tools = call->tools;

	/* Not /dev/zero, which ends early if the task is to be preempted. */
	if (write(tools->pipe[1], tools->buffer, 2 * tools->page) < 0)
		return -errno;
	return ring_do(call, IORING_OP_READ, tools->pipe[0]);
}

ssize_t matrix_way_uring_write(struct matrix_call *call)
{
	return ring_do(call, IORING_OP_WRITE, call->tools->pipe[1]);
}
