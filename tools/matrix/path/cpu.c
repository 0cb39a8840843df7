// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: instructions of the task itself.
 */
#include "matrix/path/tools.h"

ssize_t matrix_path_load(struct matrix_call *call)
{
	return faultlab_touch_read(call->second, &call->touch);
}

ssize_t matrix_path_store(struct matrix_call *call)
{
	return faultlab_touch_write(call->second, 1, &call->touch);
}

ssize_t matrix_path_exec(struct matrix_call *call)
{
	return faultlab_touch_exec(call->second, &call->touch);
}
