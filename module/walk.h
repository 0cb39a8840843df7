/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walking a task's page tables. The walker visits, and knows nothing of what is
 * made of it: that is a form, a table of functions.
 */
#ifndef FLAB_WALK_H
#define FLAB_WALK_H

#include <linux/faultlab.h>
#include <linux/mm_types.h>
#include <linux/pgtable.h>

#define FLAB_NR_LEVELS (FAULTLAB_LEVEL_PGD + 1)

struct flab_walk;

/**
 * struct flab_leaf - an entry at which a walk ends, but for a PTE
 * @level: its level
 * @index: in its table
 * @raw: as in memory
 * @pfn: of the leaf, or of what else it points to
 * @flags: FAULTLAB_PTE_*
 */
struct flab_leaf {
	u8 level;
	u16 index;
	u64 raw;
	u64 pfn;
	u64 flags;
};

/**
 * struct flab_walk_form - what is made of a walk
 * @record: size of a record, in bytes
 * @least: the smallest buffer that it can work with, in bytes
 * @flags: the FAULTLAB_WALK_* that make sense with it
 * @filter: knows require and exclude
 * @vma: a VMA begins, or goes on after a pause
 * @vma_end: and ends
 * @no_vma: [addr, end) is in no VMA
 * @table: an entry over @addr that points to a table
 * @leaf: an entry over [addr, end), of a level above PTE
 * @ptes: [addr, end) is in one PTE table, which is locked
 * @end: the walk ends
 * @back: set w->start, and w->last where it is used, to where something was met
 *	that has not been reported
 *
 * Each but @back returns 0, or FLAB_WALK_FULL with w->start where to go on. None
 * may sleep: @ptes is called under a spin lock. NULL: nothing to do.
 */
struct flab_walk_form {
	u32 record;
	u32 least;
	u32 flags;
	bool filter;
	int (*vma)(struct flab_walk *w, const struct vm_area_struct *vma,
		   unsigned long addr, unsigned long end);
	int (*vma_end)(struct flab_walk *w, unsigned long end);
	int (*no_vma)(struct flab_walk *w, unsigned long addr, unsigned long end);
	int (*table)(struct flab_walk *w, unsigned long addr, const struct flab_leaf *leaf);
	int (*leaf)(struct flab_walk *w, unsigned long addr, unsigned long end,
		    const struct flab_leaf *leaf);
	int (*ptes)(struct flab_walk *w, pte_t *pte, unsigned long addr, unsigned long end);
	int (*end)(struct flab_walk *w);
	void (*back)(struct flab_walk *w);
};

extern const struct flab_walk_form flab_walk_entries;
extern const struct flab_walk_form flab_walk_runs;
extern const struct flab_walk_form flab_walk_raw;
extern const struct flab_walk_form flab_walk_counts;

/**
 * struct flab_run - neighbours that are alike
 * @start: the first
 * @end: behind the last, or 0 if it may go on
 * @pfn: of the first
 * @flags: of all; 0: there is no run
 * @level: of all
 * @pkey: of all
 * @expect: the next PTE in memory if the frames follow each other
 * @step: from one such PTE to the next, or 0 if that cannot be told
 * @raw: a PTE of the run, to compare what is not the frame
 */
struct flab_run {
	unsigned long start;
	unsigned long end;
	u64 pfn;
	u64 flags;
	u8 level;
	u8 pkey;
	u64 expect;
	u64 step;
	u64 raw;
};

/**
 * struct flab_walk - a walk under way, and the batch that it fills
 * @form: what is made of it
 * @mm: whose tables
 * @start: where it is; where to go on after a batch
 * @end: exclusive
 * @flags: FAULTLAB_WALK_*
 * @require: FAULTLAB_PTE_* that must be there
 * @exclude: FAULTLAB_PTE_* that must not
 * @vma_flags: FAULTLAB_PTE_* that the VMA adds to its leaves
 * @last: entries: by level, the first address of the entry that was reported last,
 *	or FLAB_WALK_NEVER: VMAs share tables, and each is to be reported once
 * @run: runs and counts: what has begun and was not reported
 * @counts: counts: of the VMA under way; none if its end is 0
 * @counts_last: counts: @last when that VMA began
 * @counted: that VMA has ended
 * @done: there is nothing left to report
 * @buf: the batch
 * @pages: entries: struct pages beside it, or NULL
 * @room: how many bytes fit into @buf
 * @used: how many are there
 */
struct flab_walk {
	const struct flab_walk_form *form;
	struct mm_struct *mm;
	unsigned long start;
	unsigned long end;
	u32 flags;
	u64 require;
	u64 exclude;
	u64 vma_flags;
	unsigned long last[FLAB_NR_LEVELS];
	struct flab_run run;
	struct faultlab_walk_counts counts;
	unsigned long counts_last[FLAB_NR_LEVELS];
	bool counted;
	bool done;
	void *buf;
	struct faultlab_walk_page *pages;
	u32 room;
	u32 used;
};

