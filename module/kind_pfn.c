// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind `pfn`: page frames by number (VM_PFNMAP), whether or not a struct page is
 * behind them. Entries are special: no reference, no RSS, no reverse mapping, so
 * the frames outlive them only because evict and release zap first.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "batch.h"
#include "fault.h"
#include "huge.h"
#include "kind.h"
#include "pages.h"

int flab_pfn_check(const struct flab_region *region, struct vm_area_struct *vma)
{
	/*
	 * vmf_insert_pfn() BUGs on a mapping that could be copied on write, and
	 * counts as such all that could become writable by mprotect.
	 */
	if (!(vma->vm_flags & VM_SHARED)) {
		if (vma->vm_flags & VM_WRITE)
			return -EINVAL;
		vm_flags_clear(vma, VM_MAYWRITE);
	}
	vm_flags_set(vma, VM_PFNMAP | VM_IO | VM_DONTEXPAND | VM_DONTDUMP);
	return 0;
}

/* The entries of a batch: bit n of @want is page @first + n. */
struct flab_pfn_batch {
	struct flab_fault *f;
	pgoff_t first;
	unsigned int mapped;
	DECLARE_BITMAP(want, FAULTLAB_MAX_AROUND);
};

/*
 * Called for each entry of the window, under the lock of the page table. As
 * vmf_insert_pfn(), less the lookup of the memory type, which is the VMA's.
 */
static int flab_pfn_set(pte_t *pte, unsigned long addr, void *data)
{
	struct flab_pfn_batch *b = data;
	struct vm_area_struct *vma = b->f->vmf->vma;
	pgoff_t index = linear_page_index(vma, addr);
	unsigned long pfn;

	if (!test_bit(index - b->first, b->want) || !pte_none(ptep_get(pte)) ||
	    flab_page_peek_pfn(b->f->region, index, &pfn))
		return 0;
	set_pte_at(vma->vm_mm, addr, pte, pte_mkspecial(pfn_pte(pfn, vma->vm_page_prot)));
	update_mmu_cache(vma, addr, pte);
	b->mapped += index != b->f->index;
	return 0;
}

static vm_fault_t flab_pfn_provide_window(struct flab_fault *f)
{
	struct flab_window w = flab_batch_window(f, f->region->around);
	struct flab_pfn_batch b = { .f = f, .first = w.first };
	unsigned int i, nr = w.last - w.first + 1;
	unsigned long pfn;
	int err;

	flab_batch_select(f, &w, b.want);
	/* What cannot be had for a neighbour is its own fault's to report. */
	for_each_set_bit(i, b.want, nr)
		if (flab_page_pfn(f->region, w.first + i, &pfn))
			__clear_bit(i, b.want);

	err = apply_to_page_range(f->vmf->vma->vm_mm, flab_batch_addr(f, w.first),
				  (unsigned long)nr << PAGE_SHIFT, flab_pfn_set, &b);
	if (err)
		return vmf_error(err);
	this_cpu_add(f->map->cell->pages_batch, b.mapped);
	return VM_FAULT_NOPAGE;
}

static vm_fault_t flab_pfn_insert(struct flab_fault *f)
{
	unsigned long pfn;
	int err = flab_page_pfn(f->region, f->index, &pfn);

	if (err == -EHWPOISON)
		return VM_FAULT_HWPOISON;
	if (err)
		return vmf_error(err);
	if (f->region->around > 1)
		return flab_pfn_provide_window(f);
	return vmf_insert_pfn(f->vmf->vma, f->vmf->address & PAGE_MASK, pfn);
}

static vm_fault_t flab_pfn_provide(struct flab_fault *f)
{
	if (f->region->flags & FAULTLAB_REGION_HUGE)
		return flab_huge_provide_page(f, flab_pfn_insert);
	return flab_pfn_insert(f);
}

const struct flab_kind flab_kind_pfn = {
	.name		= "pfn",
	.region_flags	= FAULTLAB_REGION_MKWRITE | FAULTLAB_REGION_PHYS |
			  FAULTLAB_REGION_HUGE | FAULTLAB_REGION_WHOLE,
	.max_around	= FAULTLAB_MAX_AROUND,
	.special	= true,
	.check		= flab_pfn_check,
	.provide	= flab_pfn_provide,
};
