/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces made by chance, of everything that a page table can hold. The same
 * seed makes the same calls; where the kernel puts what it chooses may differ.
 */
#ifndef FLAB_RANDOM_H
#define FLAB_RANDOM_H

#include <faultlab_memory.h>
#include "flab_space.h"

struct flab_random {
	__u64 state;
};

/* 0 to below - 1. */
__u32 flab_random(struct flab_random *random, __u32 below);

/* FAULTLAB_SEED, or 1; a new one each time in the full tier. */
__u64 flab_first_seed(void);

/*
 * Whether the nr-th of a table is among those that are taken where no run has time for
 * all: of each so many one, others each time in the full tier.
 */
bool flab_in_sample(unsigned long nr, unsigned long brief, unsigned long full);

/*
 * What the machine lends to all address spaces: swap, pages of hugetlb, and the
 * thread that merges pages. What it has not got is left out of them.
 */
#define FLAB_NR_KSM	5

struct flab_ground {
	char swap[32];
	__u64 hugepages;	/* as it was before */
	char gigantic;		/* a hugetlb page of 1 GiB was there at boot */
	char ksm[FLAB_NR_KSM][24];	/* settings as they were before */
};

int flab_ground_take(struct flab_ground *ground);
void flab_ground_give_back(struct flab_ground *ground);

/* What one address space is built with. */
struct flab_maker {
	struct flab_random random;
	const struct flab_ground *ground;
	bool five;		/* levels */
	char *last;		/* behind what was mapped last */
	char *giant;		/* memory that a PUD maps */
	bool merges;		/* there is something for KSM */
};

/*
 * Pages at an address by chance that is a multiple of align: where nothing else is
 * near, or just behind what was mapped last, in the same tables. NULL: no room.
 */
char *flab_place(struct flab_maker *m, int fd, int prot, int flags, size_t pages,
		 size_t align);

/* Reads and writes of some of the pages. */
void flab_touch_some(struct flab_maker *m, char *at, size_t pages);

/* Other protections, holes, and pages that went. */
void flab_mangle(struct flab_maker *m, char *at, size_t pages);

/*
 * One kind of thing that is put into an address space: 0, -ENOENT if this kernel or
 * machine has none, or what went wrong.
 */
struct flab_piece {
	const char *name;
	int (*make)(struct flab_maker *m);
};

extern const struct flab_piece flab_pieces_plain[];	/* ends with a NULL name */

/* The same of a region of ours, by any row of the list of memories, or by this one. */
int flab_make_region(struct flab_maker *m);
int flab_make_region_of(struct flab_maker *m, const struct faultlab_memory *memory, int flags);

/* An address space of many pieces, by chance. */
int flab_make_space(struct flab_maker *m);

/*
 * A child with such an address space, which dumps it when it is asked (flab_ptdump.h),
 * waits to be nudged to its end, and then ends with 0. 0, or -errno.
 */
int flab_random_peer(struct flab_peer *peer, const struct flab_ground *ground, __u64 seed);

/*
 * Its VMAs, as flab_vmas(), but once only: to read smaps splits PUDs of VM_PFNMAP,
 * which means that they go (walk_page_vma()), and the child then touches them again.
 */
ssize_t flab_random_vmas(struct flab_peer *peer, struct flab_vma *vmas, size_t room);

#endif /* FLAB_RANDOM_H */
