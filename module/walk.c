// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walker: one function a level, each entry read once.
 *
 * mmap_lock is held for read and only what lies in a VMA is walked, since munmap
 * may free tables elsewhere under a downgraded lock. That is not enough for PTE
 * tables: khugepaged frees those of file mappings under RCU alone. So each is
 * entered under RCU, locked, and the entry above it read again before it counts.
 * (This is what pte_offset_map_lock() does, which is not exported.) PMD tables
 * that hugetlb shares go without mmap_lock but not without i_mmap_rwsem.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include "walk.h"

static unsigned long flab_span_end(unsigned long addr, unsigned long end,
				   unsigned long span)
{
	unsigned long next = (addr & ~(span - 1)) + span;

	/* next is 0 at the very top of the address space */
	return next - 1 < end - 1 ? next : end;
}

/* What an entry of a level covers. */
unsigned long flab_level_size(unsigned int level)
{
	const unsigned long size[FLAB_NR_LEVELS] = {
		[FAULTLAB_LEVEL_PTE] = PAGE_SIZE,
		[FAULTLAB_LEVEL_PMD] = PMD_SIZE,
		[FAULTLAB_LEVEL_PUD] = PUD_SIZE,
		[FAULTLAB_LEVEL_P4D] = P4D_SIZE,
		[FAULTLAB_LEVEL_PGD] = PGDIR_SIZE,
	};

	return size[level];
}

/**
 * flab_walk_put - report an entry, once
 * @w: the walk
 * @addr: an address below the entry
 * @level: its level
 * @index: its place in its table
 * @raw: what it is in memory
 * @pfn: where it points to
 * @flags: FAULTLAB_PTE_*
 *
 * Return: 0, or FLAB_WALK_FULL: the walk goes on here another time.
 */
static int flab_walk_put(struct flab_walk *w, unsigned long addr, u8 level,
			 u16 index, u64 raw, u64 pfn, u64 flags)
{
	unsigned long size = flab_level_size(level);
	unsigned long first = addr & ~(size - 1);

	if (w->last[level] == first)
		return 0;
	if (w->nr == w->room) {
		w->start = addr;
		return FLAB_WALK_FULL;
	}
	w->last[level] = first;
	w->entries[w->nr++] = (struct faultlab_walk_entry) {
		.addr = first,
		.bytes = size,
		.raw = raw,
		.pfn = pfn,
		.flags = flags,
		.index = index,
		.level = level,
	};
	return 0;
}

static int flab_walk_hole(struct flab_walk *w, unsigned long addr, u8 level,
			  u16 index, bool folded)
{
	if (!(w->flags & FAULTLAB_WALK_HOLES))
		return 0;
	return flab_walk_put(w, addr, level, index, 0, 0, FAULTLAB_PTE_NONE |
			     (folded ? FAULTLAB_PTE_FOLDED : 0));
}

static int flab_walk_table(struct flab_walk *w, unsigned long addr, u8 level,
			   u16 index, u64 raw, u64 pfn, bool folded)
{
	if (!(w->flags & FAULTLAB_WALK_TABLES))
		return 0;
	return flab_walk_put(w, addr, level, index, raw, pfn, FAULTLAB_PTE_TABLE |
			     flab_table_flags(raw) | (folded ? FAULTLAB_PTE_FOLDED : 0));
}

static int flab_walk_pte(struct flab_walk *w, unsigned long addr, pte_t pte)
{
	u16 index = pte_index(addr);
	u64 flags, pfn;

	if (pte_none(pte))
		return flab_walk_hole(w, addr, FAULTLAB_LEVEL_PTE, index, false);
	if (pte_present(pte)) {
		flags = FAULTLAB_PTE_LEAF | flab_pte_flags(pte);
		pfn = pte_pfn(pte);
	} else {
		flags = FAULTLAB_PTE_NONPRESENT | flab_swap_pte_flags(pte, &pfn);
	}
	return flab_walk_put(w, addr, FAULTLAB_LEVEL_PTE, index, pte_val(pte), pfn, flags);
}

