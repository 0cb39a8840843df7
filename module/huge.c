// SPDX-License-Identifier: GPL-2.0-only
/*
 * .huge_fault: a PMD or a PUD at once, where mapping, region, frames and rules allow
 * it; elsewhere VM_FAULT_FALLBACK, and the core asks .fault for a page.
 *
 * A PMD must not be mapped while a page below it is, nor the other way round:
 * neither vmf_insert_pfn() nor apply_to_page_range() survives a leaf where it wants
 * a table. Once there is a table it stays for as long as the VMA does, so what
 * decides between the two is who comes first to an empty entry, and region->huge
 * lets one come at a time.
 *
 * The core splits a PMD leaf where a VMA is split within it, and takes no notice of a
 * PUD leaf: __split_vma() then reads the leaf as a table (mm_find_pmd()), or leaves it
 * to two VMAs, and move_page_tables() takes it for a bad table. So a PUD leaf goes
 * before its VMA is split or moved: flab_huge_may_split(), flab_huge_open().
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "fault.h"
#include "huge.h"
#include "pages.h"
#include "phys.h"

/* Why not, in the order in which it is asked. */
enum flab_fallback { FLAB_FITS = -1, FLAB_START, FLAB_END, FLAB_PFN, FLAB_RULE };

/* Frames that follow each other and begin where they must. */
static bool flab_huge_pfn(struct flab_fault *f, pgoff_t first, unsigned int order,
			  unsigned long *pfn)
{
	struct flab_region *region = f->region;
	bool is_phys = region->flags & FAULTLAB_REGION_PHYS;

	if (!is_phys && (order != region->order || !IS_ALIGNED(first, BIT(order))))
		return false;
	if (flab_page_pfn(region, first, pfn) || !IS_ALIGNED(*pfn, BIT(order)))
		return false;
	/* A page of the folio that is broken is for its own fault to tell. */
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

/* Whether a leaf is there. As long as region->huge is held no table takes its place. */
static bool flab_huge_is_there(const struct vm_fault *vmf, unsigned int order)
{
	if (order == PMD_SHIFT - PAGE_SHIFT)
		return pmd_leaf(pmdp_get_lockless(vmf->pmd));
	return pud_leaf(READ_ONCE(*vmf->pud));
}

/*
 * With `write` only for a leaf that is there, and then it is one of ours, which the
 * core found read-only (wp_huge_pmd()): soft-dirty tracking takes write permission
 * from vm_page_prot, and only `write` gives it to the entry, or the access would
 * fault for ever. Where none is, a table may have got there before us, which `write`
 * does not survive; then the entry is as writable as the VMA.
 */
static vm_fault_t flab_huge_insert(struct flab_fault *f, unsigned int order, unsigned long pfn)
{
	bool there, write;
	vm_fault_t ret;

	if (mutex_lock_killable(&f->region->huge))
		return VM_FAULT_SIGBUS;
	there = flab_huge_is_there(f->vmf, order);
	write = there && (f->vmf->flags & FAULT_FLAG_WRITE);
	if (order == PMD_SHIFT - PAGE_SHIFT)
		ret = vmf_insert_pfn_pmd(f->vmf, flab_pfn_arg(pfn), write);
	else
		ret = vmf_insert_pfn_pud(f->vmf, flab_pfn_arg(pfn), write);
	mutex_unlock(&f->region->huge);
	/* Another thread's leaf serves the fault, too. */
	if (!there && !(ret & VM_FAULT_ERROR))
		this_cpu_inc(f->map->cell->huge[order != PMD_SHIFT - PAGE_SHIFT]);
	return ret;
}

/* What is not for us to report, .fault will. Called with region->sem. */
static vm_fault_t flab_huge_provide(struct flab_fault *f, unsigned int order)
{
	unsigned long pfn;
	enum flab_fallback why;
	vm_fault_t ret;

	if (f->region->dead)
		return VM_FAULT_FALLBACK;
	why = flab_huge_check(f, order, &pfn);
	if (why != FLAB_FITS) {
		this_cpu_inc(f->map->cell->fallback[why]);
		return VM_FAULT_FALLBACK;
	}
	ret = flab_huge_insert(f, order, pfn);
	if (ret & VM_FAULT_ERROR)
		return VM_FAULT_FALLBACK;
	f->order = order;
	return ret;
}

/**
 * flab_vm_huge_fault - .huge_fault
 * @vmf: the fault; the entry of this level is empty, or a leaf that is read-only
 * @order: of a PMD or a PUD
 *
 * Return: VM_FAULT_NOPAGE, or VM_FAULT_FALLBACK, which counts by its reason and is
 * no fault of its own: .fault follows.
 */
vm_fault_t flab_vm_huge_fault(struct vm_fault *vmf, unsigned int order)
{
	struct flab_fault f __uninitialized;
	vm_fault_t ret;

	if (order != PMD_SHIFT - PAGE_SHIFT && order != PUD_SHIFT - PAGE_SHIFT)
		return VM_FAULT_FALLBACK;

	/* Writes are shared ones: check_pfn() leaves no others. */
	flab_fault_begin(&f, vmf, vmf->flags & FAULT_FLAG_WRITE ? FLAB_WRITE : FLAB_READ);
	f.mask |= FAULTLAB_ACCESS_HUGE;
	percpu_down_read(&f.region->sem);
	ret = flab_huge_provide(&f, order);
	percpu_up_read(&f.region->sem);
	return ret & VM_FAULT_FALLBACK ? flab_fault_skip(&f, ret) : flab_fault_end(&f, ret);
}

/**
 * flab_huge_provide_page - insert pages where a PMD could be
 * @f: the fault
 * @insert: inserts them
 *
 * Return: what @insert does, or VM_FAULT_NOPAGE where a PMD serves the fault.
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

static bool flab_huge_has_puds(const struct flab_region *region)
{
	const u64 flags = FAULTLAB_REGION_HUGE | FAULTLAB_REGION_PHYS;

	return (region->flags & flags) == flags;
}

/**
 * flab_huge_widen - what has to be zapped so that each PUD leaf goes as a whole
 * @region: the region
 * @first: first page, moved to where a PUD leaf can begin
 * @last: last page, inclusive, moved to where one can end
 *
 * zap_pud_range() would split a leaf of which only a part is to go, and wants
 * mmap_lock for that, which unmap_mapping_pages() does not hold.
 */
void flab_huge_widen(const struct flab_region *region, pgoff_t *first, pgoff_t *last)
{
	const unsigned long nr = PUD_SIZE >> PAGE_SHIFT;
	pgoff_t skew;

	if (!flab_huge_has_puds(region) || region->nr_pages < nr)
		return;
	/* Frames decide where one begins, and they may be off from the start. */
	skew = flab_phys_pfn(0) & (nr - 1);
	*first = max(round_down(*first + skew, nr), skew) - skew;
	if (*last < ULONG_MAX - nr - skew)
		*last = round_up(*last + 1 + skew, nr) - skew - 1;
}

static void flab_huge_zap_puds(struct flab_region *region, pgoff_t first, pgoff_t last)
{
	flab_huge_widen(region, &first, &last);
	/* Who found a leaf there to make it writable must not find a table next. */
	mutex_lock(&region->huge);
	unmap_mapping_pages(region->inode->i_mapping, first, last - first + 1, false);
	mutex_unlock(&region->huge);
}

/**
 * flab_huge_may_split - a VMA is about to be split: no PUD leaf may be in the way
 * @region: its region
 * @vma: the VMA; mmap_lock is held for write
 * @addr: where
 *
 * A fault under the VMA's own lock would put the leaf back before the core takes that
 * lock for writing (__split_vma()), so it is taken here.
 */
void flab_huge_may_split(struct flab_region *region, struct vm_area_struct *vma,
			 unsigned long addr)
{
	pgoff_t index = linear_page_index(vma, addr);

	if (!flab_huge_has_puds(region) || IS_ALIGNED(addr, PUD_SIZE))
		return;
	vma_start_write(vma);
	flab_huge_zap_puds(region, index, index);
}

/**
 * flab_huge_open - .open: the copy of a VMA for mremap() takes over no PUD leaf
 * @old: counts of the VMA that it is a copy of
 * @vma: the copy, not linked yet
 *
 * .mremap would be too late: it follows move_page_tables(). A fork runs on behalf of
 * the parent, whose mm is another one, and copies PUD leaves well; for a split,
 * .may_split has done what there is to do, and the copy lies within the original.
 */
void flab_huge_open(const struct flab_map *old, struct vm_area_struct *vma)
{
	struct flab_region *region = old->region;

	if (!flab_huge_has_puds(region) || vma->vm_mm != current->mm)
		return;
	if (find_vma_intersection(vma->vm_mm, vma->vm_start, vma->vm_end))
		return;
	/* The core has (move_vma()); this makes sure, but for VMAs without a cell. */
	if (old != &region->spare)
		vma_start_write(old->vma);
	flab_huge_zap_puds(region, vma->vm_pgoff, vma->vm_pgoff + vma_pages(vma) - 1);
}
