// SPDX-License-Identifier: GPL-2.0-only
/* The counters of one region: the sum of its cells. registry.c sums up all regions. */
#include <linux/fs.h>
#include "region/counters.h"
#include "region/vmas.h"

/**
 * flab_counters_sum - add what a VMA has counted since the last reset
 * @counters: its counters
 * @sum: the counts are added to this
 * @reset: start at 0 afterwards
 */
void flab_counters_sum(struct flab_counters *counters, struct flab_cell *sum, bool reset)
{
	lockdep_assert_held(&counters->region->counters_lock);
	flab_cell_add_since(sum, counters->cell, &counters->base, reset);
}

/* Sum of the cells of existing VMAs, of VMAs that are gone, and of region->spare. */
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
 * flab_region_counters - the counters of a region, all but the number of its VMAs
 * @region: the region
 * @value: out: the counters, by enum faultlab_stat
 * @reset: start at 0 afterwards
 *
 * The VMAs are left out since flab_nr_vmas() takes i_mmap_rwsem, and so may wait for
 * another task's mmap.
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
 * flab_region_stats - the counters of a region
 * @region: the region
 * @value: out: the counters, by enum faultlab_stat
 * @reset: start at 0 afterwards; each fault is counted in exactly one period, since a
 *	reset writes no cell
 */
void flab_region_stats(struct flab_region *region, u64 value[FAULTLAB_NR_STATS],
		       bool reset)
{
	flab_region_counters(region, value, reset);
	value[FAULTLAB_STAT_VMAS] = flab_nr_vmas(region->inode->i_mapping);
}

/* Callbacks that one CPU has counted in cells of existing VMAs and in region->spare. */
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
