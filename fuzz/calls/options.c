// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "fuzz/calls/options.h"

#define USAGE								\
	"usage: fuzz [OPTION...]\n"					\
	"  --minutes N     how long (default 1)\n"			\
	"  --seed S        default: the time\n"				\
	"  --workers N     processes (default: four a processor, as most wait)\n" \
	"  --round N       seconds of a round (default 60)\n"		\
	"  --corpus DIR    programs to begin with\n"			\
	"  --out DIR       for new ones, running ones, and failures\n"	\
	"  --disk FILE     a block device, for O_DIRECT\n"		\
	"  --reload CMD    runs after each round, to reload the module\n" \
	"  --bad REGEX     lines of the kernel's log that are a failure\n" \
	"  --run FILE      runs this program, and ends\n"		\
	"  --minimise FILE finds a shorter one that fails, too\n"

enum { MINUTES, SEED, WORKERS, ROUND, CORPUS, OUT, DISK, RELOAD, BAD, RUN, MINIMISE, NR };

static const struct option options[] = {
	{ "minutes", required_argument, NULL, MINUTES },
	{ "seed", required_argument, NULL, SEED },
	{ "workers", required_argument, NULL, WORKERS },
	{ "round", required_argument, NULL, ROUND },
	{ "corpus", required_argument, NULL, CORPUS },
	{ "out", required_argument, NULL, OUT },
	{ "disk", required_argument, NULL, DISK },
	{ "reload", required_argument, NULL, RELOAD },
	{ "bad", required_argument, NULL, BAD },
	{ "run", required_argument, NULL, RUN },
	{ "minimise", required_argument, NULL, MINIMISE },
	{ 0 }
};

static __attribute__((noreturn)) void fail(void)
{
	fputs(USAGE, stderr);
	exit(2);
}

static unsigned long long number(const char *text, unsigned long long otherwise)
{
	return text ? strtoull(text, NULL, 0) : otherwise;
}

void fuzz_options_parse(struct fuzz_options *opt, int argc, char **argv)
{
	const char *value[NR] = { NULL };
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c < 0 || c >= NR)
			fail();
		value[c] = optarg;
	}
	*opt = (struct fuzz_options){
		.minutes = value[MINUTES] ? atof(value[MINUTES]) : 1,
		.seed = number(value[SEED], time(NULL)),
		.workers = number(value[WORKERS], 4 * sysconf(_SC_NPROCESSORS_ONLN)),
		.round = number(value[ROUND], 60),
		.corpus = value[CORPUS],
		.out = value[OUT],
		.disk = value[DISK],
		.reload = value[RELOAD],
		.bad = value[BAD],
		.run = value[RUN],
		.minimise = value[MINIMISE],
	};
	if (optind != argc || !opt->workers || opt->workers > FUZZ_WORKERS_MAX || !opt->round)
		fail();
}
