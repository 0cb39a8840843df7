// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists the rules of one region or of all, as text or as JSON. Both are printed from one
 * JSON array of regions, each with an array of its rules.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rule/rule.h"

#define REGIONS	FAULTLAB_DEBUGFS "/region"

void rules_path(char path[RULES_PATH_LEN], __u64 region)
{
	snprintf(path, RULES_PATH_LEN, REGIONS "/%llu/rules", region);
}

/* Parses a line like "sigbus every=2 # 12 hits", and appends the rule to an array. */
static void add_rule(char *line, struct json_object *to)
{
	struct json_object *row = json_object_new_object();
	char *hits = strchr(line, '#');
	__u64 nr = hits ? strtoull(hits + 1, NULL, 10) : 0;

	if (hits && hits > line)
		hits[-1] = '\0';
	json_object_object_add(row, "rule", json_object_new_string(line));
	json_object_object_add(row, "hits", json_object_new_uint64(nr));
	json_object_array_add(to, row);
}

static int add_region(struct json_object *to, __u64 region)
{
	struct json_object *row = json_object_new_object();
	struct json_object *rules = json_object_new_array();
	char path[RULES_PATH_LEN];

	rules_path(path, region);
	json_object_object_add(row, "region", json_object_new_uint64(region));
	json_object_object_add(row, "rules", rules);
	json_object_array_add(to, row);
	return debugfs_each_line(path, add_rule, rules);
}

static int is_region(const struct dirent *entry)
{
	return isdigit((unsigned char)entry->d_name[0]);
}

static int add_all_regions(struct json_object *to)
{
	struct dirent **entries;
	char path[RULES_PATH_LEN];
	int i, nr, err = 0;
	__u64 region;

	nr = scandir(REGIONS, &entries, is_region, versionsort);
	if (nr < 0)
		return debugfs_failed(REGIONS, errno);
	for (i = 0; i < nr; i++) {
		region = strtoull(entries[i]->d_name, NULL, 10);
		rules_path(path, region);
		/* The region may have been closed since scandir(). */
		if (!err && !access(path, F_OK))
			err = add_region(to, region);
		free(entries[i]);
	}
	free(entries);
	return err;
}

static struct json_object *field(struct json_object *list, size_t i, const char *name)
{
	return json_object_object_get(json_object_array_get_idx(list, i), name);
}

static int widest(struct json_object *regions)
{
	int len, width = strlen("rule");
	size_t i, j;

	for (i = 0; i < json_object_array_length(regions); i++) {
		struct json_object *rules = field(regions, i, "rules");

		for (j = 0; j < json_object_array_length(rules); j++) {
			len = json_object_get_string_len(field(rules, j, "rule"));
			if (len > width)
				width = len;
		}
	}
	return width;
}

static void show_rules(struct json_object *regions)
{
	int width = widest(regions);
	char hits[FIGURE_MAX];
	size_t i, j;

	printf("%s%-6s  %-*s  %12s%s\n", style(STYLE_BOLD), "region", width, "rule", "hits",
	       style(STYLE_PLAIN));
	for (i = 0; i < json_object_array_length(regions); i++) {
		struct json_object *rules = field(regions, i, "rules");
		const char *region = json_object_get_string(field(regions, i, "region"));

		if (!json_object_array_length(rules))
			printf("%-6s  %s%s%s\n", region, style(STYLE_DIM), "-",
			       style(STYLE_PLAIN));
		for (j = 0; j < json_object_array_length(rules); j++)
			printf("%-6s  %-*s  %12s\n", region, width,
			       json_object_get_string(field(rules, j, "rule")),
			       figure_grouped(hits, json_object_get_uint64(field(rules, j,
										 "hits"))));
	}
}

int rule_list(const __u64 *region, bool json)
{
	struct json_object *regions = json_object_new_array();
	int err = region ? add_region(regions, *region) : add_all_regions(regions);

	if (!err && json) {
		print_json(regions);
		return 0;
	}
	if (!err)
		show_rules(regions);
	json_object_put(regions);
	return err;
}
