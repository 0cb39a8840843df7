/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Adds a callback to the latency histogram and writes its record, if either is switched
 * on. While both are off, this is two static branches, patched out.
 */
#ifndef FLAB_OBSERVE_H
#define FLAB_OBSERVE_H

#include "observe/clock.h"
#include "observe/latency.h"
#include "observe/record.h"
#include "observe/switch.h"
#include "region/fault_state.h"

/* For @start of a fault. */
static __always_inline u64 flab_observe_now(void)
{
	return flab_is_observed() ? flab_clock_read() : 0;
}

/* A fault is about to give up its VMA, and records want to know where it was. */
static inline void flab_observe_leave(struct flab_fault *f)
{
	f->address = f->vmf->real_address;
	f->vma_start = f->vmf->vma->vm_start;
	f->flags = f->vmf->flags;
}

/* Inline, or the call would be an eighth of what a histogram costs. */
static __always_inline void flab_observe_end(struct flab_fault *f, enum flab_result result)
{
	u64 ns;

	/* Or it began before somebody wanted to know. */
	if (flab_is_observed() && f->start) {
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

#endif /* FLAB_OBSERVE_H */
