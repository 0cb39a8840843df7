/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs, for the two forms that are made of them. */
#ifndef FLAB_WALK_RUNS_H
#define FLAB_WALK_RUNS_H

#include "walk.h"

/**
 * struct flab_run_sink - what becomes of runs
 * @empty: empty entries make runs, too
 * @open: a place for the record of a run that begins; NULL: there is none
 * @close: the run has ended
 */
struct flab_run_sink {
	bool (*empty)(const struct flab_walk *w);
	struct faultlab_walk_run *(*open)(struct flab_walk *w, u64 flags);
	void (*close)(struct flab_walk *w, struct faultlab_walk_run *run);
};

/* The run under way, if there is one, ends at @addr. */
static __always_inline void flab_run_close(struct flab_walk *w, unsigned long addr,
					   const struct flab_run_sink *sink)
{
	struct faultlab_walk_run *run = w->run.to;

	if (!run)
		return;
	run->end = addr;
	w->run.to = NULL;
	w->run.expect = FLAB_RUN_UNFORESEEN;
	sink->close(w, run);
}

/* And another begins: 0, or FLAB_WALK_FULL. */
static __always_inline int flab_run_open(struct flab_walk *w, unsigned long addr, u8 level,
					 u64 raw, u64 pfn, u64 flags,
					 const struct flab_run_sink *sink)
{
	bool is_leaf = flags & FAULTLAB_PTE_LEAF;
	struct faultlab_walk_run *to;

	flab_run_close(w, addr, sink);
	to = sink->open(w, flags);
	if (!to) {
		w->run.expect = FLAB_RUN_UNFORESEEN;
		w->start = addr;
		return FLAB_WALK_FULL;
	}
	to->start = addr;
	to->pfn = pfn;
	to->flags = flags | (is_leaf ? FAULTLAB_PTE_CONTIG : 0);
	to->level = level;
	to->pkey = is_leaf ? flab_pkey(raw) : 0;
	w->run.to = to;
	return 0;
}

/* An entry that was not foretold; it foretells the next. */
static inline int flab_run_entry(struct flab_walk *w, unsigned long addr,
				 const struct flab_leaf *leaf, const struct flab_run_sink *sink)
{
	struct flab_run *run = &w->run;
	bool is_leaf = leaf->flags & FAULTLAB_PTE_LEAF;
	u64 pfn = leaf->pfn;
	int err = 0;

	/* A large one is met in the middle where the walk or the VMA begins there. */
	if (is_leaf)
		pfn += (addr & (flab_level_size(leaf->level) - 1)) >> PAGE_SHIFT;

	if (run->to && !((run->to->flags ^ leaf->flags) & ~FAULTLAB_PTE_CONTIG) &&
	    (run->to->level == leaf->level || (leaf->flags & FAULTLAB_PTE_NONE)) &&
	    run->to->pkey == (is_leaf ? flab_pkey(leaf->raw) : 0)) {
		if (pfn != run->to->pfn + ((addr - run->to->start) >> PAGE_SHIFT))
			run->to->flags &= ~FAULTLAB_PTE_CONTIG;
	} else {
		err = flab_run_open(w, addr, leaf->level, leaf->raw, pfn, leaf->flags, sink);
		if (err)
			return err;
	}
	run->level = leaf->level;
	run->raw = leaf->raw;
	run->flags = leaf->flags;
	run->step = is_leaf ? flab_raw_step(leaf->raw, leaf->level) : 0;
	run->expect = run->step ? leaf->raw + run->step : FLAB_RUN_UNFORESEEN;
	if (leaf->level == FAULTLAB_LEVEL_PTE && (leaf->flags & FAULTLAB_PTE_NONE))
		run->expect = leaf->raw;
	return 0;
}

/* An empty PTE ends a run, and more of them are nothing new. */
static __always_inline int flab_run_empty_pte(struct flab_walk *w, unsigned long addr,
					      const struct flab_run_sink *sink)
{
	const struct flab_leaf leaf = {
		.level = FAULTLAB_LEVEL_PTE,
		.flags = FAULTLAB_PTE_NONE | w->vma_flags,
	};

	if (sink->empty(w))
		return flab_run_entry(w, addr, &leaf, sink);
	flab_run_close(w, addr, sink);
	return 0;
}

static inline int flab_run_pte(struct flab_walk *w, unsigned long addr, pte_t pte,
			       const struct flab_run_sink *sink)
{
	struct flab_leaf leaf = { .level = FAULTLAB_LEVEL_PTE, .raw = pte_val(pte) };

	leaf.flags = flab_walk_pte_flags(pte, &leaf.pfn) | w->vma_flags;
	return flab_run_entry(w, addr, &leaf, sink);
}

/* PTEs of one table. */
static __always_inline int flab_run_ptes(struct flab_walk *w, pte_t *pte, unsigned long addr,
					 unsigned long end, const struct flab_run_sink *sink)
{
	const u64 frame = flab_raw_frame(FAULTLAB_LEVEL_PTE);
	struct flab_run *run = &w->run;
	int err = 0;

	if (run->level != FAULTLAB_LEVEL_PTE) {
		run->expect = FLAB_RUN_UNFORESEEN;
		run->step = 0;
	}
	for (; addr != end; pte++, addr += PAGE_SIZE) {
		u64 raw = pte_val(ptep_get(pte));

		if (flab_run_foretold(run, raw, frame))
			continue;
		if (pte_none(__pte(raw))) {
			err = flab_run_empty_pte(w, addr, sink);
		} else if (run->step && !((raw ^ run->raw) & ~frame)) {
			/* After a gap, like the last. */
			err = flab_run_open(w, addr, FAULTLAB_LEVEL_PTE, raw, pte_pfn(__pte(raw)),
					    run->flags, sink);
			run->expect = raw + run->step;
		} else {
			err = flab_run_pte(w, addr, __pte(raw), sink);
		}
		if (err)
			break;
	}
	return err;
}

#endif /* FLAB_WALK_RUNS_H */
