// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads debugfs files for faultlab top. Errors are not printed: a region, and its files
 * with it, can vanish at any time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "top/source.h"

bool top_read_counts(const char *path, __u64 *count)
{
	FILE *file = fopen(path, "re");
	char line[64], name[32];
	__u64 value;

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		int stat = -1;

		if (sscanf(line, "%31s %llu", name, &value) == 2)
			stat = faultlab_stat_by_name(name);
		if (stat >= 0)
			count[stat] = value;
	}
	fclose(file);
	return true;
}

static bool parse_region(char *line, struct top_region *region)
{
	struct debugfs_region shown;

	if (!debugfs_parse_region(line, &shown))
		return false;
	*region = (struct top_region) {
		.id = shown.id, .pid = shown.pid, .bytes = shown.bytes, .pages = shown.pages,
		.vmas = shown.vmas,
	};
	strcpy(region->kind, shown.kind);
	printable(shown.comm, region->comm, sizeof(region->comm));
	return true;
}

bool top_read_regions(struct top_sample *sample, __u32 but)
{
	FILE *file = fopen(FAULTLAB_DEBUGFS "/regions", "re");
	struct top_region region, *more;
	char line[256], path[96];

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		if (!parse_region(line, &region) || region.id == but)
			continue;
		snprintf(path, sizeof(path), FAULTLAB_DEBUGFS "/region/%u/stats", region.id);
		if (!top_read_counts(path, region.counts.now))
			continue;
		more = realloc(sample->region, (sample->nr_regions + 1) * sizeof(region));
		if (!more)
			break;
		sample->region = more;
		sample->region[sample->nr_regions++] = region;
	}
	fclose(file);
	return true;
}
