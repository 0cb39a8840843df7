/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks a task's page tables. The walker visits the entries. The form of the walk (ENTRIES,
 * RUNS, RAW or COUNTS) decides what is reported: each is a struct flab_walk_form.
 */
#ifndef FLAB_WALK_H
#define FLAB_WALK_H

#include <linux/faultlab.h>
#include <linux/mm_types.h>
#include <linux/pgtable.h>

struct file;
struct flab_walk;

/**
 * struct flab_leaf - an entry as it was read: of any level, a leaf, a table or empty
 * @level: level of the entry, FAULTLAB_LEVEL_*
 * @index: index of the entry in its table
 * @raw: value of the entry in memory
 * @pfn: PFN of the memory or the table that the entry points to
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
 * struct flab_walk_form - what a walk reports, and how
 * @record: size of a record, in bytes
 * @first: size of a record in the first version of the ABI
 * @least: size of the smallest buffer in which the form can report anything, in bytes
 * @flags: the FAULTLAB_WALK_* that the form accepts
 * @filter: whether the form accepts require and exclude of struct faultlab_walk
 * @open: the records hold no secret of the kernel. A caller that may not see such secrets
 *	gets EPERM for a form with neither @open nor @hide
 * @hide: clear the secrets of the kernel in the chunk's records, for a caller that may
 *	not see them: as in /proc/PID/pagemap, they read 0
 * @chunk_begin: called when a chunk begins
 * @chunk_end: called when a chunk ends, also the last one
 * @vma: called when a VMA begins, or goes on after a pause
 * @vma_end: called when a VMA ends, or was found changed after a pause
 * @no_vma: called for a range [addr, end) in no VMA
 * @table: called for an entry that covers @addr and points to a table
 * @leaf: called for any other entry over [addr, end) of a level above PTE; in the kernel
 *	half also for PTEs
 * @ptes: called for a range [addr, end) in one PTE table, which is locked
 * @walk_end: called when the walk ends
 * @behind: returns the address up to which all is reported. NULL: that is w->start
 *
 * Callbacks that return int return 0, or FLAB_WALK_FULL after setting w->start to the
 * address where the next chunk must begin. They must not sleep: @ptes is called under a
 * spin lock. Callbacks that a form does not need are NULL.
 */
struct flab_walk_form {
	u32 record;
	u32 first;
	u32 least;
	u32 flags;
	bool filter;
	bool open;
	void (*hide)(struct flab_walk *w);
	void (*chunk_begin)(struct flab_walk *w);
	void (*chunk_end)(struct flab_walk *w);
	int (*vma)(struct flab_walk *w, const struct vm_area_struct *vma,
		   unsigned long addr, unsigned long end);
	void (*vma_end)(struct flab_walk *w, unsigned long end);
	int (*no_vma)(struct flab_walk *w, unsigned long addr, unsigned long end);
	int (*table)(struct flab_walk *w, unsigned long addr, const struct flab_leaf *leaf);
	int (*leaf)(struct flab_walk *w, unsigned long addr, unsigned long end,
		    const struct flab_leaf *leaf);
	int (*ptes)(struct flab_walk *w, pte_t *pte, unsigned long addr, unsigned long end);
	int (*walk_end)(struct flab_walk *w);
	unsigned long (*behind)(const struct flab_walk *w);
};

extern const struct flab_walk_form flab_walk_entries;
extern const struct flab_walk_form flab_walk_runs;
extern const struct flab_walk_form flab_walk_raw;
extern const struct flab_walk_form flab_walk_counts;

/**
 * struct flab_run - the current run of neighbouring entries
 * @to: the record of the run, NULL if there is none; its member end is set when it ends
 * @expect: predicted value in memory of the next entry
 * @step: what is added to @expect to predict the entry after the next: 0 for empty entries
 * @level: level of the entry that was decoded last, and of all predicted ones
 * @pkey: protection key of the leaf that was decoded last
 * @raw: value of the leaf that was decoded last
 * @flags: flags of that leaf, and of all leaves that differ from it in the PFN only
 * @stride: difference between the values of two such leaves with consecutive PFNs, or 0
 *	if unknown
 * @kept: the record of a run that is not in the buffer: between two chunks, if require or
 *	exclude rejects the run, or with COUNTS, which adds runs up
 *
 * Most entries differ from the one before only in the PFN, which is one higher. So the
 * value of the next entry is predicted, and an entry is decoded only if it differs from
 * the prediction.
 */
