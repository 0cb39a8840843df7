/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process whose address space changes all the time: each of its threads repeats one
 * operation on one area. Each area has an invariant that a walk can check at any time.
 */
#ifndef TLIB_LOAD_H
#define TLIB_LOAD_H

#include "lib/space.h"

#define TLIB_LOAD_PAGES	512UL
#define TLIB_LOAD_HUGES	4UL

enum tlib_area {
	/* For each area: what is done to it; then the invariant. */
	TLIB_DROPPED,	/* written, dropped, swapped out; 4 KiB pages, never executable */
	TLIB_READ_ONLY,	/* shared memory, read and dropped; never writable or dirty */
	TLIB_HUGE,	/* collapsed and split; the frame of a large page is aligned */
	TLIB_MAPPED,	/* kind pfn, unmapped and mapped; read-only, frames of one region */
	TLIB_MOVED,	/* kind page, moved to and fro by mremap(); each page keeps its frame */
	TLIB_NR_AREAS,
};

enum tlib_worker {
	TLIB_DROPS, TLIB_READS, TLIB_COLLAPSES, TLIB_MAPS, TLIB_MOVES, TLIB_FORKS,
	TLIB_COMPACTS, TLIB_NR_WORKERS,
};

/* Shared by the process under load and the one that walks it. */
struct tlib_load {
	char *area[TLIB_NR_AREAS];	/* addresses in the process under load */
	char *moved_to;
	__u64 pfn[2][TLIB_LOAD_PAGES];	/* the frames of MAPPED and MOVED, never changed */
	__u64 rounds[TLIB_NR_WORKERS];
	int region[2];
	bool stop;
};

/* NULL if there is no memory. */
struct tlib_load *tlib_load_new(void);

/* Run in the process under load. Returns after the other called tlib_load_stop(). */
int tlib_load_run(struct tlib_load *load, struct tlib_peer *peer);
void tlib_load_stop(struct tlib_load *load);

/* Whether each thread has begun a second round, which takes long on a slow machine. */
bool tlib_load_all_worked(const struct tlib_load *load);

/* The area of an address, and its page there; TLIB_NR_AREAS: in none. */
enum tlib_area tlib_load_area(const struct tlib_load *load, __u64 addr, size_t *page);
size_t tlib_load_pages(enum tlib_area area);

#endif /* TLIB_LOAD_H */
