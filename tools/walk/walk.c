// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk: parses the arguments, and calls the function of the requested form.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "walk/walk.h"

/* Options with a value, as getopt_long() returns them. */
enum { OPT_CHAIN = 'c', OPT_REQUIRE = 'r', OPT_EXCLUDE = 'e' };

static int opt_json, opt_tables, opt_holes, opt_pages, opt_form, opt_kernel;

enum form { FORM_DEFAULT, FORM_RUNS, FORM_ENTRIES, FORM_RAW, FORM_COUNTS, FORM_CHAIN,
	    FORM_DOT, FORM_DIFF };

static const struct option options[] = {
	{ "runs", no_argument, &opt_form, FORM_RUNS },
	{ "entries", no_argument, &opt_form, FORM_ENTRIES },
	{ "raw", no_argument, &opt_form, FORM_RAW },
	{ "counts", no_argument, &opt_form, FORM_COUNTS },
	{ "chain", required_argument, NULL, OPT_CHAIN },
	{ "dot", no_argument, &opt_form, FORM_DOT },
	{ "diff", no_argument, &opt_form, FORM_DIFF },
	{ "pages", no_argument, &opt_pages, 1 },
	{ "kernel", no_argument, &opt_kernel, 1 },
	{ "tables", no_argument, &opt_tables, 1 },
	{ "holes", no_argument, &opt_holes, 1 },
	{ "require", required_argument, NULL, OPT_REQUIRE },
	{ "exclude", required_argument, NULL, OPT_EXCLUDE },
	{ "json", no_argument, &opt_json, 1 },
	{ }
};

static const struct {
	const char *name;
	int (*show)(const struct walk_query *q);
	int (*json)(const struct walk_query *q);
	bool filter;
	__u32 flags;	/* flags it can take */
} forms[] = {
	[FORM_RUNS] = { "--runs", walk_show_runs, walk_json_runs, true, FAULTLAB_WALK_HOLES },
	[FORM_ENTRIES] = { "--entries", walk_show_entries, walk_json_entries, true,
			   FAULTLAB_WALK_TABLES | FAULTLAB_WALK_HOLES },
	[FORM_RAW] = { "--raw", walk_show_raw, walk_json_raw, false, FAULTLAB_WALK_TABLES },
	[FORM_COUNTS] = { "--counts", walk_show_counts, walk_json_counts },
	[FORM_CHAIN] = { "--chain", walk_show_chain, walk_json_chain },
	[FORM_DOT] = { "--dot", walk_dot },
	[FORM_DIFF] = { "--diff", walk_diff, walk_json_diff, true },
};

/* For EPERM: walks of another process, raw words, struct pages and the kernel half need it. */
#define NEEDS_ADMIN	"this needs CAP_SYS_ADMIN, and for kernel data a kernel without lockdown."

int walk_failed(int err, const struct walk_query *q)
{
	char path[32];

	if (err == -EPERM)
		return failed(NEEDS_ADMIN);
	if (err == -ENOTTY || err == -EOPNOTSUPP)
		return failed("the module does not support this walk on this machine.");
	if (err != -ESRCH)
		return failed("the walk failed: %s.", strerror(-err));
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)q->pid);
	if (access(path, F_OK))
		return failed("there is no process %d.", (int)q->pid);
	return failed("process %d has no address space: it is a kernel thread, or has ended.",
		      (int)q->pid);
}

static int parse_option(int c, const char *option, struct walk_query *q)
{
	char *end;

	switch (c) {
	case 0:
		return 0;
	case OPT_CHAIN:
		opt_form = FORM_CHAIN;
		q->one = true;
		if (!walk_parse_address(optarg, &q->start, &end) || *end)
			return usage(NO_ADDRESS, optarg);
		return 0;
	case OPT_REQUIRE:
		return walk_parse_flags(optarg, &q->require, &q->require_behind);
	case OPT_EXCLUDE:
		return walk_parse_flags(optarg, &q->exclude, &q->exclude_behind);
	}
	return usage("walk has no option '%s', or it needs a value; see 'faultlab walk --help'.",
		     option);
}

