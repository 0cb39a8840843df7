/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decode one entry of a level above PTE from the value that was read. Inline, since the
 * walker does this for every entry.
 */
#ifndef FLAB_WALK_READ_H
#define FLAB_WALK_READ_H

#include "walk/walk.h"

static inline struct flab_leaf flab_read_pmd(pmd_t pmd, unsigned long addr)
{
	struct flab_leaf leaf = {
		.level = FAULTLAB_LEVEL_PMD,
		.index = pmd_index(addr),
		.raw = pmd_val(pmd),
	};

	if (pmd_none(pmd)) {
		leaf.flags = FAULTLAB_PTE_NONE;
	} else if (!pmd_present(pmd)) {
		leaf.flags = FAULTLAB_PTE_NONPRESENT | flab_swap_pmd_flags(pmd, &leaf.pfn);
	} else if (pmd_leaf(pmd)) {
		leaf.flags = FAULTLAB_PTE_LEAF | flab_pmd_flags(pmd);
		leaf.pfn = pmd_pfn(pmd);
	} else if (pmd_bad(pmd)) {
		leaf.flags = FAULTLAB_PTE_BAD;
	} else {
		leaf.flags = FAULTLAB_PTE_TABLE | flab_table_flags(leaf.raw);
		leaf.pfn = pmd_pfn(pmd);
	}
	return leaf;
}

static inline struct flab_leaf flab_read_pud(pud_t pud, unsigned long addr)
{
	struct flab_leaf leaf = {
		.level = FAULTLAB_LEVEL_PUD,
		.index = pud_index(addr),
		.raw = pud_val(pud),
	};

	if (pud_none(pud)) {
		leaf.flags = FAULTLAB_PTE_NONE;
	} else if (!pud_present(pud)) {
		/* Only hugetlb has non-present PUDs, and it treats them as PTEs. */
		leaf.flags = FAULTLAB_PTE_NONPRESENT |
			     flab_swap_pte_flags(__pte(pud_val(pud)), &leaf.pfn);
	} else if (pud_leaf(pud)) {
		leaf.flags = FAULTLAB_PTE_LEAF | flab_pud_flags(pud);
		leaf.pfn = pud_pfn(pud);
	} else if (pud_bad(pud)) {
		leaf.flags = FAULTLAB_PTE_BAD;
	} else {
		leaf.flags = FAULTLAB_PTE_TABLE | flab_table_flags(leaf.raw);
		leaf.pfn = pud_pfn(pud);
	}
	return leaf;
}

static inline struct flab_leaf flab_read_p4d(p4d_t p4d, unsigned long addr)
{
	struct flab_leaf leaf = {
		.level = FAULTLAB_LEVEL_P4D,
		.index = p4d_index(addr),
		.raw = p4d_val(p4d),
	};

	if (p4d_none(p4d)) {
		leaf.flags = FAULTLAB_PTE_NONE;
	} else if (p4d_bad(p4d)) {
		leaf.flags = FAULTLAB_PTE_BAD;
	} else {
		leaf.flags = FAULTLAB_PTE_TABLE | flab_table_flags(leaf.raw);
		leaf.pfn = p4d_pfn(p4d);
	}
	return leaf;
}

/*
 * With P4D folded, the PGD entry is the P4D entry, and pgd_none() is always false: use
 * p4d_none().
 */
static inline bool flab_pgd_is_none(struct mm_struct *mm, pgd_t *pgdp, pgd_t pgd,
				    unsigned long addr)
{
	if (mm_p4d_folded(mm))
		return p4d_none(READ_ONCE(*p4d_offset(pgdp, addr)));
	return pgd_none(pgd);
}

static inline struct flab_leaf flab_read_pgd(struct mm_struct *mm, pgd_t *pgdp,
					     unsigned long addr)
{
	pgd_t pgd = READ_ONCE(*pgdp);
	struct flab_leaf leaf = {
		.level = FAULTLAB_LEVEL_PGD,
		.index = pgd_index(addr),
	};

	if (flab_pgd_is_none(mm, pgdp, pgd, addr)) {
		leaf.flags = FAULTLAB_PTE_NONE;
		return leaf;
	}
	leaf.raw = pgd_val(pgd);
	if (pgd_bad(pgd)) {
		leaf.flags = FAULTLAB_PTE_BAD;
	} else {
		leaf.flags = FAULTLAB_PTE_TABLE | flab_table_flags(leaf.raw);
		leaf.pfn = pgd_pfn(pgd);
	}
	return leaf;
}

#endif /* FLAB_WALK_READ_H */
