/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel itself says of an address space, beside what the walker says. An
 * oracle compares a VMA, page by page or entry by entry, and writes down the first
 * difference.
 */
#ifndef FLAB_ORACLE_H
#define FLAB_ORACLE_H

#include "flab_space.h"

/* The walker's view of one VMA, with empty entries. */
struct flab_view {
	int fd;
	struct flab_peer *peer;	/* whose space it is, and still */
	pid_t pid;
	const struct flab_vma *vma;
	struct faultlab_walk_entry *entries;
	struct faultlab_walk_page *pages;	/* behind each entry */
	size_t nr, room;
	__u64 *words;		/* for the oracle: one a page of the largest VMA */
	size_t nr_words;
	size_t nr_lines;	/* for the oracle: of what it keeps there */
	size_t compared;	/* pages or entries that an oracle has said something of */
	char why[320];
};

int flab_view_init(struct flab_view *view, int fd, size_t entries, size_t pages);
int flab_view_take(struct flab_view *view);

/* What a VMA has: "pf" and the like, as smaps names them. */
bool flab_vma_is(const struct flab_vma *vma, const char *flag);

struct flab_oracle {
	const char *name;
	const char *needs;	/* what this kernel lacks if it has no such oracle */
	unsigned int one_in;	/* of so many spaces it is asked of one; 0: of all */
	bool (*is_there)(void);
	/* 1 if there is a difference, 0 or -errno: of the whole space, of one VMA */
	int (*begin)(struct flab_view *view);
	int (*differs)(struct flab_view *view);
};

extern const struct flab_oracle flab_oracle_pagemap;
extern const struct flab_oracle flab_oracle_scan;
extern const struct flab_oracle flab_oracle_kpage;
extern const struct flab_oracle flab_oracle_ptdump;

/* The other forms of a walk. */
extern const struct flab_oracle flab_oracle_holes;
extern const struct flab_oracle flab_oracle_islands;
extern const struct flab_oracle flab_oracle_counts;
extern const struct flab_oracle flab_oracle_raw;

/* The bits of a page that the walk and kpageflags do not agree on, though they should. */
__u64 flab_kpage_differs(__u64 walk, __u64 kpageflags);

/*
 * The answer that stays: pages of files are mapped and unmapped by others, and the
 * LRU is filled late, so a difference counts if it is there time and again.
 */
int flab_oracle_begin(const struct flab_oracle *oracle, struct flab_view *view);
int flab_oracle_ask(const struct flab_oracle *oracle, struct flab_view *view);

#endif /* FLAB_ORACLE_H */
