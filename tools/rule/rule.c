// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab rule: shows, sets and checks the rules of regions, which are written as text.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rule/rule.h"

static int opt_json;

static const struct option options[] = {
	{ "json", no_argument, &opt_json, 1 },
	{ }
};

static int judge(const char *text, struct faultlab_rule *rule, const char **why)
{
	int err = faultlab_rule_parse(text, rule, why);

	return err ? err : faultlab_rule_check(rule, why);
}

int parse_rule(const char *text, struct faultlab_rule *rule)
{
	const char *why;

	return judge(text, rule, &why) ? usage("'%s': %s", text, why) : 0;
}

/*
 * Joins arguments to rules, in place, so that a rule needs no quotes in the shell: a word
 * that can only follow a verdict (such as every=2) is appended to the rule before it,
 * unless that rule has a comment (#), which the word would become a part of. Returns the
 * number of rules, or -1 without memory.
 */
static int join_rules(int nr, char **args)
{
	int i, last = 0;

	for (i = 1; i < nr; i++) {
		if (!faultlab_rule_continues(args[i]) || strchr(args[last], '#'))
			args[++last] = args[i];
		else if (asprintf(&args[last], "%s %s", args[last], args[i]) < 0)
			return -1;
	}
	return nr ? last + 1 : 0;
}

/*
 * Changing rules: all rules are in one write(), so the module sets all or none
 */
static int write_failed(__u64 region, const char *path, int err)
{
	if (err == ENOSPC)
		return failed("more than %u rules, or pages= above the module parameter max_pages.",
			      FAULTLAB_MAX_RULES);
	if (err == ENODEV)
		return failed("region %llu was unplugged: its rules cannot be changed.", region);
	if (err == EINVAL)
		return failed("the module refuses the rules: its version is not the command's.");
	return debugfs_failed(path, err);
}

static int write_rules(__u64 region, int mode, const char *text)
{
	char path[RULES_PATH_LEN];
	int err = 0;
	int fd;

	rules_path(path, region);
	fd = open(path, O_WRONLY | O_CLOEXEC | mode);
	if (fd < 0)
		return debugfs_failed(path, errno);
	if (write(fd, text, strlen(text)) < 0)
		err = errno;
	close(fd);
	return err ? write_failed(region, path, err) : 0;
}

/*
 * Called for each line of debugfs' regions. If the line is that of the region whose id is
 * in @to, adds the region's kind and number of VMAs to @to.
 */
static void find_region(char *line, struct json_object *to)
{
	struct debugfs_region region;

	if (!debugfs_parse_region(line, &region) ||
	    region.id != json_object_get_uint64(json_object_object_get(to, "id")))
		return;
	json_object_object_add(to, "kind", json_object_new_string(region.kind));
	json_object_object_add(to, "vmas", json_object_new_uint64(region.vmas));
}

/*
 * Prints a hint where new rules have no effect: pages that are mapped do not fault, and
 * kind remap never does.
 */
static void tell_of_mapped(__u64 region)
{
	struct json_object *found = json_object_new_object(), *kind;

	json_object_object_add(found, "id", json_object_new_uint64(region));
	if (debugfs_each_line(FAULTLAB_DEBUGFS "/regions", find_region, found) ||
	    !json_object_object_get_ex(found, "kind", &kind))
		goto out;
	if (!strcmp(json_object_get_string(kind), "remap"))
		printf("Region %llu is of kind remap: it has no faults, so rules have no effect.\n",
		       region);
	else if (json_object_get_uint64(json_object_object_get(found, "vmas")))
		printf("Pages that are mapped do not fault; 'faultlab evict %llu' unmaps them.\n",
		       region);
out:
	json_object_put(found);
}

static int change(__u64 region, int mode, int nr, char **rules)
{
	char line[FAULTLAB_RULE_TEXT_MAX];
	struct faultlab_rule rule;
	char *text = NULL;
	size_t size;
	FILE *to;
	int i, err = 0;

	nr = join_rules(nr, rules);
	to = open_memstream(&text, &size);
	if (!to || nr < 0)
		return failed("no memory.");
	/*
	 * Write the rules as parsed, not the arguments: a line feed in an argument would
	 * begin another rule.
	 */
	for (i = 0; i < nr && !err; i++) {
		err = parse_rule(rules[i], &rule);
		if (!err)
			fprintf(to, "%s\n", faultlab_rule_text(&rule, line, sizeof(line)));
	}
	if (fclose(to) && !err)
		err = failed("no memory.");
	if (!err)
		err = write_rules(region, mode, text);
	free(text);
	if (!err)
		tell_of_mapped(region);
	return err;
}

static int set(__u64 region, int nr, char **rules)
{
	return nr ? change(region, 0, nr, rules) :
		    usage("set needs a rule; clear removes all rules.");
}

static int add(__u64 region, int nr, char **rules)
{
	return nr ? change(region, O_APPEND, nr, rules) : usage("add needs a rule.");
}

