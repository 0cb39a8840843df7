// SPDX-License-Identifier: GPL-2.0-only
/*
 * Map a PMD or a PUD leaf of PFNs, if alignment, size, PFNs and rules allow it.
 * Otherwise return VM_FAULT_FALLBACK, and the core calls .fault for one page.
 *
 * A PMD leaf must not be mapped where there is a page table, and no page may be inserted
 * where there is a leaf: neither vmf_insert_pfn() nor apply_to_page_range() can handle a
 * leaf in place of a table. A table stays for as long as the VMA does, so the first fault
 * on an empty entry makes it a leaf or a table. region->huge is held from the check that
 * the entry is empty until it is filled.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "kind/huge.h"
#include "memory/pages.h"
#include "memory/phys.h"
#include "region/fault_state.h"

/* Why no leaf is mapped, in the order of the checks; FLAB_FITS if one can be mapped. */
enum flab_fallback { FLAB_FITS = -1, FLAB_START, FLAB_END, FLAB_PFN, FLAB_RULE };

/* The PFNs of a leaf must be contiguous, and the first aligned to its size. */
static bool flab_huge_pfn(struct flab_fault *f, pgoff_t first, unsigned int order,
			  unsigned long *pfn)
{
	struct flab_region *region = f->region;
	bool is_phys = region->flags & FAULTLAB_REGION_PHYS;

	if (!is_phys && (order != region->memory.order || !IS_ALIGNED(first, BIT(order))))
		return false;
	if (flab_page_pfn(&region->memory, first, f->vmf->vma->vm_mm, pfn) ||
	    !IS_ALIGNED(*pfn, BIT(order)))
		return false;
	/* No leaf for a folio with a broken page: that page's own fault reports it. */
	return is_phys || !flab_folio_is_broken(pfn_folio(*pfn));
}

static enum flab_fallback flab_huge_check(struct flab_fault *f, unsigned int order,
					  unsigned long *pfn)
{
	struct vm_area_struct *vma = f->vmf->vma;
	unsigned long size = PAGE_SIZE << order;
	unsigned long addr = f->vmf->address & ~(size - 1);
	pgoff_t first;

	if (addr < vma->vm_start)
		return FLAB_START;
	first = linear_page_index(vma, addr);
	if (size > vma->vm_end - addr || first + BIT(order) > READ_ONCE(f->region->nr_pages))
		return FLAB_END;
	if (!flab_huge_pfn(f, first, order, pfn))
		return FLAB_PFN;
	if (!flab_fault_plain(f, first, first + BIT(order) - 1, FAULTLAB_ACCESS_HUGE))
		return FLAB_RULE;
	return FLAB_FITS;
}

/*
 * Whether the entry is a leaf already. Called with region->huge held, so that no other fault
 * can put a page table there.
 */
static bool flab_huge_is_there(const struct vm_fault *vmf, unsigned int order)
{
	if (order == FLAB_PMD_ORDER)
		return pmd_leaf(pmdp_get_lockless(vmf->pmd));
	return pud_leaf(READ_ONCE(*vmf->pud));
}

/*
 * `write` is set only if the entry is a leaf already. This module has mapped that leaf, and
 * the core may have found it read-only (wp_huge_pmd()), since soft-dirty tracking removes
 * write permission from vm_page_prot. Only `write` makes such a leaf writable; without it
 * the access would fault for ever. If the entry is not a leaf, another fault may have made
 * a page table, and vmf_insert_pfn_pmd() with `write` takes a table for a leaf and warns. A
 * new leaf needs no `write`: it has the write permission of vm_page_prot.
 */
static vm_fault_t flab_huge_insert(struct flab_fault *f, unsigned int order, unsigned long pfn)
{
	bool there, write;
	vm_fault_t ret;

	if (mutex_lock_killable(&f->region->huge))
		return VM_FAULT_SIGBUS;
	there = flab_huge_is_there(f->vmf, order);
	write = there && (f->vmf->flags & FAULT_FLAG_WRITE);
	if (order == FLAB_PMD_ORDER)
		ret = vmf_insert_pfn_pmd(f->vmf, flab_pfn_arg(pfn), write);
	else
		ret = vmf_insert_pfn_pud(f->vmf, flab_pfn_arg(pfn), write);
	mutex_unlock(&f->region->huge);
	/* A leaf that another thread has mapped serves this fault, too; it is counted there. */
	if (!there && !(ret & VM_FAULT_ERROR))
		this_cpu_inc(f->counters->cell->huge[order != FLAB_PMD_ORDER]);
	return ret;
}

/**
 * flab_huge_provide - map a PMD or a PUD leaf, if all conditions are met
 * @f: the fault, its region's sem held for read
 * @order: order of the leaf: that of a PMD or a PUD
 *
 * Return: VM_FAULT_NOPAGE if a leaf serves the fault, else VM_FAULT_FALLBACK, also after an
 * error: the core then calls .fault, which reports the error.
 */
vm_fault_t flab_huge_provide(struct flab_fault *f, unsigned int order)
{
	unsigned long pfn;
	enum flab_fallback why;
	vm_fault_t ret;

	if (f->region->dead)
		return VM_FAULT_FALLBACK;
	why = flab_huge_check(f, order, &pfn);
	if (why != FLAB_FITS) {
		this_cpu_inc(f->counters->cell->fallback[why]);
		return VM_FAULT_FALLBACK;
	}
	ret = flab_huge_insert(f, order, pfn);
	if (ret & VM_FAULT_ERROR)
		return VM_FAULT_FALLBACK;
	f->order = order;
	return ret;
}

/**
 * flab_huge_provide_page - insert pages in a region that can have PMD leaves
 * @f: the fault
 * @insert: inserts the pages; not called if the PMD is a leaf
 *
 * Return: what @insert returns; VM_FAULT_NOPAGE if a PMD leaf serves the fault;
 * VM_FAULT_SIGBUS if killed.
 */
vm_fault_t flab_huge_provide_page(struct flab_fault *f,
				  vm_fault_t (*insert)(struct flab_fault *f))
{
	pmd_t *pmd = f->vmf->pmd;
	vm_fault_t ret = VM_FAULT_NOPAGE;

	if (!pmd_none(pmdp_get_lockless(pmd)))
		return pmd_leaf(pmdp_get_lockless(pmd)) ? ret : insert(f);
	if (mutex_lock_killable(&f->region->huge))
		return VM_FAULT_SIGBUS;
	if (!pmd_leaf(pmdp_get_lockless(pmd)))
		ret = insert(f);
	mutex_unlock(&f->region->huge);
	return ret;
}
