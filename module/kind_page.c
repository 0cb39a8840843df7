// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind `page`: struct pages, one reference for each mapping. They are returned
 * to the core, locked, or with INSERT put into the page table by us.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "batch.h"
#include "fault.h"
#include "kind.h"
#include "pages.h"

/* vm_insert_pages() locks the page table for 8 at a time. */
#define FLAB_AROUND_BATCH 16

#define FLAB_PMD_ORDER (PMD_SHIFT - PAGE_SHIFT)

static int flab_page_check(const struct flab_region *region,
			   struct vm_area_struct *vma)
{
	if (region->flags & FAULTLAB_REGION_INSERT)
		vm_flags_set(vma, VM_MIXEDMAP);
	return 0;
}

/* Of pages from index on, NULL or broken for those to leave out: maps as far as it goes. */
static int flab_page_insert_some(struct flab_fault *f, pgoff_t index, struct page **pages,
				 unsigned int nr, unsigned int *mapped, bool *own)
{
	unsigned int i = 0;

	while (i < nr) {
		unsigned long left, there = 0;
		int err;

		while (i + there < nr && pages[i + there] && !PageHWPoison(pages[i + there]))
			there++;
		if (!there) {
			i++;
			continue;
		}
		left = there;
		err = vm_insert_pages(f->vmf->vma, flab_batch_addr(f, index + i), pages + i, &left);
		*mapped += there - left;
		*own |= f->index - index - i < there - left;
		if (err && err != -EBUSY)
			return err;
		/* Step over what is mapped already. */
		i += there - left + (err ? 1 : 0);
	}
	return 0;
}

/*
 * Map what is populated of the window and no rule is about. Returns how many
 * pages, and whether the fault's own is among them.
 */
static unsigned int flab_page_insert_around(struct flab_fault *f, struct flab_window w,
					    bool *own)
{
	DECLARE_BITMAP(bits, FAULTLAB_MAX_AROUND);
	const unsigned long *want = flab_batch_select(f, &w, bits);
	struct page *pages[FLAB_AROUND_BATCH];
	unsigned int i, nr, mapped = 0;
	pgoff_t index;

	for (index = w.first; index <= w.last; index += nr) {
		nr = min_t(pgoff_t, w.last - index + 1, ARRAY_SIZE(pages));
		flab_pages_peek(f->region, index, pages, nr);
		for (i = 0; want && i < nr; i++)
			if (!test_bit(index - w.first + i, want))
				pages[i] = NULL;
		if (flab_page_insert_some(f, index, pages, nr, &mapped, own))
			break;
	}
	return mapped;
}

static vm_fault_t flab_page_insert(struct flab_fault *f, struct page *page)
{
	int err = vm_insert_page(f->vmf->vma, f->vmf->address & PAGE_MASK, page);
	bool own = false;

	/* EBUSY: another thread was faster, and its entry will do. */
	if (err && err != -EBUSY)
		return vmf_error(err);
	if (f->region->order) {
		f->extra = flab_page_insert_around(f,
						   flab_batch_window(f, BIT(f->region->order)),
						   &own);
		this_cpu_add(f->map->cell->pages_batch, f->extra);
	}
	return VM_FAULT_NOPAGE;
}

/*
 * finish_fault() maps a folio of the size of a PMD by one entry if it can, and so
 * all of its pages. Whether it may is the same for all faults on the folio in this
 * VMA under the same rules. It may not in a region that grows (whose end might be
 * in the folio), nor with MKWRITE (a write fault would make all pages writable
 * with one .page_mkwrite), nor where a rule is about one of the pages.
 */
static bool flab_page_may_be_huge(const struct flab_fault *f)
{
	pgoff_t first = round_down(f->index, BIT(FLAB_PMD_ORDER));

	return f->region->fixed && !(f->region->flags & FAULTLAB_REGION_MKWRITE) &&
	       flab_fault_plain(f, first, first + BIT(FLAB_PMD_ORDER) - 1, FAULTLAB_ACCESS_HUGE);
}

/*
 * Where it may not, the PMD gets a page table first, and finish_fault() then maps
 * the one page. No PMD can be mapped between the look at it and the allocation,
 * where apply_to_page_range() would not survive it: that takes
 *  - a VMA that has all of the folio (thp_vma_suitable_order()), so that each
 *    fault on this PMD is of this VMA, whose lock keeps it as it is, and
 *  - a fault that may map it, so one that was judged by other rules. Those have
 *    changed since, and who changed them has waited for such faults, by
 *    region->sem and by the lock of the folio that they hold until it is mapped.
 * Nor can the table go again: only munmap() and mremap() take it away. A PMD that
 * was mapped before we came serves the fault.
 */
static vm_fault_t flab_page_prevent_huge(struct flab_fault *f)
{
	struct vm_fault *vmf = f->vmf;
	pmd_t pmd = pmdp_get_lockless(vmf->pmd);

	if (pmd_leaf(pmd))
		return VM_FAULT_NOPAGE;
	if (!pmd_none(pmd) || flab_page_may_be_huge(f))
		return 0;
	if (apply_to_page_range(vmf->vma->vm_mm, vmf->address & PAGE_MASK, PAGE_SIZE,
				NULL, NULL))
		return VM_FAULT_OOM;
	return 0;
}

/* The core gets the page, locked until it is mapped: flab_pages_drain() relies on that. */
static vm_fault_t flab_page_return(struct flab_fault *f, struct page *page)
{
	struct folio *folio = page_folio(page);

	folio_get(folio);
	folio_lock(folio);
	if (f->access == FLAB_WRITE && (f->region->flags & FAULTLAB_REGION_MKWRITE))
		flab_fault_note_drains(f);
	f->vmf->page = page;
	return VM_FAULT_LOCKED;
}

static vm_fault_t flab_page_provide(struct flab_fault *f)
{
	struct flab_region *region = f->region;
	struct page *page = flab_page_get(region, f->index);
	vm_fault_t ret;

	if (IS_ERR(page))
		return vmf_error(PTR_ERR(page));
	/* Without ->mapping __do_fault() cannot unmap it, and oopses trying. */
	if (PageHWPoison(page))
		return VM_FAULT_HWPOISON;

	/* For CoW the core wants a page to copy from, not an entry. */
	if (f->access == FLAB_COW)
		return flab_page_return(f, page);
	if (region->flags & FAULTLAB_REGION_INSERT)
		return flab_page_insert(f, page);

	if (region->order == FLAB_PMD_ORDER) {
		ret = flab_page_prevent_huge(f);
		if (ret)
			return ret;
	}
	return flab_page_return(f, page);
}

static unsigned int flab_page_provide_around(struct flab_fault *f, pgoff_t first,
					     pgoff_t last, bool *own)
{
	/* No table yet: we may not allocate one here, .fault may. */
	if (pmd_none(pmdp_get_lockless(f->vmf->pmd)) ||
	    !flab_fault_plain(f, f->index, f->index, 0))
		return 0;
	return flab_page_insert_around(f, (struct flab_window) { first, last }, own);
}

const struct flab_kind flab_kind_page = {
	.name		= "page",
	.region_flags	= FAULTLAB_REGION_INSERT | FAULTLAB_REGION_MKWRITE |
			  FAULTLAB_REGION_WHOLE,
	.max_around	= 1,
	.check		= flab_page_check,
	.provide	= flab_page_provide,
	.provide_around	= flab_page_provide_around,
};
