// SPDX-License-Identifier: GPL-2.0-only
/* .open and .close: the per-CPU counters (cell) of a VMA come and go with it. */
#include <linux/mm.h>
#include <linux/slab.h>
#include "kind/large_leaf.h"
#include "region/counters.h"
#include "vma/cell.h"
#include "vma/event.h"

/* VMAs of a region that have a cell of their own. */
#define FLAB_MAX_CELLS 64

static struct flab_map *flab_map_create(struct flab_region *region)
{
	struct flab_map *map;

	map = kzalloc(sizeof(*map), GFP_KERNEL_ACCOUNT);
	if (!map)
		return NULL;
	map->cell = alloc_percpu_gfp(struct flab_cell, GFP_KERNEL_ACCOUNT);
	if (!map->cell) {
		kfree(map);
		return NULL;
	}
	map->region = region;
	return map;
}

static void flab_map_free(struct flab_map *map)
{
	free_percpu(map->cell);
	kfree(map);
}

/* Return: false if the region has FLAB_MAX_CELLS already. */
static bool flab_map_add(struct flab_map *map)
{
	struct flab_region *region = map->region;
	bool room;

	mutex_lock(&region->maps_lock);
	room = region->nr_cells < FLAB_MAX_CELLS;
	if (room) {
		list_add_tail(&map->node, &region->maps);
		region->nr_cells++;
	}
	mutex_unlock(&region->maps_lock);
	return room;
}

/**
 * flab_map_attach - give a VMA its counters
 * @region: its region
 * @vma: the VMA
 *
 * If there is no memory, or past FLAB_MAX_CELLS, the VMA counts in the region's spare
 * cell: a cell takes memory on every CPU, and one process can split its mappings 65530
 * times. Allocates before it takes maps_lock, so that .close does not wait for the
 * allocation.
 */
void flab_map_attach(struct flab_region *region, struct vm_area_struct *vma)
{
	struct flab_map *map = NULL;

	vma->vm_private_data = &region->spare;
	if (READ_ONCE(region->nr_cells) < FLAB_MAX_CELLS)
		map = flab_map_create(region);
	if (!map)
		return;
	map->vma = vma;
	if (flab_map_add(map))
		vma->vm_private_data = map;
	else
		flab_map_free(map);
}

/* For the copy of a fork, a split or a move. It has inherited the original's map. */
void flab_vm_open(struct vm_area_struct *vma)
{
	struct flab_map *map = vma->vm_private_data;

	flab_leaf_open(map, vma);
	flab_map_attach(map->region, vma);
	flab_vma_event(vma->vm_private_data, vma, FAULTLAB_VMA_OPEN, 0, 0);
}

void flab_vm_close(struct vm_area_struct *vma)
{
	struct flab_map *map = vma->vm_private_data;
	struct flab_region *region = map->region;

	flab_vma_event(map, vma, FAULTLAB_VMA_CLOSE, 0, 0);
	if (map == &region->spare)
		return;
	mutex_lock(&region->maps_lock);
	list_del(&map->node);
	region->nr_cells--;
	flab_map_sum(map, &region->folded, false);
	mutex_unlock(&region->maps_lock);
	flab_map_free(map);
}
