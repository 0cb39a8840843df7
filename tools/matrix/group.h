/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cells that run together in one region, with two pages each, and their layout.
 */
#ifndef FAULTLAB_MATRIX_GROUP_H
#define FAULTLAB_MATRIX_GROUP_H

#include "matrix/bytes.h"
#include "matrix/path/tools.h"

/*
 * Below FLAB_MAX_CELLS (64): up to that, each mapping has counters of its own in the
 * module.
 */
#define MATRIX_GROUP	60

/*
 * Layout of a cell's pages. One fault maps at most step pages, so the mapping has two
 * windows of step pages. The cell's first page is the last one of the first window, its
 * second page the first one of the second window.
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
 * Reserves address space for the cells below one PTE table, which a page that no cell
 * uses keeps allocated. Without a table there is no fault-around, and that must not
 * depend on the order of the cells. Where a fault maps a PMD, each window is a PMD and
 * has no table. NULL without memory.
 */
char *matrix_space_reserve(size_t page, const struct matrix_layout *layout);

/* Opens and closes the region of the cells. Returns 0 or -errno. */
int matrix_group_open(struct matrix_group *group);
void matrix_group_close(struct matrix_group *group);

/* Maps, fills and touches the cells' pages, and sets the rules. Returns 0 or -errno. */
int matrix_group_prepare(struct matrix_group *group);

/* The access of a cell, to be made. */
struct matrix_call matrix_group_call(struct matrix_group *group, unsigned int i);

/* Initial contents of a cell's pages in the region. */
struct matrix_bytes matrix_group_bytes(const struct matrix_group *group, unsigned int i);

/* Maps the whole region; unmap it before a cell is measured. NULL: it failed. */
char *matrix_group_view(const struct matrix_group *group, int prot);
void matrix_group_unview(const struct matrix_group *group, char *view);

bool matrix_group_has(const struct matrix_group *group, unsigned int i, __u64 fact);
bool matrix_group_is_past(const struct matrix_group *group, unsigned int i);

/* Marks a cell that could not be run as done. */
void matrix_group_cannot(struct matrix_cell *cell, const char *what, int err);

#endif /* FAULTLAB_MATRIX_GROUP_H */
