// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands in documentation.
 */
#include <errno.h>
#include <string.h>

#include "lib/record/doc.h"

#define PROMPT	"    # "

int tlib_doc_open(struct tlib_doc *doc, const char *path, const char *section)
{
	*doc = (struct tlib_doc){ .file = fopen(path, "re"), .section = section };
	return doc->file ? 0 : -errno;
}

void tlib_doc_close(struct tlib_doc *doc)
{
	fclose(doc->file);
}

static bool read_line(struct tlib_doc *doc, size_t at)
{
	if (!fgets(doc->line + at, sizeof(doc->line) - at, doc->file))
		return false;
	doc->line[strcspn(doc->line, "\n")] = '\0';
	return true;
}

const char *tlib_doc_next(struct tlib_doc *doc)
{
	size_t end;

	while (read_line(doc, 0)) {
		if (!strncmp(doc->line, "## ", 3))
			doc->within = !strncmp(doc->line, doc->section, strlen(doc->section));
		if (!doc->within || strncmp(doc->line, PROMPT, strlen(PROMPT)))
			continue;
		while ((end = strlen(doc->line)) && doc->line[end - 1] == '\\')
			if (!read_line(doc, end - 1))
				return NULL;
		return doc->line + strlen(PROMPT);
	}
	return NULL;
}