/* Gives -EAGAIN where the table went while we came. */
static int flab_walk_ptes(struct flab_walk *w, pmd_t *pmdp, pmd_t pmd,
			  unsigned long addr, unsigned long end)
{
	spinlock_t *ptl;	/* of the table that pmd points to */
	pte_t *pte;
	int err = 0;

	rcu_read_lock();
	pte = pte_offset_kernel(&pmd, addr);
	ptl = pte_lockptr(w->mm, &pmd);
	spin_lock(ptl);
	if (!pmd_same(pmd, pmdp_get_lockless(pmdp)))
		err = -EAGAIN;
	for (; !err && addr != end; pte++, addr += PAGE_SIZE)
		err = flab_walk_pte(w, addr, ptep_get(pte));
	spin_unlock(ptl);
	rcu_read_unlock();
	return err;
}

static int flab_walk_pmd(struct flab_walk *w, pmd_t *pmdp, unsigned long addr,
			 unsigned long end)
{
	bool folded = mm_pmd_folded(w->mm);
	u16 index = pmd_index(addr);
	u64 flags, pfn;
	pmd_t pmd;
	int err;

	do {
		pmd = pmdp_get_lockless(pmdp);
		if (pmd_none(pmd))
			return flab_walk_hole(w, addr, FAULTLAB_LEVEL_PMD, index, folded);
		if (!pmd_present(pmd)) {
			flags = FAULTLAB_PTE_NONPRESENT | flab_swap_pmd_flags(pmd, &pfn);
			return flab_walk_put(w, addr, FAULTLAB_LEVEL_PMD, index,
					     pmd_val(pmd), pfn, flags);
		}
		if (pmd_leaf(pmd))
			return flab_walk_put(w, addr, FAULTLAB_LEVEL_PMD, index,
					     pmd_val(pmd), pmd_pfn(pmd),
					     FAULTLAB_PTE_LEAF | flab_pmd_flags(pmd));
		if (pmd_bad(pmd))
			return flab_walk_put(w, addr, FAULTLAB_LEVEL_PMD, index,
					     pmd_val(pmd), 0, FAULTLAB_PTE_BAD);
		err = flab_walk_table(w, addr, FAULTLAB_LEVEL_PMD, index,
				      pmd_val(pmd), pmd_pfn(pmd), folded);
		if (err)
			return err;
		err = flab_walk_ptes(w, pmdp, pmd, addr, end);
	} while (err == -EAGAIN);
	return err;
}

