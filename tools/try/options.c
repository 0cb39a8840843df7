// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses the arguments of faultlab try.
 */
#include <string.h>
#include <unistd.h>

#include "try/try.h"

#define TRY_PAGES	4	/* the default of --pages */

const char *const try_touch_names[] = {
	[TRY_READ] = "read",
	[TRY_WRITE] = "write",
	[TRY_EXEC] = "exec",
};

static bool small_number(const char *text, __u64 limit, __u64 *number)
{
	return parse_number(text, number) && *number <= limit;
}

static bool set_kind(char *text, struct try_order *order)
{
	int kind = faultlab_kind_by_name(text);

	order->config.kind = kind;
	return kind >= 0;
}

static bool set_flags(char *text, struct try_order *order)
{
	char *name;
	__u64 flag;

	while ((name = strsep(&text, ","))) {
		flag = faultlab_region_flag_by_name(name);
		if (!flag)
			return false;
		order->config.flags |= flag;
	}
	return true;
}

static bool set_order(char *text, struct try_order *order)
{
	__u64 number;

	if (!small_number(text, UINT32_MAX, &number))
		return false;
	order->config.order = number;
	return true;
}

static bool set_around(char *text, struct try_order *order)
{
	__u64 number;

	if (!small_number(text, UINT32_MAX, &number))
		return false;
	order->config.around = number;
	return true;
}

static bool set_cache(char *text, struct try_order *order)
{
	int cache = faultlab_cache_by_name(text);

	order->config.cache = cache;
	return cache >= 0;
}

static bool set_pages(char *text, struct try_order *order)
{
	return small_number(text, 1ULL << 32, &order->pages) && order->pages;
}

static bool set_touch(char *text, struct try_order *order)
{
	char *name;
	int touch;

	order->nr_touches = 0;
	while ((name = strsep(&text, ","))) {
		touch = 0;
		while (touch < TRY_NR_TOUCHES && strcmp(try_touch_names[touch], name))
			touch++;
		if (touch == TRY_NR_TOUCHES || order->nr_touches == TRY_NR_TOUCHES)
			return false;
		order->touches[order->nr_touches++] = touch;
	}
	return true;
}

static bool set_hold(char *text, struct try_order *order)
{
	return small_number(text, INT32_MAX, &order->hold);
}

static const struct {
	const char *name;
	bool (*set)(char *text, struct try_order *order);
	const char *wants;
} settings[] = {
	{ "kind", set_kind, "page, pfn, remap or mixed" },
	{ "flags", set_flags, "insert, mkwrite, phys, huge or whole; several with commas" },
	{ "order", set_order, "a number N, for folios of 2^N pages" },
	{ "around", set_around, "the number of pages that one fault maps" },
	{ "cache", set_cache, "wb, wc or uc" },
	{ "pages", set_pages, "a number of pages from 1" },
	{ "touch", set_touch, "read, write or exec; up to three, with commas" },
	{ "hold", set_hold, "a number of seconds" },
};

static int add_rule(const char *text, struct try_order *order)
{
	struct faultlab_rule *rule = &order->rules[order->nr_rules];
	int err;

	if (order->nr_rules == TRY_RULES)
		return usage("try takes %u rules at most.", TRY_RULES);
	err = parse_rule(text, rule);
	if (err)
		return err;
	order->nr_rules++;
	return 0;
}

/* The settings by their index in settings[], then the options without a row there. */
enum { OPT_RULE = ARRAY_SIZE(settings), OPT_PRIVATE, OPT_JSON, NR_OPTS };

static int set_option(int opt, struct try_order *order)
{
	switch (opt) {
	case OPT_RULE:
		return add_rule(optarg, order);
	case OPT_PRIVATE:
		order->private = true;
		return 0;
	case OPT_JSON:
		order->json = true;
		return 0;
	}
	if (settings[opt].set(optarg, order))
		return 0;
	return usage("--%s needs %s.", settings[opt].name, settings[opt].wants);
}

int try_parse(int argc, char **argv, struct try_order *order)
{
	struct option options[NR_OPTS + 1] = {
		[OPT_RULE] = { "rule", required_argument, NULL, OPT_RULE },
		[OPT_PRIVATE] = { "private", no_argument, NULL, OPT_PRIVATE },
		[OPT_JSON] = { "json", no_argument, NULL, OPT_JSON },
	};
	unsigned int i;
	int opt, err;

	*order = (struct try_order){ .pages = TRY_PAGES, .nr_touches = 1 };
	for (i = 0; i < ARRAY_SIZE(settings); i++)
		options[i] = (struct option){ settings[i].name, required_argument, NULL, i };
	opterr = 0;
	optind = 1;
	while ((opt = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (opt == ':')
			return usage("%s needs a value; see 'faultlab try --help'.",
				     argv[optind - 1]);
		if (opt == '?')
			return bad_option(argv);
		err = set_option(opt, order);
		if (err)
			return err;
	}
	if (optind < argc)
		return usage("'%s' is not an option; write a rule as --rule 'sigbus every=2'.",
			     argv[optind]);
	order->config.bytes = order->pages * sysconf(_SC_PAGESIZE);
	return 0;
}
