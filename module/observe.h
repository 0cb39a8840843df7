/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of a callback besides being counted: a record, a place in a
 * histogram. While nobody wants either, that is two branches that are never there.
 */
#ifndef FLAB_OBSERVE_H
#define FLAB_OBSERVE_H

#include <linux/jump_label.h>
#include "clock.h"
#include "fault.h"

DECLARE_STATIC_KEY_FALSE(flab_observing);

/* Switching on and off, of both, for one region and for all. */
extern struct mutex flab_observe_lock;
void flab_observe_get(void);
void flab_observe_put(void);

void __flab_observe_end(struct flab_fault *f, enum flab_result result);

/* Notes what is gone by the end: a fault that waits gives up its VMA. */
static inline void flab_observe_begin(struct flab_fault *f)
{
	if (static_branch_unlikely(&flab_observing)) {
		f->start = flab_clock_read();
		f->address = f->vmf->real_address;
		f->vma_start = f->vmf->vma->vm_start;
		f->flags = f->vmf->flags;
	}
}

static inline void flab_observe_end(struct flab_fault *f, enum flab_result result)
{
	if (static_branch_unlikely(&flab_observing))
		__flab_observe_end(f, result);
}

#endif /* FLAB_OBSERVE_H */
