/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Adjacent memory of several sorts, one page table each. Tests walk it in pieces and
 * change it between two pieces. The arena notes which pages were mapped all the time,
 * and which were mapped at some time.
 *
 * In each table every 64th page is mapped from the beginning. A change affects a few
 * pages between two of these, or the whole table. Each change can be undone, so a test
 * can make any number of them.
 */
#ifndef FLAB_ARENA_H
#define FLAB_ARENA_H

#include "lib/flab_space.h"

enum flab_arena_sort {
	FLAB_ARENA_ANON,
	FLAB_ARENA_SHMEM,
	FLAB_ARENA_PAGES,	/* a region of kind page */
	FLAB_ARENA_FRAMES,	/* of kind pfn */
	FLAB_ARENA_HUGE,	/* kind pfn, PMD leaves where the kernel can map them */
	FLAB_NR_ARENA_SORTS,
};

/* The first and the last PMD have no page table: two VMAs without pages, and one. */
#define FLAB_ARENA_PMDS		(FLAB_NR_ARENA_SORTS + 2)
#define FLAB_ARENA_PAGES_ALL	(FLAB_ARENA_PMDS * 512UL)

struct flab_arena {
	char *at;
	char *elsewhere;	/* target of mremap() */
	int region;		/* descriptor for walks */
	int fd[FLAB_NR_ARENA_SORTS];
	bool huge;		/* FLAB_ARENA_HUGE has PMD leaves */
	unsigned long collapsed;	/* tables that MADV_COLLAPSE replaced */
	bool frames[FLAB_NR_ARENA_SORTS][512];	/* pages that are mapped */
	bool always[FLAB_ARENA_PAGES_ALL];	/* mapped at each look */
	bool ever[FLAB_ARENA_PAGES_ALL];
};

struct flab_change {
	const char *name;
	unsigned int sorts;	/* 1 << enum flab_arena_sort */
	int (*make)(struct flab_arena *arena, enum flab_arena_sort sort, size_t page);
	int (*unmake)(struct flab_arena *arena, enum flab_arena_sort sort, size_t page);
};

#define FLAB_NR_CHANGES	13
extern const struct flab_change flab_changes[FLAB_NR_CHANGES];

int flab_arena_init(struct flab_arena *arena);

/* Restore the initial state after any changes. */
int flab_arena_reset(struct flab_arena *arena);

/*
 * Where to make a change if the walk goes on at addr: in the next table of a sort that
 * the change is for, at *page. flab_arena_note() notes which pages of a table are
 * mapped now.
 */
enum flab_arena_sort flab_arena_near(const struct flab_arena *arena,
				     const struct flab_change *change, __u64 addr, size_t *page);
int flab_arena_note(struct flab_arena *arena, enum flab_arena_sort sort);

#endif /* FLAB_ARENA_H */
