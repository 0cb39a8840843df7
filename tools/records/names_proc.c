// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the name of a task from /proc, where it is available until the task is reaped.
 */
#include <stdio.h>
#include <string.h>

#include "records/records.h"

static bool read_name(const char *path, char *name, size_t size)
{
	FILE *file = fopen(path, "re");
	char raw[64];
	size_t nr;

	if (!file)
		return false;
	/* A name can contain line feeds. The last one is appended by /proc: remove it. */
	nr = fread(raw, 1, sizeof(raw) - 1, file);
	fclose(file);
	if (!nr)
		return false;
	raw[nr - 1] = '\0';
	printable(raw, name, size);
	return true;
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
