/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reasons for what is expected, as tables: what decides it, in which function of the
 * kernel, and why.
 */
#ifndef FAULTLAB_MATRIX_REASONS_H
#define FAULTLAB_MATRIX_REASONS_H

#include "matrix/expect/expect.h"

#define P(NAME)		(1U << PATH(NAME))
#define O(NAME)		(1U << OUTCOME(NAME))

/* Errors that .fault returns. OOM is separate, since some callers survive it. */
#define O_BUS		(O(SIGBUS) | O(UNPLUG) | O(PAST_END))
#define O_POISON	(O(HWPOISON) | O(HWPOISON_LARGE))
#define O_ERROR		(O_BUS | O_POISON | O(SIGSEGV))
/* Entries that are made at mmap only are not there. */
#define O_GONE		(O(EVICTED) | O(PAST_END))
/* The lock is dropped, and the fault is retried. */
#define O_AGAIN		(O(DELAY) | O(RETRY) | O(GATE))

#define P_DIRECT	(P(DIRECT_READ) | P(DIRECT_WRITE))
/* GUP to transfer data, by this process or another */
#define P_TRANSFER	(P_DIRECT | P(VM_READV) | P(VM_WRITEV) | P(VMSPLICE))
/* GUP for io_uring requests */
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
