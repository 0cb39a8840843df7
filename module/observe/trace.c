// SPDX-License-Identifier: GPL-2.0-only
/* The code of the trace events that flab_trace.h declares. */
#define CREATE_TRACE_POINTS
#include "observe/flab_trace.h"
