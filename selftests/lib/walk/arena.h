/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Adjacent memory of several sorts, one page table each. Tests walk it in pieces and
 * change it between two pieces. The arena records which pages were mapped all the time
 * (always[]), and which were mapped at some time (ever[]).
 *
 * In each table every 64th page is mapped from the beginning. A change affects a few
 * pages between two of these, or the whole table. Each change can be undone, so a test
 * can make any number of them.
 */
#ifndef TLIB_ARENA_H
#define TLIB_ARENA_H

#include "lib/space.h"

enum tlib_arena_sort {
	TLIB_ARENA_ANON,
	TLIB_ARENA_SHMEM,
	TLIB_ARENA_PAGES,	/* a region of kind page */
	TLIB_ARENA_FRAMES,	/* of kind pfn */
	TLIB_ARENA_HUGE,	/* kind pfn, PMD leaves where the kernel can map them */
	TLIB_NR_ARENA_SORTS,
};

/*
 * One PMD for each sort of memory, and one before and one after them that have no page
 * table. Of these two, the first is covered by two VMAs without pages, the last by one.
 */
#define TLIB_ARENA_PMDS		(TLIB_NR_ARENA_SORTS + 2)
#define TLIB_ARENA_PAGES_ALL	(TLIB_ARENA_PMDS * 512UL)

struct tlib_arena {
	char *at;
	char *elsewhere;	/* target of mremap() */
	int region;		/* descriptor for walks */
	int fd[TLIB_NR_ARENA_SORTS];
	bool huge;		/* TLIB_ARENA_HUGE has PMD leaves */
	unsigned long collapsed;	/* tables that MADV_COLLAPSE replaced */
	bool frames[TLIB_NR_ARENA_SORTS][512];	/* pages that are mapped */
	bool always[TLIB_ARENA_PAGES_ALL];	/* mapped at each call of tlib_arena_note() */
	bool ever[TLIB_ARENA_PAGES_ALL];
};

struct tlib_change {
	const char *name;
	unsigned int sorts;	/* 1 << enum tlib_arena_sort */
	int (*make)(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page);
	int (*unmake)(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page);
};

#define TLIB_NR_CHANGES	13
extern const struct tlib_change tlib_changes[TLIB_NR_CHANGES];

int tlib_arena_init(struct tlib_arena *arena);

/* Restore the initial state after any changes. */
int tlib_arena_reset(struct tlib_arena *arena);

/*
 * tlib_arena_near(): where to make a change if the walk continues at addr: in the first
 * table from there on whose sort the change applies to, at *page. tlib_arena_note():
 * update always[] and ever[] with the pages of a sort that are mapped now.
 */
enum tlib_arena_sort tlib_arena_near(const struct tlib_arena *arena,
				     const struct tlib_change *change, __u64 addr, size_t *page);
int tlib_arena_note(struct tlib_arena *arena, enum tlib_arena_sort sort);

#endif /* TLIB_ARENA_H */
