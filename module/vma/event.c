// SPDX-License-Identifier: GPL-2.0-only
/* Counts, traces and records each call for a VMA (.mmap, .open, .close, ...). */
#include <linux/mm.h>
#include <linux/sched.h>
#include "observe/flab_trace.h"
#include "observe/timing.h"
#include "vma/event.h"

/* Whether .open is for a split: the copy @vma lies within its original, still in the mm. */
static bool flab_vma_is_part(const struct vm_area_struct *vma)
{
	const struct vm_area_struct *of = find_vma(vma->vm_mm, vma->vm_start);

	return of && of != vma && of->vm_file == vma->vm_file &&
	       of->vm_start <= vma->vm_start && of->vm_end >= vma->vm_end;
}

/*
 * Why the core called .open or .close. If mm_users is 0 in .close, the mm is being torn
 * down (exit_mmap()); otherwise only @vma is unmapped.
 */
static enum faultlab_vma_why flab_vma_why(const struct vm_area_struct *vma,
					  enum faultlab_vma_event event)
{
	if (event == FAULTLAB_VMA_CLOSE)
		return atomic_read(&vma->vm_mm->mm_users) ? FAULTLAB_WHY_UNMAP :
							    FAULTLAB_WHY_END;
	if (event != FAULTLAB_VMA_OPEN)
		return FAULTLAB_WHY_NONE;
	if (vma->vm_mm != current->mm)
		return FAULTLAB_WHY_FORK;
	return flab_vma_is_part(vma) ? FAULTLAB_WHY_SPLIT : FAULTLAB_WHY_MOVE;
}

/**
 * flab_vma_event - count, trace and record a call for a VMA
 * @counters: the call is counted in their cell
 * @vma: the VMA. In .open mmap_lock is held for write; in .close it may be held for
 *	read only, or not at all, and the VMA is not in the mm any more
 * @event: which callback
 * @at: for .may_split, where the VMA is to be split
 * @err: what the callback returns
 */
void flab_vma_event(const struct flab_counters *counters, const struct vm_area_struct *vma,
		    enum faultlab_vma_event event, u64 at, int err)
{
	struct faultlab_record_vma record = {
		.start = vma->vm_start,
		.end = vma->vm_end,
		.index = vma->vm_pgoff,
		.vm_flags = vma->vm_flags,
		.at = at,
		.err = err,
		.event = event,
	};

	this_cpu_inc(counters->cell->vma[event]);
	if (!trace_flab_vma_enabled() && !flab_is_recorded())
		return;
	record.why = flab_vma_why(vma, event);
	trace_flab_vma(counters->region->id, &record);
	if (flab_is_recorded())
		flab_record_vma(counters->region, &record);
}
