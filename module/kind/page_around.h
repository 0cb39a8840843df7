/* SPDX-License-Identifier: GPL-2.0-only */
/* Kind `page` with INSERT: maps the allocated neighbours of a fault's page. */
#ifndef FLAB_PAGE_AROUND_H
#define FLAB_PAGE_AROUND_H

#include "kind/window.h"
#include "region/fault_state.h"

/* How many pages were inserted, and whether the fault's own is among them. */
struct flab_inserted {
	unsigned int nr;
	bool own;
};

struct flab_inserted flab_page_insert_around(struct flab_fault *f, struct flab_window w);
unsigned int flab_page_provide_around(struct flab_fault *f, pgoff_t first, pgoff_t last,
				      bool *own);

#endif /* FLAB_PAGE_AROUND_H */
