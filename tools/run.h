/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faultlab run: what it is asked for, what it saw, and how that is shown.
 */
#ifndef FAULTLAB_TOOL_RUN_H
#define FAULTLAB_TOOL_RUN_H

#include "tool.h"

#define RUN_RULES	64	/* as many as fit a command line that anyone reads */

enum run_touch { RUN_READ, RUN_WRITE, RUN_EXEC, RUN_NR_TOUCHES };
extern const char *const run_touch_names[RUN_NR_TOUCHES];

/* The order: run_options.c reads it from the command line. */
struct run_order {
	struct faultlab_config config;
	__u64 pages;
	bool private;
	struct faultlab_rule rules[RUN_RULES];
	unsigned int nr_rules;
	enum run_touch touches[RUN_NR_TOUCHES];
	unsigned int nr_touches;
	__u64 hold;		/* seconds */
	bool json;
};

/* 0, or the exit status after an error was printed. */
int run_parse(int argc, char **argv, struct run_order *order);

/* What came of one touch. */
struct run_result {
	__u64 page;
	enum run_touch how;
	struct faultlab_touch touch;
	struct faultlab_walk_entry entry;	/* after it */
};

/* The region of the run, as it is shown. */
struct run_place {
	const struct run_order *order;
	__u32 region;
	char *start;
	size_t bytes;
	struct json_object *json;	/* of its touches; NULL without --json */
};

/* run_show.c: a heading, a line for each touch, the counters that moved. */
void run_show_begin(struct run_place *place);
void run_show_touch(struct run_place *place, const struct run_result *result);
void run_show_end(struct run_place *place, const struct faultlab_stats *moved);

#endif /* FAULTLAB_TOOL_RUN_H */
