// SPDX-License-Identifier: GPL-2.0-only
/* Evict: which entries to zap, and whether to free their pages. */
#include <linux/mm.h>
#include <linux/overflow.h>
#include "evict/evict.h"
#include "evict/zap.h"
#include "memory/pages.h"

/*
 * Convert the byte range of @e to pages, checked against the present size of the region.
 * Return: 0, -EINVAL, or -ENODATA if the range is empty.
 */
static int flab_evict_range(const struct flab_region *region,
			    const struct faultlab_evict *e,
			    pgoff_t *first, pgoff_t *last)
{
	u64 size = (u64)READ_ONCE(region->nr_pages) << PAGE_SHIFT;
	u64 end = size;

	if (!PAGE_ALIGNED(e->offset) || !e->length)
		return -EINVAL;
	if (e->length != FAULTLAB_TO_END &&
	    (!PAGE_ALIGNED(e->length) ||
	     check_add_overflow(e->offset, e->length, &end)))
		return -EINVAL;
	if (e->offset > size || end > size)
		return -EINVAL;

	*first = e->offset >> PAGE_SHIFT;
	*last = (end >> PAGE_SHIFT) - 1;
	/* FAULTLAB_TO_END from the end of the region (0 if it has not grown yet): empty. */
	if (e->offset == end)
		return -ENODATA;
	return 0;
}

/*
 * Only whole folios can be dropped, so the range must begin and end at folio boundaries.
 * It may also end at the end of the region: if the last folio reaches past that, all of
 * the folio is dropped.
 */
static int flab_evict_folios(const struct flab_region *region, struct flab_zap *z)
{
	pgoff_t mask = BIT(z->order) - 1;

	if ((z->first & mask) ||
	    (((z->last + 1) & mask) && z->last + 1 != READ_ONCE(region->nr_pages)))
		return -EINVAL;
	z->last |= mask;
	return 0;
}

/**
 * flab_region_evict - FAULTLAB_IOC_EVICT
 * @region: the region
 * @evict: range and flags
 *
 * Return: 0, -EINVAL, -ENODEV, or -EINTR if killed: then a part may be evicted already.
 */
int flab_region_evict(struct flab_region *region,
		      const struct faultlab_evict *evict)
{
	struct flab_zap z = {
		.cows = evict->flags & FAULTLAB_EVICT_COWS,
		.drop = evict->flags & FAULTLAB_EVICT_DROP,
		.order = READ_ONCE(region->memory.order),
		.killable = true,
	};
	int err;

	if (evict->flags & ~(FAULTLAB_EVICT_DROP | FAULTLAB_EVICT_COWS))
		return -EINVAL;
	if (READ_ONCE(region->dead))
		return -ENODEV;
	if (z.drop && !flab_zap_may_drop(region))
		return -EINVAL;
	err = flab_evict_range(region, evict, &z.first, &z.last);
	if (!err && z.drop)
		err = flab_evict_folios(region, &z);
	if (!err)
		err = flab_zap(region, &z);
	return err == -ENODATA ? 0 : err;
}
