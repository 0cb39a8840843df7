// SPDX-License-Identifier: GPL-2.0-only
/* The walk form COUNTS: one record a VMA, with the number of entries of each level. */
#include <linux/mm.h>
#include "walk/run.h"
#include "walk/walk.h"

static u64 flab_nr_entries(unsigned long addr, unsigned long end, u8 level)
{
	unsigned long size = flab_level_size(level);

	return DIV_ROUND_UP(end - (addr & ~(size - 1)), size);
}

static bool flab_counts_empty(const struct flab_walk *w)
{
	return true;
}

static struct faultlab_walk_run *flab_counts_open(struct flab_walk *w, u64 flags)
{
	return &w->run.kept;
}

/*
 * Add a run that has ended to the counts of its VMA: a run of leaves, of non-present
 * entries, or of empty PTEs. (flab_counts_leaf() counts empty entries above PTEs.)
 */
static void flab_counts_close(struct flab_walk *w, struct faultlab_walk_run *run)
{
	struct faultlab_walk_counts *c = &w->counts;
	u64 flags = run->flags & ~(FAULTLAB_PTE_CONTIG | FAULTLAB_PTE_VMA_SOFT_DIRTY);
	u64 nr = flab_nr_entries(run->start, run->end, run->level);

	if (flags & FAULTLAB_PTE_NONE) {
		c->none[run->level] += nr;
		return;
	}
	if (flags & FAULTLAB_PTE_LEAF)
		c->leaf[run->level] += nr;
	for (; flags; flags &= flags - 1)
		c->flag[__ffs64(flags)] += run->end - run->start;
}

static const struct flab_run_sink flab_counts_sink = {
	.empty	= flab_counts_empty,
	.open	= flab_counts_open,
	.close	= flab_counts_close,
};

/* Report the VMA that has ended, if there is one. If the buffer is full, stop at @addr. */
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
	/* This VMA was begun before a pause: keep its counts. */
	if (w->counts.end)
		return 0;
	w->resume = flab_walk_resume_at(w, addr);
	w->counts = (struct faultlab_walk_counts) {
		.start = addr,
		.end = end,
		.vm_flags = vma->vm_flags,
	};
	return 0;
}

static void flab_counts_vma_end(struct flab_walk *w, unsigned long end)
{
	/* The buffer had no room for the VMA before, so counting of this one has not begun. */
	if (w->counted)
		return;
	flab_run_close(w, end, &flab_counts_sink);
	w->counts.end = end;
	if (w->counts.vm_flags & VM_SOFTDIRTY)
		w->counts.flag[__builtin_ctzll(FAULTLAB_PTE_VMA_SOFT_DIRTY)] =
			end - w->counts.start;
	w->counted = true;
}

static int flab_counts_table(struct flab_walk *w, unsigned long addr,
			     const struct flab_leaf *leaf)
{
	unsigned long first = addr & ~(flab_level_size(leaf->level) - 1);

	/* A folded level has no table of its own. */
	if (w->tables[leaf->level] != first && !(leaf->flags & FAULTLAB_PTE_FOLDED))
		w->counts.table[leaf->level]++;
	w->tables[leaf->level] = first;
	return 0;
}

static int flab_counts_leaf(struct flab_walk *w, unsigned long addr, unsigned long end,
			    const struct flab_leaf *leaf)
{
	if (!(leaf->flags & FAULTLAB_PTE_NONE))
		return flab_run_entry(w, addr, leaf, &flab_counts_sink);
	flab_run_close(w, addr, &flab_counts_sink);
	w->counts.none[leaf->level] += flab_nr_entries(addr, end, leaf->level);
	return 0;
}

static int flab_counts_ptes(struct flab_walk *w, pte_t *pte, unsigned long addr,
			    unsigned long end)
{
	return flab_run_ptes(w, pte, addr, end, &flab_counts_sink);
}

static int flab_counts_walk_end(struct flab_walk *w)
{
	return flab_counts_put(w, w->end);
}

static unsigned long flab_counts_behind(const struct flab_walk *w)
{
	return w->counts.end ? w->counts.start : w->start;
}

const struct flab_walk_form flab_walk_counts = {
	.record		= sizeof(struct faultlab_walk_counts),
	.first		= offsetofend(struct faultlab_walk_counts, flag),
	.least		= sizeof(struct faultlab_walk_counts),
	.open		= true,
	.vma		= flab_counts_vma,
	.vma_end	= flab_counts_vma_end,
	.table		= flab_counts_table,
	.leaf		= flab_counts_leaf,
	.ptes		= flab_counts_ptes,
	.walk_end	= flab_counts_walk_end,
	.behind		= flab_counts_behind,
};
