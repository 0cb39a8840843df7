/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs of entries that differ in nothing but the PFN, for the forms RUNS and COUNTS.
 * The value of the next entry is predicted, so that most entries cost one comparison.
 */
#ifndef FLAB_WALK_RUN_H
#define FLAB_WALK_RUN_H

#include "walk/walk.h"

/**
 * struct flab_run_sink - what a walk form does with runs
 * @empty: whether neighbouring empty entries form runs as well
 * @open: called when a run begins: returns a place for its record, NULL if the buffer is
 *	full
 * @close: called when a run has ended, with its complete record
 * @islands: fast path for short runs, separated by empty entries, of leaves that differ
 *	from the last decoded leaf in the PFN only. Handles PTEs from @pte to before @last,
 *	which is the PTE of the address @end. Returns the first PTE that it did not
 *	handle. NULL: the form has no fast path
 */
struct flab_run_sink {
	bool (*empty)(const struct flab_walk *w);
	struct faultlab_walk_run *(*open)(struct flab_walk *w, u64 flags);
	void (*close)(struct flab_walk *w, struct faultlab_walk_run *run);
	pte_t *(*islands)(struct flab_walk *w, pte_t *pte, pte_t *last, unsigned long end);
};

/* End the current run, if there is one, at @addr. */
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

/* End the current run and begin another at @addr. Returns 0 or FLAB_WALK_FULL. */
static __always_inline int flab_run_open(struct flab_walk *w, unsigned long addr, u8 level,
					 u8 pkey, u64 pfn, u64 flags,
					 const struct flab_run_sink *sink)
{
	struct faultlab_walk_run *to;

	flab_run_close(w, addr, sink);
	to = sink->open(w, flags);
	if (unlikely(!to)) {
		w->run.expect = FLAB_RUN_UNFORESEEN;
		w->start = addr;
		return FLAB_WALK_FULL;
	}
	to->start = addr;
	to->pfn = pfn;
	to->flags = flags;
	to->level = level;
	to->pkey = pkey;
	w->run.to = to;
	return 0;
}

static inline bool flab_run_goes_on(const struct flab_run *run, const struct flab_leaf *leaf,
				    u8 pkey)
{
	return run->to && !((run->to->flags ^ leaf->flags) & ~FAULTLAB_PTE_CONTIG) &&
	       (run->to->level == leaf->level || (leaf->flags & FAULTLAB_PTE_NONE)) &&
	       run->to->pkey == pkey;
}

/*
 * Predict the value of the entry that follows @leaf: after a leaf, the same flags and the
 * next PFN; after an empty PTE, the same value. After other entries nothing is predicted.
 */
static inline void flab_run_foretell(struct flab_run *run, const struct flab_leaf *leaf, u8 pkey)
{
	run->expect = FLAB_RUN_UNFORESEEN;
	run->step = 0;
	if (run->level != leaf->level)
		run->stride = 0;
	run->level = leaf->level;
	if (leaf->flags & FAULTLAB_PTE_LEAF) {
		run->pkey = pkey;
		run->raw = leaf->raw;
		run->flags = leaf->flags | FAULTLAB_PTE_CONTIG;
		run->stride = flab_raw_stride(leaf->raw, leaf->level);
		run->step = run->stride;
		if (run->step)
			run->expect = leaf->raw + run->step;
	} else if (leaf->level == FAULTLAB_LEVEL_PTE && (leaf->flags & FAULTLAB_PTE_NONE)) {
		run->expect = leaf->raw;
	}
}

/* Handle an entry that was not predicted, and predict the next one. */
static inline int flab_run_entry(struct flab_walk *w, unsigned long addr,
				 const struct flab_leaf *leaf, const struct flab_run_sink *sink)
{
	struct flab_run *run = &w->run;
	u64 flags = leaf->flags, pfn = leaf->pfn;
	u8 pkey = 0;
	int err;

	/* If the walk or the VMA begins in the middle of a large leaf: the PFN of @addr. */
	if (flags & FAULTLAB_PTE_LEAF) {
		pfn += (addr & (flab_level_size(leaf->level) - 1)) >> PAGE_SHIFT;
		pkey = flab_pkey(leaf->raw);
		flags |= FAULTLAB_PTE_CONTIG;
	}
	if (!flab_run_goes_on(run, leaf, pkey)) {
		err = flab_run_open(w, addr, leaf->level, pkey, pfn, flags, sink);
		if (err)
			return err;
	} else if (pfn != run->to->pfn + ((addr - run->to->start) >> PAGE_SHIFT)) {
		run->to->flags &= ~FAULTLAB_PTE_CONTIG;
	}
	flab_run_foretell(run, leaf, pkey);
	return 0;
}

/*
 * Begin a run at a leaf that differs from the last decoded leaf in the PFN only. The run
 * of that leaf has ended, as other entries lie between the two. @raw: value of the new
 * leaf; @frame: mask of the PFN in it.
 */
