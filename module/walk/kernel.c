// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks the kernel half of the address space. It is the same in every address space, so
 * it is reached through the caller's own PGD. No lock that protects its tables is
 * exported, and the kernel frees a table at once when it replaces the table by a leaf.
 * So each entry is read by copy_from_kernel_nofault(). If a table was freed and its
 * memory cannot be read, the entry is reported as BAD, where a plain read would oops.
 * What is reported may be out of date.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include "walk/walk.h"

/* Read entry @index of the table at @table. Return: false if it cannot be read. */
static bool flab_kernel_read(const void *table, unsigned int index, u64 *raw)
{
	return !copy_from_kernel_nofault(raw, table + index * sizeof(*raw), sizeof(*raw));
}

static unsigned int flab_kernel_index(unsigned long addr, u8 level)
{
	switch (level) {
	case FAULTLAB_LEVEL_PGD:
		return pgd_index(addr);
	case FAULTLAB_LEVEL_P4D:
		return p4d_index(addr);
	case FAULTLAB_LEVEL_PUD:
		return pud_index(addr);
	case FAULTLAB_LEVEL_PMD:
		return pmd_index(addr);
	}
	return pte_index(addr);
}

static u64 flab_kernel_pfn(u64 raw, u8 level)
{
	switch (level) {
	case FAULTLAB_LEVEL_PGD:
		return pgd_pfn(__pgd(raw));
	case FAULTLAB_LEVEL_P4D:
		return p4d_pfn(__p4d(raw));
	case FAULTLAB_LEVEL_PUD:
		return pud_pfn(__pud(raw));
	case FAULTLAB_LEVEL_PMD:
		return pmd_pfn(__pmd(raw));
	}
	return pte_pfn(__pte(raw));
}

/* Decode the value of an entry. The kernel's helpers take its type, which depends on @level. */
static struct flab_leaf flab_kernel_leaf(u64 raw, unsigned long addr, u8 level)
{
	struct flab_leaf leaf = {
		.level = level,
		.index = flab_kernel_index(addr, level),
		.raw = raw,
		.flags = FAULTLAB_PTE_NONE,
	};

	if (!raw)
		return leaf;
	leaf.pfn = flab_kernel_pfn(raw, level);
	if (level == FAULTLAB_LEVEL_PTE) {
		leaf.flags = pte_present(__pte(raw)) ?
			FAULTLAB_PTE_LEAF | flab_pte_flags(__pte(raw)) : FAULTLAB_PTE_NONPRESENT;
	} else if (level == FAULTLAB_LEVEL_PMD && pmd_leaf(__pmd(raw))) {
		leaf.flags = FAULTLAB_PTE_LEAF | flab_pmd_flags(__pmd(raw));
	} else if (level == FAULTLAB_LEVEL_PUD && pud_leaf(__pud(raw))) {
		leaf.flags = FAULTLAB_PTE_LEAF | flab_pud_flags(__pud(raw));
	} else if ((level == FAULTLAB_LEVEL_PMD && pmd_bad(__pmd(raw))) ||
		   (level == FAULTLAB_LEVEL_PUD && pud_bad(__pud(raw)))) {
		leaf.flags = FAULTLAB_PTE_BAD;
		leaf.pfn = 0;
	} else {
		leaf.flags = FAULTLAB_PTE_TABLE | flab_table_flags(raw);
	}
	return leaf;
}

static int flab_walk_kernel_table(struct flab_walk *w, const void *table, unsigned long addr,
				  unsigned long end, u8 level);

static int flab_walk_kernel_entry(struct flab_walk *w, const void *table, unsigned long addr,
				  unsigned long end, u8 level)
{
	bool folded = level == FAULTLAB_LEVEL_P4D && mm_p4d_folded(w->mm);
	struct flab_leaf leaf = { .level = level, .flags = FAULTLAB_PTE_BAD };
	u64 raw;
	int err;

	/* A folded P4D has no table: @table is the PGD entry, which is the P4D entry as well. */
	if (flab_kernel_read(table, folded ? 0 : flab_kernel_index(addr, level), &raw))
		leaf = flab_kernel_leaf(raw, addr, level);
	if (folded)
		leaf.flags |= FAULTLAB_PTE_FOLDED;
	if (!(leaf.flags & FAULTLAB_PTE_TABLE))
		return w->form->leaf(w, addr, end, &leaf);
	err = w->form->table ? w->form->table(w, addr, &leaf) : 0;
	if (err)
		return err;
	if (level == FAULTLAB_LEVEL_PGD && mm_p4d_folded(w->mm))
		table += flab_kernel_index(addr, level) * sizeof(raw);
	else
		table = pfn_valid(leaf.pfn) ? __va(PFN_PHYS(leaf.pfn)) : NULL;
	return flab_walk_kernel_table(w, table, addr, end, level - 1);
}

static int flab_walk_kernel_table(struct flab_walk *w, const void *table, unsigned long addr,
				  unsigned long end, u8 level)
{
	unsigned long size = flab_level_size(level), next;
	int err = 0;

	for (; !err && addr != end; addr = next) {
		next = (addr & ~(size - 1)) + size;
		/* next is 0 at the top of the address space: compare the last bytes. */
		if (next - 1 >= end - 1)
			next = end;
		err = flab_walk_kernel_entry(w, table, addr, next, level);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

/**
 * flab_walk_kernel_set_range - set the range of a walk of the kernel half
 * @w: the walk; its mm is the caller's own
 * @start: where to begin
 * @end: exclusive, or 0 for the top of the address space
 * @resume: as for flab_walk_set_range()
 *
 * Return: 0; -EINVAL for a range that is not in the kernel half.
 */
int flab_walk_kernel_set_range(struct flab_walk *w, u64 start, u64 end, u32 resume)
{
	if (!flab_is_kernel_half(start) || !flab_is_kernel_half(end - 1))
		return -EINVAL;
	w->start = start & PAGE_MASK;
	w->end = PAGE_ALIGN(end);
	w->counts.end = 0;
	flab_walk_recall(w, resume);
	return 0;
}

/* As flab_walk_chunk(), but for the kernel half, and without a lock. */
int flab_walk_kernel_chunk(struct flab_walk *w)
{
	int err;

	w->used = 0;
	err = flab_walk_kernel_table(w, w->mm->pgd, w->start, w->end, FAULTLAB_LEVEL_PGD);
	if (!err)
		w->done = true;
	return err == FLAB_WALK_FULL ? 0 : err;
}
