// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind `page`: struct pages, of which each entry holds a reference. .fault returns the
 * page, locked, to the core. With INSERT, .fault inserts it into the page table itself.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "kind/kind.h"
#include "kind/page_around.h"
#include "kind/return_page.h"
#include "kind/window.h"
#include "memory/pages.h"
#include "region/fault_state.h"

static int flab_page_check(const struct flab_region *region,
			   struct vm_area_struct *vma)
{
	if (region->flags & FAULTLAB_REGION_INSERT)
		vm_flags_set(vma, VM_MIXEDMAP);
	/* VM_DONTEXPAND prevents merges of VMAs, which may move a boundary into a folio. */
	if (region->flags & FAULTLAB_REGION_WHOLE)
		vm_flags_set(vma, VM_DONTEXPAND);
	return 0;
}

/* When a page is returned: mark a write fault for which the core calls .page_mkwrite next. */
static void flab_page_note_first(struct flab_fault *f)
{
	if (f->access == FLAB_WRITE && (f->region->flags & FAULTLAB_REGION_MKWRITE))
		flab_fault_mark_first(f);
}

static noinline vm_fault_t flab_page_return_first(struct flab_fault *f, struct page *page)
{
	vm_fault_t ret = flab_return_page(f, page);

	if (ret & VM_FAULT_LOCKED)
		flab_page_note_first(f);
	return ret;
}

/*
 * -EBUSY: the PTE is not empty. If another thread has mapped the page, that entry serves the
 * fault. If the PTE is a userfaultfd marker, return the page: the core handles the marker.
 */
static noinline vm_fault_t flab_page_insert_failed(struct flab_fault *f, struct page *page,
						   int err)
{
	if (err != -EBUSY)
		return vmf_error(err);
	return flab_fault_has_marker(f) ? flab_page_return_first(f, page) : VM_FAULT_NOPAGE;
}

/*
 * Insert a page, and map the rest of its folio along with it. Not inlined, as a fault of
 * order 0 would pay for the stack frame.
 */
static noinline vm_fault_t flab_page_insert_folio(struct flab_fault *f, struct page *page)
{
	vm_fault_t ret = VM_FAULT_NOPAGE;
	struct flab_window window;
	int err;

	if (folio_lock_killable(page_folio(page)))
		return VM_FAULT_SIGBUS;
	err = vm_insert_page(f->vmf->vma, f->vmf->address & PAGE_MASK, page);
	folio_unlock(page_folio(page));
	if (unlikely(err))
		ret = flab_page_insert_failed(f, page, err);
	if (ret == VM_FAULT_NOPAGE) {
		window = flab_window_around(f, BIT(f->region->memory.order));
		f->extra = flab_page_insert_around(f, window).nr;
		this_cpu_add(f->counters->cell->pages_batch, f->extra);
	}
	return ret;
}

static __always_inline vm_fault_t flab_page_insert(struct flab_fault *f, struct page *page)
{
	int err;

	if (unlikely(f->region->memory.order))
		return flab_page_insert_folio(f, page);
	err = vm_insert_page(f->vmf->vma, f->vmf->address & PAGE_MASK, page);
	return likely(!err) ? VM_FAULT_NOPAGE : flab_page_insert_failed(f, page, err);
}

/*
 * Whether finish_fault() may map all of a PMD-sized folio by one PMD leaf, as it does
 * if nothing prevents it. The answer is the same for all faults on the folio in this VMA
 * under the same rules. It is no for a region that grows (its end might be in the folio),
 * with MKWRITE (a write fault would make all pages writable with one .page_mkwrite), and
 * if a page of the folio is broken, or matched by a rule other than unconditional "serve".
 */
static bool flab_page_may_be_huge(const struct flab_fault *f, struct page *page)
{
	pgoff_t first = round_down(f->index, BIT(FLAB_PMD_ORDER));

	return f->region->fixed && !(f->region->flags & FAULTLAB_REGION_MKWRITE) &&
	       !flab_folio_is_broken(page_folio(page)) &&
	       flab_fault_plain(f, first, first + BIT(FLAB_PMD_ORDER) - 1, FAULTLAB_ACCESS_HUGE);
}

