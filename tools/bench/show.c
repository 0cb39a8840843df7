// SPDX-License-Identifier: GPL-2.0-only
/* Prints the results of a benchmark as text, CSV or JSON. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "bench/bench.h"

/* A goal and the values of its figures; err is -errno if one could not be measured. */
struct outcome {
	const struct bench_goal *goal;
	struct bench_limit limit;
	char peer[48];	/* the first of the peer's figures */
	struct bench_value ours;
	struct bench_value theirs;
	double ratio;
	int err;
};

static struct {
	enum bench_format format;
	bool instructions;
	struct utsname uts;
	struct json_object *list;
	const char *group;	/* group of the line before */
	int shown;
	int met;
	int unknown;
} show;

static bool is_met(const struct outcome *o)
{
	/* If times are measured, a peer that is a difference of figures can be 0 or less. */
	return !o->err && o->theirs.median > 0 && o->ratio <= o->limit.goal;
}

static const char *result(const struct outcome *o)
{
	if (o->err)
		return o->err == -EOPNOTSUPP ? "not supported" : strerror(-o->err);
	return is_met(o) ? "met" : "missed";
}

static const char *unit_name(void)
{
	return show.instructions ? "instructions" : "ns";
}

static void show_text(const struct outcome *o)
{
	const struct bench_goal *g = o->goal;
	char stretch[16] = "-";

	if (!show.group || strcmp(show.group, g->group))
		printf("%s%s%s: %s for each\n", style(STYLE_BOLD), g->group, style(STYLE_PLAIN),
		       unit_name());
	if (o->limit.stretch)
		snprintf(stretch, sizeof(stretch), "%.3f", o->limit.stretch);
	printf("  %-20s %-6s ", g->name, g->unit);
	if (o->err)
		printf("%10s %-20s %10s %8s", "-", o->peer, "-", "-");
	else
		printf("%10.2f %-20s %10.2f %8.3f", o->ours.median, o->peer, o->theirs.median,
		       o->ratio);
	printf(" %8.3f %8s  %s%s%s\n", o->limit.goal, stretch,
	       style(is_met(o) ? STYLE_GOOD : STYLE_BAD), result(o), style(STYLE_PLAIN));
	if (!show.instructions && !o->err)
		printf("  %s%-27s %9.0f%% %-20s %9.0f%%%s\n", style(STYLE_DIM), "  spread",
		       o->ours.spread * 100, "", o->theirs.spread * 100, style(STYLE_PLAIN));
}

static void show_csv(const struct outcome *o)
{
	const struct bench_goal *g = o->goal;

	printf("%s,%s,%s,%s,%s,", show.uts.release, g->group, g->name, g->unit, unit_name());
	if (o->err)
		printf(",,%s,,,", o->peer);
	else
		printf("%.3f,%.4f,%s,%.3f,%.4f,%.4f", o->ours.median, o->ours.spread, o->peer,
		       o->theirs.median, o->theirs.spread, o->ratio);
	printf(",%.3f,%.3f,%s\n", o->limit.goal, o->limit.stretch, result(o));
}

static void add_string(struct json_object *to, const char *name, const char *value)
{
	json_object_object_add(to, name, json_object_new_string(value));
}

static void add_number(struct json_object *to, const char *name, double value)
{
	json_object_object_add(to, name, json_object_new_double(value));
}

static void show_json(const struct outcome *o)
{
	struct json_object *row = json_object_new_object();

	add_string(row, "group", o->goal->group);
	add_string(row, "name", o->goal->name);
	add_string(row, "unit", o->goal->unit);
	add_string(row, "figure", o->goal->ours);
	add_string(row, "peer", o->goal->peer);
	if (!o->err) {
		add_number(row, "ours", o->ours.median);
		add_number(row, "ours_spread", o->ours.spread);
		add_number(row, "theirs", o->theirs.median);
		add_number(row, "theirs_spread", o->theirs.spread);
		add_number(row, "ratio", o->ratio);
	}
	add_number(row, "goal", o->limit.goal);
	if (o->limit.stretch)
		add_number(row, "stretch", o->limit.stretch);
	add_string(row, "result", result(o));
	json_object_array_add(show.list, row);
}

static void (*const formats[])(const struct outcome *o) = {
	[BENCH_TEXT] = show_text,
	[BENCH_CSV] = show_csv,
	[BENCH_JSON] = show_json,
};

void bench_show_begin(enum bench_format format, bool instructions)
{
	show.format = format;
	show.instructions = instructions;
	show.list = json_object_new_array();
	uname(&show.uts);
	if (format == BENCH_TEXT)
		printf("Linux %s\n%-29s %10s %-20s %10s %8s %8s %8s\n", show.uts.release, "",
		       "ours", "peer", "theirs", "ratio", "goal", "stretch");
	else if (format == BENCH_CSV)
		printf("kernel,group,name,unit,of,ours,ours_spread,peer,theirs,theirs_spread,%s\n",
		       "ratio,goal,stretch,result");
}

void bench_show_goal(const struct bench_goal *goal, const struct bench_limit *limit)
{
	struct outcome o = { .goal = goal, .limit = *limit };

	snprintf(o.peer, sizeof(o.peer), "%.*s", (int)strcspn(goal->peer, " "), goal->peer);
	o.err = bench_value(goal->ours, &o.ours);
	if (!o.err)
		o.err = bench_value(goal->peer, &o.theirs);
	if (!o.err)
		o.ratio = o.ours.median / o.theirs.median;
	formats[show.format](&o);
	fflush(stdout);
	show.group = goal->group;
	show.shown++;
	show.met += is_met(&o);
	show.unknown += !!o.err;
}

static void end_json(void)
{
	struct json_object *all = json_object_new_object();

	add_string(all, "kernel", show.uts.release);
	add_string(all, "of", unit_name());
	json_object_object_add(all, "goals", show.list);
	print_json(all);
}

int bench_show_end(void)
{
	if (show.format == BENCH_JSON) {
		end_json();
		return show.shown;
	}
	json_object_put(show.list);
	if (show.format == BENCH_TEXT) {
		printf("%d goals, %d met, %d missed", show.shown, show.met,
		       show.shown - show.met - show.unknown);
		if (show.unknown)
			printf(", %d not measured", show.unknown);
		puts(show.instructions ? "" : " (times by the clock; goals are for instructions)");
	}
	return show.shown;
}
