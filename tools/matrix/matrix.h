/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faultlab matrix: kind x mapping x access path x outcome. Runs the cells and shows them.
 */
#ifndef FAULTLAB_MATRIX_H
#define FAULTLAB_MATRIX_H

#include "matrix/axis/cell.h"

/* run.c: runs the cells. If one could not be run, its seen[MATRIX_RESULT] says why. */
int matrix_run(struct matrix_cell *cells, unsigned int nr);

/* show.c */
void matrix_show_text(const struct matrix_cell *cells, unsigned int nr);
void matrix_show_json(const struct matrix_cell *cells, unsigned int nr);
void matrix_show_ktap(const struct matrix_cell *cells, unsigned int nr);
void matrix_show_reasons(const struct matrix_cell *cell);
void matrix_show_list(void);

#endif /* FAULTLAB_MATRIX_H */
