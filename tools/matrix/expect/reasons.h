/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules of expectation, as tables.
 */
#ifndef FAULTLAB_MATRIX_RULES_H
#define FAULTLAB_MATRIX_RULES_H

#include "matrix/matrix.h"

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

struct matrix_rules {
	const struct matrix_rule *rule;
	unsigned int nr;
};

/* Indexed by question; the first rule that applies answers it. */
extern const struct matrix_rules *const matrix_rules[MATRIX_NR_QUESTIONS];

/* result.c */
extern const struct matrix_rules matrix_rules_result;
/* callback.c */
extern const struct matrix_rules matrix_rules_callback;
extern const struct matrix_rules matrix_rules_times;
extern const struct matrix_rules matrix_rules_huge;
extern const struct matrix_rules matrix_rules_retry;
extern const struct matrix_rules matrix_rules_notify;
extern const struct matrix_rules matrix_rules_access;

#endif /* FAULTLAB_MATRIX_RULES_H */
