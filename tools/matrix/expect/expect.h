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
	__u32 outcomes;		/* likewise */
	__u64 gives;		/* facts for the questions after this one */
	const char *text;	/* NULL: the text of the access path for success */
	const char *function;	/* kernel function that decides it */
	const char *why;
};

/*
 * Questions about a cell, answered in this order. Columns are put together from
 * answers.
 */
#define ASK(NAME) MATRIX_ASK_##NAME
enum matrix_question {
	ASK(RESULT),	/* what does the caller get? */
	ASK(CALLBACK),	/* which callback runs first? */
	ASK(TIMES),	/* how often? */
	ASK(HUGE),	/* does it map a PMD? */
	ASK(RETRY),	/* was the lock dropped first? */
	ASK(NOTIFY),	/* which callback follows it? */
	ASK(ACCESS),	/* is .access called after it? */
	/*
	 * Faults, one letter each: m and M are minor and major to the kernel and the
	 * module. k and K are minor and major to the kernel alone. x is major to the
	 * kernel and minor to the module.
	 */
	ASK(SERVED),	/* is the fault that was served minor or major? */
	ASK(NOPAGE),	/* and the one before it, that mapped nothing? */
	ASK(NOTIFIED),	/* and a callback that followed it? */
	ASK(CORE),	/* which faults did the core handle alone? */
	ASK(LOCK),	/* under which lock? */
	MATRIX_NR_QUESTIONS
};

struct matrix_expected {
	char text[MATRIX_NR_COLUMNS][MATRIX_TEXT];
	const struct matrix_reason *reason[MATRIX_NR_QUESTIONS];
};

/* kernel.c: facts about the running kernel */
__u64 matrix_kernel_facts(void);
void matrix_expect(const struct matrix_cell *cell, struct matrix_expected *expected);
/* The column that shows the answer. */
enum matrix_column matrix_question_column(enum matrix_question question);
bool matrix_as_expected(const struct matrix_cell *cell);

#endif /* FAULTLAB_MATRIX_EXPECT_H */
