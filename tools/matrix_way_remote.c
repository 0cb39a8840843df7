// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways in: another process. The faults are counted for the one that calls.
 */
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

#include "matrix_tools.h"

ssize_t matrix_way_vm_readv(struct matrix_call *call)
{
	struct matrix_tools *tools = call->tools;
	struct iovec local = { tools->buffer, 2 * tools->page };
	struct iovec remote = { call->first, 2 * tools->page };

	return matrix_result(process_vm_readv(tools->target, &local, 1, &remote, 1, 0));
}

ssize_t matrix_way_vm_writev(struct matrix_call *call)
{
	struct matrix_tools *tools = call->tools;
	struct iovec local = { tools->buffer, 2 * tools->page };
	struct iovec remote = { call->first, 2 * tools->page };

	return matrix_result(process_vm_writev(tools->target, &local, 1, &remote, 1, 0));
}

ssize_t matrix_way_peek(struct matrix_call *call)
{
	errno = 0;
	ptrace(PTRACE_PEEKDATA, call->tools->target, call->second, NULL);
	return -errno;
}

ssize_t matrix_way_poke(struct matrix_call *call)
{
	return matrix_result(ptrace(PTRACE_POKEDATA, call->tools->target, call->second, NULL));
}

ssize_t matrix_way_mem_read(struct matrix_call *call)
{
	return matrix_result(pread(call->tools->mem, call->tools->buffer, 2 * call->tools->page,
				   (off_t)call->first));
}

ssize_t matrix_way_mem_write(struct matrix_call *call)
{
	return matrix_result(pwrite(call->tools->mem, call->tools->buffer, 2 * call->tools->page,
				    (off_t)call->first));
}