/*
 * If the folio must not be mapped by a PMD leaf, give the PMD a page table: finish_fault()
 * then maps the one page. A leaf that is there already serves the fault.
 *
 * apply_to_page_range(), which makes the table, cannot handle a PMD leaf. The caller holds
 * the folio lock, so no leaf can be mapped between the check of the PMD and that call:
 *  - The core maps a leaf only in a VMA that has all of the folio
 *    (thp_vma_suitable_order()). Then every fault on this PMD is in this VMA, and the
 *    mmap_lock or per-VMA lock of the fault keeps the VMA as it is.
 *  - The leaf would come from another fault that has returned a page of this folio, since
 *    it matched other rules or came before the folio was broken. Such a fault holds the
 *    folio lock until its leaf is mapped. A fault that returned its page unlocked
 *    (FAULTLAB_RULE_UNLOCKED) maps no leaf: it found a page table or made one.
 * The table stays until munmap() or mremap(), unless MADV_DONTNEED frees page tables.
 */
static vm_fault_t flab_page_prevent_huge(struct flab_fault *f, struct page *page)
{
	pmd_t pmd = pmdp_get_lockless(f->vmf->pmd);

	if (pmd_leaf(pmd))
		return VM_FAULT_NOPAGE;
	if (!pmd_none(pmd) || flab_page_may_be_huge(f, page))
		return 0;
	return flab_return_page_prevent_huge(f);
}

/* Return a page whose folio a PMD leaf could map, or that may get a .page_mkwrite next. */
static noinline vm_fault_t flab_page_return_special(struct flab_fault *f, struct page *page)
{
	vm_fault_t other = 0, ret = flab_return_page(f, page);
	struct folio *folio = page_folio(page);

	if (!(ret & VM_FAULT_LOCKED))
		return ret;
	if (f->region->memory.order == FLAB_PMD_ORDER)
		other = flab_page_prevent_huge(f, page);
	if (!other) {
		flab_page_note_first(f);
		return ret;
	}
	f->vmf->page = NULL;
	folio_unlock(folio);
	folio_put(folio);
	return other;
}

/* Slow cases are tail calls: any other call would make every fault save registers. */
static __always_inline vm_fault_t flab_page_hand_over(struct flab_fault *f, struct page *page)
{
	const struct flab_region *region = f->region;

	/* A broken page is never mapped again. vm_insert_page() does not check. */
	if (unlikely(PageHWPoison(page)))
		return VM_FAULT_HWPOISON;
	/* For CoW the core wants a page to copy from, not an entry. */
	if (f->access == FLAB_COW)
		return flab_return_page(f, page);
	if (region->flags & FAULTLAB_REGION_INSERT)
		return flab_page_insert(f, page);
	if (region->memory.order == FLAB_PMD_ORDER || (region->flags & FAULTLAB_REGION_MKWRITE))
		return flab_page_return_special(f, page);
	return flab_return_page(f, page);
}

static noinline vm_fault_t flab_page_provide_new(struct flab_fault *f)
{
	struct page *page = flab_page_add(&f->region->memory, f->index, f->vmf->vma->vm_mm);

	return IS_ERR(page) ? vmf_error(PTR_ERR(page)) : flab_page_hand_over(f, page);
}

static vm_fault_t flab_page_provide(struct flab_fault *f)
{
	struct page *page = flab_page_peek(&f->region->memory, f->index);

	return likely(page) ? flab_page_hand_over(f, page) : flab_page_provide_new(f);
}

const struct flab_kind flab_kind_page = {
	.region_flags	= FAULTLAB_REGION_INSERT | FAULTLAB_REGION_MKWRITE |
			  FAULTLAB_REGION_WHOLE,
	.max_around	= 1,
	.check		= flab_page_check,
	.provide	= flab_page_provide,
	.provide_around	= flab_page_provide_around,
};
