// SPDX-License-Identifier: GPL-2.0-only
/* A VMA of a region, from mmap through fork and split to its end. */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "fault.h"
#include "kind.h"
#include "region.h"

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

/* From here on the VMA counts; without memory the region counts for it. */
static void flab_map_attach(struct flab_region *region, struct vm_area_struct *vma)
{
	struct flab_map *map = flab_map_create(region);

	spin_lock(&region->maps_lock);
	region->nr_vmas++;
	if (map)
		list_add_tail(&map->node, &region->maps);
	spin_unlock(&region->maps_lock);

	vma->vm_private_data = map ?: &region->spare;
}

/* The copy of a fork or a split: what it inherited counts for the original. */
void flab_vm_open(struct vm_area_struct *vma)
{
	struct flab_map *map = vma->vm_private_data;

	flab_map_attach(map->region, vma);
}

void flab_vm_close(struct vm_area_struct *vma)
{
	struct flab_map *map = vma->vm_private_data;
	struct flab_region *region = map->region;

	spin_lock(&region->maps_lock);
	region->nr_vmas--;
	if (map != &region->spare) {
		list_del(&map->node);
		flab_cell_add_percpu(&region->folded, map->cell);
	}
	spin_unlock(&region->maps_lock);

	if (map != &region->spare) {
		free_percpu(map->cell);
		kfree(map);
	}
}

/* A region of no fixed size grows to what is mapped of it. */
static int flab_region_cover(struct flab_region *region, struct vm_area_struct *vma)
{
	pgoff_t end = vma->vm_pgoff + vma_pages(vma);

	lockdep_assert_held(&region->lock);
	if (region->fixed || end <= region->nr_pages)
		return 0;
	if (end > flab_region_max_pages())
		return -ENOMEM;
	WRITE_ONCE(region->nr_pages, end);
	return 0;
}

/**
 * flab_mmap - .mmap of /dev/faultlab
 * @file: an open region
 * @vma: what shall show it
 *
 * Return: 0; -ENODEV after unplug, -ENOMEM past max_pages, -EINVAL for what the
 * region's kind cannot map.
 */
int flab_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct flab_region *region = file->private_data;
	int err;

	mutex_lock(&region->lock);
	err = -ENODEV;
	if (READ_ONCE(region->dead))
		goto unlock;
	err = region->kind->check(region, vma);
	if (err)
		goto unlock;
	err = flab_region_cover(region, vma);
	if (err)
		goto unlock;

	region->mapped = true;
	vma->vm_ops = flab_vm_ops_for(region);
	flab_map_attach(region, vma);
unlock:
	mutex_unlock(&region->lock);
	return err;
}
