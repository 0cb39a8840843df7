/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faultlab top: what is measured in an interval, and the lines that show it.
 */
#ifndef FAULTLAB_TOOL_TOP_H
#define FAULTLAB_TOOL_TOP_H

#include "report/report.h"

#define TOP_ACCESSES	6	/* rows of the table: the five callbacks, and around */

/* Counters: their values, and their changes in the interval. */
struct top_counts {
	__u64 now[FAULTLAB_NR_STATS];
	__u64 moved[FAULTLAB_NR_STATS];
};

struct top_region {
	__u32 id;
	char kind[16];
	char comm[24];		/* who opened it */
	__u32 pid;
	__u64 bytes, pages, vmas;
	struct top_counts counts;
	struct group latency;	/* from its records; 0 without records */
};

struct top_process {
	__u32 pid;
	char name[24];
	struct group records;
};

struct top_access {
	const char *name;
	__u64 per_second;
	struct group latency;
};

enum top_sort { TOP_BY_FAULTS, TOP_BY_TIME, TOP_BY_PAGES, TOP_BY_REGION, TOP_NR_SORTS };
extern const char *const top_sort_names[TOP_NR_SORTS];

/* One interval. */
struct top_sample {
	double seconds;
	struct top_counts counts;	/* of all regions */
	struct group latency;		/* from the records of all regions */
	struct top_region *region;	/* sorted */
	size_t nr_regions;
	struct top_process *process;	/* processes in the records of the region shown */
	size_t nr_processes;
	struct top_access access[TOP_ACCESSES];	/* accesses in the same records */
	__u64 lost;			/* records that were overwritten before they were read */
	__u64 skipped;			/* records that were read, but were too many to keep */
};

/* records.c, sample.c: int functions return 0, or the exit status after an error was printed. */
struct top_source;
struct top_source *top_open(void);
int top_begin(struct top_source *source);	/* the first interval */
void top_close(struct top_source *source);
int top_fd(const struct top_source *source);	/* readable: call top_fetch() */
int top_fetch(struct top_source *source);	/* reads the records that came meanwhile */
/* Ends the interval. Accesses and processes are those of region; -1: of all regions. */
int top_sample(struct top_source *source, enum top_sort sort, __s64 region,
	       struct top_sample *sample);
void top_sample_free(struct top_sample *sample);

/* Faults that ended, and those of them that failed. */
__u64 top_faults(const __u64 *count);
__u64 top_failed(const __u64 *count);
__u64 top_rate(const struct top_sample *sample, __u64 count);

/*
 * lines.c: a view as lines no longer than width.
 */
enum top_look { TOP_PLAIN, TOP_TITLE, TOP_HEADING, TOP_SELECTED, TOP_DIM, TOP_BAD };

#define TOP_MAX_LINES	128
#define TOP_MAX_WIDTH	200
struct top_lines {
	unsigned int nr, width, height;
	struct {
		enum top_look look;
		char text[TOP_MAX_WIDTH + 1];
	} line[TOP_MAX_LINES];
};

struct top_view {
	enum top_sort sort;
	__u32 selected;		/* id of a region */
	bool detail;		/* show the selected region alone */
	const char *message;	/* in place of the help line; may be NULL */
};

void top_show_all(struct top_lines *lines, const struct top_sample *sample,
		  const struct top_view *view);
void top_show_region(struct top_lines *lines, const struct top_sample *sample,
		     const struct top_view *view);
void top_print_heading(void);
void top_print(const struct top_sample *sample);

/* screen.c: false without a terminal that curses knows. */
bool top_screen_open(void);
void top_screen_close(void);
void top_screen_size(struct top_lines *lines);
void top_screen_draw(const struct top_lines *lines);

enum top_key {
	TOP_KEY_NONE, TOP_KEY_QUIT, TOP_KEY_SORT, TOP_KEY_UP, TOP_KEY_DOWN, TOP_KEY_ENTER,
	TOP_KEY_BACK, TOP_KEY_RESET, TOP_KEY_RESIZE,
};

enum top_key top_screen_key(void);

#endif /* FAULTLAB_TOOL_TOP_H */
