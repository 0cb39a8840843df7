/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Benchmarks. A figure is the cost of one operation. A stage is a set-up of memory on which
 * figures are measured. A goal limits the ratio of one of faultlab's figures to a peer,
 * mostly the figure of kernel code that does the same job.
 */
#ifndef FAULTLAB_TOOL_BENCH_H
#define FAULTLAB_TOOL_BENCH_H

#include "util/tool.h"

#define GIB	(1ULL << 30)
#define PMD	(2ULL << 20)

/*
 * One operation to measure; state is what the stage's enter() returned. Each callback
 * returns 0 or -errno: -EOPNOTSUPP if this kernel or this module cannot do it.
 */
struct bench_figure {
	const char *name;
	int (*before)(void *state);	/* before each round, not measured; may be NULL */
	int (*run)(void *state);
	int (*after)(void *state);	/* after each round, not measured; may be NULL */
};

#define BENCH_FIGURES	6

/*
 * Memory as enter() sets it up, and the figures that are measured on it. The cost of a
 * round is divided by *units, which enter() sets (a number of pages, for example).
 */
struct bench_stage {
	const char *name;
	const void *what;		/* argument of enter() */
	void *(*enter)(const void *what, double *units);	/* NULL: failed, see errno */
	void (*leave)(void *state);
	struct bench_figure figures[BENCH_FIGURES];	/* ends with a figure without a name */
};

/* Tables of stages; each ends with a stage without a name. */
extern const struct bench_stage bench_walk_stages[], bench_fault_stages[];

/* --tiny: sizes are so small that a run of everything takes about a second. */
extern bool bench_tiny;

/*
 * --profile: only print each figure, in order, and its number of rounds; see
 * scripts/bench.
 */
extern bool bench_profile;

/*
 * measure.c: measures figures with CLOCK_MONOTONIC
 */
struct bench_value {
	double median;
	double spread;	/* highest minus lowest round, as a fraction of the median */
};

/* Measures those figures of a stage for which bench_wants() is true: a selected goal uses them. */
void bench_run_stage(const struct bench_stage *stage);
bool bench_wants(const char *figure);

/*
 * Stores in *value the sum of the figures in names, which are joined by " + " or " - ".
 * Returns 0, or -errno if one of them could not be measured.
 */
int bench_value(const char *names, struct bench_value *value);

/*
 * goals.c: which figures are compared, and what their ratio should be
 */
struct bench_goal {
	const char *group;
	const char *name;
	const char *unit;	/* costs are for each of these: "page", "PTE", ... */
	const char *ours;	/* figures: "stage/figure - stage/figure + ..." */
	const char *peer;
	double goal;		/* highest ratio of ours to the peer, or BENCH_NO_PEER */
	double stretch;		/* a stricter ratio; 0: none */
	double old_goal;	/* goal on kernels before 6.4, or BENCH_NO_PEER; 0: the same */
	double old_stretch;	/* used only if old_goal is not 0 */
};

#define BENCH_NO_PEER	(-1)	/* skip the goal: nothing to compare with on such a kernel */

extern const struct bench_goal bench_goals[];
extern const unsigned int bench_nr_goals;

/*
 * The limits of a goal on the running kernel. bench_limit() returns false if the goal is
 * skipped there (BENCH_NO_PEER).
 */
struct bench_limit {
	double goal;
	double stretch;
};

bool bench_limit(const struct bench_goal *goal, struct bench_limit *limit);

/*
 * show.c: prints the results
 */
enum bench_format { BENCH_TEXT, BENCH_CSV, BENCH_JSON };

void bench_show_begin(enum bench_format format, bool instructions);
void bench_show_goal(const struct bench_goal *goal, const struct bench_limit *limit);
int bench_show_end(void);	/* returns how many goals were shown */

/*
 * watch.c: switches the observers of faults that watch selects on or off. Trace events are
 * switched for the whole machine, the histogram and records for the region of fd. Returns
 * 0 or -errno: -EOPNOTSUPP if there are no trace events.
 */
#define BENCH_WATCH_LATENCY		(1U << 0)	/* the latency histogram */
#define BENCH_WATCH_RECORDS		(1U << 1)
#define BENCH_WATCH_ENTER		(1U << 2)	/* faultlab:flab_fault_enter */
#define BENCH_WATCH_EXIT		(1U << 3)	/* faultlab:flab_fault_exit */
#define BENCH_WATCH_PAGE_FAULT_USER	(1U << 4)	/* exceptions:page_fault_user */
#define BENCH_WATCH_ALL			0x1fU

int bench_watch(int fd, __u32 watch, bool on);

/* sparse.c: the cost of a walk where page tables are few and far apart. Returns the exit status. */
int bench_sparse(enum bench_format format, bool instructions);

#endif /* FAULTLAB_TOOL_BENCH_H */
