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

/* For each dimension, the names to pick, separated by commas; NULL: all. */
struct matrix_filter {
	const char *text[MATRIX_NR_DIMENSIONS];
};

/* Sets the filter to one cell, KIND/MAPPING/PATH/OUTCOME; false if malformed. */
bool matrix_filter_cell(struct matrix_filter *filter, const char *name);

/* The cells that exist and match, in order; NULL if a name is unknown, or without memory. */
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
 * Keeps as many of the cells as wanted, always the same ones for a seed. Takes them one by
 * one: each time the cell whose kind and mapping, access path and outcome have been taken
 * least so far. Returns how many are kept: wanted, or all if memory cannot be allocated.
 */
unsigned int matrix_draw(struct matrix_cell *cells, unsigned int nr, unsigned int wanted,
			 __u64 seed);

#endif /* FAULTLAB_MATRIX_PICK_H */
