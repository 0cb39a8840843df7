// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zaps large leaves before their VMA is split or moved.
 *
 * If a VMA is split within a PMD leaf, the core splits the leaf. It does not do so for
 * PUD leaves: __split_vma() reads a PUD leaf as a table (mm_find_pmd()), or leaves it
 * mapped across both VMAs. If a VMA is moved, move_page_tables() takes a PUD leaf for a
 * bad table.
 *
 * PMD leaves of folios are moved correctly, unless an evict zaps one during the move:
 * where FLAB_MOVE_SEES_EMPTY_PMD is false, move_page_tables() takes an entry for a table
 * if it was a leaf at the first check and is empty at the second. So these leaves are
 * zapped before the move.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "kind/kind.h"
#include "kind/large_leaf.h"
#include "memory/phys.h"

static bool flab_leaf_has_puds(const struct flab_region *region)
{
	const u64 flags = FAULTLAB_REGION_HUGE | FAULTLAB_REGION_PHYS;

	return (READ_ONCE(region->flags) & flags) == flags;
}

/* With one of these flags the core maps no folio by a PMD leaf, see kind/page.c. */
#define FLAB_LEAF_NO_PMDS	(FAULTLAB_REGION_INSERT | FAULTLAB_REGION_MKWRITE)

/**
 * flab_leaf_needs - flags of which a region with PMD-sized folios needs one
 * @kind: of the region to be configured
 *
 * Where FLAB_MOVE_SEES_EMPTY_PMD is false, PMD leaves of folios must be zapped before
 * mremap() moves them. .open does so (flab_leaf_open()), but VMAs that the core may merge
 * have no .open. So CONFIG refuses a region of a fixed size that has none of these flags
 * (common/config_check.c): with WHOLE its VMAs have .open, with the others it has no PMD
 * leaves. A region that grows has no PMD leaves.
 *
 * Return: these FAULTLAB_REGION_* flags; 0 if the region needs none.
 */
u64 flab_leaf_needs(const struct flab_kind *kind)
{
	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) || FLAB_MOVE_SEES_EMPTY_PMD ||
	    kind != &flab_kind_page)
		return 0;
	return FLAB_LEAF_NO_PMDS | FAULTLAB_REGION_WHOLE;
}

/* Whether folios may be mapped by PMD leaves that must be zapped before mremap(). */
static bool flab_leaf_has_pmds(const struct flab_kind *kind, u64 flags, u32 order)
{
	return flab_leaf_needs(kind) && order == FLAB_PMD_ORDER && !(flags & FLAB_LEAF_NO_PMDS);
}

/**
 * flab_leaf_widen - widen a range that is to be zapped to whole PUD leaves
 * @region: the region
 * @first: first page, moved down to where a PUD leaf can begin
 * @last: last page, inclusive, moved up to where one can end
 *
 * zap_pud_range() would split a PUD leaf that is only partly in the range, which requires
 * mmap_lock. unmap_mapping_pages() does not hold it.
 */
void flab_leaf_widen(const struct flab_region *region, pgoff_t *first, pgoff_t *last)
{
	const unsigned long nr = PUD_SIZE >> PAGE_SHIFT;
	pgoff_t skew;

	if (!flab_leaf_has_puds(region) || READ_ONCE(region->nr_pages) < nr)
		return;
	/* A PUD leaf begins at an aligned PFN; the region's first may be unaligned. */
	skew = flab_phys_pfn(0) & (nr - 1);
	*first = max(round_down(*first + skew, nr), skew) - skew;
	if (*last < ULONG_MAX - nr - skew)
		*last = round_up(*last + 1 + skew, nr) - skew - 1;
}

static void flab_leaf_zap(struct flab_region *region, pgoff_t first, pgoff_t last)
{
	flab_leaf_widen(region, &first, &last);
	/* While flab_huge_insert() makes a leaf writable, that leaf must not be zapped. */
	mutex_lock(&region->huge);
	unmap_mapping_pages(region->inode->i_mapping, first, last - first + 1, false);
	mutex_unlock(&region->huge);
}

/**
 * flab_leaf_may_split - zap the PUD leaf at an address where a VMA is to be split
 * @region: its region
 * @vma: the VMA; mmap_lock is held for write
 * @addr: where it is to be split
 *
 * __split_vma() takes the per-VMA lock for writing only after .may_split. Until then a
 * fault that holds that lock for reading could map the leaf again, so it is taken here.
 */
void flab_leaf_may_split(struct flab_region *region, struct vm_area_struct *vma,
			 unsigned long addr)
{
	pgoff_t index = linear_page_index(vma, addr);

	if (!flab_leaf_has_puds(region) || IS_ALIGNED(addr, PUD_SIZE))
		return;
	vma_start_write(vma);
	flab_leaf_zap(region, index, index);
}

/**
 * flab_leaf_open - .open: zap the large leaves of a VMA that mremap() is to move
 * @old: counters of the original VMA
 * @vma: the copy, not linked yet
 *
 * mremap() calls .open before move_page_tables(), and .mremap after it, which is too late.
 * Fork and split also call .open, but nothing is to be zapped for them: fork copies leaves
 * correctly (it is recognized by a copy in another mm than the caller's), and .may_split
 * has zapped the leaf of a split (recognized by a copy that lies within the original).
 */
void flab_leaf_open(const struct flab_counters *old, struct vm_area_struct *vma)
{
	struct flab_region *region = old->region;

	if (!flab_leaf_has_puds(region) &&
	    !flab_leaf_has_pmds(region->kind, region->flags, region->memory.order))
		return;
	if (vma->vm_mm != current->mm ||
	    find_vma_intersection(vma->vm_mm, vma->vm_start, vma->vm_end))
		return;
	/*
	 * Keep faults from mapping the leaves again. move_vma() has locked the original VMA
	 * already; this makes sure. Only a VMA with a cell of its own is found by @old.
	 */
	if (old != &region->spare)
		vma_start_write(old->vma);
	flab_leaf_zap(region, vma->vm_pgoff, vma->vm_pgoff + vma_pages(vma) - 1);
}
