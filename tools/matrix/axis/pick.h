/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which cells to run.
 */
#ifndef FAULTLAB_MATRIX_PICK_H
#define FAULTLAB_MATRIX_PICK_H

#include "matrix/matrix.h"

enum matrix_dimension {
	MATRIX_KIND,
	MATRIX_MAPPING,
	MATRIX_WAY,
	MATRIX_OUTCOME,
	MATRIX_NR_DIMENSIONS
};

/* Names with commas between them; NULL: all. */
struct matrix_filter {
	const char *text[MATRIX_NR_DIMENSIONS];
};

/* KIND/MAPPING/WAY/OUTCOME as a filter for that cell alone. */
bool matrix_filter_cell(struct matrix_filter *filter, const char *name);

/* The cells that exist and match, in order; NULL if a name is of nothing. */
struct matrix_cell *matrix_pick(const struct matrix_filter *filter, unsigned int *nr);

/* What this machine lacks: bits by enum matrix_way_id, and in faultlab_memories[]. */
struct matrix_missing {
	__u32 ways;
	__u64 kinds;
};

/* Without those. Returns how many are left. */
unsigned int matrix_drop(struct matrix_cell *cells, unsigned int nr,
			 const struct matrix_missing *missing);

/*
 * Keep so many of them, always the same for a seed: each time the one whose row,
 * way and outcome have been drawn least. Returns wanted.
 */
unsigned int matrix_draw(struct matrix_cell *cells, unsigned int nr, unsigned int wanted,
			 __u64 seed);

#endif /* FAULTLAB_MATRIX_PICK_H */
