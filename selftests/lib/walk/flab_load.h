/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process whose address space changes all the time: each of its threads repeats one
 * operation on one area. Each area has an invariant that a walk can check at any time.
 */
#ifndef FLAB_LOAD_H
#define FLAB_LOAD_H

#include "lib/flab_space.h"

#define FLAB_LOAD_PAGES	512UL
#define FLAB_LOAD_HUGES	4UL

enum flab_area {
	FLAB_DROPPED,	/* written, dropped, swapped out: 4 KiB pages, never executable */
	FLAB_READ_ONLY,	/* shared memory, read and dropped: never writable or dirty */
	FLAB_HUGE,	/* collapsed and split: a large page is aligned */
	FLAB_MAPPED,	/* kind pfn, unmapped and mapped: read-only, frames of one region */
	FLAB_MOVED,	/* kind page, moved by mremap(): at one address or the other */
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
	__u64 pfn[2][FLAB_LOAD_PAGES];	/* of MAPPED and MOVED; they never change */
	__u64 rounds[FLAB_NR_WORKERS];
	int region[2];
	bool stop;
};

/* NULL if there is no memory. */
struct flab_load *flab_load_new(void);

/* Run in the process under load. Returns after the other called flab_load_stop(). */
int flab_load_run(struct flab_load *load, struct flab_peer *peer);
void flab_load_stop(struct flab_load *load);

/* Whether each thread has begun a second round, which takes long on a slow machine. */
bool flab_load_all_worked(const struct flab_load *load);

/* The area of an address, and its page there; FLAB_NR_AREAS: in none. */
enum flab_area flab_load_area(const struct flab_load *load, __u64 addr, size_t *page);
size_t flab_load_pages(enum flab_area area);

#endif /* FLAB_LOAD_H */
