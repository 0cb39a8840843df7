/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random address spaces with everything that a page table can hold. A seed determines
 * the system calls; addresses that the kernel chooses may differ.
 */
#ifndef FLAB_RANDOM_H
#define FLAB_RANDOM_H

#include <faultlab_memory.h>
#include "lib/flab_space.h"

struct flab_random {
	__u64 state;
};

/* 0 to below - 1. */
__u32 flab_random(struct flab_random *random, __u32 below);

/* FAULTLAB_SEED; else 1, or in the full tier a random seed. */
__u64 flab_first_seed(void);

/*
 * Whether to run row nr of a table that is too large to run completely: every brief-th
 * row in the short tier, every full-th in the full tier, where the first one is random.
 */
bool flab_in_sample(unsigned long nr, unsigned long brief, unsigned long full);

/*
 * What the machine provides for all address spaces: swap, hugetlb pages and ksmd. They
 * do without what is missing.
 */
#define FLAB_NR_KSM	5

struct flab_ground {
	char swap[32];
	__u64 hugepages;	/* the setting before */
	char gigantic;		/* there is a free hugetlb page of 1 GiB */
	char ksm[FLAB_NR_KSM][24];	/* the settings before */
};

int flab_ground_take(struct flab_ground *ground);
void flab_ground_give_back(struct flab_ground *ground);

/* State while one address space is built. */
struct flab_maker {
	struct flab_random random;
	const struct flab_ground *ground;
	bool five;		/* page tables have five levels */
	char *last;		/* end of the last mapping */
	char *giant;		/* memory mapped by a PUD */
	bool merges;		/* there are pages for KSM to merge */
};

/*
 * Map pages at a random multiple of align: far from other mappings, or just after the
 * last one, in the same page tables. NULL if no place was found.
 */
char *flab_place(struct flab_maker *m, int fd, int prot, int flags, size_t pages,
		 size_t align);

/* Read and write some of the pages. */
void flab_touch_some(struct flab_maker *m, char *at, size_t pages);

/* Change protections, punch holes, drop pages. */
void flab_mangle(struct flab_maker *m, char *at, size_t pages);

/*
 * One sort of memory in an address space. make() returns 0, -ENOENT if the kernel or
 * the machine does not have it, or another -errno.
 */
struct flab_piece {
	const char *name;
	int (*make)(struct flab_maker *m);
};

extern const struct flab_piece flab_pieces_plain[];	/* ends with a NULL name */

/* The same for a region: of a random row of faultlab_memories, or of the given one. */
int flab_make_region(struct flab_maker *m);
int flab_make_region_of(struct flab_maker *m, const struct faultlab_memory *memory, int flags);

/* Build an address space of many random pieces. */
int flab_make_space(struct flab_maker *m);

/*
 * Fork a child with such an address space. After the nudge of flab_random_vmas() it
 * serves dumps of it (flab_ptdump.h), and exits with 0 at the next nudge. 0, or -errno.
 */
int flab_random_peer(struct flab_peer *peer, const struct flab_ground *ground, __u64 seed);

/*
 * The child's VMAs, as flab_vmas(). Call it once: reading smaps splits PUDs of
 * VM_PFNMAP, which unmaps them (walk_page_vma()), so the child touches them again.
 */
ssize_t flab_random_vmas(struct flab_peer *peer, struct flab_vma *vmas, size_t room);

#endif /* FLAB_RANDOM_H */
