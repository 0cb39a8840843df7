/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process whose address space never rests: each of its threads does one thing to one
 * area, for as long as it lives. In each area something holds at any time.
 */
#ifndef FLAB_LOAD_H
#define FLAB_LOAD_H

#include "flab_space.h"

#define FLAB_LOAD_PAGES	512UL
#define FLAB_LOAD_HUGES	4UL

enum flab_area {
	FLAB_DROPPED,	/* written, dropped, swapped out: 4 KiB pages, never executable */
	FLAB_READ_ONLY,	/* shared memory, read and dropped: never writable or dirty */
	FLAB_HUGE,	/* collapsed and split: a large page is where it belongs */
	FLAB_MAPPED,	/* unmapped and mapped: frames of a region, read-only */
	FLAB_MOVED,	/* by mremap(): pages of a region, here or there */
	FLAB_NR_AREAS,
};

enum flab_worker {
	FLAB_DROPS, FLAB_READS, FLAB_COLLAPSES, FLAB_MAPS, FLAB_MOVES, FLAB_FORKS,
	FLAB_COMPACTS, FLAB_NR_WORKERS,
};

/* Shared by the process under load and the one that walks it. */
struct flab_load {
	char *area[FLAB_NR_AREAS];	/* addresses in the process under load */
	char *moved_to;
	__u64 pfn[2][FLAB_LOAD_PAGES];	/* of MAPPED and MOVED, which never change */
	__u64 rounds[FLAB_NR_WORKERS];
	int region[2];
	bool stop;
};

/* NULL: no memory. */
struct flab_load *flab_load_new(void);

/* In the process that is going to be under load: until the other says stop. */
int flab_load_run(struct flab_load *load, struct flab_peer *peer);
void flab_load_stop(struct flab_load *load);

/* On a slow machine it takes longer until all have had their turn. */
bool flab_load_all_worked(const struct flab_load *load);

/* Where an address is, and which page of it; FLAB_NR_AREAS: elsewhere. */
enum flab_area flab_load_area(const struct flab_load *load, __u64 addr, size_t *page);
size_t flab_load_pages(enum flab_area area);

#endif /* FLAB_LOAD_H */
