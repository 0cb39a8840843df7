/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cells that are run together: one region, two pages of it a cell, and where they are.
 */
#ifndef FAULTLAB_MATRIX_BATCH_H
#define FAULTLAB_MATRIX_BATCH_H

#include "matrix/bytes.h"
#include "matrix/way/tools.h"

/* As many mappings as have counters of their own in the module. */
#define MATRIX_BATCH	60

/*
 * Where the pages of a cell are. One fault maps at most `step` pages, so the mapping is
 * of two such windows: the cell's first page is the last one of the first window, its
 * second page the first one of the second.
 */
struct matrix_layout {
	unsigned int step;	/* pages */
	unsigned int stride;	/* pages of address space a cell: with a gap against merging */
	unsigned int batch;	/* cells */
};

struct matrix_batch {
	struct matrix_tools *tools;
	struct matrix_layout layout;
	struct matrix_cell *cell[MATRIX_BATCH];
	struct matrix_call call[MATRIX_BATCH];		/* as it was made */
	unsigned int nr;
	int fd;
	char *window;
};

struct matrix_layout matrix_layout_of(const struct faultlab_memory *memory);

/*
 * Address space for the cells, in one page table, which a page of no interest
 * keeps: without a table there is no fault-around, and that is not for the order
 * of the cells to say. Where a fault maps a PMD each window is one, and has none.
 * NULL without memory.
 */
char *matrix_window_open(size_t page, const struct matrix_layout *layout);

/* The region of the cells, and its end; 0 or -errno. */
int matrix_batch_open(struct matrix_batch *batch);
void matrix_batch_close(struct matrix_batch *batch);

/* All is mapped, filled and touched, and the rules are set: 0 or -errno. */
int matrix_batch_prepare(struct matrix_batch *batch);

/* The access of a cell, before it is made. */
struct matrix_call matrix_batch_call(struct matrix_batch *batch, unsigned int i);

/* What the region has in a cell's pages at first. */
struct matrix_bytes matrix_batch_bytes(const struct matrix_batch *batch, unsigned int i);

/* All of the region, by a mapping that is gone when no cell is measured; NULL: it failed. */
char *matrix_batch_view(const struct matrix_batch *batch, int prot);
void matrix_batch_unview(const struct matrix_batch *batch, char *view);

bool matrix_batch_has(const struct matrix_batch *batch, unsigned int i, __u64 fact);
bool matrix_batch_is_past(const struct matrix_batch *batch, unsigned int i);

/* The cell is done: it could not be run. */
void matrix_batch_cannot(struct matrix_cell *cell, const char *what, int err);

#endif /* FAULTLAB_MATRIX_BATCH_H */
