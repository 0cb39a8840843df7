/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything that can split, shrink, move, grow or merge a VMA, as a table; the parts
 * of a mapping that it is done to; and what must hold afterwards, whatever it was.
 */
#ifndef FLAB_VMA_OP_H
#define FLAB_VMA_OP_H

#include "faultlab_memory.h"
#include "flab_space.h"

/* What the core makes of a VMA by its flags: all that these operations look at. */
enum flab_vma_class {
	FLAB_VMA_PLAIN,		/* no VM_SPECIAL: mergeable */
	FLAB_VMA_INSERTED,	/* VM_MIXEDMAP */
	FLAB_VMA_WHOLE,		/* VM_DONTEXPAND */
	FLAB_VMA_INSERTED_WHOLE,	/* VM_MIXEDMAP, VM_DONTEXPAND */
	FLAB_VMA_MIXED,		/* VM_MIXEDMAP, VM_DONTEXPAND, VM_DONTDUMP */
	FLAB_VMA_FRAMES,	/* VM_PFNMAP, VM_IO, VM_DONTEXPAND, VM_DONTDUMP */
	FLAB_NR_VMA_CLASSES
};

enum flab_vma_class flab_vma_class(const struct faultlab_memory *memory);

/* A part of a mapping. */
struct flab_vma_part {
	int fd;
	size_t folio;		/* bytes, of WHOLE; a page otherwise */
	char *at;		/* the mapping */
	size_t bytes;
	size_t skip;		/* where it begins in the file */
	size_t from, to;	/* the part, from @at on */
	char *room;		/* for what is moved: as aligned as @at, nothing there */
};

/* Boundaries that an operation makes, which WHOLE refuses within a folio. */
#define FLAB_CUTS_FROM		(1U << 0)
#define FLAB_CUTS_TO		(1U << 1)
#define FLAB_CUTS		(FLAB_CUTS_FROM | FLAB_CUTS_TO)
/* What else there is to know of one. */
#define FLAB_OP_MOVES		(1U << 2)	/* unmaps, or maps elsewhere */
#define FLAB_OP_SEALS		(1U << 3)	/* for good: only in a child */
#define FLAB_OP_BESIDE		(1U << 4)	/* maps as much again behind the mapping */
#define FLAB_OP_FILE		(1U << 5)	/* its answer depends on the file */
#define FLAB_OP_REPLACES	(1U << 6)	/* by a mapping over it: see torn_error() */

/* An answer: there is no such operation on this kernel, or not for this part. */
#define FLAB_ABSENT		1

/**
 * struct flab_vma_op - an operation
 * @name: for people
 * @run: 0, -errno or FLAB_ABSENT
 * @undo: takes it back, for operations that can be; its result is nobody's
 * @want: -errno or 0, by enum flab_vma_class, of a part that cuts no folio
 * @cuts: classes (1 << class) whose VMA it splits: of others it changes nothing
 * @flags: FLAB_CUTS_*, FLAB_OP_*
 * @skew: how far off from the alignment of the mapping it moves things
 */
struct flab_vma_op {
	const char *name;
	int (*run)(const struct flab_vma_part *p);
	void (*undo)(const struct flab_vma_part *p);
	int want[FLAB_NR_VMA_CLASSES];
	unsigned int cuts;
	unsigned int flags;
	size_t skew;
};

extern const struct flab_vma_op flab_vma_ops[];
extern const unsigned int flab_nr_vma_ops;

/* What it must answer. */
int flab_vma_op_wants(const struct flab_vma_op *op, enum flab_vma_class class,
		      const struct flab_vma_part *p);

/* VMAs of /dev/faultlab, or of another file, in a range; from /proc/self/maps. */
#define FLAB_LAYOUT_MAX	24

struct flab_layout {
	unsigned int nr;
	struct {
		__u64 start, end, offset;
		bool read, write;
	} vma[FLAB_LAYOUT_MAX];
};

int flab_layout_read(struct flab_layout *layout, const char *file, const void *from,
		     const void *to);

/* Of an address: the number of its VMA, or -1. */
int flab_layout_find(const struct flab_layout *layout, __u64 addr);

/* The same as text, from @base on; neighbours as one where @joined says so. */
#define FLAB_LAYOUT_TEXT	1024
const char *flab_layout_text(const struct flab_layout *layout, const void *base, bool joined,
			     char *text);

/*
 * The first leaf that is not within one VMA, or NULL. *nr is how many leaves there are.
 */
const char *flab_layout_leaves(const struct flab_layout *layout, int fd, size_t *nr);

#endif /* FLAB_VMA_OP_H */
