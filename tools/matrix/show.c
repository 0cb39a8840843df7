// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the matrix as text, JSON or KTAP, and the reasons of one cell.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "matrix/expect/expect.h"
#include "matrix/matrix.h"

/* More than the tables of matrix/expect/ have. */
#define MATRIX_MAX_REASONS	256

static bool same_seen(const struct matrix_cell *a, const struct matrix_cell *b)
{
	return a->kind == b->kind && a->mapping == b->mapping && a->path == b->path &&
	       !memcmp(a->seen, b->seen, sizeof(a->seen)) &&
	       matrix_as_expected(a) && matrix_as_expected(b);
}

static void show_difference(const struct matrix_cell *cell)
{
	struct matrix_expected expected;
	unsigned int i;

	matrix_expect(cell, &expected);
	for (i = 0; i < MATRIX_NR_COLUMNS; i++)
		if (strcmp(cell->seen[i], expected.text[i]))
			printf("  %sUNEXPECTED%s %s: %s, not %s\n", style(STYLE_BAD),
			       style(STYLE_PLAIN), matrix_columns[i], cell->seen[i],
			       expected.text[i]);
}

static void show_row(const struct matrix_cell *cell, const char *outcomes)
{
	printf("  %-13s %-26s %-24s %-24s %-5s %s\n", matrix_paths[cell->path].name,
	       cell->seen[MATRIX_RESULT], cell->seen[MATRIX_CALLBACKS],
	       cell->seen[MATRIX_FAULTS], cell->seen[MATRIX_LOCK], outcomes);
}

/* Outcomes with equal results for an access path share a line. */
void matrix_show_text(const struct matrix_cell *cells, unsigned int nr)
{
	const struct matrix_cell *last = NULL;
	char outcomes[256];
	unsigned int i, to;

	for (i = 0; i < nr; i++) {
		const struct matrix_cell *cell = &cells[i];

		if (!last || cell->kind != last->kind || cell->mapping != last->mapping)
			printf("%s%s%s, %s%s\n", last ? "\n" : "", style(STYLE_BOLD),
			       matrix_kind_name(cell),
			       matrix_mappings[cell->mapping].name, style(STYLE_PLAIN));
		last = cell;
		for (to = 0; to < i && !same_seen(&cells[to], cell); to++)
			;
		if (to < i)
			continue;
		*outcomes = '\0';
		for (to = i; to < nr && cells[to].kind == cell->kind; to++) {
			if (to != i && !same_seen(cell, &cells[to]))
				continue;
			snprintf(outcomes + strlen(outcomes), sizeof(outcomes) - strlen(outcomes),
				 "%s%s", to == i ? "" : " ",
				 matrix_outcomes[cells[to].outcome].name);
		}
		show_row(cell, outcomes);
		if (!matrix_as_expected(cell))
			show_difference(cell);
	}
}

static struct json_object *columns_json(const char text[MATRIX_NR_COLUMNS][MATRIX_TEXT])
{
	struct json_object *to = json_object_new_object();
	unsigned int i;

	for (i = 0; i < MATRIX_NR_COLUMNS; i++)
		json_object_object_add(to, matrix_columns[i], json_object_new_string(text[i]));
	return to;
}

/* Index of a reason in the JSON list, to which it is added if new. -1: no room. */
static int reason_json(struct json_object *reasons, const struct matrix_reason *reason,
		       enum matrix_question question)
{
	static const struct matrix_reason *known[MATRIX_MAX_REASONS];
	static int nr;
	const char *column;
	struct json_object *to;
	int i;

	for (i = 0; i < nr; i++)
		if (known[i] == reason)
			return i;
	if (nr == MATRIX_MAX_REASONS)
		return -1;
	known[nr] = reason;
	to = json_object_new_object();
	column = matrix_columns[matrix_question_column(question)];
	json_object_object_add(to, "column", json_object_new_string(column));
	json_object_object_add(to, "function", json_object_new_string(reason->function));
	json_object_object_add(to, "why", json_object_new_string(reason->why));
	json_object_array_add(reasons, to);
	return nr++;
}

