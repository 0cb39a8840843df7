/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faultlab report: groups of records, and the formats they are shown in.
 */
#ifndef FAULTLAB_TOOL_REPORT_H
#define FAULTLAB_TOOL_REPORT_H

#include "records/records.h"

/* Records with the same key, and the durations of their callbacks. */
struct group {
	__u64 key;
	__u64 count;
	__u64 p50, p90, p99, max;	/* ns */
	__u64 total;			/* ns */
	__u64 wait;			/* ns of total, spent in the delays of rules */
};

/* The first and last page of a region that occur in records, cut into ranges of 2^shift pages. */
struct span {
	__u32 region;
	__u64 first, last;
	unsigned int shift;
	__u64 count;
};

struct report {
	const struct recording *recording;
	const struct faultlab_record **fault;	/* FAULT records that --region and --pid select */
	size_t nr;
	struct span *span;			/* sorted by region */
	size_t nr_spans;
	__u64 from, to;				/* time of the first and the last record */
};

#define LABEL_MAX	64
struct grouping {
	const char *name;
	const char *heading;
	bool by_key;	/* sorted by key; else by count, highest first */
	__u64 (*key)(const struct report *report, const struct faultlab_record *r);
	char *(*label)(const struct report *report, __u64 key, char *text);
};

/* group.c */
extern const struct grouping groupings[];
extern const unsigned int nr_groupings;
/* Returns the number of groups, or -1 without memory. The caller frees *groups. */
ssize_t group_records(const struct report *report, const struct grouping *by,
		      struct group **groups);
/* Fills report->span; ranges: the most of them in a span. False without memory. */
bool find_spans(struct report *report, unsigned int ranges);
/* The same pages, cut again; ranges: the most of them. */
struct span span_cut(const struct span *of, unsigned int ranges);
const struct span *span_of(const struct report *report, __u32 region);

/*
 * show.c, json.c, heat.c, plot.c, stacks.c, vmas.c: functions that return int return the
 * exit status. If a function has a parameter nr, by is an array of nr groupings.
 */
void report_heading(const struct report *report);
void report_conclusion(const struct report *report);
int report_text(const struct report *report, const struct grouping *by);
int report_json(const struct report *report, const struct grouping **by, unsigned int nr);
int report_csv(const struct report *report, const struct grouping **by, unsigned int nr);
int report_records(const struct report *report);
int report_heat(const struct report *report);
int report_plot(const struct report *report, const char *path);
int report_stacks(const struct report *report);
/* Shows the VMA records of one region and one process; -1: of all regions, all processes. */
int report_vmas(const struct report *report, __s64 region, __s64 pid);
int report_folded(const struct report *report);

/*
 * Counts records by page range and time. Returns an array with columns counts for each
 * range, the first range first; *most is the highest count.
 */
__u64 *heat_counts(const struct report *report, const struct span *span, unsigned int ranges,
		   unsigned int columns, __u64 *most);

#endif /* FAULTLAB_TOOL_REPORT_H */
