/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of reasons: to which cells each applies, the expected text, the kernel function
 * that decides it, and an explanation.
 */
#ifndef FAULTLAB_MATRIX_REASONS_H
#define FAULTLAB_MATRIX_REASONS_H

#include "matrix/expect/expect.h"

#define P(NAME)		(1U << PATH(NAME))
#define O(NAME)		(1U << OUTCOME(NAME))

/* Outcomes in which .fault returns an error. OOM is separate: some callers retry after it. */
#define O_BUS		(O(SIGBUS) | O(UNPLUG) | O(PAST_END))
#define O_POISON	(O(HWPOISON) | O(HWPOISON_LARGE))
#define O_ERROR		(O_BUS | O_POISON | O(SIGSEGV))
/* Outcomes without an entry for the second page if all entries are made at mmap(). */
#define O_GONE		(O(EVICTED) | O(PAST_END))
/* Outcomes in which a fault drops its lock and is retried. */
#define O_AGAIN		(O(DELAY) | O(RETRY) | O(GATE))

#define P_DIRECT	(P(DIRECT_READ) | P(DIRECT_WRITE))
/* Access paths where GUP pins pages to transfer data, for this process or another. */
#define P_TRANSFER	(P_DIRECT | P(VM_READV) | P(VM_WRITEV) | P(VMSPLICE))
/* Access paths where GUP pins pages for io_uring. */
#define P_URING_PINS	(P(URING_DIRECT_READ) | P(URING_DIRECT_WRITE) | P(URING_REGISTER))
#define P_MADVISE	(P(MADV_READ) | P(MADV_WRITE))

struct matrix_reasons {
	const struct matrix_reason *reason;
	unsigned int nr;
};

/* Indexed by question; the first reason that applies answers it. */
extern const struct matrix_reasons *const matrix_reasons[MATRIX_NR_QUESTIONS];

/* result.c */
extern const struct matrix_reasons matrix_reasons_result;
/* callback.c */
extern const struct matrix_reasons matrix_reasons_callback;
extern const struct matrix_reasons matrix_reasons_times;
extern const struct matrix_reasons matrix_reasons_huge;
extern const struct matrix_reasons matrix_reasons_retry;
extern const struct matrix_reasons matrix_reasons_notify;
extern const struct matrix_reasons matrix_reasons_access;

#endif /* FAULTLAB_MATRIX_REASONS_H */
