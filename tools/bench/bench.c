// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab bench: measures what an operation of faultlab costs next to a peer, mostly
 * kernel code that does the same job. Under QEMU with -icount the clock advances by one
 * nanosecond for each instruction: --instructions then labels costs as instructions, not ns.
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

/* Whether names, a list of figures joined by " + " or " - ", contains the figure. */
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
		return usage("--csv and --json exclude each other.");
	groups = argv + first;
	for (i = first; i < argc; i++)
		if (!is_group(argv[i]))
			return usage("bench has no group '%s'; see 'faultlab bench --help'.",
				     argv[i]);
	if (opt_sparse && *groups)
		return usage("--sparse measures walks only, and takes no group.");
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
	.summary = "measure costs, and compare them with the kernel's own",
	.help = "Usage: faultlab bench [--csv|--json] [--instructions] [--tiny] [GROUP...]\n"
		"       faultlab bench --sparse [--csv|--json] [--instructions] [--tiny]\n"
		"\n"
		"Compares the cost of something that faultlab does (ours) with that of a peer\n"
		"(theirs), mostly kernel code that does the same job. A line has both, their\n"
		"ratio, the highest ratio that is acceptable (goal), a stricter one (stretch),\n"
		"and whether the goal is met. A cost is the median of six rounds.\n"
		"\n"
		"  GROUP           only these groups: fault (one page for each fault), batch\n"
		"                  (several), munmap, rules, watch (histogram, records, trace\n"
		"                  events), size (a region of 1 TiB), walk\n"
		"  --sparse        the cost of walks where a few page tables lie in ever larger\n"
		"                  ranges; the faster of two rounds\n"
		"  --instructions  call costs instructions: for a machine whose clock advances by\n"
		"                  one nanosecond for each instruction (make bench)\n"
		"  --tiny          few pages and rounds, to see that everything works\n"
		"  --profile       only print each figure with its rounds, for scripts/bench\n"
		"  --csv, --json   print CSV or JSON\n"
		"\n"
		"Costs are times by CLOCK_MONOTONIC, with their spread. The goals are ratios of\n"
		"instructions: only 'make bench' can tell whether they are met.\n",
	.run = run,
};
