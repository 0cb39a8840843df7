/* SPDX-License-Identifier: GPL-2.0-only */
/* How long callbacks take: histograms, of a region and of all. */
#ifndef FLAB_LATENCY_H
#define FLAB_LATENCY_H

#include <linux/log2.h>
#include <linux/minmax.h>
#include "region/fault_state.h"

/**
 * struct flab_latency_cell - what one CPU measured, or a sum
 * @count: callbacks by access, result, and log2 of their duration
 * @total_ns: sum of their durations
 *
 * All fields must be u64, since cells are added up word by word.
 */
struct flab_latency_cell {
	u64 count[FLAB_NR_ACCESS][FLAB_NR_RESULT][FAULTLAB_LATENCY_BUCKETS];
	u64 total_ns[FLAB_NR_ACCESS][FLAB_NR_RESULT];
};

/**
 * struct flab_latency - the histograms of a region
 * @cell: what each CPU measured; never cleared
 * @base: value of @cell at the last reset
 * @started: switched on for this region, whether or not it is for all regions
 */
struct flab_latency {
	struct flab_latency_cell __percpu *cell;
	struct flab_latency_cell base;
	bool started;
};

/**
 * flab_latency_count - add a callback to the histogram
 * @f: the fault
 * @result: how it ended
 * @ns: how long it took
 */
static __always_inline void flab_latency_count(const struct flab_fault *f,
					       enum flab_result result, u64 ns)
{
	struct flab_latency_cell __percpu *cell = READ_ONCE(f->region->measured);
	int bucket;

	if (!cell)
		return;
	bucket = min(ilog2(ns | 1), FAULTLAB_LATENCY_BUCKETS - 1);
	this_cpu_inc(cell->count[f->access][result][bucket]);
	this_cpu_add(cell->total_ns[f->access][result], ns);
}

int flab_latency_adopt(struct flab_region *region);
void flab_latency_release(struct flab_region *region);
int flab_latency_start(struct flab_region *region);
void flab_latency_stop(struct flab_region *region);
int flab_latency_start_all(void);
void flab_latency_stop_all(void);

struct flab_latency_cell *flab_latency_snapshot(struct flab_region *region, bool reset);
bool flab_latency_runs(const struct flab_region *region);

struct file;

int flab_latency_ioctl(const struct file *file, struct faultlab_latency *arg);

#endif /* FLAB_LATENCY_H */
