// SPDX-License-Identifier: GPL-2.0-only
/*
 * What evict and unplug have in common. No entry survives them: region->sem keeps out
 * faults that insert entries themselves, the drain waits for faults that returned a page
 * to the core, and only then are the entries zapped.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include "evict/zap.h"
#include "kind/kind.h"
#include "kind/large_leaf.h"
#include "memory/pages.h"
#include "observe/flab_trace.h"

/*
 * Pages zapped in one hold of region->sem: faults wait for a millisecond or two. A
 * multiple of every folio size.
 */
#define FLAB_EVICT_PAGES (8UL << FLAB_MAX_ORDER)

/**
 * flab_zap_may_drop - whether pages of a region can be dropped
 * @region: the region
 *
 * Return: false for PHYS, and for kinds that fill their VMAs at mmap (see kind/remap.c).
 */
bool flab_zap_may_drop(const struct flab_region *region)
{
	return !(READ_ONCE(region->flags) & FAULTLAB_REGION_PHYS) &&
	       !READ_ONCE(region->kind)->map;
}

/*
 * Zap a part, with region->sem held for write. CONFIG does not take region->sem, but the
 * checks here stay valid as long as they matter: CONFIG can change only a region that was
 * never mapped. Such a region has no pages to free, and no fault can add one while
 * region->sem is held. Return: 0; -EINTR, with nothing zapped; -ENODEV if the region is
 * dead; -EINVAL if CONFIG has changed the region since the range was checked.
 */
static int flab_zap_part(struct flab_region *region, const struct flab_zap *z, pgoff_t first,
			 pgoff_t last)
{
	int err;

	if (region->dead && !z->dying)
		return -ENODEV;
	if (z->drop && (READ_ONCE(region->memory.order) != z->order ||
			!flab_zap_may_drop(region)))
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

/**
 * flab_zap - zap the entries of a range in all processes
 * @region: the region
 * @z: what to zap
 *
 * The range is zapped in parts, so that neither faults nor a fatal signal wait for long.
 * With PHYS it is one part: there are no pages to lock or to free, and PUD leaves must be
 * zapped whole.
 *
 * Return: 0, -EINTR, -ENODEV or -EINVAL, with the parts before already zapped.
 */
int flab_zap(struct flab_region *region, const struct flab_zap *z)
{
	bool parts = !(READ_ONCE(region->flags) & FAULTLAB_REGION_PHYS);
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
