// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind `mixed`: frames by number in a VM_MIXEDMAP mapping, whether or not a struct
 * page is behind them. A shared mapping has special entries, as those of kind pfn. A
 * private one that can be written to has none: to copy a frame without a normal page
 * the core reads it from the address of whoever runs (__wp_page_copy_user()), and
 * that may be a debugger, so zeroes or a page of the debugger's own would be copied.
 * There the page is returned, as with kind page, for reading as well as for a copy.
 */
#include <linux/mm.h>
#include "kind/kind.h"
#include "kind/return_page.h"
#include "memory/pages.h"
#include "region/fault_state.h"

static int flab_mixed_check(const struct flab_region *region,
			    struct vm_area_struct *vma)
{
	/* No page to return. */
	int err = region->flags & FAULTLAB_REGION_PHYS ? flab_pfn_refuse_cow(vma) : 0;

	if (!err)
		vm_flags_set(vma, VM_MIXEDMAP | VM_DONTEXPAND | VM_DONTDUMP);
	return err;
}

/*
 * A PMD of a folio in VM_MIXEDMAP would be zapped as one of frames, and what it holds
 * of the folio be lost (zap_huge_pmd()).
 */
static vm_fault_t flab_mixed_return(struct flab_fault *f, struct page *page)
{
	vm_fault_t ret = f->region->memory.order ? flab_return_page_prevent_huge(f) : 0;

	return ret ?: flab_return_page(f, page);
}

static vm_fault_t flab_mixed_provide(struct flab_fault *f)
{
	unsigned long pfn;
	int err = flab_page_pfn(&f->region->memory, f->index, &pfn);

	if (err == -EHWPOISON)
		return VM_FAULT_HWPOISON;
	if (err)
		return vmf_error(err);
	if (is_cow_mapping(f->vmf->vma->vm_flags))
		return flab_mixed_return(f, pfn_to_page(pfn));
	/* Frames cannot be returned, and nothing is inserted where something stands. */
	if (unlikely(flab_fault_has_marker(f)))
		return VM_FAULT_SIGBUS;
	return vmf_insert_mixed(f->vmf->vma, f->vmf->address & PAGE_MASK,
				flab_pfn_arg(pfn));
}

const struct flab_kind flab_kind_mixed = {
	.name		= "mixed",
	.region_flags	= FAULTLAB_REGION_MKWRITE | FAULTLAB_REGION_PHYS |
			  FAULTLAB_REGION_WHOLE,
	.max_around	= 1,
	.special	= true,
	.check		= flab_mixed_check,
	.provide	= flab_mixed_provide,
};
