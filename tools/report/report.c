// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab report: summarizes a file of records.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

#define MOST_TABLES	16
#define RANGES		16	/* of pages, in tables and maps */

struct query {
	const char *path;
	const struct grouping *by[MOST_TABLES];
	unsigned int nr_by;
	__s64 region;	/* only this region; -1: all */
	__s64 pid;	/* only this process; -1: all */
	const char *plot;
	bool json, csv, heat, stacks, vmas, folded, records;
};

static const struct grouping *find_grouping(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_groupings; i++)
		if (!strcmp(groupings[i].name, name))
			return &groupings[i];
	return NULL;
}

static int add_groupings(struct query *q, char *names)
{
	char *name;

	while ((name = strsep(&names, ","))) {
		const struct grouping *by = find_grouping(name);

		if (!by)
			return usage("--by has no table '%s'; see 'faultlab report --help'.", name);
		if (q->nr_by == MOST_TABLES)
			return usage("--by takes %u names at most.", MOST_TABLES);
		q->by[q->nr_by++] = by;
	}
	return 0;
}

static int parse_id(const char *text, const char *what, __s64 *id)
{
	__u64 number;

	if (!parse_number(text, &number) || number > UINT32_MAX)
		return usage("'%s' is not the number of a %s.", text, what);
	*id = number;
	return 0;
}

/*
 * What getopt_long() returns for each long option. Not 0, which it returns for an option that
 * sets a flag by itself, nor 1, which it returns for an argument that is no option.
 */
enum { OPT_BY = 2, OPT_REGION, OPT_PID, OPT_PLOT };

static int set_option(struct query *q, int opt)
{
	switch (opt) {
	case OPT_BY:
		return add_groupings(q, optarg);
	case OPT_REGION:
		return parse_id(optarg, "region", &q->region);
	case OPT_PID:
		return parse_id(optarg, "process", &q->pid);
	case OPT_PLOT:
		q->plot = optarg;
	}
	return 0;
}

