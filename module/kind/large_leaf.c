// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zaps large leaves before their VMA is split or moved.
 *
 * If a VMA is split within a PMD leaf, the core splits the leaf. It does not do so for
 * PUD leaves: __split_vma() reads one as a table (mm_find_pmd()), or leaves it mapped
 * across two VMAs, and move_page_tables() takes it for a bad table. PMD leaves of
 * folios are moved correctly. But where FLAB_MOVE_SEES_EMPTY_PMD is false, they must
 * not be zapped meanwhile: move_page_tables() takes an entry for a table if it was a
 * leaf at the first look and is empty at the second.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include "kind/kind.h"
#include "kind/large_leaf.h"
#include "memory/phys.h"

static bool flab_leaf_has_puds(const struct flab_region *region)
{
	const u64 flags = FAULTLAB_REGION_HUGE | FAULTLAB_REGION_PHYS;

	return (region->flags & flags) == flags;
}

/* With one of these the core maps no folio by a PMD, see kind/page.c. */
#define FLAB_LEAF_NO_PMDS	(FAULTLAB_REGION_INSERT | FAULTLAB_REGION_MKWRITE)

/**
 * flab_leaf_needs - flags that make folios of the size of a PMD safe
 * @kind: of the region to be configured
 *
 * Where folios are mapped by PMD leaves that must be zapped before mremap(),
 * flab_leaf_open() zaps them, but VMAs that the core may merge have no .open. So a
 * region of a fixed size must have one of these flags, or be refused
 * (common/config_check.c); one that grows has no PMD leaves.
 *
 * Return: FAULTLAB_REGION_* of which the region must have one; 0 if it needs none.
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
 * zap_pud_range() would split a leaf that is only partly in the range. It wants
 * mmap_lock for that, which unmap_mapping_pages() does not hold.
 */
void flab_leaf_widen(const struct flab_region *region, pgoff_t *first, pgoff_t *last)
{
	const unsigned long nr = PUD_SIZE >> PAGE_SHIFT;
	pgoff_t skew;

	if (!flab_leaf_has_puds(region) || region->nr_pages < nr)
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
	/* Against flab_huge_insert(): the leaf that it makes writable must stay. */
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
 * __split_vma() takes the per-VMA lock for writing only after .may_split. A fault under
 * that lock could put the leaf back before, so the lock is taken here.
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
 * .mremap would be too late: it follows move_page_tables(). Fork and split also call
 * .open, but need nothing: fork copies leaves correctly (the copy is in another mm than
 * the caller's), and .may_split has zapped those of a split (the copy lies within the
 * original).
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
	/* move_vma() has done so; make sure. VMAs without a cell are not known here. */
	if (old != &region->spare)
		vma_start_write(old->vma);
	flab_leaf_zap(region, vma->vm_pgoff, vma->vm_pgoff + vma_pages(vma) - 1);
}
