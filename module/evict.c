// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking translations away, exactly: region->sem keeps faults out that insert
 * entries themselves, the drain waits for those that returned a page to the core,
 * and only then are the entries zapped.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include "flab_trace.h"
#include "kind.h"
#include "pages.h"
#include "phys.h"
#include "region.h"

/*
 * A PUD goes as a whole, whatever part of it is to go: zap_pud_range() would split
 * it, and wants mmap_lock for that, which unmap_mapping_pages() does not hold.
 */
static void flab_zap_whole_puds(const struct flab_region *region, pgoff_t *first, pgoff_t *last)
{
	const unsigned long nr = PUD_SIZE >> PAGE_SHIFT;
	const u64 flags = FAULTLAB_REGION_HUGE | FAULTLAB_REGION_PHYS;
	pgoff_t skew;

	if ((region->flags & flags) != flags || region->nr_pages < nr)
		return;
	/* Frames decide where one begins, and they may be off from the start. */
	skew = flab_phys_pfn(0) & (nr - 1);
	*first = max(round_down(*first + skew, nr), skew) - skew;
	if (*last < ULONG_MAX - nr - skew)
		*last = round_up(*last + 1 + skew, nr) - skew - 1;
}

static void flab_zap(struct flab_region *region, pgoff_t first, pgoff_t last,
		     bool cows)
{
	flab_zap_whole_puds(region, &first, &last);
	percpu_rwsem_assert_held(&region->sem);
	flab_pages_drain(region, first, last);
	unmap_mapping_pages(region->inode->i_mapping, first, last - first + 1, cows);
	trace_flab_evict(region->id, first, last, cows);
}

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
static int flab_evict_folios(const struct flab_region *region, pgoff_t first, pgoff_t *last)
{
	pgoff_t mask = BIT(region->order) - 1;

	if ((first & mask) ||
	    (((*last + 1) & mask) && *last + 1 != READ_ONCE(region->nr_pages)))
		return -EINVAL;
	*last |= mask;
	return 0;
}

/*
 * The memory of PHYS cannot be freed, that of a kind that fills its VMAs must not be
 * (kind_remap.c). Under region->sem this holds for as long as there is something to
 * free: the mmap that populates has taken it.
 */
static bool flab_evict_may_drop(const struct flab_region *region)
{
	return !(region->flags & FAULTLAB_REGION_PHYS) && !region->kind->map;
}

/**
 * flab_region_evict - FAULTLAB_IOC_EVICT
 * @region: the region
 * @evict: range and flags
 *
 * Return: 0, -EINVAL or -ENODEV.
 */
int flab_region_evict(struct flab_region *region,
		      const struct faultlab_evict *evict)
{
	pgoff_t first, last;
	int err;

	if (evict->flags & ~(FAULTLAB_EVICT_DROP | FAULTLAB_EVICT_COWS))
		return -EINVAL;

	percpu_down_write(&region->sem);
	err = -ENODEV;
	if (region->dead)
		goto unlock;
	err = -EINVAL;
	if ((evict->flags & FAULTLAB_EVICT_DROP) && !flab_evict_may_drop(region))
		goto unlock;
	err = flab_evict_range(region, evict, &first, &last);
	if (!err && (evict->flags & FAULTLAB_EVICT_DROP))
		err = flab_evict_folios(region, first, &last);
	if (err)
		goto unlock;

	flab_zap(region, first, last, evict->flags & FAULTLAB_EVICT_COWS);
	if (evict->flags & FAULTLAB_EVICT_DROP)
		flab_pages_drop(region, first, last);
unlock:
	percpu_up_write(&region->sem);
	return err == -ENODATA ? 0 : err;
}

/**
 * flab_region_unplug - FAULTLAB_IOC_UNPLUG
 * @region: the region
 *
 * Private copies go too, as with a GPU that is pulled (drm_dev_unplug()).
 *
 * Return: 0, -ENODEV if it was unplugged before, -EINTR.
 */
int flab_region_unplug(struct flab_region *region)
{
	int err;

	/* Against mmap and config, which must find it dead or finish first. */
	err = mutex_lock_killable(&region->lock);
	if (err)
		return err;
	percpu_down_write(&region->sem);
	if (region->dead) {
		err = -ENODEV;
	} else {
		WRITE_ONCE(region->dead, true);
		flab_gate_stir(&region->gate);
		flab_zap(region, 0, ULONG_MAX - 1, true);
		/* An mmap under way may map them yet: see kind_remap.c. */
		if (!region->kind->map)
			flab_pages_drop(region, 0, ULONG_MAX);
	}
	percpu_up_write(&region->sem);
	mutex_unlock(&region->lock);

	/* The mappings of those that found it alive, and were not linked yet. */
	if (!err && region->kind->map && flab_mappers_settle(region)) {
		percpu_down_write(&region->sem);
		flab_zap(region, 0, ULONG_MAX - 1, true);
		percpu_up_write(&region->sem);
	}
	return err;
}