static int parse(int argc, char **argv, struct query *q)
{
	int json = 0, csv = 0, heat = 0, stacks = 0, vmas = 0, folded = 0, records = 0, opt, err;
	const struct option options[] = {
		{ "by", required_argument, NULL, OPT_BY },
		{ "region", required_argument, NULL, OPT_REGION },
		{ "pid", required_argument, NULL, OPT_PID },
		{ "plot", required_argument, NULL, OPT_PLOT },
		{ "json", no_argument, &json, 1 },
		{ "csv", no_argument, &csv, 1 },
		{ "heat", no_argument, &heat, 1 },
		{ "stacks", no_argument, &stacks, 1 },
		{ "vmas", no_argument, &vmas, 1 },
		{ "folded", no_argument, &folded, 1 },
		{ "records", no_argument, &records, 1 },
		{ }
	};

	opterr = 0;
	optind = 1;
	while ((opt = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (opt == ':' || opt == '?')
			return usage("report: '%s' %s; see 'faultlab report --help'.",
				     argv[optind - 1],
				     opt == ':' ? "needs a value" : "is not an option");
		err = set_option(q, opt);
		if (err)
			return err;
	}
	if (argc - optind > 1)
		return usage("report takes one file; see 'faultlab report --help'.");
	if (json + csv + folded + records > 1)
		return usage("--json, --csv, --folded and --records exclude each other.");
	if ((json || csv || folded || records) && (heat || stacks || vmas || q->plot))
		return usage("--heat, --stacks, --vmas and --plot need text output.");
	if (optind < argc)
		q->path = argv[optind];
	q->json = json;
	q->csv = csv;
	q->heat = heat;
	q->stacks = stacks;
	q->vmas = vmas;
	q->folded = folded;
	q->records = records;
	return 0;
}

/* Without --by: the most useful groupings as text, all of them as JSON or CSV. */
static void default_groupings(struct query *q)
{
	static const char *const first[] = { "region", "access", "outcome" };
	unsigned int i;

	if (q->nr_by || q->heat || q->stacks || q->vmas || q->plot)
		return;
	if (q->json || q->csv)
		for (i = 0; i < nr_groupings; i++)
			q->by[q->nr_by++] = &groupings[i];
	else
		for (i = 0; i < ARRAY_SIZE(first); i++)
			q->by[q->nr_by++] = find_grouping(first[i]);
}

/* Moves the FAULT records that match the query to the front of recording->fault. */
static int pick(const struct query *q, struct recording *recording, struct report *report)
{
	size_t i;

	*report = (struct report){ .recording = recording, .fault = recording->fault };
	for (i = 0; i < recording->nr; i++) {
		const struct faultlab_record *r = recording->fault[i];

		if ((q->region >= 0 && r->region != q->region) ||
		    (q->pid >= 0 && r->pid != q->pid))
			continue;
		if (!report->nr || r->time < report->from)
			report->from = r->time;
		if (!report->nr || r->time > report->to)
			report->to = r->time;
		report->fault[report->nr++] = r;
	}
	return find_spans(report, RANGES) ? 0 : failed("no memory for the report.");
}

static int show_text(const struct query *q, const struct report *report)
{
	const __u64 all = report->recording->nr;
	char text[FIGURE_MAX];
	unsigned int i;
	int err = 0;

	report_heading(report);
	if (!report->nr && all)
		printf("None of %s records is of that region or process.\n",
		       figure_grouped(text, all));
	else if (!report->nr)
		puts("Nothing was recorded.");
	for (i = 0; i < q->nr_by && report->nr && !err; i++)
		err = report_text(report, q->by[i]);
	if (q->nr_by && report->nr && !err)
		report_conclusion(report);
	if (!err && q->heat)
		err = report_heat(report);
	if (!err && q->stacks && report->nr)
		err = report_stacks(report);
	if (!err && q->vmas)
		err = report_vmas(report, q->region, q->pid);
	if (!err && q->plot)
		err = report_plot(report, q->plot);
	return err;
}

static int show(struct query *q, const struct report *report)
{
	if (q->json)
		return report_json(report, q->by, q->nr_by);
	if (q->csv)
		return report_csv(report, q->by, q->nr_by);
	if (q->folded)
		return report_folded(report);
	if (q->records)
		return report_records(report);
	return show_text(q, report);
}

static int run(int argc, char **argv)
{
	struct query q = { .path = RECORDS_FILE, .region = -1, .pid = -1 };
	struct recording recording;
	struct report report;
	int err;

	err = parse(argc, argv, &q);
	if (!err)
		err = recording_open(q.path, &recording);
	if (err)
		return err;
	default_groupings(&q);
	err = pick(&q, &recording, &report);
	if (!err)
		err = show(&q, &report);
	if (!err && recording.cut)
		err = failed("%s is incomplete: it ends within a record.", q.path);
	else if (!err && !recording.ended)
		failed("%s has no end mark of 'faultlab record': its last records may be missing.",
		       q.path);
	free(report.span);
	recording_close(&recording);
	return err;
}

const struct command command_report = {
	.name = "report",
	.summary = "summarize a file of records: tables, heat map, stacks",
	.help =
	"Usage: faultlab report [FILE] [--by NAMES] [--json | --csv]\n"
	"       faultlab report [FILE] --heat | --stacks | --vmas | --plot PICTURE.svg\n"
	"       faultlab report [FILE] --folded | --records\n"
	"\n"
	"Summarizes what 'faultlab record' wrote to FILE (default: " RECORDS_FILE "). A\n"
	"line of a table has the number and share of records; how long 50 %, 90 % and\n"
	"99 % of the callbacks took at most; the longest time; the sum of the times, and\n"
	"the part of it that was spent in delays of rules.\n"
	"\n"
	"  --by NAMES      these tables: region, pages, access, outcome, task, lock,\n"
	"                  callback, verdict, rule; several with commas\n"
	"                  (default: region,access,outcome)\n"
	"  --region N      only records of this region\n"
	"  --pid N         only records of this process\n"
	"  --heat          a map of each region: pages downwards, time to the right\n"
	"  --plot FILE     the map as a picture, .svg or .png; needs gnuplot\n"
	"  --stacks        kernel stacks of faults whose rule has stack; equal ones once\n"
	"  --folded        these stacks in the format of flame graph programs\n"
	"  --vmas          calls of .mmap, .open, .close, .may_split and .mremap, and why\n"
	"  --records       a line for each record\n"
	"  --json, --csv   all tables, or those of --by, for programs; times in ns\n",
	.run = run,
};
