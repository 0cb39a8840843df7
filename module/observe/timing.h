/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Adds a callback to the latency histogram and writes its record, if either is switched
 * on. While both are off, this is two static branches, patched out.
 */
#ifndef FLAB_TIMING_H
#define FLAB_TIMING_H

#include "observe/clock.h"
#include "observe/latency.h"
#include "observe/record.h"
#include "observe/switch.h"
#include "region/fault_state.h"

/* The time, for @start of struct flab_fault; 0 if neither histograms nor records are on. */
static __always_inline u64 flab_timing_start(void)
{
	return flab_is_timed() ? flab_clock_read() : 0;
}

/*
 * Copy what records need of @vmf and its VMA, before the fault drops the lock that protects
 * the VMA (mmap_lock or the VMA lock).
 */
static inline void flab_record_save(struct flab_fault *f)
{
	f->address = f->vmf->real_address;
	f->vma_start = f->vmf->vma->vm_start;
	f->flags = f->vmf->flags;
}

/* Inline: a call would add an eighth to the cost of counting in a histogram. */
static __always_inline void flab_timing_end(struct flab_fault *f, enum flab_result result)
{
	u64 ns;

	/* @start is 0 if the callback began while histograms and records were off. */
	if (flab_is_timed() && f->start) {
		ns = flab_clock_ns(f->start, flab_clock_read());
		flab_latency_count(f, result, ns);
		if (!flab_is_recorded())
			return;
		if (unlikely(f->verdict.flags & FAULTLAB_RULE_STACK))
			flab_record_with_stack(f, result, ns);
		else
			flab_record(f, result, ns);
	}
}

#endif /* FLAB_TIMING_H */
