/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's ptdump, as text. It dumps who reads it, so a process has to tell of
 * its own tables.
 */
#ifndef FLAB_PTDUMP_H
#define FLAB_PTDUMP_H

#include <stdio.h>

#include "flab.h"

/* So that it can be read here, if this kernel has it: 0, or -ENOENT. */
int flab_ptdump_load(void);
void flab_ptdump_unload(void);
bool flab_ptdump_is_there(void);

/*
 * In the child: dumps for the parent, as often as it asks, until it nudges. Nothing
 * that is in the child's tables changes between two of them.
 */
void flab_ptdump_serve(struct flab_peer *peer);

/* In the parent: ask for one, which ends with an empty line. NULL: errno says why. */
FILE *flab_ptdump_ask(struct flab_peer *peer);

/* What one line says of the leaves in [start, end), which are all alike. */
struct flab_ptdump_line {
	__u64 start, end;
	__u64 flags;		/* FAULTLAB_PTE_*, of those in FLAB_PTDUMP_KNOWS */
	__u64 level;
};

/* Of leaves above PTE it does not know PAT, which is one of the bits of the frame. */
#define FLAB_PTDUMP_KNOWS (FAULTLAB_PTE_USER | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_EXEC | \
			   FAULTLAB_PTE_PWT | FAULTLAB_PTE_PCD | FAULTLAB_PTE_PAT | \
			   FAULTLAB_PTE_GLOBAL)

/* 1; 0 for a line that has no leaf; -EINVAL for one that is not to be understood. */
int flab_ptdump_parse(char *text, struct flab_ptdump_line *line);

#endif /* FLAB_PTDUMP_H */
