/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands in documentation: lines that begin with a prompt, "    # ". A backslash at
 * the end continues a command in the next line.
 */
#ifndef TLIB_DOC_H
#define TLIB_DOC_H

#include <stdbool.h>
#include <stdio.h>

struct tlib_doc {
	FILE *file;
	const char *section;	/* "## perf": up to the next heading of that level */
	bool within;
	char line[1024];
};

int tlib_doc_open(struct tlib_doc *doc, const char *path, const char *section);
void tlib_doc_close(struct tlib_doc *doc);

/* The next command, without its prompt; NULL after the last. */
const char *tlib_doc_next(struct tlib_doc *doc);

#endif /* TLIB_DOC_H */
