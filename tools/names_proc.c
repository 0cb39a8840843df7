// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a task is called, as long as it is there: until its parent asked for its end.
 */
#include <stdio.h>
#include <string.h>

#include "records.h"

static bool read_name(const char *path, char *name, size_t size)
{
	FILE *file = fopen(path, "re");
	bool found;

	if (!file)
		return false;
	found = fgets(name, size, file);
	fclose(file);
	if (found)
		name[strcspn(name, "\n")] = '\0';
	return found;
}

void task_name(__u32 pid, __u32 tid, char *name, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/task/%u/comm", pid, tid);
	if (read_name(path, name, size))
		return;
	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	if (!read_name(path, name, size))
		*name = '\0';
}
