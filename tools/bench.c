// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab bench: pairs measured side by side. Where the machine counts a nanosecond
 * for each instruction (QEMU with -icount), --instructions says that figures are that.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

#define ROUNDS	7	/* the first is dropped, of the others the median counts */

static const struct bench_stage *const stages[] = {
	&bench_walk_dense,
	&bench_walk_alternating,
	&bench_walk_thp,
	&bench_walk_hole,
};

struct figure {
	double median;
	double spread;	/* from the lowest to the highest, in parts of the median */
};

struct outcome {
	const struct bench_pair *pair;
	const struct bench_run *peer;
	struct figure ours;
	struct figure theirs;
	double goal;
};

static struct {
	bool csv;
	bool json;
	bool instructions;
	const char *stage;
	struct json_object *list;
	int missed;
	int pairs;
} bench;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* 0, or what the run returned. */
static int measure(const struct bench_run *run, void *state, double units, struct figure *to)
{
	double value[ROUNDS];
	int i, err;

	for (i = 0; i < ROUNDS; i++) {
		double start = now();

		err = run->run(state);
		value[i] = (now() - start) / units;
		if (err)
			return err;
	}
	qsort(value + 1, ROUNDS - 1, sizeof(*value), by_value);
	to->median = (value[ROUNDS / 2] + value[(ROUNDS + 1) / 2]) / 2;
	to->spread = (value[ROUNDS - 1] - value[1]) / to->median;
	return 0;
}

static const char *unit_name(void)
{
	return bench.instructions ? "instructions" : "ns";
}

static void show(const struct bench_stage *stage, const struct outcome *o)
{
	double ratio = o->ours.median / o->theirs.median;
	bool met = ratio <= o->goal;
	struct json_object *row;

	bench.pairs++;
	bench.missed += !met;
	if (bench.json) {
		row = json_object_new_object();
		json_object_object_add(row, "stage", json_object_new_string(stage->name));
		json_object_object_add(row, "pair", json_object_new_string(o->pair->name));
		json_object_object_add(row, "unit", json_object_new_string(stage->unit));
		json_object_object_add(row, "ours", json_object_new_double(o->ours.median));
		json_object_object_add(row, "peer", json_object_new_string(o->peer->name));
		json_object_object_add(row, "theirs", json_object_new_double(o->theirs.median));
		json_object_object_add(row, "ratio", json_object_new_double(ratio));
		json_object_object_add(row, "goal", json_object_new_double(o->goal));
		json_object_object_add(row, "stretch", json_object_new_double(o->pair->stretch));
		json_object_object_add(row, "met", json_object_new_boolean(met));
		json_object_array_add(bench.list, row);
	} else if (bench.csv) {
		printf("%s,%s,%s,%.3f,%s,%.3f,%.4f,%.3f,%.3f,%s\n", stage->name, o->pair->name,
		       stage->unit, o->ours.median, o->peer->name, o->theirs.median, ratio,
		       o->goal, o->pair->stretch, met ? "met" : "missed");
	} else {
		printf("  %-22s %10.2f %-14s %10.2f %8.3f %7.3f %8.3f  %s%s%s\n", o->pair->name,
		       o->ours.median, o->peer->name, o->theirs.median, ratio, o->goal,
		       o->pair->stretch, style(met ? STYLE_GOOD : STYLE_BAD),
		       met ? "met" : "missed", style(STYLE_PLAIN));
		if (!bench.instructions)
			printf("  %-22s %9.0f%% %-14s %9.0f%%\n", "    spread",
			       o->ours.spread * 100, "", o->theirs.spread * 100);
	}
	fflush(stdout);
}

static int run_pair(const struct bench_stage *stage, const struct bench_pair *pair, void *state,
		    double units)
{
	struct outcome o = { .pair = pair, .peer = &pair->peer, .goal = pair->goal };
	int err = measure(o.peer, state, units, &o.theirs);

	if (err == -EOPNOTSUPP && pair->old_peer.run) {
		o.peer = &pair->old_peer;
		o.goal = pair->old_goal;
		err = measure(o.peer, state, units, &o.theirs);
	}
	if (!err)
		err = measure(&pair->ours, state, units, &o.ours);
	if (err)
		return failed("%s, %s: %s.", stage->name, pair->name, strerror(-err));
	show(stage, &o);
	return 0;
}

static int run_stage(const struct bench_stage *stage)
{
	double units;
	void *state = stage->enter(&units);
	size_t i;
	int err = 0;

	if (!state)
		return failed("%s: %s.", stage->name, strerror(errno));
	if (!bench.json && !bench.csv)
		printf("%s%s%s: %s for each %s\n", style(STYLE_BOLD), stage->name,
		       style(STYLE_PLAIN), unit_name(), stage->unit);
	for (i = 0; i < stage->nr_pairs && !err; i++)
		err = run_pair(stage, &stage->pairs[i], state, units);
	stage->leave(state);
	return err;
}

static int run(int argc, char **argv)
{
	int csv = 0, json = 0, instructions = 0, first;
	const struct option options[] = {
		{ "csv", no_argument, &csv, 1 },
		{ "json", no_argument, &json, 1 },
		{ "instructions", no_argument, &instructions, 1 },
		{ 0 },
	};
	size_t i;
	int err = 0;

	first = parse_options(argc, argv, options);
	if (first < 0)
		return EXIT_USAGE;
	bench.csv = csv;
	bench.json = json;
	bench.instructions = instructions;
	bench.stage = argv[first];
	if (json)
		bench.list = json_object_new_array();
	else if (csv)
		puts("stage,pair,unit,ours,peer,theirs,ratio,goal,stretch,result");
	else
		printf("%-24s %10s %-14s %10s %8s %7s %8s\n", "", "ours", "peer", "theirs",
		       "ratio", "goal", "stretch");
	for (i = 0; i < ARRAY_SIZE(stages) && !err; i++)
		if (!bench.stage || !strcmp(bench.stage, stages[i]->name))
			err = run_stage(stages[i]);
	if (err)
		return err;
	if (!bench.pairs)
		return usage("there is no stage '%s'.", bench.stage);
	if (json)
		print_json(bench.list);
	else if (!csv)
		printf("\n%d ratios, %d met, %d missed%s\n", bench.pairs,
		       bench.pairs - bench.missed, bench.missed,
		       instructions ? "" : " (by wall clock: information, not a goal)");
	return 0;
}

const struct command command_bench = {
	.name = "bench",
	.summary = "what things cost, beside what the kernel's own cost",
	.help = "Usage: faultlab bench [--csv|--json] [--instructions] [STAGE]\n"
		"\n"
		"Measures pairs: something of faultlab's, and the kernel's own that does the same\n"
		"job. Figures are by wall clock; on a machine that counts one nanosecond for each\n"
		"instruction (make bench) --instructions says so.\n",
	.run = run,
};
