/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Benchmarks: something of ours beside something of the kernel's that does the same
 * job, measured in one run, and the ratio that it should be.
 */
#ifndef FAULTLAB_TOOL_BENCH_H
#define FAULTLAB_TOOL_BENCH_H

#include "tool.h"

/* One thing to measure; the state is what the stage has set up. */
struct bench_run {
	const char *name;
	int (*run)(void *state);	/* 0, or -errno: -EOPNOTSUPP if the kernel cannot */
};

struct bench_pair {
	const char *name;
	struct bench_run ours;
	struct bench_run peer;
	struct bench_run old_peer;	/* on kernels that have no peer; or none */
	double goal;			/* of ours to peer */
	double old_goal;		/* of ours to old_peer */
	double stretch;
};

/* A state of memory in which pairs are measured; units are what figures are per. */
struct bench_stage {
	const char *name;
	const char *unit;
	void *(*enter)(double *units);	/* NULL: errno says why not */
	void (*leave)(void *state);
	const struct bench_pair *pairs;
	size_t nr_pairs;
};

extern const struct bench_stage bench_walk_dense, bench_walk_alternating, bench_walk_hole,
	bench_walk_thp;

#endif /* FAULTLAB_TOOL_BENCH_H */
