// SPDX-License-Identifier: GPL-2.0-only
/* A walk as counts, a record for each VMA: what it is made of, level by level. */
#include <linux/mm.h>
#include "walk.h"

static u64 flab_nr_entries(unsigned long addr, unsigned long end, u8 level)
{
	unsigned long size = flab_level_size(level);

	return DIV_ROUND_UP(end - (addr & ~(size - 1)), size);
}

/* A run of leaves, of non-present entries, or of empty PTEs. */
static int flab_counts_run(struct flab_walk *w, const struct flab_run *run, unsigned long end)
{
	struct faultlab_walk_counts *c = &w->counts;
	u64 flags = run->flags;

	if (flags & FAULTLAB_PTE_NONE) {
		c->none[run->level] += flab_nr_entries(run->start, end, run->level);
		return 0;
	}
	if (flags & FAULTLAB_PTE_LEAF)
		c->leaf[run->level] += flab_nr_entries(run->start, end, run->level);
	for (flags &= ~FAULTLAB_PTE_CONTIG; flags; flags &= flags - 1)
		c->flag[__ffs64(flags)] += end - run->start;
	return 0;
}

/* The record of a VMA that has ended. */
static int flab_counts_put(struct flab_walk *w, unsigned long addr)
{
	struct faultlab_walk_counts *to;

	if (!w->counted)
		return 0;
	to = flab_walk_room(w, sizeof(*to));
	if (!to) {
		w->start = addr;
		return FLAB_WALK_FULL;
	}
	*to = w->counts;
	w->counts.end = 0;
	w->counted = false;
	return 0;
}

static int flab_counts_vma(struct flab_walk *w, const struct vm_area_struct *vma,
			   unsigned long addr, unsigned long end)
{
	int err = flab_counts_put(w, addr);

	if (err)
		return err;
	/* It goes on after a pause, or took the place of one that did not. */
	if (w->counts.end) {
		w->counts.end = end;
		return 0;
	}
	w->counts = (struct faultlab_walk_counts) {
		.start = addr,
		.end = end,
		.vm_flags = vma->vm_flags,
	};
	memcpy(w->counts_last, w->last, sizeof(w->counts_last));
	return 0;
}

static int flab_counts_vma_end(struct flab_walk *w, unsigned long end)
{
	flab_run_flush(w, end, flab_counts_run);
	w->counts.end = end;
	w->counted = true;
	return 0;
}

static int flab_counts_table(struct flab_walk *w, unsigned long addr,
			     const struct flab_leaf *leaf)
{
	unsigned long first = addr & ~(flab_level_size(leaf->level) - 1);

	/* A folded level has no table of its own. */
	if (w->last[leaf->level] != first && !(leaf->flags & FAULTLAB_PTE_FOLDED))
		w->counts.table[leaf->level]++;
	w->last[leaf->level] = first;
	return 0;
}

static int flab_counts_leaf(struct flab_walk *w, unsigned long addr, unsigned long end,
			    const struct flab_leaf *leaf)
{
	if (!(leaf->flags & FAULTLAB_PTE_NONE))
		return flab_run_leaf(w, addr, leaf, flab_counts_run);
	flab_run_flush(w, addr, flab_counts_run);
	w->counts.none[leaf->level] += flab_nr_entries(addr, end, leaf->level);
	return 0;
}

static int flab_counts_ptes(struct flab_walk *w, pte_t *pte, unsigned long addr,
			    unsigned long end)
{
	return flab_run_ptes(w, pte, addr, end, flab_counts_run);
}

static int flab_counts_end(struct flab_walk *w)
{
	return flab_counts_put(w, w->end);
}

static void flab_counts_back(struct flab_walk *w)
{
	if (!w->counts.end)
		return;
	w->start = w->counts.start;
	memcpy(w->last, w->counts_last, sizeof(w->last));
}

const struct flab_walk_form flab_walk_counts = {
	.record		= sizeof(struct faultlab_walk_counts),
	.least		= sizeof(struct faultlab_walk_counts),
	.vma		= flab_counts_vma,
	.vma_end	= flab_counts_vma_end,
	.table		= flab_counts_table,
	.leaf		= flab_counts_leaf,
	.ptes		= flab_counts_ptes,
	.end		= flab_counts_end,
	.back		= flab_counts_back,
};
