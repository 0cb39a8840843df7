/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One access, as an access path makes it.
 */
#ifndef FAULTLAB_MATRIX_CALL_H
#define FAULTLAB_MATRIX_CALL_H

#include "matrix/axis/cell.h"

struct matrix_tools;

/* One access: its parameters, and its results. */
struct matrix_call {
	struct matrix_tools *tools;
	char *first;		/* two pages; the first is present */
	char *second;
	int fd;			/* the region, for access paths that map it */
	off_t offset;		/* of the second page */
	size_t step;		/* VMAs are multiples of so many bytes */
	bool other;		/* the remote process has other memory at these addresses */
	const struct matrix_mapping *mapping;
	const struct matrix_path *path;
	ssize_t ret;			/* return value of the access */
	struct faultlab_touch touch;	/* for access paths that are one touch */
	bool remote;			/* made by another process */
	bool counted;			/* another task faulted; its faults are counted here: */
	long minflt;
	long majflt;
};

#endif /* FAULTLAB_MATRIX_CALL_H */
