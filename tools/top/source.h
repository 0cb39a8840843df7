/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sources of faultlab top: files of debugfs, and records.
 */
#ifndef FAULTLAB_TOOL_TOP_SOURCE_H
#define FAULTLAB_TOOL_TOP_SOURCE_H

#include "top/top.h"

struct top_source {
	int fd;
	__u32 id;		/* top's own region, which is not shown */
	__u64 time;		/* when the last sample was taken, ns */
	struct top_sample last;	/* counters of the last sample */
	struct faultlab_record *record;
	const struct faultlab_record **fault;
	size_t nr;
	__u64 lost, skipped;
	struct task {
		__u32 pid;
		bool asked;	/* its name was read in this interval */
		char name[24];
	} *task;	/* names of tasks, read while the tasks live */
	size_t nr_tasks, at;
};

/* records.c: the name of a task; "" if the task ended before its name was read. */
const char *top_name(const struct top_source *source, __u32 pid);

/* debugfs.c: reads a file of counters; all regions with their counters, except region but. */
bool top_read_counts(const char *path, __u64 *count);
bool top_read_regions(struct top_sample *sample, __u32 but);

#endif /* FAULTLAB_TOOL_TOP_SOURCE_H */
