/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands in documentation: lines that begin with a prompt, "    # ". A backslash at
 * the end continues a command in the next line.
 */
#ifndef FLAB_DOC_H
#define FLAB_DOC_H

#include <stdbool.h>
#include <stdio.h>

struct flab_doc {
	FILE *file;
	const char *section;	/* "## perf": up to the next heading of that level */
	bool within;
	char line[1024];
};

int flab_doc_open(struct flab_doc *doc, const char *path, const char *section);
void flab_doc_close(struct flab_doc *doc);

/* The next command, without its prompt; NULL after the last. */
const char *flab_doc_next(struct flab_doc *doc);

#endif /* FLAB_DOC_H */
