/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules that are made of a call's arguments. */
#ifndef FUZZ_RULE_H
#define FUZZ_RULE_H

#include "fuzz/calls/program.h"

#define FUZZ_RULES	3	/* at most so many from one call */

/*
 * The arguments of a call that makes rules, after those that say where to: FUZZ_RULE_ARGS
 * is their list, in the order of the enum.
 */
enum {
	FUZZ_RULE_VERDICT, FUZZ_RULE_ACCESS, FUZZ_RULE_FIRST, FUZZ_RULE_PAGES, FUZZ_RULE_DELAY,
	FUZZ_RULE_US, FUZZ_RULE_EVERY, FUZZ_RULE_TIMES, FUZZ_RULE_SKIP, FUZZ_RULE_RARELY,
	FUZZ_RULE_FLAGS, FUZZ_RULE_MORE,
};

extern const struct fuzz_words fuzz_verdicts, fuzz_accesses, fuzz_delays, fuzz_delay_us;
extern const struct fuzz_words fuzz_rule_times, fuzz_rule_flags, fuzz_rule_ops;

#define FUZZ_RULE_ARGS									\
	{ "verdict", FUZZ_ONE, &fuzz_verdicts }, { "access", FUZZ_SET, &fuzz_accesses },	\
	{ "first", FUZZ_PAGE }, { "pages", FUZZ_PAGES },					\
	{ "delay", FUZZ_ONE, &fuzz_delays }, { "us", FUZZ_ONE, &fuzz_delay_us },		\
	{ "every", FUZZ_SMALL }, { "times", FUZZ_ONE, &fuzz_rule_times },			\
	{ "skip", FUZZ_SMALL }, { "rarely", FUZZ_SMALL },					\
	{ "flags", FUZZ_SET, &fuzz_rule_flags }, { "more", FUZZ_SMALL }

/* Returns how many rules were made. */
unsigned int fuzz_rules(const struct fuzz_world *w, const __u64 *a,
			struct faultlab_rule rule[FUZZ_RULES]);

/* Whether the step may set a rule that makes faults repeat: NOPAGE, OOM. */
bool fuzz_step_repeats(const struct fuzz_step *step);

#endif /* FUZZ_RULE_H */
