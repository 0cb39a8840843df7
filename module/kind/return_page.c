// SPDX-License-Identifier: GPL-2.0-only
/* Returning a page to the core: the slow cases. */
#include <linux/mm.h>
#include "kind/return_page.h"

/* flab_return_page() if another task has locked the folio: wait for the lock. */
vm_fault_t flab_return_page_wait(struct flab_fault *f, struct page *page)
{
	struct folio *folio = page_folio(page);

	if (folio_lock_killable(folio)) {
		folio_put(folio);
		return VM_FAULT_SIGBUS;
	}
	f->vmf->page = page;
	return VM_FAULT_LOCKED;
}

/**
 * flab_return_page_prevent_huge - keep the core from mapping a folio by a PMD leaf
 * @f: the fault; its PMD is not a leaf
 *
 * finish_fault() maps a single page if there is a page table, so an empty PMD gets one.
 *
 * Return: 0 or VM_FAULT_OOM.
 */
vm_fault_t flab_return_page_prevent_huge(struct flab_fault *f)
{
	struct vm_fault *vmf = f->vmf;

	if (!pmd_none(pmdp_get_lockless(vmf->pmd)))
		return 0;
	return apply_to_page_range(vmf->vma->vm_mm, vmf->address & PAGE_MASK, PAGE_SIZE,
				   NULL, NULL) ? VM_FAULT_OOM : 0;
}
