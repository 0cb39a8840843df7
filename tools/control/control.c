// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab evict, unplug, gate, reset: act on a region of any program through debugfs.
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
		return failed("it takes CAP_SYS_ADMIN: try as root.");
	if (err == ENODEV)
		return failed("region %llu was unplugged.", region);
	return failed("region %llu: %s.", region, strerror(err));
}

/*
 * Parses the options, and the first operand: the region. Returns how many operands
 * follow, at *operands, or -1 after an error was printed.
 */
static int parse_region(int argc, char **argv, const struct option *options, __u64 *region,
			char ***operands)
{
	int first = parse_options(argc, argv, options);

	if (first < 0)
		return -1;
	if (first == argc) {
		usage("which region? 'faultlab stat --regions' lists them.");
		return -1;
	}
	if (!parse_number(argv[first], region)) {
		usage("'%s' is no region: the number of one is wanted.", argv[first]);
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

/* Whether text is a range of pages as a rule has it in pages=. */
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
		{ EINVAL, "region %llu drops whole folios alone, and nothing of phys or remap." },
		{ }
	};
	char words[WORDS_MAX], **range;
	__u64 region;
	int nr = parse_region(argc, argv, evict_options, &region, &range);

	if (nr < 0)
		return EXIT_USAGE;
	if (nr > 1)
		return usage("'%s': one range of pages is all it takes.", range[1]);
	if (nr && !is_range(range[0]))
		return usage("'%s' is no range of pages: FIRST[-[LAST]] is wanted.", range[0]);
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
		return usage("'%s': a region is all it takes.", operands[0]);
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
		{ EINVAL, "region %llu has a gate that can open, close, or pass N faults." },
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
			return usage("pass wants how many faults, up to %u.", UINT32_MAX);
		snprintf(words, sizeof(words), "pass %llu\n", faults);
	} else if ((!strcmp(verb[0], "open") || !strcmp(verb[0], "close")) && nr == 1) {
		snprintf(words, sizeof(words), "%s\n", verb[0]);
	} else {
		return usage("'%s': open, close or pass N is wanted.", verb[nr - 1]);
	}
	return write_words(region, "gate", words, reasons);
}

const struct command command_evict = {
	.name = "evict",
	.summary = "take a region's pages out of all page tables, so that they fault again",
	.help =
	"Usage: faultlab evict REGION [FIRST[-[LAST]]] [--drop] [--cows]\n"
	"\n"
	"Removes the entries of these pages, or of all, from every process that maps the\n"
	"region: the next touch of each faults, and the rules are asked.\n"
	"\n"
	"  --drop  free the pages, too: the next fault finds zeroed ones\n"
	"  --cows  private copies go as well\n",
	.run = run_evict,
};

const struct command command_unplug = {
	.name = "unplug",
	.summary = "let the device die under whoever maps the region",
	.help =
	"Usage: faultlab unplug REGION\n"
	"\n"
	"From now on each touch is SIGBUS, in the kernel EFAULT, and mmap() and most ioctls\n"
	"are ENODEV, until the program closes the device and opens it again. To take the\n"
	"memory away and give it back: 'faultlab rule REGION set sigbus' and\n"
	"'faultlab evict REGION', later 'faultlab rule REGION clear'.\n",
	.run = run_plain,
};

const struct command command_gate = {
	.name = "gate",
	.summary = "let faults pass that wait at a region's gate, or show how many do",
	.help =
	"Usage: faultlab gate REGION [open | close | pass N]\n"
	"\n"
	"Faults whose rule says `gate` wait until they are let pass: N of them, those that\n"
	"have waited longest, or all, those to come as well, until close. If there are fewer\n"
	"than N, the next that come pass, too; close forgets that.\n",
	.run = run_gate,
};

const struct command command_reset = {
	.name = "reset",
	.summary = "set the counts and the latency of a region to 0",
	.help =
	"Usage: faultlab reset REGION\n"
	"\n"
	"A fault that is under way is counted before or after, never lost. For all regions:\n"
	"'faultlab stat --reset'.\n",
	.run = run_plain,
};
