/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faultlab report: groups of records, and the forms in which they are shown.
 */
#ifndef FAULTLAB_TOOL_REPORT_H
#define FAULTLAB_TOOL_REPORT_H

#include "records/records.h"

/* Records that have a key in common, and how long their callbacks took. */
struct group {
	__u64 key;
	__u64 count;
	__u64 p50, p90, p99, max;	/* ns */
	__u64 total;			/* ns */
	__u64 wait;			/* ns of these, because rules said so */
};

/* Pages of a region that occur, cut into ranges of 2^shift. */
struct span {
	__u32 region;
	__u64 first, last;
	unsigned int shift;
	__u64 count;
};

struct report {
	const struct recording *recording;
	const struct faultlab_record **fault;	/* those that are wanted */
	size_t nr;
	struct span *span;			/* by region */
	size_t nr_spans;
	__u64 from, to;				/* time of the first and the last */
};

#define LABEL_MAX	64
struct grouping {
	const char *name;
	const char *heading;
	bool by_key;	/* in the order of keys; else the most frequent first */
	__u64 (*key)(const struct report *report, const struct faultlab_record *r);
	char *(*label)(const struct report *report, __u64 key, char *text);
};

/* group.c */
extern const struct grouping groupings[];
extern const unsigned int nr_groupings;
/* How many groups there are, or -1 without memory. *groups is the caller's to free. */
ssize_t group_records(const struct report *report, const struct grouping *by,
		      struct group **groups);
/* Fills span; ranges: into how many at most. */
bool find_spans(struct report *report, unsigned int ranges);
/* The same with another number of ranges. */
struct span span_cut(const struct span *of, unsigned int ranges);
const struct span *span_of(const struct report *report, __u32 region);

/*
 * Each returns the exit status. by is an array of nr; show.c, json.c,
 * heat.c, plot.c, stacks.c, vmas.c.
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
/* Of one region, one process, or with -1 of all. */
int report_vmas(const struct report *report, __s64 region, __s64 pid);
int report_folded(const struct report *report);

/* Counts by range of pages and time: columns counts for each range, from the first. */
__u64 *heat_counts(const struct report *report, const struct span *span, unsigned int ranges,
		   unsigned int columns, __u64 *most);

#endif /* FAULTLAB_TOOL_REPORT_H */
