// SPDX-License-Identifier: GPL-2.0-only
/*
 * Large leaves that have to go before their VMA is split or moved.
 *
 * The core splits a PMD leaf where a VMA is split within it, and takes no notice of a
 * PUD leaf: __split_vma() then reads the leaf as a table (mm_find_pmd()), or leaves it
 * to two VMAs, and move_page_tables() takes it for a bad table. PMD leaves of folios it
 * moves well, but where FLAB_MOVE_SEES_EMPTY_PMD is false not while we zap: it takes an
 * entry that it found to be a leaf, and that is empty now, for one that leads to a table.
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

/* With one of these no page is returned for a PMD, see kind/page.c. */
#define FLAB_LEAF_NO_PMDS	(FAULTLAB_REGION_INSERT | FAULTLAB_REGION_MKWRITE)

/**
 * flab_leaf_needs - what makes folios as large as a PMD safe to have
 * @kind: of the region to be
 *
 * Return: FAULTLAB_REGION_* of which it needs one, see flab_leaf_has_no_open(); 0: none.
 */
u64 flab_leaf_needs(const struct flab_kind *kind)
{
	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) || FLAB_MOVE_SEES_EMPTY_PMD ||
	    kind != &flab_kind_page)
		return 0;
	return FLAB_LEAF_NO_PMDS | FAULTLAB_REGION_WHOLE;
}

/* Whether folios may be mapped by PMDs that mremap() must not meet. */
static bool flab_leaf_has_pmds(const struct flab_kind *kind, u64 flags, u32 order)
{
	return flab_leaf_needs(kind) && order == FLAB_PMD_ORDER && !(flags & FLAB_LEAF_NO_PMDS);
}

/**
 * flab_leaf_has_no_open - whether there would be leaves that nobody can take away in time
 * @kind: of the region to be
 * @c: what else it is to be
 *
 * VMAs that the core may merge have no .open, and a region that grows has no PMDs.
 *
 * Return: true if so: this kernel cannot have that region.
 */
bool flab_leaf_has_no_open(const struct flab_kind *kind, const struct faultlab_config *c)
{
	return flab_leaf_has_pmds(kind, c->flags, c->order) && c->bytes &&
	       !(c->flags & FAULTLAB_REGION_WHOLE);
}

/**
 * flab_leaf_widen - what has to be zapped so that each PUD leaf goes as a whole
 * @region: the region
 * @first: first page, moved to where a PUD leaf can begin
 * @last: last page, inclusive, moved to where one can end
 *
 * zap_pud_range() would split a leaf of which only a part is to go, and wants
 * mmap_lock for that, which unmap_mapping_pages() does not hold.
 */
void flab_leaf_widen(const struct flab_region *region, pgoff_t *first, pgoff_t *last)
{
	const unsigned long nr = PUD_SIZE >> PAGE_SHIFT;
	pgoff_t skew;

	if (!flab_leaf_has_puds(region) || region->nr_pages < nr)
		return;
	/* Frames decide where one begins, and they may be off from the start. */
	skew = flab_phys_pfn(0) & (nr - 1);
	*first = max(round_down(*first + skew, nr), skew) - skew;
	if (*last < ULONG_MAX - nr - skew)
		*last = round_up(*last + 1 + skew, nr) - skew - 1;
}

static void flab_leaf_zap(struct flab_region *region, pgoff_t first, pgoff_t last)
{
	flab_leaf_widen(region, &first, &last);
	/* Who found a leaf there to make it writable must not find a table next. */
	mutex_lock(&region->huge);
	unmap_mapping_pages(region->inode->i_mapping, first, last - first + 1, false);
	mutex_unlock(&region->huge);
}

/**
 * flab_leaf_may_split - a VMA is about to be split: no PUD leaf may be in the way
 * @region: its region
 * @vma: the VMA; mmap_lock is held for write
 * @addr: where
 *
 * A fault under the VMA's own lock would put the leaf back before the core takes that
 * lock for writing (__split_vma()), so it is taken here.
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
 * flab_leaf_open - .open: the copy of a VMA for mremap() takes over no such leaf
 * @old: counts of the VMA that it is a copy of
 * @vma: the copy, not linked yet
 *
 * .mremap would be too late: it follows move_page_tables(). A fork runs on behalf of
 * the parent, whose mm is another one, and copies leaves well; for a split,
 * .may_split has done what there is to do, and the copy lies within the original.
 */
void flab_leaf_open(const struct flab_map *old, struct vm_area_struct *vma)
{
	struct flab_region *region = old->region;

	if (!flab_leaf_has_puds(region) &&
	    !flab_leaf_has_pmds(region->kind, region->flags, region->memory.order))
		return;
	if (vma->vm_mm != current->mm ||
	    find_vma_intersection(vma->vm_mm, vma->vm_start, vma->vm_end))
		return;
	/* The core has (move_vma()); this makes sure, but for VMAs without a cell. */
	if (old != &region->spare)
		vma_start_write(old->vma);
	flab_leaf_zap(region, vma->vm_pgoff, vma->vm_pgoff + vma_pages(vma) - 1);
}
