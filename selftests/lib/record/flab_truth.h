/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All sources that count faults, read together: the region's counters, records and
 * trace events; and for the thread the kernel's counters, perf, exceptions:* and a
 * kprobe.
 *
 * A figure is the increase of one count from begin to end; its row in flab_truth.c
 * names it. Expectations are text, "minor 1 minflt 1 pgfault 1"; all others must be 0.
 */
#ifndef FLAB_TRUTH_H
#define FLAB_TRUTH_H

#include "lib/flab.h"

enum flab_figure {
	/* of the region */
	FLAB_CALLS,
	FLAB_MINOR,
	FLAB_MAJOR,
	FLAB_RETRY,
	FLAB_SIGBUS,
	FLAB_OOM,
	FLAB_HWPOISON,
	FLAB_SIGSEGV,
	FLAB_NOPAGE,
	FLAB_RECORDS,
	FLAB_ENTER,
	FLAB_EXIT,
	/* of the kernel */
	FLAB_MINFLT,
	FLAB_MAJFLT,
	FLAB_STAT_MIN,
	FLAB_STAT_MAJ,
	FLAB_PGFAULT,
	FLAB_PGMAJFAULT,
	FLAB_PERF,
	FLAB_PERF_U,
	FLAB_PERF_MIN,
	FLAB_PERF_MAJ,
	FLAB_USER,
	FLAB_KERNEL,
	FLAB_HMF,
	FLAB_NR_FIGURES
};

struct flab_truth {
	int fd;				/* the region */
	int perf[FLAB_NR_FIGURES];	/* -1: not a perf event, or not available */
	__u64 value[FLAB_NR_FIGURES];	/* after end: the increases */
};

/* Open the perf events of the calling thread, except those that the kernel lacks. */
void flab_truth_open(struct flab_truth *truth);
void flab_truth_close(struct flab_truth *truth);

const char *flab_figure_name(enum flab_figure figure);

/* What the kernel lacks for the figure, or NULL if it has it. */
const char *flab_truth_lacks(const struct flab_truth *truth, enum flab_figure figure);

/* Whether it counts other tasks' faults as well, and so can be too high. */
bool flab_figure_is_shared(enum flab_figure figure);

/* The region's records must have been started. */
void flab_truth_begin(struct flab_truth *truth, int fd);
void flab_truth_end(struct flab_truth *truth);

/* The figure in a text, 0 if not named; and whether the text names only figures. */
__u64 flab_truth_expected(const char *text, enum flab_figure figure);
bool flab_truth_is_text(const char *text);

/* All figures that are not 0, as such a text. */
const char *flab_truth_show(const struct flab_truth *truth);

#endif /* FLAB_TRUTH_H */
