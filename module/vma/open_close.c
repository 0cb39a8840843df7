// SPDX-License-Identifier: GPL-2.0-only
/* .open and .close: allocate and free the per-CPU counters (cell) of a VMA. */
#include <linux/mm.h>
#include <linux/slab.h>
#include "kind/large_leaf.h"
#include "region/counters.h"
#include "vma/open_close.h"
#include "vma/event.h"

/* How many VMAs of a region can have a cell of their own. */
#define FLAB_MAX_CELLS 64

static struct flab_counters *flab_counters_create(struct flab_region *region)
{
	struct flab_counters *counters;

	counters = kzalloc(sizeof(*counters), GFP_KERNEL_ACCOUNT);
	if (!counters)
		return NULL;
	counters->cell = alloc_percpu_gfp(struct flab_cell, GFP_KERNEL_ACCOUNT);
	if (!counters->cell) {
		kfree(counters);
		return NULL;
	}
	counters->region = region;
	return counters;
}

static void flab_counters_free(struct flab_counters *counters)
{
	free_percpu(counters->cell);
	kfree(counters);
}

/* Add @counters to its region. Return: false if that has FLAB_MAX_CELLS already. */
static bool flab_counters_add(struct flab_counters *counters)
{
	struct flab_region *region = counters->region;
	bool room;

	mutex_lock(&region->counters_lock);
	room = region->nr_cells < FLAB_MAX_CELLS;
	if (room) {
		list_add_tail(&counters->node, &region->counters);
		WRITE_ONCE(region->nr_cells, region->nr_cells + 1);
	}
	mutex_unlock(&region->counters_lock);
	return room;
}

/**
 * flab_counters_attach - give a VMA its counters
 * @region: its region
 * @vma: the VMA
 *
 * If there is no memory, or the region has FLAB_MAX_CELLS, the VMA counts in the region's
 * spare cell. There is a limit since a cell takes memory on every CPU, and one process can
 * split its mappings into 65530 VMAs (vm.max_map_count). Allocates before it takes
 * counters_lock, so that .close does not wait for the allocation.
 *
 * In fork, older kernels link the VMA into i_mmap before they call .open: debugfs may read
 * vm_private_data meanwhile (flab_count_other()).
 */
void flab_counters_attach(struct flab_region *region, struct vm_area_struct *vma)
{
	struct flab_counters *counters = NULL;

	WRITE_ONCE(vma->vm_private_data, &region->spare);
	if (READ_ONCE(region->nr_cells) < FLAB_MAX_CELLS)
		counters = flab_counters_create(region);
	if (!counters)
		return;
	counters->vma = vma;
	if (flab_counters_add(counters))
		WRITE_ONCE(vma->vm_private_data, counters);
	else
		flab_counters_free(counters);
}

/* @vma: a copy made by fork, split or move. Its vm_private_data is still the original's. */
void flab_vm_open(struct vm_area_struct *vma)
{
	struct flab_counters *counters = vma->vm_private_data;

	flab_leaf_open(counters, vma);
	flab_counters_attach(counters->region, vma);
	flab_vma_event(vma->vm_private_data, vma, FAULTLAB_VMA_OPEN, 0, 0);
}

void flab_vm_close(struct vm_area_struct *vma)
{
	struct flab_counters *counters = vma->vm_private_data;
	struct flab_region *region = counters->region;

	flab_vma_event(counters, vma, FAULTLAB_VMA_CLOSE, 0, 0);
	if (counters == &region->spare)
		return;
	mutex_lock(&region->counters_lock);
	list_del(&counters->node);
	WRITE_ONCE(region->nr_cells, region->nr_cells - 1);
	flab_counters_sum(counters, &region->folded, false);
	mutex_unlock(&region->counters_lock);
	flab_counters_free(counters);
}
