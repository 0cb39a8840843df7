// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind `page`: struct pages, one reference for each mapping. They are returned
 * to the core, locked, or with INSERT put into the page table by us.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "fault.h"
#include "kind.h"
#include "pages.h"

/* vm_insert_pages() locks the page table for 8 at a time. */
#define FLAB_AROUND_BATCH 16

static int flab_page_check(const struct flab_region *region,
			   struct vm_area_struct *vma)
{
	if (region->flags & FAULTLAB_REGION_INSERT)
		vm_flags_set(vma, VM_MIXEDMAP);
	return 0;
}

static vm_fault_t flab_page_insert(struct flab_fault *f, struct page *page)
{
	int err = vm_insert_page(f->vmf->vma, f->vmf->address & PAGE_MASK, page);

	/* EBUSY: another thread was faster, and its entry will do. */
	if (!err || err == -EBUSY)
		return VM_FAULT_NOPAGE;
	return vmf_error(err);
}

static vm_fault_t flab_page_provide(struct flab_fault *f)
{
	struct page *page = flab_page_get(f->region, f->index);

	if (IS_ERR(page))
		return vmf_error(PTR_ERR(page));
	/* Without ->mapping __do_fault() cannot unmap it, and oopses trying. */
	if (PageHWPoison(page))
		return VM_FAULT_HWPOISON;

	/* For CoW the core wants a page to copy from, not an entry. */
	if ((f->region->flags & FAULTLAB_REGION_INSERT) && f->access != FLAB_COW)
		return flab_page_insert(f, page);

	/* Locked until it is mapped: flab_pages_drain() relies on that. */
	get_page(page);
	lock_page(page);
	if (f->access == FLAB_WRITE && (f->region->flags & FAULTLAB_REGION_MKWRITE))
		flab_page_offer(page);
	f->vmf->page = page;
	return VM_FAULT_LOCKED;
}

/*
 * No rule is about the page. Once it is mapped for reading, a write may reach it
 * without .fault, so rules for writes count too.
 */
static bool flab_page_is_plain(const struct flab_fault *f, pgoff_t index)
{
	bool shared = f->vmf->vma->vm_flags & VM_SHARED;

	return flab_rules_plain(f->region->rules, index, index,
				FAULTLAB_ACCESS_READ | FAULTLAB_ACCESS_EXEC |
				FAULTLAB_ACCESS_REMOTE | FAULTLAB_ACCESS_AROUND |
				(shared ? FAULTLAB_ACCESS_WRITE : FAULTLAB_ACCESS_COW));
}

/* Populated pages from index on that no rule is about: at most @max. */
static unsigned long flab_page_gather(const struct flab_fault *f, pgoff_t index,
				      pgoff_t last, struct page **pages,
				      unsigned long max)
{
	unsigned long nr = 0;

	while (nr < max && index + nr <= last && flab_page_is_plain(f, index + nr)) {
		pages[nr] = flab_page_peek(f->region, index + nr);
		if (!pages[nr] || PageHWPoison(pages[nr]))
			break;
		nr++;
	}
	return nr;
}

static unsigned int flab_page_provide_around(struct flab_fault *f, pgoff_t first,
					     pgoff_t last, bool *own)
{
	struct page *pages[FLAB_AROUND_BATCH];
	struct vm_fault *vmf = f->vmf;
	unsigned int mapped = 0;
	pgoff_t index = first;

	/* No table yet: we may not allocate one here, .fault may. */
	if (pmd_none(pmdp_get_lockless(vmf->pmd)) || !flab_page_is_plain(f, f->index))
		return 0;

	while (index <= last) {
		unsigned long nr = flab_page_gather(f, index, last, pages, ARRAY_SIZE(pages));
		unsigned long addr = (vmf->address & PAGE_MASK) +
				     ((index - f->index) << PAGE_SHIFT);
		unsigned long left = nr;
		int err = nr ? vm_insert_pages(vmf->vma, addr, pages, &left) : -EBUSY;

		mapped += nr - left;
		*own |= f->index - index < nr - left;
		if (err && err != -EBUSY)
			break;
		/* Step over what is not there, or is mapped already. */
		index += nr - left + (err ? 1 : 0);
	}
	return mapped;
}

const struct flab_kind flab_kind_page = {
	.name		= "page",
	.region_flags	= FAULTLAB_REGION_INSERT | FAULTLAB_REGION_MKWRITE,
	.check		= flab_page_check,
	.provide	= flab_page_provide,
	.provide_around	= flab_page_provide_around,
};
