/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults that wait before they are served. */
#ifndef FLAB_WAIT_H
#define FLAB_WAIT_H

#include "region/fault_state.h"

void flab_wait_init(struct flab_region *region);
void flab_wait_exit(struct flab_region *region);
vm_fault_t flab_wait(struct flab_fault *f);
bool __flab_wait_resume(struct flab_fault *f);

/**
 * flab_wait_resume - whether this fault was here before, to wait
 * @f: a fault that comes in
 *
 * Return: true if so; @f->verdict is then the one that it waited for, and
 * @f->waited whether it has.
 */
static inline bool flab_wait_resume(struct flab_fault *f)
{
	return unlikely(READ_ONCE(f->region->nr_pending)) && __flab_wait_resume(f);
}

#endif /* FLAB_WAIT_H */
