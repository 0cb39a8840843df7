// SPDX-License-Identifier: GPL-2.0-only
/* .mmap and .get_unmapped_area of /dev/faultlab. */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include "evict/mappers.h"
#include "kind/kind.h"
#include "memory/pages.h"
#include "memory/phys.h"
#include "observe/flab_trace.h"
#include "vma/open_close.h"
#include "vma/event.h"
#include "vma/mapping.h"
#include "vma/vm_ops.h"

/*
 * Map all pages of the VMA, for kinds without .fault. It can take long, so region->lock is
 * not held: an mmap by another process would wait for it with its mmap_lock held. On
 * failure, if the region was never mapped and no other mmap is filling its VMA, restore
 * the size of the region and free its pages.
 */
static int flab_mmap_fill(struct flab_region *region, struct vm_area_struct *vma)
{
	int err = region->kind->map(region, vma);

	mutex_lock(&region->lock);
	region->nr_filling--;
	if (!err) {
		region->mapped = true;
	} else if (!region->mapped && !region->nr_filling) {
		WRITE_ONCE(region->nr_pages, region->nr_unfilled);
		percpu_down_write(&region->sem);
		flab_pages_drop(&region->memory, 0, ULONG_MAX);
		percpu_up_write(&region->sem);
	}
	mutex_unlock(&region->lock);
	return err;
}

/* Check a new mapping and prepare the region for it; region->lock is held. */
static int flab_mmap_prepare(struct flab_region *region, struct vm_area_struct *vma)
{
	int err;

	if (READ_ONCE(region->dead))
		return -ENODEV;
	if (region->configuring)
		return -EBUSY;
	if (!flab_vma_is_whole(region, vma))
		return -EINVAL;
	err = region->kind->check(region, vma);
	/*
	 * Add the mm to region->mappers only after the check above that the region is alive:
	 * once it is dead, unplug walks region->mappers without a lock.
	 */
	if (!err && region->kind->map)
		err = flab_mapper_note(region, vma->vm_mm);
	if (err)
		return err;
	vma->vm_page_prot = flab_phys_pgprot(&region->memory, vma->vm_page_prot);
	/* If the size is fixed, .fault returns SIGBUS past it, as past the end of a file. */
	if (!region->fixed)
		err = flab_region_cover(region, vma->vm_pgoff + vma_pages(vma));
	return err;
}

/**
 * flab_mmap - .mmap of /dev/faultlab
 * @file: an open region
 * @vma: the new VMA
 *
 * Return: 0; -ENODEV after unplug, -EBUSY while the region is being configured,
 * -ENOMEM past max_pages, -EINVAL for a VMA that the region's kind or WHOLE does not
 * allow, -EINTR if killed; for kinds that map all pages at mmap also -EHWPOISON and the
 * errors of flab_page_get().
 */
int flab_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct flab_region *region = file->private_data;
	int err;

	/*
	 * Take the per-VMA lock first, so that vm_flags_set() in ->check() does not
	 * take it under region->lock: a fault whose verdict is UNPLUG holds the per-VMA
	 * lock when it takes region->lock.
	 */
	vma_start_write(vma);
	err = mutex_lock_killable(&region->lock);
	if (err)
		goto out;
	if (!region->nr_filling)
		region->nr_unfilled = READ_ONCE(region->nr_pages);	/* faults can raise it */
	err = flab_mmap_prepare(region, vma);
	if (!err && region->kind->map)
		region->nr_filling++;
	else if (!err)
		region->mapped = true;
	mutex_unlock(&region->lock);

	if (!err && region->kind->map)
		err = flab_mmap_fill(region, vma);
	if (err)
		goto out;
	vma->vm_ops = flab_vm_ops_for(region, vma);
	/* VMAs that the core may merge have no .close to free a cell (vm_ops.c), so get none. */
	if (vma->vm_ops->open)
		flab_counters_attach(region, vma);
	else
		vma->vm_private_data = &region->spare;
out:
	trace_flab_mmap(region->id, vma, err);
	flab_vma_event(err ? &region->spare : vma->vm_private_data, vma, FAULTLAB_VMA_MMAP, 0,
		       err);
	return err;
}

/*
 * The alignment of a mapping that folios or large leaves need; 0 if any will do. With PHYS
 * a large leaf begins at an aligned PFN: flab_get_unmapped_area() adds that offset.
 */
static unsigned long flab_wanted_align(u64 flags, u32 order, unsigned long len)
{
	unsigned long size = 0;

	if (flags & FAULTLAB_REGION_WHOLE)
		size = PAGE_SIZE << order;
	if ((flags & FAULTLAB_REGION_HUGE) || order == FLAB_PMD_ORDER)
		size = PMD_SIZE;
	if ((flags & FAULTLAB_REGION_HUGE) && (flags & FAULTLAB_REGION_PHYS) && len >= PUD_SIZE)
		size = PUD_SIZE;
	return len >= size && size > PAGE_SIZE ? size : 0;
}

/**
 * flab_get_unmapped_area - .get_unmapped_area: an address where large leaves fit
 * @file: an open region
 * @addr: the address that the caller asked for, or 0
 * @len: bytes
 * @pgoff: first page of the region
 * @flags: MAP_*
 *
 * Return: if the caller asked for no address and there is room, one that has the same
 * offset from an alignment boundary as the memory to be mapped there; otherwise the one
 * that mm_get_unmapped_area() chooses, as for other drivers.
 */
unsigned long flab_get_unmapped_area(struct file *file, unsigned long addr,
				     unsigned long len, unsigned long pgoff,
				     unsigned long flags)
{
	struct flab_region *region = file->private_data;
	u64 region_flags = READ_ONCE(region->flags);
	unsigned long align = flab_wanted_align(region_flags, READ_ONCE(region->memory.order), len);
	unsigned long at, offset = pgoff << PAGE_SHIFT;

	if (region_flags & FAULTLAB_REGION_PHYS)
		offset += PFN_PHYS(flab_phys_pfn(0));
	if (align && !addr && !(flags & MAP_FIXED) && len + align > len) {
		at = mm_get_unmapped_area(current->mm, file, 0, len + align, pgoff, flags);
		if (!IS_ERR_VALUE(at))
			return at + ((offset - at) & (align - 1));
	}
	return mm_get_unmapped_area(current->mm, file, addr, len, pgoff, flags);
}
