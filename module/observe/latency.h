/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms of how long callbacks take, for each region and for all regions together. */
#ifndef FLAB_LATENCY_H
#define FLAB_LATENCY_H

#include "observe/bucket.h"
#include "region/fault_state.h"

/**
 * struct flab_latency_cell - the histograms of one CPU, or a sum of several
 * @count: callbacks by access, result, and log2 of their duration in ns
 * @total_ns: sum of the durations, by access and result
 *
 * All fields must be u64, since flab_words_add_since() adds cells up word by word.
 */
struct flab_latency_cell {
	u64 count[FLAB_NR_ACCESS][FLAB_NR_RESULT][FAULTLAB_LATENCY_BUCKETS];
	u64 total_ns[FLAB_NR_ACCESS][FLAB_NR_RESULT];
};

/**
 * struct flab_latency - the histograms of a region
 * @cell: histograms of each CPU; never cleared: a reset sets @base instead
 * @base: sum of @cell over all CPUs at the last reset
 * @started: the region's own switch is on. The region is measured if this or
 *	flab_latency_all is set
 */
struct flab_latency {
	struct flab_latency_cell __percpu *cell;
	struct flab_latency_cell base;
	bool started;
};

/**
 * flab_latency_count - add a callback to its region's histogram, if that is on
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
	bucket = flab_bucket(ns);
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
