// SPDX-License-Identifier: GPL-2.0-only
/*
 * Derives what a cell should show from the first reason that applies to each question.
 */
#include <stdio.h>
#include <string.h>

#include "matrix/axis/seen.h"
#include "matrix/expect/reasons.h"

static bool applies(const struct matrix_reason *reason, const struct matrix_cell *cell,
		    __u64 facts)
{
	return (facts & reason->all) == reason->all && !(facts & reason->none) &&
	       (!reason->paths || (reason->paths & 1U << cell->path)) &&
	       (!reason->outcomes || (reason->outcomes & 1U << cell->outcome));
}

static const struct matrix_reason *ask(enum matrix_question question,
				       const struct matrix_cell *cell, __u64 *facts)
{
	const struct matrix_reasons *reasons = matrix_reasons[question];
	unsigned int i;

	for (i = 0; i < reasons->nr; i++) {
		if (!applies(&reasons->reason[i], cell, *facts))
			continue;
		*facts |= reasons->reason[i].gives;
		return &reasons->reason[i];
	}
	return NULL;
}

/* "retry, write x2, mkwrite" from its parts; "none" if there are none. */
static void join_callbacks(struct matrix_expected *expected)
{
	static const enum matrix_question parts[] = { ASK(RETRY), ASK(CALLBACK), ASK(NOTIFY),
						      ASK(HUGE), ASK(ACCESS) };
	char *to = expected->text[MATRIX_CALLBACKS];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		const char *part = expected->reason[parts[i]]->text;

		if (*part)
			sprintf(to + strlen(to), "%s%s%s", *to ? ", " : "", part,
				parts[i] == ASK(CALLBACK) ?
				expected->reason[ASK(TIMES)]->text : "");
	}
	if (!*to)
		strcpy(to, "none");
}

static void join_faults(struct matrix_expected *expected)
{
	struct faultlab_stats counts = { 0 };
	__u64 *minor = &counts.value[FAULTLAB_STAT_MINOR];
	__u64 *major = &counts.value[FAULTLAB_STAT_MAJOR];
	long minflt = 0, majflt = 0;
	unsigned int i;
	const char *at;

	for (i = ASK(SERVED); i <= ASK(CORE); i++) {
		for (at = expected->reason[i]->text; *at; at++) {
			minflt += *at == 'm' || *at == 'k';
			majflt += *at == 'M' || *at == 'K' || *at == 'x';
			*minor += *at == 'm' || *at == 'x';
			*major += *at == 'M';
		}
	}
	matrix_describe_faults(&counts, minflt, majflt, expected->text[MATRIX_FAULTS]);
}

void matrix_expect(const struct matrix_cell *cell, struct matrix_expected *expected)
{
	__u64 facts = matrix_cell_facts(cell) | matrix_kernel_facts();
	unsigned int i;

	memset(expected, 0, sizeof(*expected));
	for (i = 0; i < MATRIX_NR_QUESTIONS; i++) {
		expected->reason[i] = ask(i, cell, &facts);
		/*
		 * Not reached: each table ends with a reason for all cells that are left.
		 */
		if (!expected->reason[i])
			return;
	}
	strcpy(expected->text[MATRIX_RESULT],
	       expected->reason[ASK(RESULT)]->text ?: matrix_paths[cell->path].ok);
	strcpy(expected->text[MATRIX_LOCK], expected->reason[ASK(LOCK)]->text);
	join_callbacks(expected);
	join_faults(expected);
}

enum matrix_column matrix_question_column(enum matrix_question question)
{
	if (question == ASK(RESULT))
		return MATRIX_RESULT;
	if (question == ASK(LOCK))
		return MATRIX_LOCK;
	return question < ASK(SERVED) ? MATRIX_CALLBACKS : MATRIX_FAULTS;
}

bool matrix_as_expected(const struct matrix_cell *cell)
{
	struct matrix_expected expected;
	unsigned int i;

	matrix_expect(cell, &expected);
	for (i = 0; i < MATRIX_NR_COLUMNS; i++)
		if (strcmp(cell->seen[i], expected.text[i]))
			return false;
	return true;
}
