// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind `remap`: PFNs in a VM_PFNMAP mapping, all of them mapped at mmap. There is no
 * .fault, so an evicted page is not mapped again, and no rule is ever matched.
 *
 * .mmap maps the pages before the core links the VMA into i_mmap, where
 * unmap_mapping_pages() finds it. So an evict in between does not zap these entries. That
 * is allowed: the result is the same as if the mmap had come after the evict. But as a zap
 * can miss entries, no page may be freed after it. So evict refuses DROP for this kind, and
 * unplug frees no memory; the release of the region does, after the end of every VMA.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include "kind/kind.h"
#include "memory/pages.h"

/*
 * How many pages are mapped in one hold of region->sem: no more than memcg charges at
 * once (MEMCG_CHARGE_BATCH), since each charge past memory.high can sleep for up to 2 s.
 */
#define FLAB_REMAP_PAGES 64

/*
 * Return: how many pages from @index on have contiguous PFNs, at most @max, or an
 * errno. @pfn gets the first PFN.
 */
static long flab_remap_run(struct flab_region *region, pgoff_t index, unsigned long max,
			   unsigned long *pfn)
{
	unsigned long next, nr;
	int err;

	for (nr = 0; nr < max; nr++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		err = flab_page_pfn(&region->memory, index + nr, current->mm, nr ? &next : pfn);
		if (err)
			return err;
		if (nr && next != *pfn + nr)
			break;
	}
	return nr;
}

/*
 * The first page is inserted by vmf_insert_pfn(), so that no remap_pfn_range() covers a
 * whole VMA: on x86 that would make the VMA VM_PAT. munmap and fork then look up the memory
 * type in the VMA's first entry, and warn if an evict has zapped it (get_pat_info()).
 *
 * Return: how many pages after @done were mapped, at most @max, or an errno.
 */
static long flab_remap_some(struct flab_region *region, struct vm_area_struct *vma,
			    unsigned long done, unsigned long max)
{
	unsigned long addr = vma->vm_start + (done << PAGE_SHIFT);
	vm_fault_t fault;
	unsigned long pfn;
	long nr;
	int err;

	if (region->dead)
		return -ENODEV;
	nr = flab_remap_run(region, vma->vm_pgoff + done, done ? max : 1, &pfn);
	if (nr < 0)
		return nr;
	if (done) {
		err = remap_pfn_range(vma, addr, pfn, nr << PAGE_SHIFT, vma->vm_page_prot);
		return err ?: nr;
	}
	fault = vmf_insert_pfn(vma, addr, pfn);
	return fault & VM_FAULT_ERROR ? vm_fault_to_errno(fault, 0) : nr;
}

/* Map the pages in parts, so that an evict or an unplug does not wait for all of them. */
static int flab_remap_fill(struct flab_region *region, struct vm_area_struct *vma,
			   unsigned long pages)
{
	unsigned long done;
	long nr;

	for (done = 0; done < pages; done += nr) {
		percpu_down_read(&region->sem);
		nr = flab_remap_some(region, vma, done,
				     min(pages - done, (unsigned long)FLAB_REMAP_PAGES));
		percpu_up_read(&region->sem);
		if (nr < 0)
			return nr;
	}
	return 0;
}

/*
 * Entries past the end of a region of a fixed size stay empty. On failure, zap what was
 * mapped. The core does so only after .mmap has returned, which is too late: by then
 * flab_mmap_fill() has freed the memory of a region that was never mapped before, and
 * CONFIG may have changed the region.
 */
static int flab_remap_map(struct flab_region *region, struct vm_area_struct *vma)
{
	pgoff_t end = min(vma->vm_pgoff + vma_pages(vma), READ_ONCE(region->nr_pages));
	int err = 0;

	if (vma->vm_pgoff < end)
		err = flab_remap_fill(region, vma, end - vma->vm_pgoff);
	if (err)
		zap_vma_ptes(vma, vma->vm_start, vma->vm_end - vma->vm_start);
	return err;
}

const struct flab_kind flab_kind_remap = {
	.region_flags	= FAULTLAB_REGION_PHYS,
	.max_around	= 1,
	.special	= true,
	/*
	 * Refuses CoW mappings. remap_pfn_range() accepts one if its PFNs are
	 * contiguous, but overwrites its vm_pgoff with the first PFN. Then an evict by
	 * page index does not find the VMA.
	 */
	.check		= flab_pfn_check,
	.map		= flab_remap_map,
};