static struct json_object *cell_json(const struct matrix_cell *cell,
				     struct json_object *reasons)
{
	struct json_object *why = json_object_new_array();
	unsigned int i;

	struct json_object *to = json_object_new_object();
	struct matrix_expected expected;

	matrix_expect(cell, &expected);
	json_object_object_add(to, "kind", json_object_new_string(matrix_kind_name(cell)));
	json_object_object_add(to, "mapping",
			       json_object_new_string(matrix_mappings[cell->mapping].name));
	json_object_object_add(to, "path", json_object_new_string(matrix_paths[cell->path].name));
	json_object_object_add(to, "outcome",
			       json_object_new_string(matrix_outcomes[cell->outcome].name));
	json_object_object_add(to, "seen", columns_json(cell->seen));
	json_object_object_add(to, "expected", columns_json(expected.text));
	json_object_object_add(to, "as_expected",
			       json_object_new_boolean(matrix_as_expected(cell)));
	for (i = 0; i < MATRIX_NR_QUESTIONS; i++) {
		int nr = reason_json(reasons, expected.reason[i], i);

		json_object_array_add(why, json_object_new_int(nr));
	}
	json_object_object_add(to, "why", why);
	return to;
}

void matrix_show_json(const struct matrix_cell *cells, unsigned int nr)
{
	struct json_object *to = json_object_new_object();
	struct json_object *array = json_object_new_array();
	struct json_object *reasons = json_object_new_array();
	struct utsname name;
	unsigned int i;

	uname(&name);
	json_object_object_add(to, "kernel", json_object_new_string(name.release));
	for (i = 0; i < nr; i++)
		json_object_array_add(array, cell_json(&cells[i], reasons));
	json_object_object_add(to, "cells", array);
	json_object_object_add(to, "reasons", reasons);
	puts(json_object_to_json_string_ext(to, JSON_C_TO_STRING_PLAIN));
	json_object_put(to);
}

void matrix_show_ktap(const struct matrix_cell *cells, unsigned int nr)
{
	char name[MATRIX_NAME];
	unsigned int i;

	printf("TAP version 13\n1..%u\n", nr);
	for (i = 0; i < nr; i++) {
		bool good = matrix_as_expected(&cells[i]);

		if (!good) {
			printf("# ");
			show_difference(&cells[i]);
		}
		printf("%sok %u %s\n", good ? "" : "not ", i + 1,
		       matrix_cell_name(name, &cells[i]));
	}
}

void matrix_show_reasons(const struct matrix_cell *cell)
{
	struct matrix_expected expected;
	char name[MATRIX_NAME];
	unsigned int i;

	matrix_expect(cell, &expected);
	printf("%s%s%s: %s\n", style(STYLE_BOLD), matrix_cell_name(name, cell),
	       style(STYLE_PLAIN), matrix_paths[cell->path].what);
	for (i = 0; i < MATRIX_NR_COLUMNS; i++)
		printf("  %-10s %s\n", matrix_columns[i], cell->seen[i]);
	puts("");
	for (i = 0; i < MATRIX_NR_QUESTIONS; i++) {
		const struct matrix_reason *reason = expected.reason[i];

		/* Reasons without an explanation (.why) are not shown. */
		if (*reason->why)
			printf("  %-10s %s%s%s\n", matrix_columns[matrix_question_column(i)],
			       reason->function, *reason->function ? "(): " : "", reason->why);
	}
	if (!matrix_as_expected(cell)) {
		puts("");
		show_difference(cell);
	}
}

void matrix_show_list(void)
{
	unsigned int i;

	printf("kinds\n");
	for (i = 0; i < faultlab_nr_memories; i++)
		printf("  %s\n", faultlab_memories[i].name);
	printf("mappings\n");
	for (i = 0; i < matrix_nr_mappings; i++)
		printf("  %s\n", matrix_mappings[i].name);
	printf("access paths\n");
	for (i = 0; i < MATRIX_NR_PATHS; i++)
		printf("  %-13s %s\n", matrix_paths[i].name, matrix_paths[i].what);
	printf("outcomes\n");
	for (i = 0; i < MATRIX_NR_OUTCOMES; i++)
		printf("  %s\n", matrix_outcomes[i].name);
}
