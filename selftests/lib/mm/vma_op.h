/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table of all operations that can split, shrink, move, grow or merge a VMA; the
 * parts of a mapping to apply them to; and checks that must hold after each.
 */
#ifndef TLIB_VMA_OP_H
#define TLIB_VMA_OP_H

#include "faultlab_memory.h"
#include "lib/space.h"

/* Classes of VMAs by the flags that these operations depend on. */
enum tlib_vma_class {
	TLIB_VMA_PLAIN,		/* no VM_SPECIAL: mergeable */
	TLIB_VMA_INSERTED,	/* VM_MIXEDMAP */
	TLIB_VMA_WHOLE,		/* VM_DONTEXPAND */
	TLIB_VMA_INSERTED_WHOLE,	/* VM_MIXEDMAP, VM_DONTEXPAND */
	TLIB_VMA_MIXED,		/* VM_MIXEDMAP, VM_DONTEXPAND, VM_DONTDUMP */
	TLIB_VMA_FRAMES,	/* VM_PFNMAP, VM_IO, VM_DONTEXPAND, VM_DONTDUMP */
	TLIB_NR_VMA_CLASSES
};

enum tlib_vma_class tlib_vma_class(const struct faultlab_memory *memory);

/* A part of a mapping. */
struct tlib_vma_part {
	int fd;
	size_t folio;		/* bytes; without WHOLE a page */
	char *at;		/* the mapping */
	size_t bytes;
	size_t skip;		/* its offset in the file */
	size_t from, to;	/* the part, relative to @at */
	char *room;		/* free addresses to move to, as aligned as @at */
};

/* VMA boundaries that an operation makes; WHOLE refuses one within a folio. */
#define TLIB_CUTS_FROM		(1U << 0)
#define TLIB_CUTS_TO		(1U << 1)
#define TLIB_CUTS		(TLIB_CUTS_FROM | TLIB_CUTS_TO)
/* Other properties of an operation. */
#define TLIB_OP_MOVES		(1U << 2)	/* unmaps, or maps elsewhere */
#define TLIB_OP_SEALS		(1U << 3)	/* cannot be undone: only in a child */
#define TLIB_OP_BESIDE		(1U << 4)	/* maps as much again after the mapping */
#define TLIB_OP_FILE		(1U << 5)	/* its answer depends on the file */
#define TLIB_OP_REPLACES	(1U << 6)	/* mmap() over it: see torn_error() */

/* Result: the kernel lacks the operation, or it does not apply to this part. */
#define TLIB_ABSENT		1

/**
 * struct tlib_vma_op - an operation
 * @name: for messages
 * @run: does it; 0, -errno or TLIB_ABSENT
 * @undo: undoes it, or NULL; errors are ignored
 * @want: the result by enum tlib_vma_class if no folio is cut: 0 or -errno
 * @cuts: classes (1 << class) whose VMA it splits; it does not change other classes
 * @flags: TLIB_CUTS_*, TLIB_OP_*
 * @skew: how far it moves memory off the mapping's alignment
 */
struct tlib_vma_op {
	const char *name;
	int (*run)(const struct tlib_vma_part *p);
	void (*undo)(const struct tlib_vma_part *p);
	int want[TLIB_NR_VMA_CLASSES];
	unsigned int cuts;
	unsigned int flags;
	size_t skew;
};

extern const struct tlib_vma_op tlib_vma_ops[];
extern const unsigned int tlib_nr_vma_ops;

/* The result that @op must have. */
int tlib_vma_op_wants(const struct tlib_vma_op *op, enum tlib_vma_class class,
		      const struct tlib_vma_part *p);

/* The VMAs of a file in a range, from /proc/self/maps. */
#define TLIB_LAYOUT_MAX	24

struct tlib_layout {
	unsigned int nr;
	struct {
		__u64 start, end, offset;
		bool read, write;
	} vma[TLIB_LAYOUT_MAX];
};

int tlib_layout_read(struct tlib_layout *layout, const char *file, const void *from,
		     const void *to);

/* The index of the VMA that has an address, or -1. */
int tlib_layout_find(const struct tlib_layout *layout, __u64 addr);

/* The layout as text, relative to @base. @joined: adjacent VMAs as one if alike. */
#define TLIB_LAYOUT_TEXT	1024
const char *tlib_layout_text(const struct tlib_layout *layout, const void *base, bool joined,
			     char *text);

/*
 * The first leaf that is not within one VMA, as text, or NULL. *nr: number of leaves.
 */
const char *tlib_layout_leaves(const struct tlib_layout *layout, int fd, size_t *nr);

#endif /* TLIB_VMA_OP_H */
