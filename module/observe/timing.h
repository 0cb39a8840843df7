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

/* The time, for @start of struct flab_fault; 0 if neither is switched on. */
static __always_inline u64 flab_timing_start(void)
{
	return flab_is_timed() ? flab_clock_read() : 0;
}

/* Save what records need of the VMA, before a fault drops the lock that protects it. */
static inline void flab_record_save(struct flab_fault *f)
{
	f->address = f->vmf->real_address;
	f->vma_start = f->vmf->vma->vm_start;
	f->flags = f->vmf->flags;
}

/* Inline: a call would be an eighth of the cost of a histogram. */
static __always_inline void flab_timing_end(struct flab_fault *f, enum flab_result result)
{
	u64 ns;

	/* @start is 0 if the callback began before either was switched on. */
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