static int clear(__u64 region, int nr, char **rules)
{
	(void)rules;
	return nr ? usage("clear takes no rules.") : write_rules(region, 0, "\n");
}

static const struct {
	const char *name;
	int (*run)(__u64 region, int nr, char **rules);
} verbs[] = {
	{ "set", set }, { "add", add }, { "clear", clear },
};

/*
 * faultlab rule check
 */
static bool check_one(const char *text, struct json_object *to)
{
	struct json_object *row = json_object_new_object();
	char canonical[FAULTLAB_RULE_TEXT_MAX];
	struct faultlab_rule rule;
	const char *why = NULL;
	bool good = !judge(text, &rule, &why);

	if (good)
		text = faultlab_rule_text(&rule, canonical, sizeof(canonical));
	if (!opt_json)
		printf("%s%s%s: %s\n", style(good ? STYLE_GOOD : STYLE_BAD), text,
		       style(STYLE_PLAIN), good ? "accepted." : why);
	json_object_object_add(row, "rule", json_object_new_string(text));
	json_object_object_add(row, "accepted", json_object_new_boolean(good));
	json_object_object_add(row, "why", good ? NULL : json_object_new_string(why));
	json_object_array_add(to, row);
	return good;
}

static int check(int nr, char **rules)
{
	struct json_object *results;
	int i, bad = 0;

	nr = join_rules(nr, rules);
	if (nr < 0)
		return failed("no memory.");
	if (!nr)
		return usage("check needs a rule, as in: faultlab rule check 'sigbus every=2'.");
	results = json_object_new_array();
	for (i = 0; i < nr; i++)
		bad += !check_one(rules[i], results);
	if (opt_json)
		print_json(results);
	else
		json_object_put(results);
	return bad ? EXIT_FAILED : 0;
}

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, options);
	unsigned int i;
	__u64 region;

	if (first < 0)
		return EXIT_USAGE;
	argc -= first;
	argv += first;
	if (!argc)
		return rule_list(NULL, opt_json);
	if (!strcmp(argv[0], "check"))
		return check(argc - 1, argv + 1);
	if (!parse_number(argv[0], &region))
		return usage("'%s' is neither a region nor check; see 'faultlab rule --help'.",
			     argv[0]);
	if (argc == 1)
		return rule_list(&region, opt_json);
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(region, argc - 2, argv + 2);
	return usage("'%s' is not an action: rule takes set, add or clear.", argv[1]);
}

const struct command command_rule = {
	.name = "rule",
	.summary = "show, set or check the rules that decide how faults end",
	.help =
	"Usage: faultlab rule [--json] [REGION]\n"
	"       faultlab rule REGION set RULE...\n"
	"       faultlab rule REGION add RULE...\n"
	"       faultlab rule REGION clear\n"
	"       faultlab rule [--json] check RULE...\n"
	"\n"
	"A rule decides how the faults that match it end. Without an action, shows the\n"
	"rules of one region or of all, and how often each applied (hits). The first rule\n"
	"that applies to a fault decides; a fault to which none applies is served.\n"
	"\n"
	"  set    replace all rules of the region\n"
	"  add    add rules after those of the region\n"
	"  clear  remove all rules of the region\n"
	"  check  say whether the module would accept each rule, and why not\n"
	"\n"
	"A RULE is a verdict, and then any of the words below it; it needs no quotes:\n"
	"\n"
	"  VERDICT[:ARG]      serve major retry sigbus oom hwpoison hwpoison-large\n"
	"                     sigsegv nopage fallback unplug; ARG is for hwpoison-large\n"
	"  pages=FIRST[-[LAST]]\n"
	"                     match these pages, counted from 0; FIRST-: to the end\n"
	"  access=NAME[,NAME...]\n"
	"                     match these accesses: read write cow mkwrite pfn_mkwrite\n"
	"                     exec remote around huge\n"
	"  delay=TIME         wait before the verdict\n"
	"  delay=TIME..TIME   the same, a random time between the two\n"
	"  delay=exp:TIME[..TIME]\n"
	"                     the same, an exponentially distributed time with this mean,\n"
	"                     and at most the second time\n"
	"  gate               wait until 'faultlab gate' lets the fault pass\n"
	"  skip=N             do not apply to the first N matching faults\n"
	"  every=N            of the others, apply to the first of every N\n"
	"  times=N            apply N times in all\n"
	"  probability=0.25   apply with this probability\n"
	"  seed=N             for the random numbers of probability= and delay=\n"
	"  hold-lock          wait with the lock of the fault held\n"
	"  unlocked           return the page without VM_FAULT_LOCKED\n"
	"  stack              record the kernel stack of the fault\n"
	"\n"
	"TIME is a number with us, ms or s; without a unit it is in microseconds. Without\n"
	"pages= and access= a rule matches all pages, and all accesses that its verdict\n"
	"can have. check works without the module; all else needs root, and\n"
	FAULTLAB_DEBUGFS ".\n",
	.run = run,
};
