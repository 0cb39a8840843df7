/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's ptdump, as text. The file dumps the page tables of the task that reads
 * it, so a child reads it and sends the text to its parent.
 */
#ifndef TLIB_PTDUMP_H
#define TLIB_PTDUMP_H

#include <stdio.h>

#include "lib/tlib.h"

/* Make the file available, by a module if necessary. 0, or -ENOENT. */
int tlib_ptdump_load(void);
void tlib_ptdump_unload(void);
bool tlib_ptdump_is_there(void);

/*
 * In the child: send a dump each time the parent asks, until the parent nudges. The
 * child's page tables do not change between two dumps.
 */
void tlib_ptdump_serve(struct tlib_peer *peer);

/* In the parent: ask for a dump, which ends with an empty line. NULL: see errno. */
FILE *tlib_ptdump_ask(struct tlib_peer *peer);

/* One line: all leaves in [start, end) have this level and these flags. */
struct tlib_ptdump_line {
	__u64 start, end;
	__u64 flags;		/* FAULTLAB_PTE_*, only those in TLIB_PTDUMP_KNOWS */
	__u64 level;
};

/* Except PAT of leaves above PTE: there it is one of the frame's bits, not printed. */
#define TLIB_PTDUMP_KNOWS (FAULTLAB_PTE_USER | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_EXEC | \
			   FAULTLAB_PTE_PWT | FAULTLAB_PTE_PCD | FAULTLAB_PTE_PAT | \
			   FAULTLAB_PTE_GLOBAL)

/* 1; 0 for a line without a leaf; -EINVAL for one that cannot be parsed. */
int tlib_ptdump_parse(char *text, struct tlib_ptdump_line *line);

#endif /* TLIB_PTDUMP_H */
