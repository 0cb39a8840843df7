// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: system calls in which the kernel copies from or to the mapping, or pins
 * its pages.
 */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <fcntl.h>
#include <unistd.h>

#include "matrix/path/tools.h"

ssize_t matrix_path_read(struct matrix_call *call)
{
	return matrix_result(pread(call->tools->file, call->first, 2 * call->tools->page, 0));
}

ssize_t matrix_path_write(struct matrix_call *call)
{
	return matrix_result(pwrite(call->tools->file, call->first, 2 * call->tools->page, 0));
}

ssize_t matrix_path_zero_read(struct matrix_call *call)
{
	return matrix_result(read(call->tools->zero, call->first, 2 * call->tools->page));
}

ssize_t matrix_path_direct_read(struct matrix_call *call)
{
	return matrix_result(pread(call->tools->direct, call->first, 2 * call->tools->page, 0));
}

ssize_t matrix_path_direct_write(struct matrix_call *call)
{
	return matrix_result(pwrite(call->tools->direct, call->first, 2 * call->tools->page, 0));
}

static ssize_t futex(struct matrix_call *call, int op)
{
	/* The word never has this value, so it is read and the call returns EAGAIN. */
	const unsigned int differs = 0xfa17fa17;

	return matrix_result(syscall(SYS_futex, call->second, op, differs, NULL, NULL, 0));
}

ssize_t matrix_path_futex(struct matrix_call *call)
{
	return futex(call, FUTEX_WAIT_PRIVATE);
}

ssize_t matrix_path_futex_shared(struct matrix_call *call)
{
	return futex(call, FUTEX_WAIT);
}

ssize_t matrix_path_vmsplice(struct matrix_call *call)
{
	struct matrix_tools *tools = call->tools;
	struct iovec iov = { call->first, 2 * tools->page };

	return matrix_result(vmsplice(tools->pipe[1], &iov, 1, SPLICE_F_NONBLOCK));
}
