// SPDX-License-Identifier: GPL-2.0-only
/* All regions by id, and the counters of all of them, released ones included. */
#include <linux/fs.h>
#include <linux/slab.h>
#include "memory/pages.h"
#include "memory/pinned.h"
#include "region/counters.h"
#include "region/registry.h"
#include "region/vmas.h"

/* All regions by id; the lock also covers @flab_ended. */
static DEFINE_XARRAY_ALLOC1(flab_regions);
static DEFINE_MUTEX(flab_regions_lock);
static u32 flab_next_id;
static struct flab_cell flab_ended;	/* sum of the cells of released regions */

int flab_registry_add(struct flab_region *region)
{
	int err;

	mutex_lock(&flab_regions_lock);
	err = xa_alloc_cyclic(&flab_regions, &region->id, region,
			      XA_LIMIT(1, S32_MAX), &flab_next_id, GFP_KERNEL);
	mutex_unlock(&flab_regions_lock);
	/* xa_alloc_cyclic() returns 1 if the ids have wrapped: no error. */
	return min(err, 0);
}

/*
 * The region's VMAs are gone, so its counts are final. They are added to @flab_ended in
 * the critical section that also removes the region from @flab_regions, so that
 * flab_global_stats() counts them exactly once.
 */
void flab_registry_remove(struct flab_region *region)
{
	mutex_lock(&flab_regions_lock);
	xa_erase(&flab_regions, region->id);
	mutex_lock(&region->counters_lock);
	flab_cell_add(&flab_ended, &region->folded);
	flab_counters_sum(&region->spare, &flab_ended, false);
	mutex_unlock(&region->counters_lock);
	mutex_unlock(&flab_regions_lock);
}

/*
 * Return: the inode of the region with the lowest id >= @id, or NULL. The reference that
 * is taken keeps the inode even if the region is released, so the caller can count VMAs
 * without flab_regions_lock. Counting may wait for a task that maps or unmaps the region
 * (i_mmap_rwsem), and a task that opens or closes another region must not wait for that.
 */
static struct inode *flab_regions_next(unsigned long *id)
{
	struct inode *inode = NULL;
	struct flab_region *region;

	mutex_lock(&flab_regions_lock);
	region = xa_find(&flab_regions, id, ULONG_MAX, XA_PRESENT);
	if (region) {
		inode = region->inode;
		ihold(inode);
	}
	mutex_unlock(&flab_regions_lock);
	return inode;
}

static u64 flab_regions_nr_vmas(void)
{
	struct inode *inode;
	unsigned long id;
	u64 nr = 0;

	for (id = 0; (inode = flab_regions_next(&id)); id++) {
		nr += flab_nr_vmas(inode->i_mapping);
		iput(inode);
	}
	return nr;
}

/**
 * flab_regions_list - call a function for each region, with its counters
 * @fn: the function; called under flab_regions_lock, for which open and release wait
 * @arg: for @fn
 */
void flab_regions_list(flab_region_list_fn fn, void *arg)
{
	u64 value[FAULTLAB_NR_STATS];
	struct flab_region *region;
	struct inode *inode;
	unsigned long id;
	u32 nr_vmas;

	for (id = 0; (inode = flab_regions_next(&id)); id++) {
		nr_vmas = flab_nr_vmas(inode->i_mapping);
		mutex_lock(&flab_regions_lock);
		region = xa_load(&flab_regions, id);
		if (region) {
			flab_region_counters(region, value, false);
			value[FAULTLAB_STAT_VMAS] = nr_vmas;
			fn(region, value, arg);
		}
		mutex_unlock(&flab_regions_lock);
		iput(inode);
	}
}

/**
 * flab_global_stats - sum up the counters of all regions, released ones included
 * @value: out: the counters, by enum faultlab_stat
 * @reset: start all of them at 0 afterwards
 */
void flab_global_stats(u64 value[FAULTLAB_NR_STATS], bool reset)
{
	u64 part[FAULTLAB_NR_STATS];
	struct flab_region *region;
	unsigned long id;
	long peak;
	int i;

	mutex_lock(&flab_regions_lock);
	flab_cell_stats(&flab_ended, value);
	if (reset)
		memset(&flab_ended, 0, sizeof(flab_ended));
	xa_for_each(&flab_regions, id, region) {
		flab_region_counters(region, part, reset);
		for (i = 0; i < FAULTLAB_NR_STATS; i++)
			value[i] += part[i];
	}
	mutex_unlock(&flab_regions_lock);

	value[FAULTLAB_STAT_VMAS] = flab_regions_nr_vmas();
	flab_pinned_reap();
	value[FAULTLAB_STAT_PAGES] = flab_pages_total(&peak);
	value[FAULTLAB_STAT_PAGES_PEAK] = peak;
	if (reset)
		flab_pages_reset_peak();
}

/**
 * flab_regions_visit - call a function for each region
 * @fn: the function, called under flab_regions_lock; an error ends the loop
 * @arg: for @fn
 *
 * Return: 0 or what @fn returned.
 */
int flab_regions_visit(flab_region_fn fn, void *arg)
{
	struct flab_region *region;
	unsigned long id;
	int err = 0;

	mutex_lock(&flab_regions_lock);
	xa_for_each(&flab_regions, id, region) {
		err = fn(region, arg);
		if (err)
			break;
		cond_resched();
	}
	mutex_unlock(&flab_regions_lock);
	return err;
}
