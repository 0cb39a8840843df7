/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The expected contents of a cell's two pages.
 */
#ifndef FAULTLAB_MATRIX_BYTES_H
#define FAULTLAB_MATRIX_BYTES_H

#include "matrix/axis/cell.h"

struct matrix_bytes {
	size_t page;
	unsigned int salt;	/* differs between cells */
	bool empty;		/* nothing was written to the region: all zeroes */
	const char *code;	/* code at the start of the second page; may be NULL */
	size_t code_bytes;
};

/* Fills in what the two pages contain in the region before the access. */
void matrix_bytes_before(const struct matrix_bytes *bytes, char *first, char *second);

/* Changes both pages as the access did, as far as its return value reports success. */
void matrix_bytes_written(const struct matrix_call *call, char *first, char *second);

/* Whether seen and wanted differ; if so, text describes the first difference. */
bool matrix_bytes_differ(const char *what, const char *seen, const char *wanted, size_t nr,
			 char *text);

#endif /* FAULTLAB_MATRIX_BYTES_H */
