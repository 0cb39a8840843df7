/* SPDX-License-Identifier: GPL-2.0-only */
/* Delays: faults that wait before their verdict. */
#ifndef FLAB_WAIT_H
#define FLAB_WAIT_H

#include "region/fault_state.h"

void flab_wait_init(struct flab_region *region);
void flab_wait_exit(struct flab_region *region);
vm_fault_t flab_wait(struct flab_fault *f);
bool __flab_wait_resume(struct flab_fault *f);
bool __flab_wait_is_over(const struct flab_fault *f);

/**
 * flab_wait_resume - whether this is the retry of a fault that was delayed
 * @f: the fault
 *
 * Return: true if the task's previous call for this page returned VM_FAULT_RETRY for a
 * delay, and the rules are still the same. @f->verdict is then the verdict of that call,
 * and @f->waited says whether its delay is over.
 */
static inline bool flab_wait_resume(struct flab_fault *f)
{
	return unlikely(READ_ONCE(f->region->nr_pending)) && __flab_wait_resume(f);
}

/*
 * Whether the fault, which has got a new verdict, must not wait for it: a wait would be harmful,
 * or be under mmap_lock or the per-VMA lock, and the fault has waited under it for as long as
 * it may.
 */
static inline bool flab_wait_is_over(const struct flab_fault *f)
{
	return unlikely(f->hold_end) && __flab_wait_is_over(f);
}

#endif /* FLAB_WAIT_H */
