// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: instructions of the task itself.
 */
#include "matrix/way/tools.h"

ssize_t matrix_way_load(struct matrix_call *call)
{
	return faultlab_touch_read(call->second, &call->touch);
}

ssize_t matrix_way_store(struct matrix_call *call)
{
	return faultlab_touch_write(call->second, 1, &call->touch);
}

ssize_t matrix_way_exec(struct matrix_call *call)
{
	return faultlab_touch_exec(call->second, &call->touch);
}
