/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Benchmarks. Figures are measured stage by stage in one boot. A goal limits the ratio
 * of two figures: one of faultlab's, and a peer, most often one of the kernel's own.
 */
#ifndef FAULTLAB_TOOL_BENCH_H
#define FAULTLAB_TOOL_BENCH_H

#include "util/tool.h"

#define GIB	(1ULL << 30)
#define PMD	(2ULL << 20)

/*
 * One thing to measure; state is what the stage's enter() returned. Each callback
 * returns 0 or -errno: -EOPNOTSUPP if this kernel or this module cannot do it.
 */
struct bench_figure {
	const char *name;
	int (*before)(void *state);	/* before each round, not measured; may be NULL */
	int (*run)(void *state);
	int (*after)(void *state);	/* after each round, likewise */
};

#define BENCH_FIGURES	6

/* A state of memory in which figures are measured. */
struct bench_stage {
	const char *name;
	const void *what;		/* argument of enter() */
	void *(*enter)(const void *what, double *units);	/* NULL: failed, see errno */
	void (*leave)(void *state);
	struct bench_figure figures[BENCH_FIGURES];	/* end at one without a name */
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
 * measure.c: measures by the clock
 */
struct bench_value {
	double median;
	double spread;	/* highest minus lowest round, as a fraction of the median */
};

/* Measures the figures of a stage that a wanted goal uses. */
void bench_run_stage(const struct bench_stage *stage);
bool bench_wants(const char *figure);

/*
 * Adds up figures joined by " + " or " - ". Returns 0, or -errno if one has no value.
 */
int bench_value(const char *names, struct bench_value *value);

/*
 * goals.c: which figures are compared, and what their ratio should be
 */
struct bench_goal {
	const char *group;
	const char *name;
	const char *unit;	/* what each figure is counted per */
	const char *ours;	/* figures: "stage/figure - stage/figure + ..." */
	const char *peer;
	double goal;		/* highest ratio of ours to the peer; BENCH_NO_PEER */
	double stretch;		/* a stricter ratio; 0: none */
	double old_goal;	/* goal before per-VMA locks (6.1), if different; BENCH_NO_PEER */
	double old_stretch;
};

#define BENCH_NO_PEER	(-1)	/* such a kernel has nothing to compare with */

extern const struct bench_goal bench_goals[];
extern const unsigned int bench_nr_goals;

/*
 * The limits of a goal on the running kernel; false if this kernel has no peer for it.
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
 * watch.c: switches on and off what observes faults, faultlab's own and the kernel's.
 * Trace events are of the whole machine, the others of the region of fd. Returns 0 or
 * -errno: -EOPNOTSUPP without trace events.
 */
#define BENCH_WATCH_LATENCY		(1U << 0)	/* the latency histogram */
#define BENCH_WATCH_RECORDS		(1U << 1)
#define BENCH_WATCH_ENTER		(1U << 2)	/* faultlab:flab_fault_enter */
#define BENCH_WATCH_EXIT		(1U << 3)	/* faultlab:flab_fault_exit */
#define BENCH_WATCH_PAGE_FAULT_USER	(1U << 4)	/* exceptions:page_fault_user */
#define BENCH_WATCH_ALL			0x1fU

int bench_watch(int fd, __u32 watch, bool on);

/* sparse.c: the cost of a walk where page tables are few and far apart. */
int bench_sparse(enum bench_format format, bool instructions);

#endif /* FAULTLAB_TOOL_BENCH_H */
