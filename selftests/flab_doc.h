/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands in documentation: a line is one if it begins with a prompt, "    # ", and
 * goes on in the next where it ends in a backslash.
 */
#ifndef FLAB_DOC_H
#define FLAB_DOC_H

#include <stdbool.h>
#include <stdio.h>

struct flab_doc {
	FILE *file;
	const char *section;	/* "## perf": up to the next of its kind */
	bool within;
	char line[1024];
};

int flab_doc_open(struct flab_doc *doc, const char *path, const char *section);
void flab_doc_close(struct flab_doc *doc);

/* The next command, without its prompt; NULL behind the last. */
const char *flab_doc_next(struct flab_doc *doc);

#endif /* FLAB_DOC_H */
