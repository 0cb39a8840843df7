// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands in documentation.
 */
#include <errno.h>
#include <string.h>

#include "flab_doc.h"

#define PROMPT	"    # "

int flab_doc_open(struct flab_doc *doc, const char *path, const char *section)
{
	*doc = (struct flab_doc){ .file = fopen(path, "re"), .section = section };
	return doc->file ? 0 : -errno;
}

void flab_doc_close(struct flab_doc *doc)
{
	fclose(doc->file);
}

const char *flab_doc_next(struct flab_doc *doc)
{
	while (fgets(doc->line, sizeof(doc->line), doc->file)) {
		doc->line[strcspn(doc->line, "\n")] = '\0';
		if (!strncmp(doc->line, "## ", 3))
			doc->within = !strncmp(doc->line, doc->section, strlen(doc->section));
		if (doc->within && !strncmp(doc->line, PROMPT, strlen(PROMPT)))
			return doc->line + strlen(PROMPT);
	}
	return NULL;
}
