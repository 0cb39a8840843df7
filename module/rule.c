// SPDX-License-Identifier: GPL-2.0-only
/* The policy: which faults end how. */
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include "rule.h"

/* Verdicts that only .fault can give: the kernel asks .mkwrite for no page. */
#define FLAB_FAULT_ONLY	(FAULTLAB_ACCESS_READ | FAULTLAB_ACCESS_WRITE | \
			 FAULTLAB_ACCESS_COW)

/* The accesses that a verdict can be given for, by enum faultlab_verdict. */
static const u32 flab_verdict_access[] = {
	[FAULTLAB_VERDICT_SERVE] = FAULTLAB_ACCESS_ANY,
	[FAULTLAB_VERDICT_MAJOR] = FLAB_FAULT_ONLY,
};

static bool flab_rule_has_reserved(const struct faultlab_rule *r)
{
	return r->delay_kind || r->delay_max_us || r->skip || r->every ||
	       r->times || r->seed || r->probability || r->arg || r->hits;
}

static u64 flab_rule_max_delay(const struct faultlab_rule *r)
{
	if (r->flags & FAULTLAB_RULE_HOLD_LOCK)
		return FAULTLAB_MAX_HOLD_US;
	return FAULTLAB_MAX_DELAY_US;
}

/**
 * flab_rule_parse - check a rule from user space
 * @from: as user space wrote it
 * @max_pages: what a region can hold
 * @kernel_mode: whether its delays are for faults of the kernel too
 * @to: the checked form
 *
 * Return: 0, -EINVAL for what makes no sense, -ENOSPC for a range past
 * @max_pages.
 */
int flab_rule_parse(const struct faultlab_rule *from, u64 max_pages,
		    bool kernel_mode, struct flab_rule *to)
{
	u32 can, access = from->access;
	u64 end;

	if (from->verdict >= ARRAY_SIZE(flab_verdict_access) ||
	    (from->flags & ~FAULTLAB_RULE_HOLD_LOCK) ||
	    (access & ~FAULTLAB_ACCESS_ANY) || flab_rule_has_reserved(from))
		return -EINVAL;
	if (from->delay_us > flab_rule_max_delay(from))
		return -EINVAL;

	can = flab_verdict_access[from->verdict];
	if (!access)
		access = can;
	if (access & ~can)
		return -EINVAL;

	if (!IS_ALIGNED(from->offset, PAGE_SIZE) || !from->length)
		return -EINVAL;
	end = max_pages << PAGE_SHIFT;
	if (from->length != FAULTLAB_TO_END &&
	    (!IS_ALIGNED(from->length, PAGE_SIZE) ||
	     check_add_overflow(from->offset, from->length, &end)))
		return -EINVAL;
	if (from->offset >= max_pages << PAGE_SHIFT || end > max_pages << PAGE_SHIFT)
		return -ENOSPC;

	to->first = from->offset >> PAGE_SHIFT;
	/* The end may move: max_pages can be raised. */
	to->last = from->length == FAULTLAB_TO_END ? ULONG_MAX : (end >> PAGE_SHIFT) - 1;
	to->access = access;
	to->verdict = (struct flab_verdict) {
		.verdict = from->verdict,
		.flags = from->flags,
		.delay_us = from->delay_us,
		.kernel_mode = kernel_mode,
	};
	return 0;
}

/**
 * flab_rules_join - make a new list of rules
 * @old: rules that stay in front, or NULL
 * @more: rules behind them
 * @nr: how many of @more
 *
 * Return: the list, to be freed with kvfree(); NULL for an empty one;
 * ERR_PTR(-ENOSPC) or ERR_PTR(-ENOMEM).
 */
struct flab_rules *flab_rules_join(const struct flab_rules *old,
				   const struct flab_rule *more, u32 nr)
{
	u32 nr_old = old ? old->nr : 0;
	struct flab_rules *rules;

	if (nr > FAULTLAB_MAX_RULES - nr_old)
		return ERR_PTR(-ENOSPC);
	if (!nr_old && !nr)
		return NULL;

	rules = kvmalloc(struct_size(rules, rule, nr_old + nr), GFP_KERNEL_ACCOUNT);
	if (!rules)
		return ERR_PTR(-ENOMEM);
	rules->nr = nr_old + nr;
	if (nr_old)
		memcpy(rules->rule, old->rule, nr_old * sizeof(*more));
	memcpy(rules->rule + nr_old, more, nr * sizeof(*more));
	return rules;
}

/**
 * flab_rules_match - what shall become of a fault
 * @rules: the region's rules, or NULL
 * @index: the page
 * @access: the callback
 *
 * Return: the verdict of the first rule that matches, plain serve without one.
 */
struct flab_verdict flab_rules_match(const struct flab_rules *rules,
				     pgoff_t index, enum flab_access access)
{
	u32 i;

	for (i = 0; rules && i < rules->nr; i++) {
		const struct flab_rule *r = &rules->rule[i];

		if (index >= r->first && index <= r->last &&
		    (r->access & BIT(access)))
			return r->verdict;
	}
	return (struct flab_verdict) { .verdict = FAULTLAB_VERDICT_SERVE };
}
