// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind `mixed`: PFNs in a VM_MIXEDMAP mapping, with or without a struct page. A shared
 * mapping has special entries, as with kind pfn. A private one with VM_MAYWRITE must have
 * none: for CoW of a special entry the core reads from the user address in the mm of
 * the running task (__wp_page_copy_user()). That task may be a debugger; then zeroes, or
 * a page of the debugger's mm, would be copied. So in such a mapping .fault returns the
 * page, as with kind page, for read faults as well as for CoW.
 */
#include <linux/mm.h>
#include "kind/kind.h"
#include "kind/return_page.h"
#include "memory/pages.h"
#include "region/fault_state.h"

static int flab_mixed_check(const struct flab_region *region,
			    struct vm_area_struct *vma)
{
	/* PHYS has no struct page that could be returned for CoW. */
	int err = region->flags & FAULTLAB_REGION_PHYS ? flab_pfn_refuse_cow(vma) : 0;

	if (!err)
		vm_flags_set(vma, VM_MIXEDMAP | VM_DONTEXPAND | VM_DONTDUMP);
	return err;
}

/*
 * A folio must not be mapped by a PMD leaf in VM_MIXEDMAP: zap_huge_pmd() would take
 * the leaf for one of PFNs and not drop its reference to the folio.
 */
static vm_fault_t flab_mixed_return(struct flab_fault *f, struct page *page)
{
	vm_fault_t ret = f->region->memory.order ? flab_return_page_prevent_huge(f) : 0;

	return ret ?: flab_return_page(f, page);
}

static vm_fault_t flab_mixed_provide(struct flab_fault *f)
{
	unsigned long pfn;
	int err = flab_page_pfn(&f->region->memory, f->index, f->vmf->vma->vm_mm, &pfn);

	if (err == -EHWPOISON)
		return VM_FAULT_HWPOISON;
	if (err)
		return vmf_error(err);
	if (is_cow_mapping(f->vmf->vma->vm_flags))
		return flab_mixed_return(f, pfn_to_page(pfn));
	/*
	 * No entry can be inserted over a userfaultfd marker. The core could handle the marker
	 * if the handler returned a page, but a PFN cannot be returned.
	 */
	if (unlikely(flab_fault_has_marker(f)))
		return VM_FAULT_SIGBUS;
	return vmf_insert_mixed(f->vmf->vma, f->vmf->address & PAGE_MASK,
				flab_pfn_arg(pfn));
}

const struct flab_kind flab_kind_mixed = {
	.region_flags	= FAULTLAB_REGION_MKWRITE | FAULTLAB_REGION_PHYS |
			  FAULTLAB_REGION_WHOLE,
	.max_around	= 1,
	.special	= true,
	.check		= flab_mixed_check,
	.provide	= flab_mixed_provide,
};