/* Parses the operands after the options. */
static int parse_operands(int argc, char **argv, struct walk_query *q)
{
	char *range = NULL, *length = NULL;
	__u64 number;
	int err, i;

	if (opt_kernel) {
		q->end = 0;
	} else {
		if (argc < 1)
			return usage("walk needs a PID, or self; see 'faultlab walk --help'.");
		err = walk_parse_task(*argv++, &q->pid);
		if (err)
			return err;
		argc--;
	}
	for (i = 0; i < argc && strcmp(argv[i], "--"); i++) {
		if (opt_form == FORM_DIFF && i == argc - 1 && parse_number(argv[i], &number) &&
		    !q->command && number < 86400) {
			q->seconds = number;
		} else if (!range) {
			range = argv[i];
		} else if (!length) {
			length = argv[i];
		} else {
			return usage("'%s' is one argument too many; see 'faultlab walk --help'.",
				     argv[i]);
		}
	}
	return range ? walk_parse_range(range, length, q) : 0;
}

/* Everything after "--" is a command, which getopt_long() must not see. */
static int split_command(int argc, char **argv, struct walk_query *q)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		q->command = argv + i + 1;
		return i;
	}
	return argc;
}

/* Picks the form if none was given, and checks that the options go together. */
static int check(struct walk_query *q)
{
	const __u32 wanted = (opt_tables ? FAULTLAB_WALK_TABLES : 0) |
			     (opt_holes ? FAULTLAB_WALK_HOLES : 0);
	const bool filter = q->require || q->exclude || walk_asks_behind(q);

	if (opt_form == FORM_DEFAULT && (opt_pages || opt_tables))
		opt_form = FORM_ENTRIES;
	if (opt_form == FORM_DEFAULT && q->one && !wanted && !filter)
		opt_form = FORM_CHAIN;
	if (opt_form == FORM_DEFAULT)
		opt_form = FORM_RUNS;
	if (opt_form == FORM_CHAIN && !q->one)
		return usage("--chain takes one address, not a range.");
	if (wanted & ~forms[opt_form].flags)
		return usage("%s takes no %s.", forms[opt_form].name,
			     wanted & ~forms[opt_form].flags & FAULTLAB_WALK_TABLES ?
			     "--tables" : "--holes");
	if (filter && !forms[opt_form].filter)
		return usage("%s takes no --require and no --exclude.", forms[opt_form].name);
	if (opt_pages && opt_form != FORM_ENTRIES)
		return usage("--pages can be combined with --entries only.");
	if (opt_json && !forms[opt_form].json)
		return usage("%s cannot be combined with --json.", forms[opt_form].name);
	if (opt_kernel && opt_form != FORM_RUNS && opt_form != FORM_ENTRIES &&
	    opt_form != FORM_CHAIN)
		return usage("--kernel can be combined with --runs, --entries and --chain only.");
	if (opt_kernel && walk_asks_behind(q))
		return usage("--kernel cannot select by anon, file, zero and pfn.");
	if (opt_kernel && q->start && (__s64)q->start >= 0)
		return usage("--kernel takes addresses of the kernel half only, and no PID.");
	if (opt_form == FORM_DIFF && !q->seconds && (!q->command || !*q->command))
		return usage("--diff needs SECONDS, or -- and a command.");
	if (opt_form != FORM_DIFF && q->command)
		return usage("a command after -- needs --diff.");
	q->flags |= wanted | (opt_kernel ? FAULTLAB_WALK_KERNEL : 0);
	q->pages = opt_pages;
	return 0;
}

static int ignore(const struct faultlab_walk_entry *entry, void *arg)
{
	(void)entry;
	(void)arg;
	return 0;
}

/*
 * Finds the start of the kernel half: with five levels it is much lower than with four.
 */