/* No entry begins at an odd address. */
#define FLAB_WALK_NEVER	1UL

/* Ends a batch: the buffer is full, or others wait for mmap_lock. */
#define FLAB_WALK_FULL	1

static inline bool flab_walk_wants(const struct flab_walk *w, u64 flags)
{
	return (flags & w->require) == w->require && !(flags & w->exclude);
}

/* Room for one more record, which counts as used; NULL if there is none. */
static inline void *flab_walk_room(struct flab_walk *w, u32 bytes)
{
	void *at = w->buf + w->used;

	if (w->room - w->used < bytes)
		return NULL;
	w->used += bytes;
	return at;
}

/* walk_arch.c: what the bits of an entry mean */
u64 flab_pte_flags(pte_t pte);
u64 flab_pmd_flags(pmd_t pmd);
u64 flab_pud_flags(pud_t pud);
u64 flab_table_flags(u64 raw);
u64 flab_swap_pte_flags(pte_t pte, u64 *pfn);
u64 flab_swap_pmd_flags(pmd_t pmd, u64 *pfn);
u8 flab_pkey(u64 raw);
u64 flab_raw_step(pte_t pte);
u64 flab_raw_pfn_mask(void);
bool flab_has_kernel_half(void);
bool flab_is_kernel_half(u64 addr);

/* A PTE that is not empty. */
static inline u64 flab_walk_pte_flags(pte_t pte, u64 *pfn)
{
	if (!pte_present(pte))
		return FAULTLAB_PTE_NONPRESENT | flab_swap_pte_flags(pte, pfn);
	*pfn = pte_pfn(pte);
	return FAULTLAB_PTE_LEAF | flab_pte_flags(pte);
}

/* walk_runs.c: runs, for those who make something else of them */
typedef int (*flab_run_fn)(struct flab_walk *w, const struct flab_run *run,
			   unsigned long end);
int flab_run_flush(struct flab_walk *w, unsigned long addr, flab_run_fn fn);
int flab_run_leaf(struct flab_walk *w, unsigned long addr, const struct flab_leaf *leaf,
		  flab_run_fn fn);
int flab_run_pte(struct flab_walk *w, unsigned long addr, pte_t pte, flab_run_fn fn);

/* No PTE is that: nothing has been foretold. */
#define FLAB_RUN_UNFORESEEN	(~0ULL)

/* Where a run ends, and before the first, the next PTE is to be looked into. */
static inline void flab_run_forget(struct flab_run *run)
{
	run->step = 0;
	run->expect = FLAB_RUN_UNFORESEEN;
}

/*
 * PTEs of one table. Most differ from the one before in nothing but the frame, by
 * one: so the next is foretold, and only one that is not as foretold is looked into.
 */
static __always_inline int flab_run_ptes(struct flab_walk *w, pte_t *pte, unsigned long addr,
					 unsigned long end, flab_run_fn fn)
{
	const u64 frame = flab_raw_pfn_mask();
	struct flab_run *run = &w->run;
	u64 expect = run->expect;
	int err;

	for (; addr != end; pte++, addr += PAGE_SIZE) {
		u64 raw = pte_val(ptep_get(pte));

		if (likely(raw == expect)) {
			expect += run->step;
			continue;
		}
		/* The same but for the frame, which is another one. */
		if (run->step && !((raw ^ run->raw) & ~frame)) {
			run->flags &= ~FAULTLAB_PTE_CONTIG;
			expect = raw + run->step;
			continue;
		}
		err = flab_run_pte(w, addr, __pte(raw), fn);
		if (err)
			return err;
		expect = run->expect;
	}
	run->expect = expect;
	return 0;
}

/* walk.c: the levels */
int flab_walk_vma(struct flab_walk *walk, struct vm_area_struct *vma,
		  unsigned long addr, unsigned long end);
unsigned long flab_level_size(unsigned int level);

/* walk_task.c: the address space */
struct mm_struct *flab_walk_target(pid_t pid);
void flab_walk_begin(struct flab_walk *walk, u64 start, u64 end, u32 resume);
int flab_walk_batch(struct flab_walk *walk);
u32 flab_walk_resume(const struct flab_walk *walk);

/* walk_kernel.c: the half that all address spaces share */
int flab_walk_kernel_begin(struct flab_walk *walk, u64 start, u64 end, u32 resume);
int flab_walk_kernel_batch(struct flab_walk *walk);

/* walk_page.c: what is behind a frame */
void flab_walk_page(struct faultlab_walk_page *page, u64 flags, u64 pfn);

#endif /* FLAB_WALK_H */
