/* SPDX-License-Identifier: GPL-2.0-only */
/* Zapping the entries of a range in all processes. */
#ifndef FLAB_ZAP_H
#define FLAB_ZAP_H

#include "region/region.h"

/**
 * struct flab_zap - what to zap
 * @first: first page
 * @last: last page, inclusive
 * @cows: zap private copies, too
 * @drop: free the pages, too
 * @order: folio order that the range was checked against
 * @dying: called by unplug, for a region that is dead already
 * @killable: a fatal signal ends the zap; the rest is left to another call
 */
struct flab_zap {
	pgoff_t first;
	pgoff_t last;
	bool cows;
	bool drop;
	u32 order;
	bool dying;
	bool killable;
};

bool flab_zap_may_drop(const struct flab_region *region);
int flab_zap(struct flab_region *region, const struct flab_zap *z);

#endif /* FLAB_ZAP_H */
