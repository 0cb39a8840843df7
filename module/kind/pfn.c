// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind `pfn`: PFNs in a VM_PFNMAP mapping, with or without a struct page. Entries are
 * special: no reference, no RSS, no reverse mapping. Since an entry holds no reference,
 * a page frame must not be freed before its entries are gone: evict zaps entries before it
 * frees pages, and release comes after the end of every VMA.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "kind/window.h"
#include "kind/huge.h"
#include "kind/kind.h"
#include "memory/pages.h"
#include "memory/phys.h"
#include "region/fault_state.h"

/**
 * flab_pfn_refuse_cow - refuse private writable mappings, keep private ones read-only
 * @vma: a VMA that is to have special entries
 *
 * VM_MAYWRITE is cleared: a private mapping that has it counts as a CoW mapping
 * (is_cow_mapping()), since mprotect() could make it writable, and vmf_insert_pfn() BUGs on
 * a CoW mapping with VM_PFNMAP. In a VM_MIXEDMAP mapping nothing BUGs, but CoW would read
 * from the user address in the mm of the running task (__wp_page_copy_user()), which need
 * not be the mm that maps the page.
 *
 * Return: 0 or -EINVAL.
 */
int flab_pfn_refuse_cow(struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_SHARED)
		return 0;
	if (vma->vm_flags & VM_WRITE)
		return -EINVAL;
	vm_flags_clear(vma, VM_MAYWRITE);
	return 0;
}

int flab_pfn_check(const struct flab_region *region, struct vm_area_struct *vma)
{
	int err = flab_pfn_refuse_cow(vma);

	if (err)
		return err;
	vm_flags_set(vma, VM_PFNMAP | VM_IO | VM_DONTEXPAND | VM_DONTDUMP);
	return 0;
}

/* How many pages are looked up at a time. */
#define FLAB_PFN_CHUNK	32

/**
 * struct flab_pfn_batch - the entries that one fault maps
 * @f: the fault
 * @w: the pages; all their entries are in one page table
 * @want: bit n says whether to map page @w.first + n; NULL for all
 * @mapped: how many pages were mapped, not counting the fault's own
 * @missing: how many pages are not allocated yet, or broken
 */
struct flab_pfn_batch {
	struct flab_fault *f;
	struct flab_window w;
	const unsigned long *want;
	unsigned int mapped;
	unsigned int missing;
};

static __always_inline bool flab_pfn_wants(const struct flab_pfn_batch *b, pgoff_t index)
{
	return !b->want || test_bit(index - b->w.first, b->want);
}

/* Like vmf_insert_pfn(), but does not look up the memory type: @prot, vm_page_prot, has it. */
static __always_inline void flab_pfn_set(struct flab_pfn_batch *b, pte_t *pte,
					 pgoff_t index, unsigned long pfn, pgprot_t prot)
{
	struct vm_area_struct *vma = b->f->vmf->vma;
	unsigned long addr = flab_window_addr(b->f, index);

	set_pte_at(vma->vm_mm, addr, pte, pte_mkspecial(pfn_pte(pfn, prot)));
	update_mmu_cache(vma, addr, pte);
	b->mapped++;
}

static void flab_pfn_set_phys(struct flab_pfn_batch *b, pte_t *pte)
{
	const pgprot_t prot = b->f->vmf->vma->vm_page_prot;
	pgoff_t index;

	for (index = b->w.first; index <= b->w.last; index++, pte++)
		if (pte_none(ptep_get(pte)) && flab_pfn_wants(b, index))
			flab_pfn_set(b, pte, index, flab_phys_pfn(index), prot);
}

static void flab_pfn_set_pages(struct flab_pfn_batch *b, pte_t *pte)
{
	const pgprot_t prot = b->f->vmf->vma->vm_page_prot;
	struct page *room[FLAB_PFN_CHUNK], **pages, *page;
	pgoff_t index = b->w.first;
	unsigned int i, nr;

	for (; index <= b->w.last; index += nr, pte += nr) {
		nr = min_t(pgoff_t, b->w.last - index + 1, ARRAY_SIZE(room));
		pages = flab_pages_peek(&b->f->region->memory, index, &nr, room);
		for (i = 0; i < nr; i++) {
			if (!pte_none(ptep_get(pte + i)) || !flab_pfn_wants(b, index + i))
				continue;
			page = READ_ONCE(pages[i]);
			if (flab_page_is_sound(page))
				flab_pfn_set(b, pte + i, index + i, page_to_pfn(page), prot);
			else
				b->missing++;
		}
	}
}

