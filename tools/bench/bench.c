// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab bench: measures pairs of figures side by side. Where the machine counts one
 * nanosecond for each instruction (QEMU with -icount), --instructions labels the
 * figures as instructions.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"

static const struct bench_stage *const stages[] = {
	bench_fault_stages,
	bench_walk_stages,
};

static int opt_csv, opt_json, opt_instructions, opt_tiny, opt_sparse, opt_profile;
static char **groups;	/* the groups to measure, NULL-terminated; empty: all */
bool bench_tiny, bench_profile;

static bool wants_group(const char *group)
{
	char **wanted;

	for (wanted = groups; *wanted; wanted++)
		if (!strcmp(*wanted, group))
			return true;
	return !*groups;
}

/* Whether the figure is in names, a list joined by " + " or " - ". */
static bool is_among(const char *figure, const char *names)
{
	size_t length = strlen(figure);

	for (; names; names = strchr(names, ' ')) {
		names += strspn(names, " +-");
		if (!strncmp(names, figure, length) && (!names[length] || names[length] == ' '))
			return true;
	}
	return false;
}

static bool is_wanted(const struct bench_goal *goal, struct bench_limit *limit)
{
	return wants_group(goal->group) && bench_limit(goal, limit);
}

bool bench_wants(const char *figure)
{
	struct bench_limit limit;
	unsigned int i;

	for (i = 0; i < bench_nr_goals; i++)
		if (is_wanted(&bench_goals[i], &limit) &&
		    (is_among(figure, bench_goals[i].ours) ||
		     is_among(figure, bench_goals[i].peer)))
			return true;
	return false;
}

static enum bench_format format(void)
{
	if (opt_json)
		return BENCH_JSON;
	return opt_csv ? BENCH_CSV : BENCH_TEXT;
}

static int run_goals(void)
{
	const struct bench_stage *stage;
	struct bench_limit limit;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stages); i++)
		for (stage = stages[i]; stage->name; stage++)
			bench_run_stage(stage);
	if (bench_profile)
		return 0;

	bench_show_begin(format(), opt_instructions);
	for (i = 0; i < bench_nr_goals; i++)
		if (is_wanted(&bench_goals[i], &limit))
			bench_show_goal(&bench_goals[i], &limit);
	bench_show_end();
	return 0;
}

static bool is_group(const char *name)
{
	unsigned int i;

	for (i = 0; i < bench_nr_goals; i++)
		if (!strcmp(name, bench_goals[i].group))
			return true;
	return false;
}

static int run(int argc, char **argv)
{
	const struct option options[] = {
		{ "csv", no_argument, &opt_csv, 1 },
		{ "json", no_argument, &opt_json, 1 },
		{ "instructions", no_argument, &opt_instructions, 1 },
		{ "profile", no_argument, &opt_profile, 1 },
		{ "sparse", no_argument, &opt_sparse, 1 },
		{ "tiny", no_argument, &opt_tiny, 1 },
		{ 0 },
	};
	int i, fd, first = parse_options(argc, argv, options);

	if (first < 0)
		return EXIT_USAGE;
	if (opt_csv && opt_json)
		return usage("bench prints either --csv or --json.");
	groups = argv + first;
	for (i = first; i < argc; i++)
		if (!is_group(argv[i]))
			return usage("bench knows no group '%s'; try 'faultlab bench --help'.",
				     argv[i]);
	if (opt_sparse && *groups)
		return usage("--sparse is of walks alone, and takes no group.");
	bench_tiny = opt_tiny;
	bench_profile = opt_profile;
	fd = open_device();
	if (fd < 0)
		return EXIT_FAILED;
	close(fd);
	return opt_sparse ? bench_sparse(format(), opt_instructions) : run_goals();
}

const struct command command_bench = {
	.name = "bench",
	.summary = "what things cost, beside what the kernel's own cost",
	.help = "Usage: faultlab bench [--csv|--json] [--instructions] [--tiny] [GROUP...]\n"
		"       faultlab bench --sparse [--csv|--json] [--instructions] [--tiny]\n"
		"\n"
		"Measures pairs: something of faultlab's, and something of the kernel's own that\n"
		"does the same job. Each figure is the median of six rounds, in the second form\n"
		"what walks of a few tables cost that lie in ever larger ranges.\n"
		"\n"
		"Figures are times by the clock, with their spread; goals are of instructions. On\n"
		"a machine that counts one nanosecond for each instruction (make bench)\n"
		"--instructions says so. --tiny only tries everything, on a few pages; --profile\n"
		"is for scripts/bench --profile.\n"
		"\n"
		"Groups: fault, batch, munmap, rules, watch, size, walk.\n",
	.run = run,
};
