/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compare the walker with another view of the same address space (an oracle), mostly
 * the kernel's own. An oracle compares one VMA, by page or by entry, and describes the
 * first difference.
 */
#ifndef TLIB_ORACLE_H
#define TLIB_ORACLE_H

#include "lib/space.h"

/* The walker's view of one VMA, with empty entries. */
struct tlib_view {
	int fd;
	struct tlib_peer *peer;	/* a stopped process: its address space is walked */
	pid_t pid;
	const struct tlib_vma *vma;
	struct faultlab_walk_entry *entries;
	struct faultlab_walk_page *pages;	/* the page that each entry maps */
	size_t nr, room;
	__u64 *words;		/* the oracle's buffer: a word per page of the largest VMA */
	size_t nr_words;
	size_t nr_lines;	/* lines of ptdump that the oracle keeps in words */
	size_t compared;	/* pages or entries that an oracle has compared */
	char why[320];
};

int tlib_view_init(struct tlib_view *view, int fd, size_t entries, size_t pages);
int tlib_view_take(struct tlib_view *view);

/* Whether a VMA has a flag, by its name in smaps: "pf", ... */
bool tlib_vma_is(const struct tlib_vma *vma, const char *flag);

struct tlib_oracle {
	const char *name;
	const char *needs;	/* what the kernel lacks if is_there() returns false */
	unsigned int one_in;	/* N: used for every Nth address space only; 0: for all */
	bool (*is_there)(void);
	/*
	 * Compare what the walk has reported of the whole address space (space_differs), or of
	 * one VMA (differs), with what the oracle reports of it. Returns 1 if they differ, 0 if
	 * not, or -errno.
	 */
	int (*space_differs)(struct tlib_view *view);
	int (*differs)(struct tlib_view *view);
};

extern const struct tlib_oracle tlib_oracle_pagemap;
extern const struct tlib_oracle tlib_oracle_scan;
extern const struct tlib_oracle tlib_oracle_kpage;
extern const struct tlib_oracle tlib_oracle_ptdump;

/* The other forms of a walk. */
extern const struct tlib_oracle tlib_oracle_holes;
extern const struct tlib_oracle tlib_oracle_islands;
extern const struct tlib_oracle tlib_oracle_counts;
extern const struct tlib_oracle tlib_oracle_raw;

/* The bits in which the walk's page flags and kpageflags must not differ, but do. */
__u64 tlib_kpage_differs(__u64 walk, __u64 kpageflags);

/*
 * Ask an oracle repeatedly; a difference counts only if it stays. Other tasks map and
 * unmap pages of files, and pages reach the LRU late, so a difference can be temporary.
 */
int tlib_oracle_ask_space(const struct tlib_oracle *oracle, struct tlib_view *view);
int tlib_oracle_ask(const struct tlib_oracle *oracle, struct tlib_view *view);

#endif /* TLIB_ORACLE_H */
