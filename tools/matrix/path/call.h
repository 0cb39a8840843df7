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
	size_t step;		/* bytes: start and length of a VMA must be multiples of it */
	bool other;		/* map other memory at these addresses in the remote process */
	const struct matrix_mapping *mapping;
	const struct matrix_path *path;
	ssize_t ret;			/* return value of the access */
	struct faultlab_touch touch;	/* result of load, store and exec */
	bool remote;			/* the access was made by the remote process */
	bool counted;			/* faults are another task's: minflt and majflt are set */
	long minflt;
	long majflt;
};

#endif /* FAULTLAB_MATRIX_CALL_H */
