// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking translations away, exactly: region->sem keeps faults out that insert
 * entries themselves, the drain waits for those that returned a page to the core,
 * and only then are the entries zapped.
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

/* Faults wait for as long as one takes: a millisecond or two. Whole folios. */
#define FLAB_EVICT_PAGES (8UL << FLAB_MAX_ORDER)

/**
 * struct flab_zap - what is to go
 * @first: first page
 * @last: last page, inclusive
 * @cows: private copies, too
 * @drop: and the pages behind it
 * @order: of the folios that the range was checked against
 * @dying: unplug does it: the region is dead already
 * @killable: who is killed leaves the rest for another call
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

/*
 * The memory of PHYS cannot be freed, that of a kind that fills its VMAs must not be
 * (kind/remap.c).
 */
static bool flab_zap_may_drop(const struct flab_region *region)
{
	return !(region->flags & FAULTLAB_REGION_PHYS) && !region->kind->map;
}

/*
 * With region->sem held for write: what is true of the region now stays so for as long
 * as there is something to free, since faults wait. Return: 0; -EINTR, with nothing
 * gone; -ENODEV; -EINVAL if CONFIG has made another region of it meanwhile.
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
 * Part by part, so that neither faults nor a signal that kills us wait for long. A
 * PHYS region has no pages to lock or to free, and its PUDs go as a whole.
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

/* What of the region is meant; its size as it is now. */
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
	/* A region that was never mapped has an end, and nothing before it. */
	if (e->offset == end)
		return -ENODATA;
	return 0;
}

/*
 * What is dropped are whole folios. Where the last one reaches past the end of
 * the region, all of it goes.
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

/* From here on each fault is SIGBUS. Return: 0, or -ENODEV if all of it was done before. */
static int flab_unplug_begin(struct flab_region *region, bool killable)
{
	/* Against mmap and config, which must find it dead or finish first. */
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
 * @killable: a task that is killed need not finish. In a fault it has to, as no other
 *	fault comes for that once the region is dead
 *
 * Private copies go too, as with a GPU that is pulled (drm_dev_unplug()).
 *
 * Return: 0, -ENODEV if it was unplugged before, or -EINTR if killed: the region may be
 * dead then with a part of it still mapped, and the next call does the rest.
 */
int flab_region_unplug(struct flab_region *region, bool killable)
{
	struct flab_zap all = {
		.last = ULONG_MAX - 1, .cows = true, .dying = true, .killable = killable,
	};
	int err = flab_unplug_begin(region, killable);

	if (err)
		return err;
	/* What a region has that was ever mapped stays what it is from here on. */
	all.drop = flab_zap_may_drop(region);
	all.order = region->memory.order;
	err = flab_zap(region, &all);
	/* The mappings of those that found it alive, and were not linked yet. */
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
