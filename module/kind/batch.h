/* SPDX-License-Identifier: GPL-2.0-only */
/* Fault-around: which neighbours a fault may map along with its own page. */
#ifndef FLAB_BATCH_H
#define FLAB_BATCH_H

#include <linux/mm.h>
#include "region/fault_state.h"

/* Pages of the region, @last inclusive. */
struct flab_window {
	pgoff_t first;
	pgoff_t last;
};

struct flab_window flab_batch_window(const struct flab_fault *f, unsigned long size);
const unsigned long *flab_batch_select(const struct flab_fault *f, const struct flab_window *w,
				       unsigned long *want);

/* The address of a page in the fault's VMA. */
static inline unsigned long flab_batch_addr(const struct flab_fault *f, pgoff_t index)
{
	return (f->vmf->address & PAGE_MASK) + ((index - f->index) << PAGE_SHIFT);
}

#endif /* FLAB_BATCH_H */
