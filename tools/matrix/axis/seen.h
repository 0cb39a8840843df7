/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text of a cell.
 */
#ifndef FAULTLAB_MATRIX_SEEN_H
#define FAULTLAB_MATRIX_SEEN_H

#include "matrix/axis/cell.h"

/* Fills all columns but the result, from the counters of the access. */
void matrix_describe(const struct faultlab_stats *counts, long minflt, long majflt,
		     struct matrix_cell *cell);

/* "minor x2; module minor", into text of MATRIX_TEXT. */
void matrix_describe_faults(const struct faultlab_stats *counts, long minflt, long majflt,
			    char *text);

#endif /* FAULTLAB_MATRIX_SEEN_H */
