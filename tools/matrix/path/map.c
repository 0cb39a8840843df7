// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: calls that make a mapping or ask for its pages, but transfer no data.
 */
#include <errno.h>
#include <sys/mman.h>

#include "matrix/path/tools.h"

static ssize_t map(struct matrix_call *call, int flags)
{
	const struct matrix_mapping *mapping = call->mapping;
	void *addr = mmap(call->second, call->step, mapping->prot,
			  mapping->flags | MAP_FIXED | flags, call->fd, call->offset);

	return addr == MAP_FAILED ? -errno : 0;
}

ssize_t matrix_path_mmap(struct matrix_call *call)
{
	return map(call, 0);
}

ssize_t matrix_path_populate(struct matrix_call *call)
{
	return map(call, MAP_POPULATE);
}

ssize_t matrix_path_madv_read(struct matrix_call *call)
{
	return matrix_result(madvise(call->first, 2 * call->tools->page, MADV_POPULATE_READ));
}

ssize_t matrix_path_madv_write(struct matrix_call *call)
{
	return matrix_result(madvise(call->first, 2 * call->tools->page, MADV_POPULATE_WRITE));
}

ssize_t matrix_path_mlock(struct matrix_call *call)
{
	return matrix_result(mlock(call->first, 2 * call->tools->page));
}
