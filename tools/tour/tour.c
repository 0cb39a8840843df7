// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab tour: plays the situations of all chapters and sums up the results.
 */
#include <stdio.h>
#include <unistd.h>

#include "tour/tour.h"

static const struct situation *const chapters[] = {
	tour_page, tour_private, tour_pfn, tour_rule, tour_device, tour_kernel, tour_around,
};

static int opt_list;

static const struct option options[] = {
	{ "list", no_argument, &opt_list, 1 },
	{ }
};

/* The situation with this number, counted from 1; NULL after the last. */
static const struct situation *situation(unsigned int number)
{
	const struct situation *at;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(chapters); i++)
		for (at = chapters[i]; at->title; at++)
			if (!--number)
				return at;
	return NULL;
}

static void list(void)
{
	const struct situation *at;
	unsigned int n;

	for (n = 1; (at = situation(n)); n++)
		printf("%2u  %s\n", n, at->title);
}

/*
 * Finds out by a trial fault what is expected on this kernel: which lock a fault holds,
 * and whether the walk shows page frame numbers. The kernel's version would not tell.
 */
static int learn(struct tour *tour)
{
	struct access access = { 0 };
	int err = EXIT_FAILED;

	*tour = (struct tour){ .page = sysconf(_SC_PAGESIZE) };
	if (!tour_begin(tour))
		return EXIT_FAILED;
	access.addr = tour_map(tour, 1, RW, MAP_SHARED);
	if (access.addr) {
		tour_measure(tour->fd, &access, &tour->last);
		tour->vma_lock = tour->last.count.value[FAULTLAB_STAT_UNDER_VMA_LOCK];
		err = tour->last.after.raw ? 0 :
		      failed("the tour compares page frame numbers: this needs CAP_SYS_ADMIN.");
	}
	tour_end(tour);
	return err;
}

static bool play(struct tour *tour, unsigned int number, const struct situation *situation)
{
	printf("%s%2u  %s%s\n", style(STYLE_BOLD), number, situation->title,
	       style(STYLE_PLAIN));
	if (tour_begin(tour))
		situation->play(tour);
	tour_end(tour);
	if (!tour->problems)
		printf("    %sas expected%s\n", style(STYLE_GOOD), style(STYLE_PLAIN));
	putchar('\n');
	fflush(stdout);
	return !tour->problems;
}

static int run(int argc, char **argv)
{
	unsigned int played = 0, good = 0;
	const struct situation *at;
	__u64 only = 0;
	struct tour tour;
	unsigned int n;
	int first;
	int err;

	first = parse_options(argc, argv, options);
	if (first < 0)
		return EXIT_USAGE;
	if (opt_list) {
		list();
		return 0;
	}
	if (argc - first > 1)
		return usage("tour takes one number at most; see 'faultlab tour --help'.");
	if (argc > first && (!parse_number(argv[first], &only) || !only ||
			     only > UINT32_MAX || !situation(only)))
		return usage("there is no situation '%s'; 'faultlab tour --list' lists them.",
			     argv[first]);
	err = learn(&tour);
	if (err)
		return err;
	for (n = 1; (at = situation(n)); n++) {
		if (only && n != only)
			continue;
		played++;
		good += play(&tour, n, at);
	}
	printf("%u situation%s, %u as expected\n", played, played == 1 ? "" : "s", good);
	return good == played ? 0 : EXIT_FAILED;
}

const struct command command_tour = {
	.name = "tour",
	.summary = "run typical page faults, and explain and check each of them",
	.help =
	"Usage: faultlab tour [NUMBER]\n"
	"       faultlab tour --list\n"
	"\n"
	"Runs situations, in each of which a few pages are accessed. For each access it\n"
	"prints the page-table entry before it, the fault that the kernel handled, the\n"
	"entry after it, and how many faults the kernel and the module counted. All of\n"
	"that is compared with what is expected; the exit status is 1 if it differs.\n"
	"\n"
	"  NUMBER    run this situation only\n"
	"  --list    list the situations\n"
	"\n"
	"Needs CAP_SYS_ADMIN, since it compares page frame numbers.\n",
	.run = run,
};
