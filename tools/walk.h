/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `faultlab walk` does with the entries that it meets.
 */
#ifndef FAULTLAB_TOOL_WALK_H
#define FAULTLAB_TOOL_WALK_H

#include "tool.h"

struct walk_sink {
	pid_t pid;
	__u64 start;
	__u64 end;
	__u64 entries;			/* that were handed on so far */
	bool hidden;			/* a pfn was not shown */
	struct faultlab_vma vma;	/* of the last entry; end 0: none yet */
	struct json_object *list;	/* of the JSON's entries */
};

/* A table on stdout, with each VMA's line as a heading. */
void walk_table_entry(struct walk_sink *sink, const struct faultlab_walk_entry *entry);
void walk_table_end(struct walk_sink *sink);

/* One JSON object at the end. */
void walk_json_entry(struct walk_sink *sink, const struct faultlab_walk_entry *entry);
void walk_json_end(struct walk_sink *sink);

#endif /* FAULTLAB_TOOL_WALK_H */
