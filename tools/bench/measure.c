// SPDX-License-Identifier: GPL-2.0-only
/* Measures the figures of a benchmark: each is the median of its rounds without the first. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/mark.h"

#define MAX_ROUNDS	7	/* the first is dropped */
#define ROUNDS		(bench_tiny ? 3 : MAX_ROUNDS)
#define NAME_SIZE	64

static struct measured {
	char name[NAME_SIZE];	/* "stage/figure" */
	struct bench_value value;
	int err;		/* why there is no value */
} measured[96];
static unsigned int nr_measured;

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int run_round(const struct bench_figure *figure, void *state, double *ns)
{
	int err = figure->before ? figure->before(state) : 0;
	double start;

	bench_mark(BENCH_MARK_BEGIN);
	start = monotonic_ns();
	if (!err)
		err = figure->run(state);
	*ns = monotonic_ns() - start;
	bench_mark(BENCH_MARK_END);
	if (!err && figure->after)
		err = figure->after(state);
	return err;
}

static void measure(const struct bench_figure *figure, void *state, double units,
		    struct measured *to)
{
	int i, rounds = ROUNDS;
	double ns[MAX_ROUNDS];

	for (i = 0; i < rounds && !to->err; i++)
		to->err = run_round(figure, state, &ns[i]);
	/*
	 * i also counts a round that failed: the QEMU plugin has written counts for it, and
	 * scripts/bench takes i of them for this figure.
	 */
	if (bench_profile)
		printf("%s,%d,%.0f\n", to->name, i, units);
	if (to->err)
		return;
	qsort(ns + 1, rounds - 1, sizeof(*ns), by_value);
	to->value.median = (ns[rounds / 2] + ns[(rounds + 1) / 2]) / 2 / units;
	to->value.spread = (ns[rounds - 1] - ns[1]) / units / to->value.median;
}

/* Puts the full name of a figure into text. */
static const char *figure_name(char *text, const char *stage, const char *figure)
{
	snprintf(text, NAME_SIZE, "%s/%s", stage, figure);
	return text;
}

void bench_run_stage(const struct bench_stage *stage)
{
	const struct bench_figure *figure;
	double units = 1;
	void *state = NULL;
	int err = -ENOENT;	/* the stage has not been entered yet */

	for (figure = stage->figures; figure < stage->figures + BENCH_FIGURES; figure++) {
		struct measured *to = &measured[nr_measured];

		if (!figure->name || nr_measured == ARRAY_SIZE(measured) ||
		    !bench_wants(figure_name(to->name, stage->name, figure->name)))
			continue;
		if (err == -ENOENT) {
			state = stage->enter(stage->what, &units);
			err = state ? 0 : -errno;
		}
		to->err = err;
		if (!err)
			measure(figure, state, units, to);
		nr_measured++;
	}
	if (state)
		stage->leave(state);
}

static const struct measured *find(const char *name, size_t length)
{
	unsigned int i;

	for (i = 0; i < nr_measured; i++)
		if (strlen(measured[i].name) == length && !memcmp(measured[i].name, name, length))
			return &measured[i];
	return NULL;
}

int bench_value(const char *names, struct bench_value *value)
{
	double sign = 1, spread = 0;

	*value = (struct bench_value) { 0 };
	for (;;) {
		size_t length = strcspn(names, " ");
		const struct measured *m = find(names, length);

		if (!m || m->err)
			return m ? m->err : -ENOENT;
		value->median += sign * m->value.median;
		spread += m->value.spread * m->value.median;
		names += length;
		if (!*names)
			break;
		sign = names[1] == '-' ? -1 : 1;
		names += strlen(" + ");
	}
	value->spread = value->median > 0 ? spread / value->median : 1;
	return 0;
}
