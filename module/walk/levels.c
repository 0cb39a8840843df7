// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walker: one function a level, each entry read once.
 *
 * mmap_lock is held for read, and only ranges in a VMA are walked: elsewhere munmap()
 * may free tables under a downgraded mmap_lock. In a VMA, PMD tables and the tables above
 * them are not freed while mmap_lock is held. Their entries are passed to p4d_offset()
 * and the like as pointers into the table, never as pointers to a copy: for a folded
 * level p4d_offset() returns its argument, and would take the copy for the table. PMD
 * tables that hugetlb shares can be freed without mmap_lock, but not without
 * i_mmap_rwsem, which flab_walk_vma() takes. PTE tables can be freed although mmap_lock
 * is held for read: see flab_walk_ptes().
 */
#include <linux/delay.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include "walk/read.h"
#include "walk/walk.h"

static unsigned long flab_span_end(unsigned long addr, unsigned long end,
				   unsigned long span)
{
	unsigned long next = (addr & ~(span - 1)) + span;

	/* next is 0 at the top of the address space: compare the last bytes. */
	return next - 1 < end - 1 ? next : end;
}

/* How many bytes an entry of a level covers. */
unsigned long flab_level_size(unsigned int level)
{
	const unsigned long size[FAULTLAB_NR_LEVELS] = {
		[FAULTLAB_LEVEL_PTE] = PAGE_SIZE,
		[FAULTLAB_LEVEL_PMD] = PMD_SIZE,
		[FAULTLAB_LEVEL_PUD] = PUD_SIZE,
		[FAULTLAB_LEVEL_P4D] = P4D_SIZE,
		[FAULTLAB_LEVEL_PGD] = PGDIR_SIZE,
	};

	return size[level];
}

static int flab_walk_put(struct flab_walk *w, unsigned long addr, unsigned long end,
			 struct flab_leaf leaf, bool folded)
{
	if (folded)
		leaf.flags |= FAULTLAB_PTE_FOLDED;
	if (leaf.flags & FAULTLAB_PTE_TABLE)
		return w->form->table ? w->form->table(w, addr, &leaf) : 0;
	leaf.flags |= w->vma_flags;
	return w->form->leaf(w, addr, end, &leaf);
}

/* How often a PMD entry had changed by the time that its PTE table was locked. */
atomic_t flab_walk_retries = ATOMIC_INIT(0);

#define FLAB_LINGER_US	50

/*
 * The race that flab_walk_retries counts has a window of a few instructions and is hardly
 * ever hit. So that tests hit it, on debug kernels (CONFIG_PROVE_LOCKING) the window is
 * widened for every fourth table: between reading the PMD entry and taking the lock.
 */
static inline void flab_walk_linger(void)
{
	static atomic_t nr = ATOMIC_INIT(0);

	if (IS_ENABLED(CONFIG_PROVE_LOCKING) && !(atomic_inc_return(&nr) % 4))
		udelay(FLAB_LINGER_US);
}

/*
 * Report a PMD entry that points to a PTE table, and walk the table. PTE tables are read
 * nowhere else, because they can be freed meanwhile: khugepaged and MADV_COLLAPSE free
 * PTE tables of file mappings under another process's mmap_lock or none, and since 6.14
 * MADV_DONTNEED frees empty ones. All of them wait for RCU readers and for the holder of
 * the table's lock, and the lock is freed with the table. So the PMD entry is read under
 * RCU, the lock of its table is taken, and the table is walked only if the PMD entry is
 * still the same. (pte_offset_map_lock() does this, but is not exported.)
 *
 * The PMD entry is reported here, under the lock, so that the entry that is reported is
 * the one whose table is walked.
 *
 * Return: 0 or what the form returned; -EAGAIN if the PMD entry does not point to a table
 * or has changed: the caller must read it again.
 */
static int flab_walk_ptes(struct flab_walk *w, pmd_t *pmdp, unsigned long addr,
			  unsigned long end)
{
	struct flab_leaf leaf;
	spinlock_t *ptl;	/* lock of the table of pmd, as *pmdp may have changed */
	int err = -EAGAIN;
	pmd_t pmd;

	rcu_read_lock();
	pmd = pmdp_get_lockless(pmdp);
	leaf = flab_read_pmd(pmd, addr);
	if (!(leaf.flags & FAULTLAB_PTE_TABLE))
		goto unlock_rcu;
	flab_walk_linger();
	ptl = pte_lockptr(w->mm, &pmd);
	spin_lock(ptl);
	if (pmd_same(pmd, pmdp_get_lockless(pmdp)))
		err = flab_walk_put(w, addr, end, leaf, mm_pmd_folded(w->mm)) ?:
		      w->form->ptes(w, pte_offset_kernel(pmdp, addr), addr, end);
	else
		atomic_inc(&flab_walk_retries);
	spin_unlock(ptl);
unlock_rcu:
	rcu_read_unlock();
	return err;
}

