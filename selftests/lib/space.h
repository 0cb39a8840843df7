/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whole address spaces: one with varied memory to walk, all entries of a walk, and the
 * kernel's own view of the same addresses.
 */
#ifndef TLIB_SPACE_H
#define TLIB_SPACE_H

#include "lib/tlib.h"

#define TLIB_PAGE		4096UL
#define TLIB_PMD_SIZE		(1UL << 21)
#define TLIB_PUD_SIZE		(1UL << 30)
#define TLIB_EVERYWHERE		(~0ULL)		/* as the end of a walk */

#define TLIB_WALK_ALL		(FAULTLAB_WALK_TABLES | FAULTLAB_WALK_HOLES)

/* Entries. Their memory is populated in advance, so that a walk does not change it. */
struct tlib_entries {
	struct faultlab_walk_entry *at;
	size_t nr;
	size_t room;
};

int tlib_entries_init(struct tlib_entries *entries, size_t room);

/* Walk a range, chunk entries at a time. -ENOSPC if there is no room. */
int tlib_entries_walk(struct tlib_entries *entries, int fd, pid_t pid, __u64 start,
		      __u64 end, __u32 flags, size_t chunk);
size_t tlib_entries_count(const struct tlib_entries *entries, unsigned int level,
			  __u64 flags);

/*
 * A PMD-aligned mapping that shares its page tables only with PROT_NONE memory, which
 * is never touched. fd -1: anonymous memory.
 */
char *tlib_map_apart(int fd, int prot, int flags, size_t pages);

/*
 * walk/mess.c: anonymous memory, zero pages, holes, PROT_NONE, shmem, files, kinds page
 * and pfn.
 */
int tlib_make_mess(void);

/* Fork a child that calls tlib_make_mess() and exits when it is nudged. */
int tlib_messy_peer(struct tlib_peer *peer);

/* kernel_view.c: whether page tables have five levels. */
bool tlib_five_levels(void);

/* Read a word of physical memory through /proc/kcore. 0, or -errno. */
int tlib_physical_word(__u64 address, __u64 *word);

/* Read the pagemap words (pagemap.h) of consecutive pages. How many were read, or -errno. */
ssize_t tlib_pagemap_words(pid_t pid, __u64 start, __u64 *words, size_t pages);

struct tlib_vma {
	__u64 start, end;
	char flags[160];	/* VmFlags: of smaps, " rd mr pf " */
	char line[128];		/* as in maps */
};

/* All VMAs of a task, from smaps. How many, or -errno. */
ssize_t tlib_vmas(pid_t pid, struct tlib_vma *vmas, size_t room);

#endif /* TLIB_SPACE_H */
