/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A place for the text that common/ writes, which is a string in user space and a file of
 * debugfs in the kernel.
 */
#ifndef UNIT_LINE_H
#define UNIT_LINE_H

#include "unit.h"
#ifndef __KERNEL__
#undef PAGE_SIZE	/* common/env.h asks the machine */
#endif
#include "common/text.h"

struct unit_line {
	struct flab_text to;
	char text[512];
};

/* Begins an empty text. */
static inline struct flab_text *unit_line(struct unit_line *line)
{
	line->text[0] = '\0';
#ifdef __KERNEL__
	line->to = (struct seq_file) { .buf = line->text, .size = sizeof(line->text) };
#else
	line->to = (struct flab_text) { .at = line->text, .room = sizeof(line->text) };
#endif
	return &line->to;
}

#endif /* UNIT_LINE_H */
