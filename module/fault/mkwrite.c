// SPDX-License-Identifier: GPL-2.0-only
/* .page_mkwrite and .pfn_mkwrite of every kind: a write to a present, read-only entry. */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "fault/fault.h"
#include "fault/nopage.h"
#include "fault/run.h"
#include "fault/wait.h"
#include "memory/pages.h"

/*
 * The page is returned locked (VM_FAULT_LOCKED): only the page lock makes an evict wait
 * until the PTE is writable. But the core unlocks the page between .fault and the
 * .page_mkwrite of the same write fault (do_shared_fault()). If an evict or a change of
 * rules drained the region in between, it did not wait for this fault. The fault then
 * ends with nothing mapped, so that the access faults again.
 *
 * The region may have dropped the page. If the page was evicted after the core read the
 * PTE, the PTE is gone. If the page was mapped after it was dropped
 * (FAULTLAB_RULE_UNLOCKED), the PTE is still there. It is zapped here: otherwise each new
 * write would find it again.
 */
static vm_fault_t flab_provide_mkwrite(struct flab_fault *f)
{
	struct page *page = f->vmf->page;

	if (flab_page_peek(&f->region->memory, f->index) != page) {
		if (folio_mapped(page_folio(page)))
			unmap_mapping_pages(f->region->inode->i_mapping, f->index, 1, false);
		return flab_fault_nopage();
	}
	if (flab_fault_is_second(f) && flab_fault_is_drained(f))
		return flab_fault_nopage();
	return folio_lock_killable(page_folio(page)) ? VM_FAULT_SIGBUS : VM_FAULT_LOCKED;
}

vm_fault_t flab_vm_page_mkwrite(struct vm_fault *vmf)
{
	struct flab_fault f;
	vm_fault_t ret;

	flab_fault_begin(&f, vmf, FLAB_MKWRITE);
	/* do_page_mkwrite() overwrites vmf->flags, which would show the lock that is held. */
	f.lock = FLAB_LOCK_UNKNOWN;
	ret = flab_fault_run(&f, flab_provide_mkwrite);
	if (flab_fault_is_second(&f)) {
		f.extra = !(ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE));
		if (flab_fault_first_is_major(&f, ret))
			f.special |= FAULT_FLAG_TRIED;
	}
	return flab_fault_end(&f, ret);
}

/*
 * Nothing to do, and no lock to return with: if an evict removes the PTE meanwhile, the
 * core finds the PTE changed and does not make it writable (finish_mkwrite_fault()).
 */
static vm_fault_t flab_provide_pfn_mkwrite(struct flab_fault *f)
{
	return 0;
}

vm_fault_t flab_vm_pfn_mkwrite(struct vm_fault *vmf)
{
	struct flab_fault f;

	flab_fault_begin(&f, vmf, FLAB_PFN_MKWRITE);
	return flab_fault_end(&f, flab_fault_run(&f, flab_provide_pfn_mkwrite));
}
