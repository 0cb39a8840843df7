/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cells that run together in one region, with two pages each, and their layout.
 */
#ifndef FAULTLAB_MATRIX_GROUP_H
#define FAULTLAB_MATRIX_GROUP_H

#include "matrix/bytes.h"
#include "matrix/path/tools.h"

/*
 * Below the module's FLAB_MAX_CELLS (64): up to that number, each mapping of a region has
 * counters of its own in the module.
 */
#define MATRIX_GROUP	60

/*
 * Layout of a cell's pages. A fault on one page must not map the other, and it maps at
 * most step pages. So the mapping has two windows of step pages. The cell's first page is
 * the last page of the first window, and its second page is the first page of the second
 * window.
 */
struct matrix_layout {
	unsigned int step;	/* pages */
	unsigned int stride;	/* pages of address space per cell; a gap prevents merging */
	unsigned int group;	/* cells in a group */
};

struct matrix_group {
	struct matrix_tools *tools;
	struct matrix_layout layout;
	struct matrix_cell *cell[MATRIX_GROUP];
	struct matrix_call call[MATRIX_GROUP];		/* the access as it was made */
	unsigned int nr;
	int fd;
	char *space;
};

struct matrix_layout matrix_layout_of(const struct faultlab_memory *memory);

/*
 * Reserves address space for the cells, all of it below one PTE table. A present page that
 * no cell uses keeps that table allocated: without a table there is no fault-around, and
 * the result of a cell must not depend on whether an earlier cell allocated the table.
 * Where a fault maps a PMD, each window is a PMD, and such a table does not exist.
 * Returns NULL if there is no memory.
 */
char *matrix_space_reserve(size_t page, const struct matrix_layout *layout);

/* Opens and closes the region of the cells. Returns 0 or -errno. */
int matrix_group_open(struct matrix_group *group);
void matrix_group_close(struct matrix_group *group);

/* Maps, fills and touches the cells' pages, and sets the rules. Returns 0 or -errno. */
int matrix_group_prepare(struct matrix_group *group);

/* The parameters of a cell's access, which has not been made yet. */
struct matrix_call matrix_group_call(struct matrix_group *group, unsigned int i);

/* Initial contents of a cell's pages in the region. */
struct matrix_bytes matrix_group_bytes(const struct matrix_group *group, unsigned int i);

/*
 * Maps the whole region, or returns NULL. matrix_group_unview() must unmap it before a
 * cell is measured.
 */
char *matrix_group_view(const struct matrix_group *group, int prot);
void matrix_group_unview(const struct matrix_group *group, char *view);

bool matrix_group_has(const struct matrix_group *group, unsigned int i, __u64 fact);
bool matrix_group_is_past(const struct matrix_group *group, unsigned int i);

/* Marks a cell as run, with the error that prevented its access as its result. */
void matrix_group_cannot(struct matrix_cell *cell, const char *what, int err);

#endif /* FAULTLAB_MATRIX_GROUP_H */
