/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules: facts about a fault in, a verdict out. Knows nothing of mm. */
#ifndef FLAB_RULE_H
#define FLAB_RULE_H

#include <linux/faultlab.h>
#include <linux/types.h>
#include "count.h"

/**
 * struct flab_verdict - how a fault shall end
 * @verdict: enum faultlab_verdict
 * @flags: FAULTLAB_RULE_*
 * @delay_us: wait this long first
 * @kernel_mode: wait also where the kernel faults on behalf of a task, and may
 *	hold locks that others need
 */
struct flab_verdict {
	u32 verdict;
	u32 flags;
	u64 delay_us;
	bool kernel_mode;
};

/**
 * struct flab_rule - a rule in the form that the fault path matches
 * @first: first page
 * @last: last page, inclusive
 * @access: mask of 1 << enum flab_access
 * @verdict: what it says
 */
struct flab_rule {
	pgoff_t first;
	pgoff_t last;
	u32 access;
	struct flab_verdict verdict;
};

/**
 * struct flab_rules - the rules of a region, never changed once installed
 * @nr: how many
 * @rule: first match wins
 */
struct flab_rules {
	u32 nr;
	struct flab_rule rule[] __counted_by(nr);
};

int flab_rule_parse(const struct faultlab_rule *from, u64 max_pages,
		    bool kernel_mode, struct flab_rule *to);
struct flab_rules *flab_rules_join(const struct flab_rules *old,
				   const struct flab_rule *more, u32 nr);
struct flab_verdict flab_rules_match(const struct flab_rules *rules,
				     pgoff_t index, enum flab_access access);

/* Nothing but "map the page": what a batch may do without asking .fault. */
static inline bool flab_verdict_is_plain(const struct flab_verdict *v)
{
	return v->verdict == FAULTLAB_VERDICT_SERVE && !v->delay_us;
}

#endif /* FLAB_RULE_H */
