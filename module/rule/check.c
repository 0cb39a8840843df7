// SPDX-License-Identifier: GPL-2.0-only
/*
 * Validates a rule from user space, and converts it to struct flab_rule for the fault
 * path. common/rule_check.c checks all but the limit max_pages, which only the module
 * knows.
 */
#include <linux/errno.h>
#include "common/faultlab_check.h"
#include "rule/rule.h"

/**
 * flab_rule_check - check a rule from user space
 * @from: as user space wrote it
 * @max_pages: the largest size of a region
 * @to: out: the checked rule
 *
 * Return: 0, -EINVAL if the rule is not valid, -ENOSPC for a range past @max_pages.
 */
int flab_rule_check(const struct faultlab_rule *from, u64 max_pages, struct flab_rule *to)
{
	u64 max = max_pages << PAGE_SHIFT;
	u64 end = from->length == FAULTLAB_TO_END ? max : from->offset + from->length;
	int err = faultlab_rule_check(from, NULL);

	if (err)
		return err;
	if (from->offset >= max || end > max)
		return -ENOSPC;

	*to = (struct flab_rule) {
		.spec = *from,
		.first = from->offset >> PAGE_SHIFT,
		/* Not max: the range has no end, and max_pages can be raised later. */
		.last = from->length == FAULTLAB_TO_END ? ULONG_MAX :
							  (end >> PAGE_SHIFT) - 1,
		.access = from->access ?: faultlab_rule_accesses(from),
		.counts = faultlab_rule_has_condition(from) ||
			  from->delay_kind == FAULTLAB_DELAY_UNIFORM ||
			  from->delay_kind == FAULTLAB_DELAY_EXPONENTIAL,
	};
	return 0;
}
