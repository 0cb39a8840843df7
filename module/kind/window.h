/* SPDX-License-Identifier: GPL-2.0-only */
/* The window of a fault: which neighbours it may map along with its own page. */
#ifndef FLAB_WINDOW_H
#define FLAB_WINDOW_H

#include <linux/mm.h>
#include "region/fault_state.h"

/* Pages of the region, @last inclusive. */
struct flab_window {
	pgoff_t first;
	pgoff_t last;
};

struct flab_window flab_window_around(const struct flab_fault *f, unsigned long size);
const unsigned long *flab_window_select(const struct flab_fault *f, const struct flab_window *w,
					unsigned long *want);

/* The address of a page in the fault's VMA. */
static inline unsigned long flab_window_addr(const struct flab_fault *f, pgoff_t index)
{
	return (f->vmf->address & PAGE_MASK) + ((index - f->index) << PAGE_SHIFT);
}

#endif /* FLAB_WINDOW_H */
