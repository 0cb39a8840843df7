/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is expected of a cell, and why.
 */
#ifndef FAULTLAB_MATRIX_EXPECT_H
#define FAULTLAB_MATRIX_EXPECT_H

#include "matrix/axis/cell.h"

struct matrix_reason {
	__u64 all;		/* facts that the cell must have */
	__u64 none;		/* facts that it must not have */
	__u32 paths;		/* access paths: bits by enum matrix_path_id; 0: any */
	__u32 outcomes;		/* outcomes: bits by enum matrix_outcome_id; 0: any */
	__u64 gives;		/* facts that it adds for later questions */
	const char *text;	/* NULL: the text of the access path for success */
	const char *function;	/* kernel function that decides the answer */
	const char *why;
};

/*
 * Questions about a cell, answered in this order. The expected text of a column is made
 * from the answers to one or more of them.
 */
#define ASK(NAME) MATRIX_ASK_##NAME
enum matrix_question {
	ASK(RESULT),	/* what does the caller get? */
	ASK(CALLBACK),	/* which callback runs first? */
	ASK(TIMES),	/* how often does that callback run? */
	ASK(HUGE),	/* does .huge_fault map a PMD? */
	ASK(RETRY),	/* was the lock dropped, and the fault retried, before that? */
	ASK(NOTIFY),	/* does .page_mkwrite or .pfn_mkwrite run after it? */
	ASK(ACCESS),	/* is .access called after .fault? */
	/*
	 * The answers to the next four list faults, one letter each. m and M: minor and
	 * major, counted by kernel and module. k and K: minor and major, counted by the
	 * kernel alone. x: the kernel counts it as major, and the module as minor.
	 */
	ASK(SERVED),	/* is the fault that was served minor or major? */
	ASK(NOPAGE),	/* the fault before it, which ended in VM_FAULT_NOPAGE? */
	ASK(NOTIFIED),	/* the fault of a .page_mkwrite or .pfn_mkwrite after it? */
	ASK(CORE),	/* faults that the core handles without a callback? */
	ASK(LOCK),	/* which lock did the core hold while callbacks ran? */
	MATRIX_NR_QUESTIONS
};

struct matrix_expected {
	char text[MATRIX_NR_COLUMNS][MATRIX_TEXT];
	const struct matrix_reason *reason[MATRIX_NR_QUESTIONS];
};

/* kernel.c: facts about the running kernel */
__u64 matrix_kernel_facts(void);
void matrix_expect(const struct matrix_cell *cell, struct matrix_expected *expected);
/* The column that shows the answer to the question. */
enum matrix_column matrix_question_column(enum matrix_question question);
bool matrix_as_expected(const struct matrix_cell *cell);

#endif /* FAULTLAB_MATRIX_EXPECT_H */
