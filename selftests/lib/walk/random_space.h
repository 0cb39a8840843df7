/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random address spaces with everything that a page table can hold. A seed determines
 * the system calls; addresses that the kernel chooses may differ.
 */
#ifndef TLIB_RANDOM_SPACE_H
#define TLIB_RANDOM_SPACE_H

#include <faultlab_memory.h>
#include "lib/space.h"

struct tlib_random {
	__u64 state;
};

/* 0 to below - 1. */
__u32 tlib_random(struct tlib_random *random, __u32 below);

/* FAULTLAB_SEED; else 1, or in the long form a random seed. */
__u64 tlib_first_seed(void);

/*
 * Whether to run row nr of a table that is too large to run completely: every brief-th
 * row in the short form, every full-th in the long form, where the first one is random.
 */
bool tlib_in_sample(unsigned long nr, unsigned long brief, unsigned long full);

/*
 * What the machine provides for all address spaces: swap, hugetlb pages and ksmd. If one
 * of them is missing, the address spaces are built without it.
 */
#define TLIB_NR_KSM	5

struct tlib_ground {
	char swap[32];
	__u64 hugepages;	/* vm.nr_hugepages before the test */
	char gigantic;		/* there is a free hugetlb page of 1 GiB */
	char ksm[TLIB_NR_KSM][24];	/* the settings of KSM before the test */
};

int tlib_ground_take(struct tlib_ground *ground);
void tlib_ground_give_back(struct tlib_ground *ground);

/* State while one address space is built. */
struct tlib_maker {
	struct tlib_random random;
	const struct tlib_ground *ground;
	bool five;		/* page tables have five levels */
	char *last;		/* end of the last mapping */
	char *giant;		/* memory mapped by a PUD */
	bool merges;		/* there are pages for KSM to merge */
};

/*
 * Map pages at a random multiple of align: far from other mappings, or just after the
 * last one, in the same page tables. NULL if no place was found.
 */
char *tlib_place(struct tlib_maker *m, int fd, int prot, int flags, size_t pages,
		 size_t align);

/* Read and write some of the pages. */
void tlib_touch_some(struct tlib_maker *m, char *at, size_t pages);

/* Change protections, punch holes, drop pages. */
void tlib_mangle(struct tlib_maker *m, char *at, size_t pages);

/*
 * One sort of memory in an address space. make() returns 0, -ENOENT if the kernel or
 * the machine does not have it, or another -errno.
 */
struct tlib_piece {
	const char *name;
	int (*make)(struct tlib_maker *m);
};

extern const struct tlib_piece tlib_pieces_plain[];	/* ends with a NULL name */

/* make() for a region: of a random row of faultlab_memories, or of the given row. */
int tlib_make_region(struct tlib_maker *m);
int tlib_make_region_of(struct tlib_maker *m, const struct faultlab_memory *memory, int flags);

/* Build an address space of many random pieces. */
int tlib_make_space(struct tlib_maker *m);

/*
 * Fork a child with such an address space. After the nudge of tlib_random_vmas() it
 * serves dumps of it (ptdump.h), and exits with 0 at the next nudge. 0, or -errno.
 */
int tlib_random_peer(struct tlib_peer *peer, const struct tlib_ground *ground, __u64 seed);

/*
 * The child's VMAs, as tlib_vmas(). Call it once: reading smaps splits PUDs of
 * VM_PFNMAP, which unmaps them (walk_page_vma()), so the child touches them again.
 */
ssize_t tlib_random_vmas(struct tlib_peer *peer, struct tlib_vma *vmas, size_t room);

#endif /* TLIB_RANDOM_SPACE_H */