/*
 * apply_to_page_range() calls this for the first entry of the window, under the page
 * table lock. The window's other entries are set here, too: a call by
 * apply_to_page_range() for each of them would double the cost.
 */
static int flab_pfn_set_all(pte_t *pte, unsigned long addr, void *data)
{
	struct flab_pfn_batch *b = data;
	pte_t *own = pte + (b->f->index - b->w.first);
	bool was_there = !pte_none(ptep_get(own));

	if (b->f->region->flags & FAULTLAB_REGION_PHYS)
		flab_pfn_set_phys(b, pte);
	else
		flab_pfn_set_pages(b, pte);
	b->mapped -= !was_there && !pte_none(ptep_get(own));
	return 0;
}

static int flab_pfn_set_window(struct flab_pfn_batch *b)
{
	struct flab_fault *f = b->f;

	b->missing = 0;
	return apply_to_page_range(f->vmf->vma->vm_mm, flab_window_addr(f, b->w.first),
				   PAGE_SIZE, flab_pfn_set_all, b);
}

/* Allocate the missing pages. Ignore a neighbour's error; that page's own fault reports it. */
static void flab_pfn_populate(const struct flab_pfn_batch *b)
{
	struct mm_struct *mm = b->f->vmf->vma->vm_mm;
	unsigned long pfn;
	pgoff_t index;

	for (index = b->w.first; index <= b->w.last; index++)
		if (flab_pfn_wants(b, index))
			flab_page_pfn(&b->f->region->memory, index, mm, &pfn);
}

static vm_fault_t flab_pfn_provide_window(struct flab_fault *f)
{
	DECLARE_BITMAP(bits, FAULTLAB_MAX_AROUND);
	struct flab_pfn_batch b = {
		.f = f,
		.w = flab_window_around(f, f->region->around),
	};
	int err;

	b.want = flab_window_select(f, &b.w, bits);
	err = flab_pfn_set_window(&b);
	/* Allocate without the page table lock, and only if pages are missing. */
	if (!err && b.missing) {
		flab_pfn_populate(&b);
		err = flab_pfn_set_window(&b);
	}
	if (err)
		return vmf_error(err);
	f->extra = b.mapped;
	this_cpu_add(f->counters->cell->pages_batch, b.mapped);
	return VM_FAULT_NOPAGE;
}

static vm_fault_t flab_pfn_insert(struct flab_fault *f)
{
	unsigned long pfn;
	int err = flab_page_pfn(&f->region->memory, f->index, f->vmf->vma->vm_mm, &pfn);

	if (err == -EHWPOISON)
		return VM_FAULT_HWPOISON;
	if (err)
		return vmf_error(err);
	if (f->region->around > 1)
		return flab_pfn_provide_window(f);
	return vmf_insert_pfn(f->vmf->vma, f->vmf->address & PAGE_MASK, pfn);
}

static vm_fault_t flab_pfn_provide(struct flab_fault *f)
{
	/*
	 * No entry can be inserted over a userfaultfd marker. The core could handle the marker
	 * if the handler returned a page, but a PFN cannot be returned.
	 */
	if (unlikely(flab_fault_has_marker(f)))
		return VM_FAULT_SIGBUS;
	if (f->region->flags & FAULTLAB_REGION_HUGE)
		return flab_huge_provide_page(f, flab_pfn_insert);
	return flab_pfn_insert(f);
}

const struct flab_kind flab_kind_pfn = {
	.region_flags	= FAULTLAB_REGION_MKWRITE | FAULTLAB_REGION_PHYS |
			  FAULTLAB_REGION_HUGE | FAULTLAB_REGION_WHOLE,
	.max_around	= FAULTLAB_MAX_AROUND,
	.special	= true,
	.check		= flab_pfn_check,
	.provide	= flab_pfn_provide,
};
