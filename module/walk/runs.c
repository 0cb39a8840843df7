// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk form RUNS: neighbouring entries of one VMA that differ in nothing but the
 * PFN. The record of a run is allocated in the buffer as soon as the run begins. A run
 * that goes on in the next chunk is moved to flab_run.kept until that chunk begins.
 */
#include <linux/mm.h>
#include "walk/run.h"
#include "walk/walk.h"

static bool flab_runs_empty(const struct flab_walk *w)
{
	return w->flags & FAULTLAB_WALK_HOLES;
}

static __always_inline struct faultlab_walk_run *flab_runs_open(struct flab_walk *w, u64 flags)
{
	if (unlikely(!flab_walk_wants(w, flags)))
		return &w->run.kept;
	return flab_walk_room(w, sizeof(struct faultlab_walk_run));
}

static __always_inline void flab_runs_close(struct flab_walk *w, struct faultlab_walk_run *run)
{
}

/*
 * Fast path for sparsely touched memory: many runs of a few pages each, separated by empty
 * entries, that differ in nothing but address and PFN. See struct flab_run_sink.
 */
static pte_t *flab_runs_islands(struct flab_walk *w, pte_t *pte, pte_t *last, unsigned long end)
{
	const u64 frame = flab_raw_frame(FAULTLAB_LEVEL_PTE);
	struct faultlab_walk_run *to = w->buf + w->used;
	struct faultlab_walk_run *to_end = to + (w->room - w->used) / sizeof(*to);
	struct flab_run *run = &w->run;
	const u64 stride = run->stride, same = run->raw & ~frame, flags = run->flags;
	const u32 pkey = run->pkey;
	unsigned long addr = end - ((last - pte) << PAGE_SHIFT);
	u64 raw;

	if (flab_runs_empty(w) || !flab_walk_wants(w, flags))
		return pte;
	run->expect = 0;
	run->step = 0;
	for (; pte != last; pte++, addr += PAGE_SIZE) {
		raw = flab_pte_word(pte);
		if (!raw)
			continue;
		if ((raw & ~frame) != same || to == to_end)
			break;
		to->start = addr;
		to->pfn = (raw & frame) >> PAGE_SHIFT;
		to->flags = flags;
		to->level = FAULTLAB_LEVEL_PTE;
		to->pkey = pkey;
		do {
			raw += stride;
			addr += PAGE_SIZE;
			pte++;
		} while (pte != last && flab_pte_word(pte) == raw);
		if (pte == last || flab_pte_word(pte)) {
			/* No empty entry follows: the run may go on. */
			run->to = to++;
			run->expect = raw;
			run->step = stride;
			break;
		}
		to->end = addr;
		to++;
	}
	w->used = (void *)to - w->buf;
	return pte;
}

static const struct flab_run_sink flab_runs_sink = {
	.empty		= flab_runs_empty,
	.open		= flab_runs_open,
	.close		= flab_runs_close,
	.islands	= flab_runs_islands,
};

/* If a run goes on from the chunk before, move its record into the new buffer. */
static void flab_runs_chunk_begin(struct flab_walk *w)
{
	struct faultlab_walk_run *to;

	if (!w->run.to || !flab_walk_wants(w, w->run.kept.flags))
		return;
	to = flab_walk_room(w, sizeof(*to));
	*to = w->run.kept;
	w->run.to = to;
}

/* If a run has not ended, take its record out of the buffer: it goes on in the next chunk. */
static void flab_runs_chunk_end(struct flab_walk *w)
{
	if (!w->run.to || w->run.to == &w->run.kept)
		return;
	w->run.kept = *w->run.to;
	w->run.to = &w->run.kept;
	w->used -= sizeof(w->run.kept);
}

static void flab_runs_vma_end(struct flab_walk *w, unsigned long end)
{
	flab_run_close(w, end, &flab_runs_sink);
}

static int flab_runs_no_vma(struct flab_walk *w, unsigned long addr, unsigned long end)
{
	const struct flab_leaf leaf = {
		.level = FAULTLAB_LEVEL_PGD,
		.flags = FAULTLAB_PTE_NO_VMA,
	};
	int err;

	if (!flab_runs_empty(w))
		return 0;
	err = flab_run_entry(w, addr, &leaf, &flab_runs_sink);
	flab_run_close(w, end, &flab_runs_sink);
	return err;
}

static int flab_runs_leaf(struct flab_walk *w, unsigned long addr, unsigned long end,
			  const struct flab_leaf *leaf)
{
	if (!(leaf->flags & FAULTLAB_PTE_NONE) || flab_runs_empty(w))
		return flab_run_entry(w, addr, leaf, &flab_runs_sink);
	flab_run_close(w, addr, &flab_runs_sink);
	return 0;
}

static int flab_runs_ptes(struct flab_walk *w, pte_t *pte, unsigned long addr,
			  unsigned long end)
{
	return flab_run_ptes(w, pte, addr, end, &flab_runs_sink);
}

static unsigned long flab_runs_behind(const struct flab_walk *w)
{
	return w->run.to ? w->run.to->start : w->start;
}

static void flab_runs_hide(struct flab_walk *w)
{
	struct faultlab_walk_run *r = w->buf;
	u32 i;

	for (i = 0; i < w->used / sizeof(*r); i++) {
		r[i].pfn = 0;
		r[i].flags &= ~FAULTLAB_PTE_CONTIG;
	}
}

const struct flab_walk_form flab_walk_runs = {
	.record		= sizeof(struct faultlab_walk_run),
	.first		= offsetofend(struct faultlab_walk_run, pkey),
	.least		= sizeof(struct faultlab_walk_run),
	.flags		= FAULTLAB_WALK_HOLES,
	.filter		= true,
	.hide		= flab_runs_hide,
	.chunk_begin	= flab_runs_chunk_begin,
	.chunk_end	= flab_runs_chunk_end,
	.vma_end	= flab_runs_vma_end,
	.no_vma		= flab_runs_no_vma,
	.leaf		= flab_runs_leaf,
	.ptes		= flab_runs_ptes,
	.behind		= flab_runs_behind,
};
