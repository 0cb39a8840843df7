/* SPDX-License-Identifier: GPL-2.0-only */
/* Walking a task's page tables. Knows nothing of devices or text. */
#ifndef FLAB_WALK_H
#define FLAB_WALK_H

#include <linux/faultlab.h>
#include <linux/mm_types.h>
#include <linux/pgtable.h>

#define FLAB_NR_LEVELS (FAULTLAB_LEVEL_PGD + 1)

/**
 * struct flab_walk - a walk under way, and the batch that it fills
 * @mm: whose tables
 * @start: where it is; where to go on after a batch
 * @end: exclusive
 * @flags: FAULTLAB_WALK_*
 * @last: by level, the first address of the entry that was reported last, or
 *	FLAB_WALK_NEVER: VMAs share tables, and each is to be reported once
 * @entries: the batch
 * @room: how many fit into @entries
 * @nr: how many are there
 */
struct flab_walk {
	struct mm_struct *mm;
	unsigned long start;
	unsigned long end;
	u32 flags;
	unsigned long last[FLAB_NR_LEVELS];
	struct faultlab_walk_entry *entries;
	u32 room;
	u32 nr;
};

/* No entry begins at an odd address. */
#define FLAB_WALK_NEVER	1UL

/* Ends a batch: the buffer is full. */
#define FLAB_WALK_FULL	1

/* walk.c: the levels */
int flab_walk_vma(struct flab_walk *walk, struct vm_area_struct *vma,
		  unsigned long addr, unsigned long end);
unsigned long flab_level_size(unsigned int level);

/* walk_task.c: the address space */
struct mm_struct *flab_walk_target(pid_t pid);
void flab_walk_begin(struct flab_walk *walk, u64 start, u64 end, u32 resume);
int flab_walk_batch(struct flab_walk *walk);
u32 flab_walk_resume(const struct flab_walk *walk);

/* walk_arch.c: what the bits of an entry mean */
u64 flab_pte_flags(pte_t pte);
u64 flab_pmd_flags(pmd_t pmd);
u64 flab_pud_flags(pud_t pud);
u64 flab_table_flags(u64 raw);
u64 flab_swap_pte_flags(pte_t pte, u64 *pfn);
u64 flab_swap_pmd_flags(pmd_t pmd, u64 *pfn);

#endif /* FLAB_WALK_H */
