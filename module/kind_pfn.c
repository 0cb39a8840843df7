// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind `pfn`: page frames by number (VM_PFNMAP), whether or not a struct page is
 * behind them. Entries are special: no reference, no RSS, no reverse mapping, so
 * the frames outlive them only because evict and release zap first.
 */
#include <linux/mm.h>
#include "fault.h"
#include "kind.h"
#include "pages.h"

static int flab_pfn_check(const struct flab_region *region,
			  struct vm_area_struct *vma)
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

static vm_fault_t flab_pfn_provide(struct flab_fault *f)
{
	unsigned long pfn;
	int err = flab_page_pfn(f->region, f->index, &pfn);

	if (err == -EHWPOISON)
		return VM_FAULT_HWPOISON;
	if (err)
		return vmf_error(err);
	return vmf_insert_pfn(f->vmf->vma, f->vmf->address & PAGE_MASK, pfn);
}

const struct flab_kind flab_kind_pfn = {
	.name		= "pfn",
	.region_flags	= FAULTLAB_REGION_MKWRITE | FAULTLAB_REGION_PHYS,
	.check		= flab_pfn_check,
	.provide	= flab_pfn_provide,
};