/*
 * Report a PMD leaf of a walk with PAGES. The PMD lock is held, so that the huge page is
 * not freed while its struct page is read. Return: -EAGAIN if it is a table by now.
 */
static int flab_walk_pmd_leaf(struct flab_walk *w, pmd_t *pmdp, unsigned long addr,
			      unsigned long end)
{
	spinlock_t *ptl = pmd_lock(w->mm, pmdp);
	struct flab_leaf leaf = flab_read_pmd(pmdp_get_lockless(pmdp), addr);
	int err = -EAGAIN;

	if (!(leaf.flags & FAULTLAB_PTE_TABLE))
		err = flab_walk_put(w, addr, end, leaf, mm_pmd_folded(w->mm));
	spin_unlock(ptl);
	return err;
}

/* Walk one PMD entry. If it changes before its lock is taken (-EAGAIN), read it again. */
static int flab_walk_pmd(struct flab_walk *w, pmd_t *pmdp, unsigned long addr,
			 unsigned long end)
{
	struct flab_leaf leaf;
	int err;

	for (;;) {
		leaf = flab_read_pmd(pmdp_get_lockless(pmdp), addr);
		if (leaf.flags & FAULTLAB_PTE_TABLE)
			err = flab_walk_ptes(w, pmdp, addr, end);
		else if ((leaf.flags & FAULTLAB_PTE_LEAF) && w->pages)
			err = flab_walk_pmd_leaf(w, pmdp, addr, end);
		else
			err = flab_walk_put(w, addr, end, leaf, mm_pmd_folded(w->mm));
		if (err != -EAGAIN)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}

/*
 * Find the end of adjacent empty PMD entries, so that the form is called once for all of
 * them. Nearly all the time that a hole takes is spent in this short loop.
 */
static unsigned long flab_pmds_none(pmd_t *pmdp, unsigned long addr, unsigned long end)
{
	pmd_t *first = pmdp, *last = pmdp + pmd_index(end - 1) - pmd_index(addr);

	while (pmdp != last && pmd_none(pmdp_get_lockless(pmdp + 1)))
		pmdp++;
	return pmdp == last ? end : (addr & PMD_MASK) + (pmdp - first + 1) * PMD_SIZE;
}

static unsigned long flab_puds_none(pud_t *pudp, unsigned long addr, unsigned long end)
{
	pud_t *first = pudp, *last = pudp + pud_index(end - 1) - pud_index(addr);

	while (pudp != last && pud_none(READ_ONCE(pudp[1])))
		pudp++;
	return pudp == last ? end : (addr & PUD_MASK) + (pudp - first + 1) * PUD_SIZE;
}

static int flab_walk_pmds(struct flab_walk *w, pmd_t *pmdp, unsigned long addr,
			  unsigned long end)
{
	const u64 frame = flab_raw_frame(FAULTLAB_LEVEL_PMD);
	unsigned long next;
	int err = 0;

	for (; !err && addr != end; addr = next) {
		pmd_t pmd = pmdp_get_lockless(pmdp);

		next = flab_span_end(addr, end, PMD_SIZE);
		if (w->run.level == FAULTLAB_LEVEL_PMD &&
		    flab_run_foretold(&w->run, pmd_val(pmd), frame)) {
			pmdp++;
			continue;
		}
		if (pmd_none(pmd)) {
			next = flab_pmds_none(pmdp, addr, end);
			err = flab_walk_put(w, addr, next, flab_read_pmd(pmd, addr),
					    mm_pmd_folded(w->mm));
			pmdp += DIV_ROUND_UP(next - (addr & PMD_MASK), PMD_SIZE);
			continue;
		}
		err = flab_walk_pmd(w, pmdp++, addr, next);
		if (!err && next != end)
			err = flab_walk_pause(w, next);
	}
	return err;
}

/* As flab_walk_pmd_leaf(), for a PUD leaf. */
static int flab_walk_pud_leaf(struct flab_walk *w, pud_t *pudp, unsigned long addr,
			      unsigned long end)
{
	spinlock_t *ptl = pud_lock(w->mm, pudp);
	struct flab_leaf leaf = flab_read_pud(READ_ONCE(*pudp), addr);
	int err = -EAGAIN;

	if (!(leaf.flags & FAULTLAB_PTE_TABLE))
		err = flab_walk_put(w, addr, end, leaf, mm_pud_folded(w->mm));
	spin_unlock(ptl);
	return err;
}

static int flab_walk_pud(struct flab_walk *w, pud_t *pudp, pud_t pud, unsigned long addr,
			 unsigned long end)
{
	struct flab_leaf leaf = flab_read_pud(pud, addr);
	int err;

	if ((leaf.flags & FAULTLAB_PTE_LEAF) && w->pages) {
		err = flab_walk_pud_leaf(w, pudp, addr, end);
		if (err != -EAGAIN)
			return err;
		/*
		 * The entry points to a table by now. It will not change again: PMD
		 * tables are not freed while mmap_lock is held.
		 */
		leaf = flab_read_pud(READ_ONCE(*pudp), addr);
	}
	err = flab_walk_put(w, addr, end, leaf, mm_pud_folded(w->mm));
	if (err || !(leaf.flags & FAULTLAB_PTE_TABLE))
		return err;
	return flab_walk_pmds(w, pmd_offset(pudp, addr), addr, end);
}

static int flab_walk_p4d(struct flab_walk *w, p4d_t *p4dp, unsigned long addr,
			 unsigned long end)
{
	p4d_t p4d = READ_ONCE(*p4dp);
	struct flab_leaf leaf = flab_read_p4d(p4d, addr);
	unsigned long next;
	pud_t *pudp;
	int err;

	err = flab_walk_put(w, addr, end, leaf, mm_p4d_folded(w->mm));
	if (err || !(leaf.flags & FAULTLAB_PTE_TABLE))
		return err;

	for (pudp = pud_offset(p4dp, addr); !err && addr != end;
	     pudp += DIV_ROUND_UP(next - (addr & PUD_MASK), PUD_SIZE), addr = next) {
		pud_t pud = READ_ONCE(*pudp);

		if (pud_none(pud))
			next = flab_puds_none(pudp, addr, end);
		else
			next = flab_span_end(addr, end, PUD_SIZE);
		err = flab_walk_pud(w, pudp, pud, addr, next);
		if (!err && next != end)
			err = flab_walk_pause(w, next);
	}
	return err;
}

static int flab_walk_pgd(struct flab_walk *w, pgd_t *pgdp, unsigned long addr,
			 unsigned long end)
{
	struct flab_leaf leaf = flab_read_pgd(w->mm, pgdp, addr);
	unsigned long next;
	p4d_t *p4dp;
	int err;

	err = flab_walk_put(w, addr, end, leaf, false);
	if (err || !(leaf.flags & FAULTLAB_PTE_TABLE))
		return err;

	for (p4dp = p4d_offset(pgdp, addr); !err && addr != end; p4dp++, addr = next) {
		next = flab_span_end(addr, end, P4D_SIZE);
		err = flab_walk_p4d(w, p4dp, addr, next);
	}
	return err;
}

/*
 * Flags of the VMA are added to those of each entry. An entry that has the predicted value
 * is not decoded and gets the flags of the entry before it, those of the VMA included.
 * So the prediction is dropped if the VMA's flags have changed.
 */
static void flab_walk_vma_flags(struct flab_walk *w, struct vm_area_struct *vma)
{
	u64 flags = (is_vm_hugetlb_page(vma) ? FAULTLAB_PTE_HUGETLB : 0) |
		    (vma->vm_flags & VM_SOFTDIRTY ? FAULTLAB_PTE_VMA_SOFT_DIRTY : 0);

	if (flags == w->vma_flags)
		return;
	w->vma_flags = flags;
	w->run.expect = FLAB_RUN_UNFORESEEN;
	w->run.step = 0;
	w->run.stride = 0;
}

/**
 * flab_walk_vma - walk within a VMA
 * @w: the walk
 * @vma: the VMA; mmap_lock is held
 * @addr: from here
 * @end: exclusive
 *
 * Return: 0; FLAB_WALK_FULL, with @w->start where to go on; -EINTR if killed.
 */
int flab_walk_vma(struct flab_walk *w, struct vm_area_struct *vma,
		  unsigned long addr, unsigned long end)
{
	struct address_space *shared_tables = NULL;
	pgd_t *pgdp = pgd_offset(w->mm, addr);
	unsigned long next;
	int err = 0;

	mmap_assert_locked(w->mm);
	flab_walk_vma_flags(w, vma);
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