struct flab_run {
	struct faultlab_walk_run *to;
	u64 expect;
	u64 step;
	u8 level;
	u8 pkey;
	u64 raw;
	u64 flags;
	u64 stride;
	struct faultlab_walk_run kept;
};

/* The value of flab_run.expect when nothing is predicted: no entry has this value. */
#define FLAB_RUN_UNFORESEEN	(~0ULL)

/**
 * struct flab_walk_in - the VMA that a walk is in
 * @vma: the VMA, or NULL. It may have been freed since: only compared, never dereferenced
 * @file: vm_file of the VMA, likewise only compared
 * @start: vm_start
 * @end: vm_end
 * @flags: vm_flags
 * @pgoff: vm_pgoff
 *
 * If any of these differs after a pause, the form is told that the VMA has ended and that
 * another one begins.
 */
struct flab_walk_in {
	const struct vm_area_struct *vma;
	const struct file *file;
	unsigned long start;
	unsigned long end;
	unsigned long flags;
	unsigned long pgoff;
};

/**
 * struct flab_walk - a walk, and the chunk that it fills
 * @form: what the walk reports
 * @mm: the address space that is walked
 * @id: identifies that address space (flab_walk_target())
 * @start: the address where the next chunk begins
 * @end: end of the walk's range, exclusive
 * @flags: FAULTLAB_WALK_*
 * @require: FAULTLAB_PTE_* that an entry must have to be reported
 * @exclude: FAULTLAB_PTE_* that it must not have
 * @vma_flags: FAULTLAB_PTE_* that the VMA adds to its entries, tables excepted
 * @in: the VMA that the walk is in
 * @tables: by level, the first address of the entry reported last that points to a
 *	table, or FLAB_WALK_NEVER. VMAs share tables, and each table must be reported once
 *	only. Leaves need no such field: each is in one VMA, unless a driver lets a VMA be
 *	split within a PUD leaf
 * @holes: ENTRIES: the same for empty entries
 * @run: RUNS and COUNTS: the current run
 * @counts: COUNTS: the record of the current VMA; its member end is 0 if there is none
 * @counted: COUNTS: the VMA in @counts has ended, and must be reported
 * @resume: COUNTS: flab_walk_resume_at() of the address where that VMA began
 * @done: there is nothing left to report
 * @buf: the chunk
 * @pages: ENTRIES: a struct faultlab_walk_page for each record, or NULL
 * @room: how many bytes fit into @buf
 * @used: how many bytes of @buf are used
 */
struct flab_walk {
	const struct flab_walk_form *form;
	struct mm_struct *mm;
	u64 id;
	unsigned long start;
	unsigned long end;
	u32 flags;
	u64 require;
	u64 exclude;
	u64 vma_flags;
	struct flab_walk_in in;
	unsigned long tables[FAULTLAB_NR_LEVELS];
	unsigned long holes[FAULTLAB_NR_LEVELS];
	struct flab_run run;
	struct faultlab_walk_counts counts;
	bool counted;
	u32 resume;
	bool done;
	void *buf;
	struct faultlab_walk_page *pages;
	u32 room;
	u32 used;
};

/* In flab_walk.tables and holes: none was reported. (No entry begins at an odd address.) */
#define FLAB_WALK_NEVER	1UL

/* Bits that flab_walk_resume() returns: two for each level from PMD to PGD. */
#define FLAB_WALK_RESUME_BITS	(2 * FAULTLAB_LEVEL_PGD)

/* Returned to end a chunk: the buffer is full, or others wait for mmap_lock or the CPU. */
#define FLAB_WALK_FULL	1

static inline bool flab_walk_wants(const struct flab_walk *w, u64 flags)
{
	return (flags & w->require) == w->require && !(flags & w->exclude);
}

