/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of several sorts side by side, a page table each, to be walked in pieces and
 * changed in between; and what has held there all the time.
 *
 * In each table every 64th page is there from the beginning. A change is about some
 * pages between two of these, or about the whole table; it can be taken back, so that
 * there is always another one to make.
 */
#ifndef FLAB_ARENA_H
#define FLAB_ARENA_H

#include "flab_space.h"

enum flab_arena_sort {
	FLAB_ARENA_ANON,
	FLAB_ARENA_SHMEM,
	FLAB_ARENA_PAGES,	/* a region of pages */
	FLAB_ARENA_FRAMES,	/* of frames */
	FLAB_ARENA_HUGE,	/* of frames in PMDs, where the kernel can do that */
	FLAB_NR_ARENA_SORTS,
};

/* The first and the last have no table: two VMAs of nothing, and one. */
#define FLAB_ARENA_PMDS		(FLAB_NR_ARENA_SORTS + 2)
#define FLAB_ARENA_PAGES_ALL	(FLAB_ARENA_PMDS * 512UL)

struct flab_arena {
	char *at;
	char *elsewhere;	/* where pages are moved to */
	int region;		/* for walks */
	int fd[FLAB_NR_ARENA_SORTS];
	bool huge;		/* there are frames in PMDs */
	unsigned long collapsed;	/* tables that gave way to a huge page */
	bool frames[FLAB_NR_ARENA_SORTS][512];	/* what is mapped, by what was done to it */
	bool always[FLAB_ARENA_PAGES_ALL];	/* mapped whenever one looked */
	bool ever[FLAB_ARENA_PAGES_ALL];
};

struct flab_change {
	const char *name;
	unsigned int sorts;	/* a bit each */
	int (*make)(struct flab_arena *arena, enum flab_arena_sort sort, size_t page);
	int (*unmake)(struct flab_arena *arena, enum flab_arena_sort sort, size_t page);
};

#define FLAB_NR_CHANGES	13
extern const struct flab_change flab_changes[FLAB_NR_CHANGES];

int flab_arena_init(struct flab_arena *arena);

/* As at the beginning, whatever was done to it. */
int flab_arena_reset(struct flab_arena *arena);

/*
 * Where a change is to be made, if a walk goes on at addr: the next table of such
 * memory, and the page; and whether that was the case so far is noted.
 */
enum flab_arena_sort flab_arena_near(const struct flab_arena *arena,
				     const struct flab_change *change, __u64 addr, size_t *page);
int flab_arena_note(struct flab_arena *arena, enum flab_arena_sort sort);

#endif /* FLAB_ARENA_H */
