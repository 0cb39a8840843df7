/* SPDX-License-Identifier: GPL-2.0-only */
/* Cells, the per-CPU counters of a VMA, and the counters derived from them. */
#ifndef FLAB_CELL_H
#define FLAB_CELL_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/faultlab.h>

/*
 * Which callback ran; the first three are .fault, by access. The value of each of the
 * first five is the bit number of the FAULTLAB_ACCESS_* of the same name.
 */
enum flab_access {
	FLAB_READ,
	FLAB_WRITE,
	FLAB_COW,
	FLAB_MKWRITE,
	FLAB_PFN_MKWRITE,
	FLAB_AROUND,
	FLAB_NR_ACCESS
};

/* The FAULTLAB_ACCESS_* bit of each enum flab_access. */
extern const u32 flab_access_mask[FLAB_NR_ACCESS];

/* How a callback ended: the FAULTLAB_RESULT_* values, which records report, too. */
enum flab_result {
	FLAB_MINOR = FAULTLAB_RESULT_MINOR,
	FLAB_MAJOR = FAULTLAB_RESULT_MAJOR,
	FLAB_RETRY = FAULTLAB_RESULT_RETRY,
	FLAB_SIGBUS = FAULTLAB_RESULT_SIGBUS,
	FLAB_OOM = FAULTLAB_RESULT_OOM,
	FLAB_HWPOISON = FAULTLAB_RESULT_HWPOISON,
	FLAB_SIGSEGV = FAULTLAB_RESULT_SIGSEGV,
	FLAB_PART = FAULTLAB_RESULT_PART,
	FLAB_NR_RESULT = FAULTLAB_NR_RESULTS
};

/*
 * The lock that the core held when it called. UNKNOWN in .page_mkwrite, which cannot
 * tell: do_page_mkwrite() overwrites vmf->flags.
 */
enum flab_lock {
	FLAB_LOCK_VMA = FAULTLAB_LOCK_VMA,
	FLAB_LOCK_MMAP = FAULTLAB_LOCK_MMAP,
	FLAB_LOCK_UNKNOWN = FAULTLAB_LOCK_UNKNOWN,
	FLAB_NR_LOCK = FAULTLAB_NR_LOCKS
};

/**
 * struct flab_cell - what one CPU counted for one VMA
 * @fault: callbacks by access, result and lock; every counter of faults is a sum over
 *	this array
 * @pages_around: pages mapped by .map_pages
 * @access: calls of .access
 * @delay_ns: time spent in delays of rules
 * @nopage: faults that a rule ended with nothing mapped
 * @pages_batch: pages that .fault mapped along with its own
 * @huge: .huge_fault calls that mapped a PMD ([0]) or a PUD ([1])
 * @fallback: .huge_fault calls that mapped neither, by reason, in the order of
 *	FAULTLAB_STAT_FALLBACK_*
 * @vma: calls of .mmap, .open, .close, .mremap and .may_split, by enum
 *	faultlab_vma_event
 *
 * All fields must be u64, since cells are added up word by word.
 */
struct flab_cell {
	u64 fault[FLAB_NR_ACCESS][FLAB_NR_RESULT][FLAB_NR_LOCK];
	u64 pages_around;
	u64 access;
	u64 delay_ns;
	u64 nopage;
	u64 pages_batch;
	u64 huge[2];
	u64 fallback[4];
	u64 vma[FAULTLAB_NR_VMA_EVENTS];
};

void flab_words_add_since(u64 *sum, const u64 __percpu *cell, u64 *base, size_t nr, bool reset);
void flab_cell_add(struct flab_cell *sum, const struct flab_cell *cell);
void flab_cell_add_since(struct flab_cell *sum, const struct flab_cell __percpu *cell,
			 struct flab_cell *base, bool reset);
u64 flab_cell_callbacks(const struct flab_cell *cell);
void flab_cell_stats(const struct flab_cell *sum, u64 value[FAULTLAB_NR_STATS]);

#endif /* FLAB_CELL_H */
