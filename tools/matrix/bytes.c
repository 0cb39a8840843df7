// SPDX-License-Identifier: GPL-2.0-only
/*
 * The expected contents of a cell's two pages.
 */
#include <stdio.h>
#include <string.h>

#include "matrix/bytes.h"
#include "matrix/path/tools.h"

/*
 * Bit 7 makes it differ from 0, from what access paths write (1 or MATRIX_WRITTEN), and
 * from the memory that the remote process has at the same addresses (OTHER in remote.c).
 */
static char pattern(unsigned int salt, size_t i)
{
	return 0x80 | (salt * 31 + i * 7);
}

void matrix_bytes_before(const struct matrix_bytes *bytes, char *first, char *second)
{
	size_t i;

	for (i = 0; i < bytes->page; i++) {
		first[i] = bytes->empty ? 0 : pattern(bytes->salt, i);
		second[i] = bytes->empty ? 0 : pattern(bytes->salt + 1, i);
	}
	if (bytes->code)
		memcpy(second, bytes->code, bytes->code_bytes);
}

void matrix_bytes_written(const struct matrix_call *call, char *first, char *second)
{
	const size_t page = call->tools->page;
	const int value = call->path->value;
	size_t done;

	if (!(call->path->facts & FACT_WRITES))
		return;
	switch (call->path->span) {
	case MATRIX_NO_SPAN:
		return;
	case MATRIX_BYTE:
		if (!call->touch.signal)
			second[0] = value;
		return;
	case MATRIX_WORD:
		if (!call->ret)
			memset(second, value, sizeof(__u64));
		return;
	case MATRIX_PAGES:
	case MATRIX_PART:
		done = call->ret > 0 ? call->ret : 0;
		memset(first, value, done < page ? done : page);
		if (done > page)
			memset(second, value, done - page);
	}
}

bool matrix_bytes_differ(const char *what, const char *seen, const char *wanted, size_t nr,
			 char *text)
{
	size_t i;

	for (i = 0; i < nr && seen[i] == wanted[i]; i++)
		;
	if (i == nr)
		return false;
	snprintf(text, MATRIX_TEXT, "%s: byte %zu is %#x, not %#x", what, i, (__u8)seen[i],
		 (__u8)wanted[i]);
	return true;
}