/* Allocate @bytes of the chunk's buffer; NULL if it is full. */
static inline void *flab_walk_room(struct flab_walk *w, u32 bytes)
{
	void *at = w->buf + w->used;

	if (w->room - w->used < bytes)
		return NULL;
	w->used += bytes;
	return at;
}

/* walk/arch.c: decoding the bits of an entry */
void flab_walk_arch_init(void);
u64 flab_pte_flags(pte_t pte);
u64 flab_pmd_flags(pmd_t pmd);
u64 flab_pud_flags(pud_t pud);
u64 flab_table_flags(u64 raw);
u64 flab_swap_pte_flags(pte_t pte, u64 *pfn);
u64 flab_swap_pmd_flags(pmd_t pmd, u64 *pfn);
u8 flab_pkey(u64 raw);
u64 flab_raw_stride(u64 raw, u8 level);
u64 flab_raw_frame(u8 level);
bool flab_has_kernel_half(void);
bool flab_is_kernel_half(u64 addr);

/*
 * The value of a PTE as it is in memory. (pte_val() may return another value: on x86 it is
 * a paravirt call, and that of Xen PV translates machine frames to PFNs.)
 */
static __always_inline u64 flab_pte_word(const pte_t *pte)
{
	static_assert(sizeof(*pte) == sizeof(u64));
	return READ_ONCE(*(const u64 *)pte);
}

/* Decode a PTE that is not empty. */
static inline u64 flab_walk_pte_flags(pte_t pte, u64 *pfn)
{
	if (!pte_present(pte))
		return FAULTLAB_PTE_NONPRESENT | flab_swap_pte_flags(pte, pfn);
	*pfn = pte_pfn(pte);
	return FAULTLAB_PTE_LEAF | flab_pte_flags(pte);
}

/* Whether an entry differs from the last decoded leaf in nothing but the PFN. */
static __always_inline bool flab_run_is_like(const struct flab_run *run, u64 raw, u64 frame)
{
	return run->stride && !((raw ^ run->raw) & ~frame);
}

/**
 * flab_run_foretold - whether an entry has the predicted value, or else continues the run
 * @run: the run
 * @raw: the value of the entry
 * @frame: mask of the PFN in it
 *
 * Return: true if so: the run goes on, and the entry need not be decoded.
 */
static inline bool flab_run_foretold(struct flab_run *run, u64 raw, u64 frame)
{
	if (likely(raw == run->expect)) {
		run->expect += run->step;
		return true;
	}
	/* Is the current run one of leaves? It may be one of a hole after the last leaf. */
	if (run->to && (run->to->flags & FAULTLAB_PTE_LEAF) &&
	    flab_run_is_like(run, raw, frame)) {
		run->to->flags &= ~FAULTLAB_PTE_CONTIG;
		run->step = run->stride;
		run->expect = raw + run->step;
		return true;
	}
	return false;
}

/* levels.c: one function a level */
extern atomic_t flab_walk_retries;
int flab_walk_vma(struct flab_walk *walk, struct vm_area_struct *vma,
		  unsigned long addr, unsigned long end);
int flab_walk_pause(struct flab_walk *walk, unsigned long addr);
unsigned long flab_level_size(unsigned int level);

/* walk/task.c: the address space */
void flab_walk_init(void);
struct mm_struct *flab_walk_target(const struct file *file, pid_t pid, u64 *id);
void flab_walk_set_range(struct flab_walk *walk, u64 start, u64 end, u32 resume);
int flab_walk_chunk(struct flab_walk *walk);
void flab_walk_recall(struct flab_walk *walk, u32 resume);
u32 flab_walk_resume(const struct flab_walk *walk);
u32 flab_walk_resume_at(const struct flab_walk *walk, unsigned long addr);

/* walk/kernel.c: the kernel half, which all address spaces share */
int flab_walk_kernel_set_range(struct flab_walk *walk, u64 start, u64 end, u32 resume);
int flab_walk_kernel_chunk(struct flab_walk *walk);

/* walk/page.c: the struct page of an entry's PFN */
void flab_walk_page(struct faultlab_walk_page *to, const struct flab_leaf *leaf);

#endif /* FLAB_WALK_H */
