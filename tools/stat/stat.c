// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab stat: the counters, of all regions or of one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/tool.h"

#define LINE	1024	/* a line of debugfs, made printable */

static int opt_json, opt_regions, opt_reset;

static const struct option options[] = {
	{ "json", no_argument, &opt_json, 1 },
	{ "regions", no_argument, &opt_regions, 1 },
	{ "reset", no_argument, &opt_reset, 1 },
	{ }
};

static void add_counter(char *line, struct json_object *to)
{
	char *value = strchr(line, ' ');

	if (!value)
		return;
	*value++ = '\0';
	json_object_object_add(to, line,
			       json_object_new_uint64(strtoull(value, NULL, 10)));
}

static void show_counters(struct json_object *counters)
{
	char text[FIGURE_MAX];

	json_object_object_foreach(counters, name, value) {
		__u64 number = json_object_get_uint64(value);

		printf("%s%-18s %20s%s\n", number ? "" : style(STYLE_DIM), name,
		       figure_grouped(text, number), number ? "" : style(STYLE_PLAIN));
	}
}

static int stat_counters(const char *path)
{
	struct json_object *counters = json_object_new_object();
	int err = debugfs_each_line(path, add_counter, counters);

	if (err) {
		json_object_put(counters);
	} else if (opt_json) {
		print_json(counters);
	} else {
		show_counters(counters);
		json_object_put(counters);
	}
	return err;
}

static void add_region(char *line, struct json_object *to)
{
	struct debugfs_region region;
	struct json_object *row;
	char comm[LINE];

	if (!debugfs_parse_region(line, &region))
		return;
	row = json_object_new_object();
	json_object_object_add(row, "id", json_object_new_int64(region.id));
	json_object_object_add(row, "kind", json_object_new_string(region.kind));
	json_object_object_add(row, "bytes", json_object_new_uint64(region.bytes));
	json_object_object_add(row, "pages", json_object_new_uint64(region.pages));
	json_object_object_add(row, "vmas", json_object_new_uint64(region.vmas));
	json_object_object_add(row, "pid", json_object_new_int(region.pid));
	printable(region.comm, comm, sizeof(comm));
	json_object_object_add(row, "comm", json_object_new_string(comm));
	json_object_object_add(row, "flags", json_object_new_string(region.flags));
	json_object_array_add(to, row);
}

static void print_line(char *line, struct json_object *to)
{
	char text[LINE];

	(void)to;
	puts(printable(line, text, sizeof(text)));
}

static int stat_regions(void)
{
	static const char path[] = FAULTLAB_DEBUGFS "/regions";
	struct json_object *regions;
	int err;

	if (!opt_json)
		return debugfs_each_line(path, print_line, NULL);
	regions = json_object_new_array();
	err = debugfs_each_line(path, add_region, regions);
	if (err)
		json_object_put(regions);
	else
		print_json(regions);
	return err;
}

static int reset_counters(void)
{
	static const char path[] = FAULTLAB_DEBUGFS "/reset";
	FILE *file = fopen(path, "we");

	if (!file)
		return debugfs_failed(path, errno);
	fputc('1', file);
	return fclose(file) ? debugfs_failed(path, errno) : 0;
}

static int run(int argc, char **argv)
{
	char path[128] = FAULTLAB_DEBUGFS "/stats";
	__u64 id;
	int first;

	first = parse_options(argc, argv, options);
	if (first < 0)
		return EXIT_USAGE;
	if (argc - first > 1 || ((opt_regions || opt_reset) && argc > first))
		return usage("stat takes one region at most, and none with --regions and --reset.");
	if (opt_reset)
		return reset_counters();
	if (opt_regions)
		return stat_regions();
	if (argc > first) {
		if (!parse_number(argv[first], &id))
			return usage(NO_REGION_NUMBER, argv[first]);
		snprintf(path, sizeof(path), FAULTLAB_DEBUGFS "/region/%llu/stats", id);
	}
	return stat_counters(path);
}

const struct command command_stat = {
	.name = "stat",
	.summary = "show the counters of all regions or of one",
	.help =
	"Usage: faultlab stat [--json] [REGION]\n"
	"       faultlab stat [--json] --regions\n"
	"       faultlab stat --reset\n"
	"\n"
	"Shows the counters of the region with that number; without one, the sums over\n"
	"all regions, closed ones included, since the module was loaded or reset.\n"
	"faultlab(4) explains the counters.\n"
	"\n"
	"  --regions  list the regions that exist\n"
	"  --reset    set counters and latency histograms of all regions to 0\n"
	"  --json     print JSON\n"
	"\n"
	"Needs root, and " FAULTLAB_DEBUGFS ".\n",
	.run = run,
};
