/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every byte of a cell's two pages should be.
 */
#ifndef FAULTLAB_MATRIX_BYTES_H
#define FAULTLAB_MATRIX_BYTES_H

#include "matrix/matrix.h"

struct matrix_bytes {
	size_t page;
	unsigned int salt;	/* tells cells apart */
	bool empty;		/* the region had nothing there: zeroes */
	const char *code;	/* what stands at the start of the second page, if any */
	size_t code_bytes;
};

/* What the region has in them before the access. */
void matrix_bytes_before(const struct matrix_bytes *bytes, char *first, char *second);

/* Puts into both what an access has written that returned what the call says. */
void matrix_bytes_written(const struct matrix_call *call, char *first, char *second);

/* A word on the first byte that differs, and true; else false. */
bool matrix_bytes_differ(const char *what, const char *seen, const char *wanted, size_t nr,
			 char *text);

#endif /* FAULTLAB_MATRIX_BYTES_H */
