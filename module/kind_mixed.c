// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind `mixed`: frames by number in a VM_MIXEDMAP mapping, whether or not a struct
 * page is behind them. Entries are special, as those of kind pfn, but a mapping may
 * be copied on write: the copies are normal pages next to them.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "fault.h"
#include "kind.h"
#include "pages.h"

static int flab_mixed_check(const struct flab_region *region,
			    struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_MIXEDMAP | VM_DONTEXPAND | VM_DONTDUMP);
	return 0;
}

/*
 * A private write gets the shared entry too, read-only as all of a private
 * mapping: the access then faults again, and the core copies without us.
 */
static vm_fault_t flab_mixed_provide(struct flab_fault *f)
{
	unsigned long pfn;
	int err = flab_page_pfn(f->region, f->index, &pfn);

	if (err == -EHWPOISON)
		return VM_FAULT_HWPOISON;
	if (err)
		return vmf_error(err);
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
