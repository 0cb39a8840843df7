// SPDX-License-Identifier: GPL-2.0-only
/*
 * Evict and unplug. No entry survives them: region->sem keeps out faults that insert
 * entries themselves, the drain waits for faults that returned a page to the core, and
 * only then are the entries zapped.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include "evict/evict.h"
#include "evict/settle.h"
#include "kind/kind.h"
#include "kind/large_leaf.h"
#include "memory/pages.h"
#include "observe/flab_trace.h"

/* Pages per hold of region->sem: faults wait for a millisecond or two. Whole folios. */
#define FLAB_EVICT_PAGES (8UL << FLAB_MAX_ORDER)

/**
 * struct flab_zap - what to zap
 * @first: first page
 * @last: last page, inclusive
 * @cows: zap private copies, too
 * @drop: free the pages, too
 * @order: folio order that the range was checked against
 * @dying: called by unplug, for a region that is dead already
 * @killable: a fatal signal ends it; the rest is left to another call
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

/* Not for PHYS, nor for kinds that fill their VMAs at mmap (see kind/remap.c). */
static bool flab_zap_may_drop(const struct flab_region *region)
{
	return !(region->flags & FAULTLAB_REGION_PHYS) && !region->kind->map;
}

/*
 * Zap a part, with region->sem held for write. CONFIG can change only a region that was
 * never mapped. That has no pages to free, and no fault can add any meanwhile; so the
 * checks stay valid as long as they matter. Return: 0; -EINTR, with nothing zapped;
 * -ENODEV; -EINVAL if CONFIG has changed the region since the range was checked.
 */
static int flab_zap_part(struct flab_region *region, const struct flab_zap *z, pgoff_t first,
			 pgoff_t last)
{
	int err;

	if (region->dead && !z->dying)
		return -ENODEV;
	if (z->drop && (region->memory.order != z->order || !flab_zap_may_drop(region)))
		return -EINVAL;
	percpu_rwsem_assert_held(&region->sem);
	region->drains++;
	err = flab_pages_drain(&region->memory, first, last, z->killable);
	if (err)
		return err;
	flab_leaf_widen(region, &first, &last);
	unmap_mapping_pages(region->inode->i_mapping, first, last - first + 1, z->cows);
	if (z->drop)
		flab_pages_drop(&region->memory, first, last);
	return 0;
}

/*
 * Part by part, so that neither faults nor a fatal signal wait for long. A PHYS region
 * is one part: it has no pages to lock or to free, and PUD leaves must be zapped whole.
 */
static int flab_zap(struct flab_region *region, const struct flab_zap *z)
{
	bool parts = !(region->flags & FAULTLAB_REGION_PHYS);
	pgoff_t first, last;
	int err;

	for (first = z->first;; first = last + 1) {
		last = round_down(first, FLAB_EVICT_PAGES) + FLAB_EVICT_PAGES - 1;
		if (!parts || last >= z->last || last >= READ_ONCE(region->nr_pages))
			last = z->last;
		percpu_down_write(&region->sem);
		err = flab_zap_part(region, z, first, last);
		percpu_up_write(&region->sem);
		if (err)
			return err;
		if (last == z->last)
			break;
	}
	trace_flab_evict(region->id, z->first, z->last, z->cows);
	return 0;
}

/* The pages that the caller means, by the present size of the region. */
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
	/* TO_END from the end, as in a region never mapped: nothing to evict. */
	if (e->offset == end)
		return -ENODATA;
	return 0;
}

/*
 * Only whole folios are dropped. If the last one reaches past the end of the region,
 * all of it is dropped.
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
 * Return: 0, -EINVAL, -ENODEV, or -EINTR if killed: a part may be gone.
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

static int flab_unplug_lock(struct flab_region *region, bool killable)
{
	if (killable)
		return mutex_lock_killable(&region->lock);
	mutex_lock(&region->lock);
	return 0;
}

/*
 * Mark the region dead: from here on each fault is SIGBUS. Return: 0, -ENODEV if an
 * unplug has finished before, or -EINTR if killed.
 */
static int flab_unplug_begin(struct flab_region *region, bool killable)
{
	/* region->lock: mmap and CONFIG find the region dead, or have finished. */
	int err = flab_unplug_lock(region, killable);

	if (err)
		return err;
	if (region->unplugged) {
		err = -ENODEV;
	} else if (!region->dead) {
		percpu_down_write(&region->sem);
		WRITE_ONCE(region->dead, true);
		flab_gate_stir(&region->gate);
		percpu_up_write(&region->sem);
	}
	mutex_unlock(&region->lock);
	return err;
}

/**
 * flab_region_unplug - FAULTLAB_IOC_UNPLUG
 * @region: the region
 * @killable: a fatal signal ends it. False in a fault, which must finish: once the
 *	region is dead no other fault would do the rest
 *
 * Private copies are zapped, too, as when a GPU is unplugged (drm_dev_unplug()).
 *
 * Return: 0, -ENODEV if it was unplugged before, or -EINTR if killed. Then the region
 * may be dead with a part still mapped, and the next call does the rest.
 */
int flab_region_unplug(struct flab_region *region, bool killable)
{
	struct flab_zap all = {
		.last = ULONG_MAX - 1, .cows = true, .dying = true, .killable = killable,
	};
	int err = flab_unplug_begin(region, killable);

	if (err)
		return err;
	/* If the region was ever mapped, these do not change from here on. */
	all.drop = flab_zap_may_drop(region);
	all.order = region->memory.order;
	err = flab_zap(region, &all);
	/* An mmap that found the region alive may link its VMA only after this zap. */
	if (!err && region->kind->map) {
		err = flab_mappers_settle(region);
		if (!err)
			err = flab_zap(region, &all);
	}
	if (!err)
		err = flab_unplug_lock(region, killable);
	if (err)
		return err;
	region->unplugged = true;
	mutex_unlock(&region->lock);
	return 0;
}
