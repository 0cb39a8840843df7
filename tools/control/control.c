// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab evict, unplug, gate, reset: act on a region through debugfs, whichever program
 * has it open.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/tool.h"

#define WORDS_MAX	128

/* A command's own message for an errno; write_words() has messages for the others. */
struct reason {
	int err;
	const char *why;	/* with %llu for the region */
};

static int write_words(__u64 region, const char *file, const char *words,
		       const struct reason *reasons)
{
	char path[96];
	int fd, err = 0;

	snprintf(path, sizeof(path), FAULTLAB_DEBUGFS "/region/%llu/%s", region, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return debugfs_failed(path, errno);
	if (write(fd, words, strlen(words)) < 0)
		err = errno;
	close(fd);
	if (!err)
		return 0;
	for (; reasons->why; reasons++)
		if (reasons->err == err)
			return failed(reasons->why, region);
	if (err == EPERM)
		return failed("this needs CAP_SYS_ADMIN: run the command as root.");
	if (err == ENODEV)
		return failed("region %llu was unplugged.", region);
	return failed("region %llu: %s.", region, strerror(err));
}

/*
 * Parses the options and the first operand, which is the region. Stores where the
 * operands after it begin in *operands, and returns their number, or -1 after an error was
 * printed.
 */
static int parse_region(int argc, char **argv, const struct option *options, __u64 *region,
			char ***operands)
{
	int first = parse_options(argc, argv, options);

	if (first < 0)
		return -1;
	if (first == argc) {
		usage("the number of a region is missing; 'faultlab stat --regions' lists them.");
		return -1;
	}
	if (!parse_number(argv[first], region)) {
		usage(NO_REGION_NUMBER, argv[first]);
		return -1;
	}
	*operands = argv + first + 1;
	return argc - first - 1;
}

static int drop, cows;

static const struct option evict_options[] = {
	{ "drop", no_argument, &drop, 1 },
	{ "cows", no_argument, &cows, 1 },
	{ }
};

static const struct option no_options[] = { { } };

/* Whether text is a valid value of pages= in a rule: 3, 3-5, 3-. */
static bool is_range(const char *text)
{
	struct faultlab_rule rule;
	char words[WORDS_MAX];
	const char *why;

	if (strpbrk(text, " \t\n#") || strlen(text) > WORDS_MAX / 2)
		return false;
	snprintf(words, sizeof(words), "serve pages=%s", text);
	return !faultlab_rule_parse(words, &rule, &why);
}

static int run_evict(int argc, char **argv)
{
	static const struct reason of_evict[] = {
		{ EINVAL, "region %llu ends before these pages." },
		{ }
	};
	static const struct reason of_drop[] = {
		{ EINVAL,
		  "region %llu: --drop is for whole folios, and not for phys or kind remap." },
		{ }
	};
	char words[WORDS_MAX], **range;
	__u64 region;
	int nr = parse_region(argc, argv, evict_options, &region, &range);

	if (nr < 0)
		return EXIT_USAGE;
	if (nr > 1)
		return usage("'%s' is one argument too many: evict takes one range of pages.",
			     range[1]);
	if (nr && !is_range(range[0]))
		return usage("'%s' is not a range of pages: write 3, 3-5, or 3- (to the end).",
			     range[0]);
	snprintf(words, sizeof(words), "%s%s%s%s\n", nr ? "pages=" : "", nr ? range[0] : "",
		 drop ? " drop" : "", cows ? " cows" : "");
	return write_words(region, "evict", words, drop ? of_drop : of_evict);
}

/* Runs a command whose only operand is a region. */
static int run_plain(int argc, char **argv)
{
	static const struct reason none[] = { { } };
	char **operands;
	__u64 region;
	int nr = parse_region(argc, argv, no_options, &region, &operands);

	if (nr < 0)
		return EXIT_USAGE;
	if (nr)
		return usage("'%s' is one argument too many: %s takes a region only.", operands[0],
			     argv[0]);
	return write_words(region, argv[0], "1\n", none);
}

static void print_line(char *line, struct json_object *to)
{
	(void)to;
	puts(line);
}

static int show_gate(__u64 region)
{
	char path[96];

	snprintf(path, sizeof(path), FAULTLAB_DEBUGFS "/region/%llu/gate", region);
	return debugfs_each_line(path, print_line, NULL);
}

static int run_gate(int argc, char **argv)
{
	static const struct reason reasons[] = {
		{ EINVAL, "the gate of region %llu takes open, close, or pass and a number." },
		{ }
	};
	char words[WORDS_MAX], **verb;
	__u64 region, faults;
	int nr = parse_region(argc, argv, no_options, &region, &verb);

	if (nr < 0)
		return EXIT_USAGE;
	if (!nr)
		return show_gate(region);
	if (!strcmp(verb[0], "pass")) {
		if (nr != 2 || !parse_number(verb[1], &faults) || faults > UINT32_MAX)
			return usage("pass needs a number of faults, %u at most.", UINT32_MAX);
		snprintf(words, sizeof(words), "pass %llu\n", faults);
	} else if ((!strcmp(verb[0], "open") || !strcmp(verb[0], "close")) && nr == 1) {
		snprintf(words, sizeof(words), "%s\n", verb[0]);
	} else {
		return usage("'%s' is not an action: use open, close or pass N.", verb[nr - 1]);
	}
	return write_words(region, "gate", words, reasons);
}

const struct command command_evict = {
	.name = "evict",
	.summary = "unmap a region's pages in all processes, so that they fault again",
	.help =
	"Usage: faultlab evict REGION [FIRST[-[LAST]]] [--drop] [--cows]\n"
	"\n"
	"Removes the page-table entries of pages FIRST to LAST (FIRST-: to the end;\n"
	"without a range: of all pages) in every process that maps the region. The next\n"
	"access to such a page faults, and the fault is matched against the rules. In a\n"
	"region of kind remap, which has no faults, it is SIGBUS.\n"
	"\n"
	"  --drop  free the pages as well: the next fault allocates a zeroed page\n"
	"  --cows  remove private copies (CoW) as well, which otherwise stay mapped\n",
	.run = run_evict,
};

const struct command command_unplug = {
	.name = "unplug",
	.summary = "remove the device of a region while it is mapped",
	.help =
	"Usage: faultlab unplug REGION\n"
	"\n"
	"Does what the removal of the device would do: every later access to the region\n"
	"ends in SIGBUS (in the kernel: EFAULT), and mmap() and most ioctls fail with\n"
	"ENODEV. This cannot be undone; a program can only open the device again and get\n"
	"a new region.\n"
	"\n"
	"To make the memory unavailable for a while instead: 'faultlab rule REGION set\n"
	"sigbus' and 'faultlab evict REGION', later 'faultlab rule REGION clear'.\n",
	.run = run_plain,
};

const struct command command_gate = {
	.name = "gate",
	.summary = "show the faults that wait at a region's gate, or let them pass",
	.help =
	"Usage: faultlab gate REGION [open | close | pass N]\n"
	"\n"
	"A fault whose rule has the word 'gate' waits at the gate of its region. Without\n"
	"an action, shows whether the gate is open, how many faults wait, and how many\n"
	"later faults may pass.\n"
	"\n"
	"  open    let all faults pass, later ones as well, until close\n"
	"  close   let later faults wait again; cancels what is left of pass\n"
	"  pass N  let N faults pass, first those that have waited longest; if fewer\n"
	"          wait, the rest of N is for the next faults\n",
	.run = run_gate,
};

const struct command command_reset = {
	.name = "reset",
	.summary = "set the counters and latency histograms of a region to 0",
	.help =
	"Usage: faultlab reset REGION\n"
	"\n"
	"Sets the counters and latency histograms of a region to 0. A fault in progress\n"
	"is counted either before or after that. 'faultlab stat --reset' does the same\n"
	"for all regions.\n",
	.run = run_plain,
};
