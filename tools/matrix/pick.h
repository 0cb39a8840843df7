/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which cells to run.
 */
#ifndef FAULTLAB_MATRIX_PICK_H
#define FAULTLAB_MATRIX_PICK_H

#include "matrix/axis/cell.h"

enum matrix_dimension {
	MATRIX_KIND,
	MATRIX_MAPPING,
	MATRIX_PATH,
	MATRIX_OUTCOME,
	MATRIX_NR_DIMENSIONS
};

/* For each dimension, names separated by commas; NULL: all. */
struct matrix_filter {
	const char *text[MATRIX_NR_DIMENSIONS];
};

/* Sets the filter to one cell, KIND/MAPPING/PATH/OUTCOME; false if malformed. */
bool matrix_filter_cell(struct matrix_filter *filter, const char *name);

/* The cells that exist and match, in order; NULL if a name is unknown. */
struct matrix_cell *matrix_pick(const struct matrix_filter *filter, unsigned int *nr);

/* What this machine lacks: bits by enum matrix_path_id and by faultlab_memories[]. */
struct matrix_missing {
	__u32 paths;
	__u64 kinds;
};

/* Removes the cells that need what is missing. Returns how many are left. */
unsigned int matrix_drop(struct matrix_cell *cells, unsigned int nr,
			 const struct matrix_missing *missing);

/*
 * Keeps so many of the cells, always the same for a seed. Each time it takes the cell
 * whose row, access path and outcome have been taken least. Returns how many are kept:
 * wanted, or all without memory.
 */
unsigned int matrix_draw(struct matrix_cell *cells, unsigned int nr, unsigned int wanted,
			 __u64 seed);

#endif /* FAULTLAB_MATRIX_PICK_H */
