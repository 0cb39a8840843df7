// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the module's files in debugfs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/tool.h"

#define LINE_MAX_LEN	512

int debugfs_failed(const char *path, int err)
{
	if (err == ENOENT && access(FAULTLAB_DEVICE, F_OK))
		return failed(NO_MODULE);
	if (err == ENOENT && access(FAULTLAB_DEBUGFS, F_OK))
		return failed("there is no " FAULTLAB_DEBUGFS
			      ": mount debugfs with 'mount -t debugfs none /sys/kernel/debug'.");
	if (err == ENOENT)
		return failed("there is no such region; 'faultlab stat --regions' lists them.");
	if (err == EACCES)
		return failed("only root can open %s.", path);
	if (err == EPERM)
		return failed("%s needs CAP_SYS_ADMIN and a kernel that is not locked down.",
			      path);
	return failed("%s: %s.", path, strerror(err));
}

bool debugfs_parse_region(char *line, struct debugfs_region *region)
{
	int at;

	if (sscanf(line, "%u %15s %llu %llu %llu %d %63s %n", &region->id, region->kind,
		   &region->bytes, &region->pages, &region->vmas, &region->pid, region->flags,
		   &at) != 7)
		return false;
	line[strcspn(line, "\n")] = '\0';
	region->comm = line + at;
	return true;
}

int debugfs_each_line(const char *path, void (*fn)(char *line, struct json_object *to),
		      struct json_object *to)
{
	char line[LINE_MAX_LEN];
	FILE *file = fopen(path, "re");

	if (!file)
		return debugfs_failed(path, errno);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		fn(line, to);
	}
	fclose(file);
	return 0;
}
