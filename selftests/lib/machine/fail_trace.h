/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which allocation was made to fail: fault injection logs the call trace of a failure, if
 * "verbose" of failslab and fail_page_alloc is 2. It does not log one of an allocation with
 * __GFP_NOWARN.
 */
#ifndef TLIB_FAIL_TRACE_H
#define TLIB_FAIL_TRACE_H

#include <stdbool.h>

#define TLIB_FAIL_DEPTH	48

/**
 * struct tlib_fail_trace - the call trace of a failure
 * @nr: number of functions; 0 if none was logged
 * @function: the innermost first, without suffixes as ".isra.0"
 */
struct tlib_fail_trace {
	unsigned int nr;
	char function[TLIB_FAIL_DEPTH][48];
};

/* Begin to read the kernel log behind its last line. A descriptor or -errno. */
int tlib_fail_trace_begin(void);

/* The call trace that was logged since, and close the descriptor. */
void tlib_fail_trace_end(int fd, struct tlib_fail_trace *trace);

bool tlib_fail_trace_has(const struct tlib_fail_trace *trace, const char *function);

/*
 * A page fault of user mode: the kernel answers VM_FAULT_OOM by repeating the access
 * (pagefault_out_of_memory()), so the program does not notice.
 */
bool tlib_fail_trace_is_user_fault(const struct tlib_fail_trace *trace);

#endif /* TLIB_FAIL_TRACE_H */
