/* SPDX-License-Identifier: GPL-2.0-only */
/* Random rules, for the tests of matching and of text. */
#ifndef UNIT_RANDOM_RULE_H
#define UNIT_RANDOM_RULE_H

#include "unit.h"
#include "common/faultlab_check.h"

#define UNIT_RULE_PAGES	48	/* pages that the rules are about, and some behind */

static inline u64 unit_one_in(u64 chance, u64 value)
{
	return unit_random(chance) ? 0 : value;
}

/* A valid rule; half of them without conditions, so that many lists have fast paths. */
static inline struct faultlab_rule unit_random_rule(void)
{
	struct faultlab_rule r;

	do {
		r = (struct faultlab_rule) {
			.offset = unit_random(UNIT_RULE_PAGES) * PAGE_SIZE,
			.length = unit_random(4) ? (1 + unit_random(9)) * PAGE_SIZE :
						   FAULTLAB_TO_END,
			.access = unit_random(2) ? 1 + unit_random(FAULTLAB_ACCESS_ANY) : 0,
			.verdict = unit_random(2) ? FAULTLAB_VERDICT_SERVE :
						    unit_random(FAULTLAB_NR_VERDICTS),
		};
		if (unit_random(2))
			continue;
		r.skip = unit_one_in(3, unit_random(4));
		r.every = unit_one_in(3, unit_random(4));
		r.times = unit_one_in(2, 1 + unit_random(6));
		r.probability = unit_one_in(4, 1 + unit_random(FAULTLAB_ALWAYS));
		if (!unit_random(8))
			r.probability = FAULTLAB_ALWAYS;
		r.seed = unit_random(99);
		r.delay_us = unit_one_in(3, unit_random(500));
	} while (faultlab_rule_check(&r, NULL));
	return r;
}

#endif /* UNIT_RANDOM_RULE_H */
