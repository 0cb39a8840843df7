/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All who count faults, asked at once: the region's counters, records and trace
 * events, and what the kernel, perf, exceptions:* and a kprobe say of the thread.
 *
 * A figure has a name, which its row in flab_truth.c explains, and moves from begin
 * to end. Expectations are text, "minor 1 minflt 1 pgfault 1": what is not named is 0.
 */
#ifndef FLAB_TRUTH_H
#define FLAB_TRUTH_H

#include "flab.h"

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
	int fd;				/* of the region that is asked */
	int perf[FLAB_NR_FIGURES];	/* -1: no such event, or none is needed */
	__u64 value[FLAB_NR_FIGURES];	/* after end: by how much they moved */
};

/* For the calling thread; it leaves out what the kernel lacks. */
void flab_truth_open(struct flab_truth *truth);
void flab_truth_close(struct flab_truth *truth);

const char *flab_figure_name(enum flab_figure figure);

/* What a kernel without the figure lacks, or NULL if it has it. */
const char *flab_truth_lacks(const struct flab_truth *truth, enum flab_figure figure);

/* Whether others' faults are in it as well: such a figure can be too high. */
bool flab_figure_is_shared(enum flab_figure figure);

/* Of a region whose records were started. */
void flab_truth_begin(struct flab_truth *truth, int fd);
void flab_truth_end(struct flab_truth *truth);

/* The figure in a text, 0 if it is not named; and whether it names figures only. */
__u64 flab_truth_expected(const char *text, enum flab_figure figure);
bool flab_truth_is_text(const char *text);

/* All that moved, as such a text. */
const char *flab_truth_show(const struct flab_truth *truth);

#endif /* FLAB_TRUTH_H */
