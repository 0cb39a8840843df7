// SPDX-License-Identifier: GPL-2.0-only
/* A VMA of a region, from mmap through fork and split to its end. */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include "fault/fault.h"
#include "observe/flab_trace.h"
#include "kind/leaf.h"
#include "kind/kind.h"
#include "memory/pages.h"
#include "memory/phys.h"
#include "region/region.h"
#include "vma/event.h"

/* VMAs of a region that count for themselves. */
#define FLAB_MAX_CELLS 64

/**
 * flab_map_sum - add what a map has counted since the last reset
 * @map: the map
 * @sum: what it is added to
 * @reset: start at 0 afterwards
 */
void flab_map_sum(struct flab_map *map, struct flab_cell *sum, bool reset)
{
	lockdep_assert_held(&map->region->maps_lock);
	flab_cell_add_since(sum, map->cell, &map->base, reset);
}

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

/* Whether there was room for one more. */
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

/*
 * From here on the VMA counts. Without memory the region counts for it, and past
 * FLAB_MAX_CELLS too: a cell takes memory on every CPU, and one process can split
 * its mappings 65530 times. Memory is allocated first, so that nobody who ends a VMA
 * waits for that.
 */
static void flab_map_attach(struct flab_region *region, struct vm_area_struct *vma)
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

/* The copy of a fork, a split or a move: what it inherited counts for the original. */
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

/**
 * flab_vmas_visit - call a function for each VMA of a region, in all processes
 * @mapping: of the region's inode; the core keeps them there for unmap_mapping_pages()
 * @fn: the function; must not sleep for long, as those who map and unmap wait for it
 * @arg: for @fn
 */
void flab_vmas_visit(struct address_space *mapping, flab_vma_fn fn, void *arg)
{
	struct rb_node *node;

	i_mmap_lock_read(mapping);
	for (node = rb_first(&mapping->i_mmap.rb_root); node; node = rb_next(node)) {
		fn(rb_entry(node, struct vm_area_struct, shared.rb), arg);
		cond_resched();
	}
	i_mmap_unlock_read(mapping);
}

static void flab_vma_count(const struct vm_area_struct *vma, void *arg)
{
	(*(u32 *)arg)++;
}

/* How many VMAs show a region. */
u32 flab_nr_vmas(struct address_space *mapping)
{
	u32 nr = 0;

	flab_vmas_visit(mapping, flab_vma_count, &nr);
	return nr;
}

/*
 * Kinds that have no faults fill the VMA now, which can take long: without
 * region->lock, or others would wait for it who hold locks of their own. Where it
 * fails, and nobody else has mapped the region, it is as it was.
 */
static int flab_map_fill(struct flab_region *region, struct vm_area_struct *vma)
{
	int err = region->kind->map(region, vma);

	mutex_lock(&region->lock);
	region->nr_filling--;
	if (!err) {
		region->mapped = true;
	} else if (!region->mapped && !region->nr_filling) {
		WRITE_ONCE(region->nr_pages, region->nr_unfilled);
		percpu_down_write(&region->sem);
		flab_pages_drop(region, 0, ULONG_MAX);
		percpu_up_write(&region->sem);
	}
	mutex_unlock(&region->lock);
	return err;
}

/* What a region has to say to a mapping, under its lock. */
static int flab_map_prepare(struct flab_region *region, struct vm_area_struct *vma)
{
	int err;

	if (READ_ONCE(region->dead))
		return -ENODEV;
	if (region->configuring)
		return -EBUSY;
	if (!flab_vma_is_whole(region, vma))
		return -EINVAL;
	err = region->kind->check(region, vma);
	/* Of a dead region nothing is noted: unplug walks the list without a lock. */
	if (!err && region->kind->map)
		err = flab_mapper_note(region, vma->vm_mm);
	if (err)
		return err;
	vma->vm_page_prot = flab_phys_pgprot(region, vma->vm_page_prot);
	/* Past a fixed size is for .fault to refuse, as with files. */
	if (!region->fixed)
		err = flab_region_cover(region, vma->vm_pgoff + vma_pages(vma));
	return err;
}

