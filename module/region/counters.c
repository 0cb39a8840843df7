// SPDX-License-Identifier: GPL-2.0-only
/* The counters of one region: the sum of its cells. registry.c sums up all regions. */
#include <linux/fs.h>
#include "region/counters.h"
#include "region/vmas.h"

/**
 * flab_counters_sum - add what a VMA has counted since the last reset
 * @counters: counters of the VMA
 * @sum: the counts are added to this
 * @reset: start at 0 afterwards
 */
void flab_counters_sum(struct flab_counters *counters, struct flab_cell *sum, bool reset)
{
	lockdep_assert_held(&counters->region->counters_lock);
	flab_cell_add_since(sum, counters->cell, &counters->base, reset);
}

/*
 * Sum of the cells of all VMAs that exist, of region->folded (VMAs that are gone) and of
 * region->spare (callbacks that could use no VMA's cell).
 */
static void flab_region_sum(struct flab_region *region, struct flab_cell *sum, bool reset)
{
	struct flab_counters *counters;

	lockdep_assert_held(&region->counters_lock);
	*sum = region->folded;
	if (reset)
		memset(&region->folded, 0, sizeof(region->folded));
	flab_counters_sum(&region->spare, sum, reset);
	list_for_each_entry(counters, &region->counters, node)
		flab_counters_sum(counters, sum, reset);
}

/**
 * flab_region_counters - read the counters of a region, except the number of its VMAs
 * @region: the region
 * @value: out: the counters, by enum faultlab_stat
 * @reset: start at 0 afterwards
 *
 * Does not count the VMAs, so that it can be called under flab_regions_lock:
 * flab_nr_vmas() takes i_mmap_rwsem, and so may wait for another task's mmap.
 */
void flab_region_counters(struct flab_region *region, u64 value[FAULTLAB_NR_STATS],
			  bool reset)
{
	struct flab_memory *memory = &region->memory;
	struct flab_cell sum;

	mutex_lock(&region->counters_lock);
	flab_region_sum(region, &sum, reset);
	mutex_unlock(&region->counters_lock);

	flab_cell_stats(&sum, value);
	value[FAULTLAB_STAT_REGIONS] = 1;
	value[FAULTLAB_STAT_VMAS] = 0;
	value[FAULTLAB_STAT_PAGES] = atomic_long_read(&memory->nr_populated);
	value[FAULTLAB_STAT_PAGES_PEAK] = atomic_long_read(&memory->peak);
	if (reset)
		atomic_long_set(&memory->peak, atomic_long_read(&memory->nr_populated));
}

/**
 * flab_region_stats - read all counters of a region
 * @region: the region
 * @value: out: the counters, by enum faultlab_stat
 * @reset: start at 0 afterwards. Each fault is counted in exactly one period between
 *	resets: a reset writes no cell, but stores the cells' values in @base
 */
void flab_region_stats(struct flab_region *region, u64 value[FAULTLAB_NR_STATS],
		       bool reset)
{
	flab_region_counters(region, value, reset);
	value[FAULTLAB_STAT_VMAS] = flab_nr_vmas(region->inode->i_mapping);
}

/* Number of callbacks that one CPU counted in cells of existing VMAs and in region->spare. */
u64 flab_region_count_on(struct flab_region *region, int cpu)
{
	u64 sum = flab_cell_callbacks(per_cpu_ptr(region->spare.cell, cpu));
	struct flab_counters *counters;

	mutex_lock(&region->counters_lock);
	list_for_each_entry(counters, &region->counters, node)
		sum += flab_cell_callbacks(per_cpu_ptr(counters->cell, cpu));
	mutex_unlock(&region->counters_lock);
	return sum;
}
