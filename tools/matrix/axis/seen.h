/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Turns the counters of an access into the texts of a cell.
 */
#ifndef FAULTLAB_MATRIX_SEEN_H
#define FAULTLAB_MATRIX_SEEN_H

#include "matrix/axis/cell.h"

/* Fills all columns but the result, from the counters of the access. */
void matrix_describe(const struct faultlab_stats *counts, long minflt, long majflt,
		     struct matrix_cell *cell);

/*
 * The kernel's fault counts as text, and the module's if they differ, as in "minor x2;
 * module minor". The buffer has MATRIX_TEXT bytes.
 */
void matrix_describe_faults(const struct faultlab_stats *counts, long minflt, long majflt,
			    char *text);

#endif /* FAULTLAB_MATRIX_SEEN_H */
