// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways in: the kernel on behalf of the task, by copying from or to the mapping or
 * by pinning its pages.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <fcntl.h>
#include <unistd.h>

#include "matrix_tools.h"

void matrix_way_read(struct matrix_call *call)
{
	matrix_answer_bytes(call, pread(call->tools->file, call->first, 2 * call->tools->page, 0));
}

void matrix_way_write(struct matrix_call *call)
{
	matrix_answer_bytes(call, pwrite(call->tools->file, call->first,
					 2 * call->tools->page, 0));
}

void matrix_way_direct_read(struct matrix_call *call)
{
	matrix_answer_bytes(call, pread(call->tools->direct, call->first,
					2 * call->tools->page, 0));
}

void matrix_way_direct_write(struct matrix_call *call)
{
	matrix_answer_bytes(call, pwrite(call->tools->direct, call->first,
					 2 * call->tools->page, 0));
}

static void futex(struct matrix_call *call, int op)
{
	/* Nothing ever writes that, so the word is read and the call ends. */
	const unsigned int differs = 0xfa17fa17;
	long ret = syscall(SYS_futex, call->second, op, differs, NULL, NULL, 0);

	matrix_answer_ok(call, "waited", ret);
}

void matrix_way_futex(struct matrix_call *call)
{
	futex(call, FUTEX_WAIT_PRIVATE);
}

void matrix_way_futex_shared(struct matrix_call *call)
{
	futex(call, FUTEX_WAIT);
}

void matrix_way_vmsplice(struct matrix_call *call)
{
	struct matrix_tools *tools = call->tools;
	struct iovec iov = { call->first, 2 * tools->page };
	ssize_t bytes = vmsplice(tools->pipe[1], &iov, 1, SPLICE_F_NONBLOCK);
	int err = errno;

	if (bytes > 0 && read(tools->pipe[0], tools->buffer, bytes) != bytes)
		bytes = 0;
	errno = err;
	matrix_answer_bytes(call, bytes);
}
