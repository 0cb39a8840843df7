/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules of expectation, as tables.
 */
#ifndef FAULTLAB_MATRIX_RULES_H
#define FAULTLAB_MATRIX_RULES_H

#include "matrix/matrix.h"

#define W(NAME)		(1U << WAY(NAME))
#define O(NAME)		(1U << OUTCOME(NAME))

/* Errors that .fault returns. OOM is separate, since some callers survive it. */
#define O_BUS		(O(SIGBUS) | O(UNPLUG) | O(PAST_END))
#define O_POISON	(O(HWPOISON) | O(HWPOISON_LARGE))
#define O_ERROR		(O_BUS | O_POISON | O(SIGSEGV))
/* Entries that are made at mmap only are not there. */
#define O_GONE		(O(EVICTED) | O(PAST_END))
/* The lock is dropped, and the fault is retried. */
#define O_AGAIN		(O(DELAY) | O(RETRY) | O(GATE))

#define W_DIRECT	(W(DIRECT_READ) | W(DIRECT_WRITE))
/* GUP to transfer data, by this process or another */
#define W_TRANSFER	(W_DIRECT | W(VM_READV) | W(VM_WRITEV) | W(VMSPLICE))
/* GUP for io_uring requests */
#define W_URING_PINS	(W(URING_DIRECT_READ) | W(URING_DIRECT_WRITE) | W(URING_REGISTER))
#define W_MADVISE	(W(MADV_READ) | W(MADV_WRITE))

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
