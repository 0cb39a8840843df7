/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All sources that count faults, read together: the region's counters, records and
 * trace events; and for the thread the kernel's counters, perf, exceptions:* and a
 * kprobe.
 *
 * A figure is the increase of one count from tlib_truth_begin() to tlib_truth_end(). The
 * table in truth.c has the names of all figures. Expectations are text, "minor 1 minflt 1
 * pgfault 1"; figures that the text does not name must be 0.
 */
#ifndef TLIB_TRUTH_H
#define TLIB_TRUTH_H

#include "lib/tlib.h"

enum tlib_figure {
	/* of the region */
	TLIB_CALLS,
	TLIB_MINOR,
	TLIB_MAJOR,
	TLIB_RETRY,
	TLIB_SIGBUS,
	TLIB_OOM,
	TLIB_HWPOISON,
	TLIB_SIGSEGV,
	TLIB_NOPAGE,
	TLIB_RECORDS,
	TLIB_ENTER,
	TLIB_EXIT,
	/* of the kernel */
	TLIB_MINFLT,
	TLIB_MAJFLT,
	TLIB_STAT_MIN,
	TLIB_STAT_MAJ,
	TLIB_PGFAULT,
	TLIB_PGMAJFAULT,
	TLIB_PERF,
	TLIB_PERF_U,
	TLIB_PERF_MIN,
	TLIB_PERF_MAJ,
	TLIB_USER,
	TLIB_KERNEL,
	TLIB_HMF,
	TLIB_NR_FIGURES
};

struct tlib_truth {
	int fd;				/* the region */
	int perf[TLIB_NR_FIGURES];	/* -1: not a perf event, or not available */
	__u64 value[TLIB_NR_FIGURES];	/* after end: the increases */
};

/* Open the perf events of the calling thread, except those that the kernel lacks. */
void tlib_truth_open(struct tlib_truth *truth);
void tlib_truth_close(struct tlib_truth *truth);

const char *tlib_figure_name(enum tlib_figure figure);

/* What the kernel lacks for the figure, or NULL if it has it. */
const char *tlib_truth_lacks(const struct tlib_truth *truth, enum tlib_figure figure);

/* Whether the figure counts other tasks' faults as well, and so can be too high. */
bool tlib_figure_is_shared(enum tlib_figure figure);

/* The region's records must have been started. */
void tlib_truth_begin(struct tlib_truth *truth, int fd);
void tlib_truth_end(struct tlib_truth *truth);

/*
 * _expected: the value that a text gives for the figure, 0 if it does not name it.
 * _is_text: whether all names in a text are names of figures.
 */
__u64 tlib_truth_expected(const char *text, enum tlib_figure figure);
bool tlib_truth_is_text(const char *text);

/* All figures that are not 0, in the format of expectations. */
const char *tlib_truth_show(const struct tlib_truth *truth);

#endif /* TLIB_TRUTH_H */
