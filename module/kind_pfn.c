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
#include "phys.h"

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

/* How many pages are looked up at a time. */
#define FLAB_PFN_CHUNK	16

/**
 * struct flab_pfn_batch - the entries of a batch
 * @f: the fault
 * @first: page of the region
 * @mapped: how many were, but for the fault's own
 * @missing: how many have no frame yet, or a broken one
 * @chunk: which part of the window @pages is
 * @pages: those that are there
 * @want: bit n is for page @first + n
 */
struct flab_pfn_batch {
	struct flab_fault *f;
	pgoff_t first;
	unsigned int mapped;
	unsigned int missing;
	unsigned int chunk;
	struct page *pages[FLAB_PFN_CHUNK];
	DECLARE_BITMAP(want, FAULTLAB_MAX_AROUND);
};

static bool flab_pfn_peek(struct flab_pfn_batch *b, unsigned int i, unsigned long *pfn)
{
	struct flab_region *region = b->f->region;
	unsigned int chunk = i / FLAB_PFN_CHUNK;
	struct page *page;

	if (region->flags & FAULTLAB_REGION_PHYS) {
		*pfn = flab_phys_pfn(b->first + i);
		return true;
	}
	if (chunk != b->chunk) {
		flab_pages_peek(region, b->first + chunk * FLAB_PFN_CHUNK, b->pages,
				FLAB_PFN_CHUNK);
		b->chunk = chunk;
	}
	page = b->pages[i % FLAB_PFN_CHUNK];
	if (!page || PageHWPoison(page))
		return false;
	*pfn = page_to_pfn(page);
	return true;
}

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

	if (!test_bit(index - b->first, b->want) || !pte_none(ptep_get(pte)))
		return 0;
	if (unlikely(!flab_pfn_peek(b, index - b->first, &pfn))) {
		b->missing++;
		return 0;
	}
	set_pte_at(vma->vm_mm, addr, pte, pte_mkspecial(pfn_pte(pfn, vma->vm_page_prot)));
	update_mmu_cache(vma, addr, pte);
	b->mapped += index != b->f->index;
	return 0;
}

static int flab_pfn_set_window(struct flab_pfn_batch *b, unsigned int nr)
{
	struct flab_fault *f = b->f;

	b->missing = 0;
	b->chunk = UINT_MAX;
	return apply_to_page_range(f->vmf->vma->vm_mm, flab_batch_addr(f, b->first),
				   (unsigned long)nr << PAGE_SHIFT, flab_pfn_set, b);
}

static vm_fault_t flab_pfn_provide_window(struct flab_fault *f)
{
	struct flab_window w = flab_batch_window(f, f->region->around);
	struct flab_pfn_batch b = { .f = f, .first = w.first };
	unsigned int i, nr = w.last - w.first + 1;
	unsigned long pfn;
	int err;

	flab_batch_select(f, &w, b.want);
	err = flab_pfn_set_window(&b, nr);
	/* Memory is allocated with no lock held, and only where there is none. */
	if (!err && b.missing) {
		/* What cannot be had for a neighbour is its own fault's to report. */
		for_each_set_bit(i, b.want, nr)
			if (flab_page_pfn(f->region, w.first + i, &pfn))
				__clear_bit(i, b.want);
		err = flab_pfn_set_window(&b, nr);
	}
	if (err)
		return vmf_error(err);
	f->extra = b.mapped;
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
