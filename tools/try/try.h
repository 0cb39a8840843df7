/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faultlab try: its arguments, what it observed, and how that is printed.
 */
#ifndef FAULTLAB_TOOL_TRY_H
#define FAULTLAB_TOOL_TRY_H

#include "util/tool.h"

#define TRY_RULES	64	/* more than a readable command line has */

enum try_touch { TRY_READ, TRY_WRITE, TRY_EXEC, TRY_NR_TOUCHES };
extern const char *const try_touch_names[TRY_NR_TOUCHES];

/* The arguments, parsed by options.c. */
struct try_order {
	struct faultlab_config config;
	__u64 pages;
	bool private;
	struct faultlab_rule rules[TRY_RULES];
	unsigned int nr_rules;
	enum try_touch touches[TRY_NR_TOUCHES];
	unsigned int nr_touches;
	__u64 hold;		/* seconds */
	bool json;
};

/* 0, or the exit status after an error was printed. */
int try_parse(int argc, char **argv, struct try_order *order);

/* The result of one touch. */
struct try_result {
	__u64 page;
	enum try_touch how;
	struct faultlab_touch touch;
	struct faultlab_walk_entry entry;	/* after the touch */
};

/* The region and its mapping, to be printed. */
struct try_place {
	const struct try_order *order;
	__u32 region;
	char *start;
	size_t bytes;
	struct json_object *json;	/* results of touches; NULL without --json */
};

/* The result of all touches together. */
struct try_seen {
	struct faultlab_stats moved;	/* what the touches added to the counters */
	__u64 pmds;		/* touches after which a PMD or PUD was the leaf */
	__u32 pmd_order;	/* order of the folios that a PMD maps */
};

/*
 * missed.c: which of the arguments had no effect, and why. Each call returns one sentence,
 * and NULL after the last. *at is 0 before the first call; the calls advance it.
 */
const char *try_missed(const struct try_order *order, const struct try_seen *seen,
		       unsigned int *at);

/*
 * show.c: prints a heading, a line for each touch, and at the end the counters that
 * changed and the sentences of try_missed().
 */
void try_show_begin(struct try_place *place);
void try_show_touch(struct try_place *place, const struct try_result *result);
void try_show_end(struct try_place *place, const struct try_seen *seen);

#endif /* FAULTLAB_TOOL_TRY_H */