/**
 * flab_mmap - .mmap of /dev/faultlab
 * @file: an open region
 * @vma: what shall show it
 *
 * Return: 0; -ENODEV after unplug, -EBUSY while the region is being configured,
 * -ENOMEM past max_pages, -EINVAL for what the region's kind cannot map, -EINTR if
 * killed; for kinds that fill the VMA also -EHWPOISON and the errors of
 * flab_page_get().
 */
int flab_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct flab_region *region = file->private_data;
	int err;

	/*
	 * Takes the VMA's lock, which then is not taken again where check() sets
	 * flags: in a fault that unplugs, region->lock comes after it.
	 */
	vma_start_write(vma);
	err = mutex_lock_killable(&region->lock);
	if (err)
		goto out;
	if (!region->nr_filling)
		region->nr_unfilled = region->nr_pages;
	err = flab_map_prepare(region, vma);
	if (!err && region->kind->map)
		region->nr_filling++;
	else if (!err)
		region->mapped = true;
	mutex_unlock(&region->lock);

	if (!err && region->kind->map)
		err = flab_map_fill(region, vma);
	if (err)
		goto out;
	vma->vm_ops = flab_vm_ops_for(region, vma);
	/* What the core may merge has no cell: it would drop one without a word. */
	if (vma->vm_ops->open)
		flab_map_attach(region, vma);
	else
		vma->vm_private_data = &region->spare;
out:
	trace_flab_mmap(region->id, vma, err);
	flab_vma_event(err ? &region->spare : vma->vm_private_data, vma, FAULTLAB_VMA_MMAP, 0,
		       err);
	return err;
}

/*
 * What a place should be a multiple of, so that folios or huge entries fit; 0 for
 * any. Device memory has its own idea of where a huge entry begins.
 */
static unsigned long flab_wanted_align(const struct flab_region *region, unsigned long len)
{
	unsigned long size = 0;

	if (region->flags & FAULTLAB_REGION_WHOLE)
		size = PAGE_SIZE << region->order;
	if ((region->flags & FAULTLAB_REGION_HUGE) || region->order == FLAB_PMD_ORDER)
		size = PMD_SIZE;
	if ((region->flags & FAULTLAB_REGION_HUGE) && (region->flags & FAULTLAB_REGION_PHYS) &&
	    len >= PUD_SIZE)
		size = PUD_SIZE;
	return len >= size && size > PAGE_SIZE ? size : 0;
}

/**
 * flab_get_unmapped_area - .get_unmapped_area: a place where large entries fit
 * @file: an open region
 * @addr: what the caller asked for, or 0
 * @len: bytes
 * @pgoff: first page of the region
 * @flags: MAP_*
 *
 * Return: an address that is as far from a boundary as the memory behind it, if
 * the caller leaves the choice and there is room; what others get, otherwise.
 */
unsigned long flab_get_unmapped_area(struct file *file, unsigned long addr,
				     unsigned long len, unsigned long pgoff,
				     unsigned long flags)
{
	struct flab_region *region = file->private_data;
	unsigned long align = flab_wanted_align(region, len);
	unsigned long at, offset = pgoff << PAGE_SHIFT;

	if (region->flags & FAULTLAB_REGION_PHYS)
		offset += PFN_PHYS(flab_phys_pfn(0));
	if (align && !addr && !(flags & MAP_FIXED) && len + align > len) {
		at = mm_get_unmapped_area(current->mm, file, 0, len + align, pgoff, flags);
		if (!IS_ERR_VALUE(at))
			return at + ((offset - at) & (align - 1));
	}
	return mm_get_unmapped_area(current->mm, file, addr, len, pgoff, flags);
}
