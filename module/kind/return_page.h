/* SPDX-License-Identifier: GPL-2.0-only */
/* Returning a page to the core, which maps it (finish_fault()), or copies it for CoW. */
#ifndef FLAB_RETURN_PAGE_H
#define FLAB_RETURN_PAGE_H

#include <linux/pagemap.h>
#include "region/fault_state.h"

vm_fault_t flab_return_page_wait(struct flab_fault *f, struct page *page);
vm_fault_t flab_return_page_prevent_huge(struct flab_fault *f);

/**
 * flab_return_page - return a page to the core
 * @f: the fault
 * @page: the page, of the region
 *
 * The page stays locked until the core has mapped it: flab_pages_drain() relies on
 * that.
 *
 * Return: VM_FAULT_LOCKED, or VM_FAULT_SIGBUS if killed.
 */
static __always_inline vm_fault_t flab_return_page(struct flab_fault *f, struct page *page)
{
	struct folio *folio = page_folio(page);

	folio_get(folio);
	/* The lock is mostly free: only an evict or another fault takes it. */
	if (unlikely(!folio_trylock(folio)))
		return flab_return_page_wait(f, page);
	f->vmf->page = page;
	return VM_FAULT_LOCKED;
}

#endif /* FLAB_RETURN_PAGE_H */