static void find_kernel_half(struct walk_query *q)
{
	q->start = 0xff00000000000000;
	if (faultlab_walk_each(q->fd, 0, q->start, q->start + 4096, FAULTLAB_WALK_KERNEL, ignore,
			       NULL) == -EINVAL)
		q->start = 0xffff800000000000;
}

static int run(int argc, char **argv)
{
	struct walk_query q = { .end = WALK_EVERYWHERE };
	int err = 0;
	int c;

	argc = split_command(argc, argv, &q);
	opterr = 0;
	optind = 1;
	while (!err && (c = getopt_long(argc, argv, "", options, NULL)) != -1)
		err = parse_option(c, argv[optind - 1], &q);
	if (!err)
		err = parse_operands(argc - optind, argv + optind, &q);
	if (!err)
		err = check(&q);
	if (err)
		return err;
	q.fd = open_device();
	if (q.fd < 0)
		return EXIT_FAILED;
	if (opt_kernel && !q.start)
		find_kernel_half(&q);
	if (opt_json)
		err = forms[opt_form].json(&q);
	else if (opt_kernel && opt_form == FORM_RUNS)
		err = walk_show_kernel(&q);
	else
		err = forms[opt_form].show(&q);
	close(q.fd);
	return err;
}

const struct command command_walk = {
	.name = "walk",
	.summary = "show the page-table entries of a process, or of the kernel",
	.help =
	"Usage: faultlab walk [OPTION...] PID [START[-END|+LENGTH]]\n"
	"       faultlab walk [OPTION...] PID --chain ADDRESS\n"
	"       faultlab walk [OPTION...] PID --diff SECONDS\n"
	"       faultlab walk [OPTION...] PID --diff -- COMMAND [ARGUMENT...]\n"
	"       faultlab walk [OPTION...] --kernel [START[-END|+LENGTH]]\n"
	"\n"
	"Shows the page-table entries of a process, or of the command itself (self), each\n"
	"below the line of its mapping. Pages that are not shown have not been accessed\n"
	"yet, or were unmapped. The words and flags that occur are explained at the end.\n"
	"\n"
	"Forms; without one it is --runs, and --chain for a single address:\n"
	"  --runs     one line for neighbouring entries that differ only in the frame\n"
	"  --entries  each entry; with --tables also those that point to tables\n"
	"  --pages    --entries with the struct page of each: anonymous or file, how\n"
	"             often mapped, references, folio size, flags\n"
	"  --raw      the words of PTE tables and large leaves as they are in memory;\n"
	"             with --tables also the entries that point to tables\n"
	"  --counts   pages, flags, empty entries and tables, of each mapping and of all\n"
	"  --chain    the entry of each level for one address, and which accesses all of\n"
	"             them together allow\n"
	"  --dot      the tables as a graph for graphviz\n"
	"  --diff     walk before and after SECONDS or COMMAND, and show what changed\n"
	"\n"
	"Options:\n"
	"  --kernel   the kernel half of the address space, by area (direct map, modules)\n"
	"  --holes    show empty entries and ranges without a mapping as well\n"
	"  --require FLAGS, --exclude FLAGS\n"
	"             only entries that have all, or none, of these flags (with commas):\n"
	"             write exec user accessed dirty soft-dirty special global protnone\n"
	"             uffd-wp wb wc uc uc- wt wp swap migration hwpoison device marker\n"
	"             hugetlb leaf nonpresent none no-vma vma-soft-dirty; or by the page:\n"
	"             anon, file, zero, pfn (a frame without a struct page in use)\n"
	"  --json     print JSON\n"
	"\n"
	"Addresses are hexadecimal, with or without 0x, as in /proc/PID/maps. LENGTH is\n"
	"in bytes, decimal or hexadecimal after 0x, and can end in K, M, G or T. Other\n"
	"processes, page frame numbers, raw words, struct pages and the kernel half need\n"
	"CAP_SYS_ADMIN; all but the first also a kernel that is not locked down.\n",
	.run = run,
};