static int flab_walk_pud(struct flab_walk *w, pud_t *pudp, unsigned long addr,
			 unsigned long end)
{
	bool folded = mm_pud_folded(w->mm);
	u16 index = pud_index(addr);
	pud_t pud = READ_ONCE(*pudp);
	unsigned long next;
	pmd_t *pmdp;
	int err;

	if (pud_none(pud))
		return flab_walk_hole(w, addr, FAULTLAB_LEVEL_PUD, index, folded);
	if (!pud_present(pud))
		return flab_walk_put(w, addr, FAULTLAB_LEVEL_PUD, index,
				     pud_val(pud), 0, FAULTLAB_PTE_NONPRESENT);
	if (pud_leaf(pud))
		return flab_walk_put(w, addr, FAULTLAB_LEVEL_PUD, index,
				     pud_val(pud), pud_pfn(pud),
				     FAULTLAB_PTE_LEAF | flab_pud_flags(pud));
	if (pud_bad(pud))
		return flab_walk_put(w, addr, FAULTLAB_LEVEL_PUD, index,
				     pud_val(pud), 0, FAULTLAB_PTE_BAD);
	err = flab_walk_table(w, addr, FAULTLAB_LEVEL_PUD, index, pud_val(pud),
			      pud_pfn(pud), folded);

	for (pmdp = pmd_offset(&pud, addr); !err && addr != end; pmdp++, addr = next) {
		next = flab_span_end(addr, end, PMD_SIZE);
		err = flab_walk_pmd(w, pmdp, addr, next);
		/* Empty tables fill no batch: the loop must end by itself. */
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static int flab_walk_p4d(struct flab_walk *w, p4d_t *p4dp, unsigned long addr,
			 unsigned long end)
{
	bool folded = mm_p4d_folded(w->mm);
	u16 index = p4d_index(addr);
	p4d_t p4d = READ_ONCE(*p4dp);
	unsigned long next;
	pud_t *pudp;
	int err;

	if (p4d_none(p4d))
		return flab_walk_hole(w, addr, FAULTLAB_LEVEL_P4D, index, folded);
	if (p4d_bad(p4d))
		return flab_walk_put(w, addr, FAULTLAB_LEVEL_P4D, index,
				     p4d_val(p4d), 0, FAULTLAB_PTE_BAD);
	err = flab_walk_table(w, addr, FAULTLAB_LEVEL_P4D, index, p4d_val(p4d),
			      p4d_pfn(p4d), folded);

	for (pudp = pud_offset(&p4d, addr); !err && addr != end; pudp++, addr = next) {
		next = flab_span_end(addr, end, PUD_SIZE);
		err = flab_walk_pud(w, pudp, addr, next);
	}
	return err;
}

/*
 * Where P4D is folded, it is the PGD's entry seen once more, and the PGD's own
 * tests say "present" of anything: so ask P4D's.
 */
static bool flab_pgd_is_none(const struct flab_walk *w, pgd_t *pgdp, pgd_t pgd,
			     unsigned long addr)
{
	if (mm_p4d_folded(w->mm))
		return p4d_none(READ_ONCE(*p4d_offset(pgdp, addr)));
	return pgd_none(pgd);
}

static int flab_walk_pgd(struct flab_walk *w, pgd_t *pgdp, unsigned long addr,
			 unsigned long end)
{
	u16 index = pgd_index(addr);
	pgd_t pgd = READ_ONCE(*pgdp);
	unsigned long next;
	p4d_t *p4dp;
	int err;

	if (flab_pgd_is_none(w, pgdp, pgd, addr))
		return flab_walk_hole(w, addr, FAULTLAB_LEVEL_PGD, index, false);
	if (pgd_bad(pgd))
		return flab_walk_put(w, addr, FAULTLAB_LEVEL_PGD, index,
				     pgd_val(pgd), 0, FAULTLAB_PTE_BAD);
	err = flab_walk_table(w, addr, FAULTLAB_LEVEL_PGD, index, pgd_val(pgd),
			      pgd_pfn(pgd), false);

	for (p4dp = p4d_offset(pgdp, addr); !err && addr != end; p4dp++, addr = next) {
		next = flab_span_end(addr, end, P4D_SIZE);
		err = flab_walk_p4d(w, p4dp, addr, next);
	}
	return err;
}

/**
 * flab_walk_vma - walk within a VMA
 * @w: the walk
 * @vma: the VMA; mmap_lock is held
 * @addr: from here
 * @end: exclusive
 *
 * Return: 0, or FLAB_WALK_FULL with @w->start where to go on.
 */
int flab_walk_vma(struct flab_walk *w, struct vm_area_struct *vma,
		  unsigned long addr, unsigned long end)
{
	struct address_space *shared_tables = NULL;
	pgd_t *pgdp = pgd_offset(w->mm, addr);
	unsigned long next;
	int err = 0;

	mmap_assert_locked(w->mm);
	if (is_vm_hugetlb_page(vma))
		shared_tables = vma->vm_file->f_mapping;
	if (shared_tables)
		i_mmap_lock_read(shared_tables);
	for (; !err && addr != end; pgdp++, addr = next) {
		next = flab_span_end(addr, end, PGDIR_SIZE);
		err = flab_walk_pgd(w, pgdp, addr, next);
	}
	if (shared_tables)
		i_mmap_unlock_read(shared_tables);
	return err;
}
