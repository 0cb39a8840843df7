// SPDX-License-Identifier: GPL-2.0-only
/* A walk as runs: neighbours in one VMA that differ in nothing but the frame. */
#include <linux/mm.h>
#include "walk.h"

/**
 * flab_run_flush - hand on the run that has begun, if there is one
 * @w: the walk
 * @addr: where it ends, unless that is known
 * @fn: to whom; what does not take it returns FLAB_WALK_FULL
 *
 * Return: 0, or FLAB_WALK_FULL with @w->start set to @addr: the run is kept.
 */
int flab_run_flush(struct flab_walk *w, unsigned long addr, flab_run_fn fn)
{
	struct flab_run *run = &w->run;

	if (!run->flags)
		return 0;
	if (fn(w, run, run->end ?: addr)) {
		w->start = addr;
		run->end = run->end ?: addr;
		flab_run_forget(run);
		return FLAB_WALK_FULL;
	}
	run->flags = 0;
	flab_run_forget(run);
	return 0;
}

/* CONTIG is what a run has for as long as it is true. */
static bool flab_run_is_like(const struct flab_run *run, const struct flab_leaf *leaf, u8 pkey)
{
	return run->flags && !run->end && run->pkey == pkey &&
	       !((run->flags ^ leaf->flags) & ~FAULTLAB_PTE_CONTIG) &&
	       (run->level == leaf->level || (leaf->flags & FAULTLAB_PTE_NONE));
}

/**
 * flab_run_leaf - an entry goes on with a run, or ends it and begins the next
 * @w: the walk
 * @addr: what it covers
 * @leaf: the entry
 * @fn: gets what has ended
 *
 * Return: 0 or FLAB_WALK_FULL.
 */
int flab_run_leaf(struct flab_walk *w, unsigned long addr, const struct flab_leaf *leaf,
		  flab_run_fn fn)
{
	bool is_leaf = leaf->flags & FAULTLAB_PTE_LEAF;
	u8 pkey = is_leaf ? flab_pkey(leaf->raw) : 0;
	struct flab_run *run = &w->run;
	u64 pfn = leaf->pfn;
	int err;

	/* A walk may begin in the middle of a large one. */
	if (is_leaf)
		pfn += (addr & (flab_level_size(leaf->level) - 1)) >> PAGE_SHIFT;
	if (flab_run_is_like(run, leaf, pkey)) {
		if (pfn != run->pfn + ((addr - run->start) >> PAGE_SHIFT))
			run->flags &= ~FAULTLAB_PTE_CONTIG;
	} else {
		err = flab_run_flush(w, addr, fn);
		if (err)
			return err;
		*run = (struct flab_run) {
			.start = addr,
			.pfn = pfn,
			.flags = leaf->flags | (is_leaf ? FAULTLAB_PTE_CONTIG : 0),
			.level = leaf->level,
			.pkey = pkey,
		};
	}
	flab_run_forget(run);
	return 0;
}

/* A PTE that was not foretold; it foretells the next. */
int flab_run_pte(struct flab_walk *w, unsigned long addr, pte_t pte, flab_run_fn fn)
{
	struct flab_leaf leaf = {
		.level = FAULTLAB_LEVEL_PTE,
		.raw = pte_val(pte),
		.flags = FAULTLAB_PTE_NONE,
	};
	int err;

	if (!pte_none(pte))
		leaf.flags = flab_walk_pte_flags(pte, &leaf.pfn);
	leaf.flags |= w->vma_flags;
	err = flab_run_leaf(w, addr, &leaf, fn);
	if (err)
		return err;
	w->run.raw = leaf.raw;
	w->run.step = flab_raw_step(pte);
	w->run.expect = leaf.raw + w->run.step;
	return 0;
}

static int flab_runs_put(struct flab_walk *w, const struct flab_run *run, unsigned long end)
{
	struct faultlab_walk_run *to;

	if ((run->flags & FAULTLAB_PTE_NONE) && !(w->flags & FAULTLAB_WALK_HOLES))
		return 0;
	if (!flab_walk_wants(w, run->flags))
		return 0;
	to = flab_walk_room(w, sizeof(*to));
	if (!to)
		return FLAB_WALK_FULL;
	*to = (struct faultlab_walk_run) {
		.start = run->start,
		.end = end,
		.pfn = run->pfn,
		.flags = run->flags,
		.level = run->level,
		.pkey = run->pkey,
	};
	return 0;
}

static int flab_runs_vma_end(struct flab_walk *w, unsigned long end)
{
	if (!w->run.end)
		w->run.end = end;
	/* The next VMA is not to go on with it, however alike its entries are. */
	flab_run_forget(&w->run);
	return 0;
}

static int flab_runs_no_vma(struct flab_walk *w, unsigned long addr, unsigned long end)
{
	const struct flab_leaf leaf = {
		.level = FAULTLAB_LEVEL_PGD,
		.flags = FAULTLAB_PTE_NO_VMA,
	};
	int err;

	if (!(w->flags & FAULTLAB_WALK_HOLES))
		return 0;
	err = flab_run_leaf(w, addr, &leaf, flab_runs_put);
	return err ?: flab_runs_vma_end(w, end);
}

static int flab_runs_leaf(struct flab_walk *w, unsigned long addr, unsigned long end,
			  const struct flab_leaf *leaf)
{
	return flab_run_leaf(w, addr, leaf, flab_runs_put);
}

static int flab_runs_ptes(struct flab_walk *w, pte_t *pte, unsigned long addr,
			  unsigned long end)
{
	return flab_run_ptes(w, pte, addr, end, flab_runs_put);
}

static int flab_runs_end(struct flab_walk *w)
{
	return flab_run_flush(w, w->end, flab_runs_put);
}

static void flab_runs_back(struct flab_walk *w)
{
	if (w->run.flags)
		w->start = w->run.start;
}

const struct flab_walk_form flab_walk_runs = {
	.record		= sizeof(struct faultlab_walk_run),
	.least		= sizeof(struct faultlab_walk_run),
	.flags		= FAULTLAB_WALK_HOLES,
	.filter		= true,
	.vma_end	= flab_runs_vma_end,
	.no_vma		= flab_runs_no_vma,
	.leaf		= flab_runs_leaf,
	.ptes		= flab_runs_ptes,
	.end		= flab_runs_end,
	.back		= flab_runs_back,
};
