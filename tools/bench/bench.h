/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Benchmarks: figures, measured stage by stage in one boot, and goals: what ratio two
 * of them should have, of which one is of something of the kernel's own.
 */
#ifndef FAULTLAB_TOOL_BENCH_H
#define FAULTLAB_TOOL_BENCH_H

#include "util/tool.h"

/*
 * One thing to measure; the state is what the stage has set up. Each returns 0 or
 * -errno: -EOPNOTSUPP if this kernel or this module cannot.
 */
struct bench_figure {
	const char *name;
	int (*before)(void *state);	/* each time, and not measured; or NULL */
	int (*run)(void *state);
	int (*after)(void *state);	/* likewise */
};

#define BENCH_FIGURES	6

/* A state of memory in which figures are measured. */
struct bench_stage {
	const char *name;
	const void *what;		/* for enter */
	void *(*enter)(const void *what, double *units);	/* NULL: errno says why not */
	void (*leave)(void *state);
	struct bench_figure figures[BENCH_FIGURES];	/* up to one without a name */
};

/* Tables of stages, which end with one that has no name. */
extern const struct bench_stage bench_walk_stages[], bench_fault_stages[];

/* Sizes are so small that everything has been tried in a second. */
extern bool bench_tiny;

/* Only say what is measured, in turn, and how often; see scripts/bench. */
extern bool bench_profile;

/*
 * measure.c: the clock
 */
struct bench_value {
	double median;
	double spread;	/* from the lowest to the highest, in parts of the median */
};

/* Measures those figures of a stage that somebody wants to know. */
void bench_run_stage(const struct bench_stage *stage);
bool bench_wants(const char *figure);

/* Figures by name, joined by " + " or " - ": 0 or why there are none. */
int bench_value(const char *names, struct bench_value *value);

/*
 * goals.c: what is to be compared, and what should come out of it
 */
struct bench_goal {
	const char *group;
	const char *name;
	const char *unit;	/* what figures are per */
	const char *ours;	/* figures: "stage/figure - stage/figure + ..." */
	const char *peer;
	double goal;		/* of ours to the peer, at most; BENCH_NO_PEER */
	double stretch;		/* 0: none */
	double old_goal;	/* of 6.1 if it differs; BENCH_NO_PEER */
	double old_stretch;
};

#define BENCH_NO_PEER	(-1)	/* not on such a kernel */

extern const struct bench_goal bench_goals[];
extern const unsigned int bench_nr_goals;

/* Of a goal on the kernel that runs; false if this kernel has no such thing. */
struct bench_limit {
	double goal;
	double stretch;
};

bool bench_limit(const struct bench_goal *goal, struct bench_limit *limit);

/*
 * show.c: what has come out
 */
enum bench_format { BENCH_TEXT, BENCH_CSV, BENCH_JSON };

void bench_show_begin(enum bench_format format, bool instructions);
void bench_show_goal(const struct bench_goal *goal, const struct bench_limit *limit);
int bench_show_end(void);	/* how many goals were shown */

/*
 * watch.c: what watches faults, of faultlab's and of the kernel's own. Of the file's
 * region, but for trace events. 0 or -errno, -EOPNOTSUPP without trace events.
 */
#define BENCH_WATCH_LATENCY		(1U << 0)	/* the histogram */
#define BENCH_WATCH_RECORDS		(1U << 1)
#define BENCH_WATCH_ENTER		(1U << 2)	/* faultlab:flab_fault_enter */
#define BENCH_WATCH_EXIT		(1U << 3)	/* faultlab:flab_fault_exit */
#define BENCH_WATCH_PAGE_FAULT_USER	(1U << 4)	/* exceptions:page_fault_user */
#define BENCH_WATCH_ALL			0x1fU

int bench_watch(int fd, __u32 watch, bool on);

/* sparse.c: what a walk costs where tables are few and far between. */
int bench_sparse(enum bench_format format, bool instructions);

#endif /* FAULTLAB_TOOL_BENCH_H */