static __always_inline int flab_run_again(struct flab_walk *w, unsigned long addr, u64 raw,
					  u64 frame, const struct flab_run_sink *sink)
{
	struct flab_run *run = &w->run;
	int err;

	err = flab_run_open(w, addr, FAULTLAB_LEVEL_PTE, run->pkey, (raw & frame) >> PAGE_SHIFT,
			    run->flags, sink);
	if (err)
		return err;
	run->step = run->stride;
	run->expect = raw + run->step;
	return 0;
}

/* An empty PTE ends a run of leaves; from here on empty PTEs are predicted. */
static __always_inline int flab_run_empty_pte(struct flab_walk *w, unsigned long addr, u64 raw,
					      const struct flab_run_sink *sink)
{
	const struct flab_leaf leaf = {
		.level = FAULTLAB_LEVEL_PTE,
		.raw = raw,
		.flags = FAULTLAB_PTE_NONE | w->vma_flags,
	};

	if (sink->empty(w))
		return flab_run_entry(w, addr, &leaf, sink);
	flab_run_close(w, addr, sink);
	w->run.expect = raw;
	w->run.step = 0;
	return 0;
}

static inline int flab_run_pte(struct flab_walk *w, unsigned long addr, pte_t pte,
			       const struct flab_run_sink *sink)
{
	struct flab_leaf leaf = { .level = FAULTLAB_LEVEL_PTE, .raw = pte_val(pte) };

	leaf.flags = flab_walk_pte_flags(pte, &leaf.pfn) | w->vma_flags;
	return flab_run_entry(w, addr, &leaf, sink);
}

/* Skip empty PTEs eight at a time: most PTEs of sparse mappings are empty. */
static __always_inline pte_t *flab_run_skip_empty(pte_t *pte, pte_t *last)
{
	for (; last - pte >= 8; pte += 8)
		if (flab_pte_word(pte) | flab_pte_word(pte + 1) | flab_pte_word(pte + 2) |
		    flab_pte_word(pte + 3) | flab_pte_word(pte + 4) | flab_pte_word(pte + 5) |
		    flab_pte_word(pte + 6) | flab_pte_word(pte + 7))
			break;
	return pte;
}

/* Skip PTEs that have the predicted value: most of a walk's time is spent here. */
static __always_inline pte_t *flab_run_skip(struct flab_run *run, pte_t *pte, pte_t *last)
{
	u64 expect = run->expect;

	if (!expect && !run->step)
		pte = flab_run_skip_empty(pte, last);
	for (; pte != last && flab_pte_word(pte) == expect; pte++)
		expect += run->step;
	run->expect = expect;
	return pte;
}

/*
 * The current run goes on, but its PFNs are not consecutive: clear CONTIG, and skip all
 * leaves that differ from the last decoded leaf in the PFN only.
 */
static __always_inline pte_t *flab_run_scattered(struct flab_run *run, pte_t *pte,
						 pte_t *last, u64 frame)
{
	u64 raw, same = run->raw & ~frame;

	run->to->flags &= ~FAULTLAB_PTE_CONTIG;
	do {
		raw = flab_pte_word(pte++);
	} while (pte != last && (flab_pte_word(pte) & ~frame) == same);
	run->step = run->stride;
	run->expect = raw + run->step;
	return pte;
}

/* Collect the PTEs of [addr, end), which are in one table, into runs. */
static __always_inline int flab_run_ptes(struct flab_walk *w, pte_t *pte, unsigned long addr,
					 unsigned long end, const struct flab_run_sink *sink)
{
	const u64 frame = flab_raw_frame(FAULTLAB_LEVEL_PTE);
	pte_t *last = pte + ((end - addr) >> PAGE_SHIFT);
	struct flab_run *run = &w->run;
	int err = 0;

	if (run->level != FAULTLAB_LEVEL_PTE) {
		run->level = FAULTLAB_LEVEL_PTE;
		run->expect = FLAB_RUN_UNFORESEEN;
		run->step = 0;
		run->stride = 0;
	}
	while (!err && (pte = flab_run_skip(run, pte, last)) != last) {
		u64 raw = flab_pte_word(pte);
		bool like = flab_run_is_like(run, raw, frame);

		if (like && run->to && (run->to->flags & FAULTLAB_PTE_LEAF)) {
			pte = flab_run_scattered(run, pte, last, frame);
			continue;
		}
		if (like && !run->to && sink->islands) {
			pte_t *from = pte;

			pte = sink->islands(w, pte, last, end);
			if (pte != from)
				continue;
		}
		addr = end - ((last - pte) << PAGE_SHIFT);
		if (like)
			err = flab_run_again(w, addr, raw, frame, sink);
		else if (!raw || pte_none(ptep_get(pte)))
			err = flab_run_empty_pte(w, addr, raw, sink);
		else
			err = flab_run_pte(w, addr, ptep_get(pte), sink);
		pte++;
	}
	return err;
}

#endif /* FLAB_WALK_RUN_H */
