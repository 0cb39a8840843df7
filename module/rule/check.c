// SPDX-License-Identifier: GPL-2.0-only
/*
 * Validates rules from user space. Rules that would crash the kernel, leak or make a
 * fault repeat for ever are refused here, so that the fault path need not check for
 * them.
 */
#include <linux/errno.h>
#include <linux/overflow.h>
#include "rule/rule.h"

#define FLAB_IN_FAULT	(FAULTLAB_ACCESS_READ | FAULTLAB_ACCESS_WRITE | \
			 FAULTLAB_ACCESS_COW | FAULTLAB_ACCESS_EXEC | \
			 FAULTLAB_ACCESS_REMOTE)
#define FLAB_IN_MKWRITE	(FAULTLAB_ACCESS_MKWRITE | FAULTLAB_ACCESS_PFN_MKWRITE)
#define FLAB_CALLBACK	(FLAB_IN_FAULT | FLAB_IN_MKWRITE)
#define FLAB_ALONG	(FAULTLAB_ACCESS_AROUND | FAULTLAB_ACCESS_HUGE)

/**
 * struct flab_verdict_limits - what a rule with a verdict may contain
 * @access: FAULTLAB_ACCESS_* allowed
 * @flags: FAULTLAB_RULE_* allowed
 * @max_arg: highest arg
 * @finite: needs a limit (times): without one the access would fault for ever
 */
struct flab_verdict_limits {
	u32 access;
	u32 flags;
	u32 max_arg;
	bool finite;
};

static const struct flab_verdict_limits flab_limits[FAULTLAB_NR_VERDICTS] = {
	[FAULTLAB_VERDICT_SERVE] = {
		.access = FAULTLAB_ACCESS_ANY,
		.flags = FAULTLAB_RULE_HOLD_LOCK | FAULTLAB_RULE_UNLOCKED |
			 FAULTLAB_RULE_STACK,
	},
	/* A mkwrite does not bring in a page, so it cannot be major. */
	[FAULTLAB_VERDICT_MAJOR] = {
		.access = FLAB_IN_FAULT,
		.flags = FAULTLAB_RULE_HOLD_LOCK | FAULTLAB_RULE_UNLOCKED |
			 FAULTLAB_RULE_STACK,
	},
	/* wp_pfn_shared() ignores a retry, do_page_mkwrite() hides ALLOW_RETRY. */
	[FAULTLAB_VERDICT_RETRY] = {
		.access = FLAB_IN_FAULT,
		.flags = FAULTLAB_RULE_STACK,
	},
	[FAULTLAB_VERDICT_SIGBUS] = {
		.access = FLAB_CALLBACK,
		.flags = FAULTLAB_RULE_HOLD_LOCK | FAULTLAB_RULE_STACK,
	},
	/* pagefault_out_of_memory() lets the task try again, for ever. */
	[FAULTLAB_VERDICT_OOM] = {
		.access = FLAB_CALLBACK,
		.flags = FAULTLAB_RULE_HOLD_LOCK | FAULTLAB_RULE_STACK,
		.finite = true,
	},
	[FAULTLAB_VERDICT_HWPOISON] = {
		.access = FLAB_CALLBACK,
		.flags = FAULTLAB_RULE_HOLD_LOCK | FAULTLAB_RULE_STACK,
	},
	/* The kernel does not check this index into hstates[]: allow existing ones. */
	[FAULTLAB_VERDICT_HWPOISON_LARGE] = {
		.access = FLAB_CALLBACK,
		.flags = FAULTLAB_RULE_HOLD_LOCK | FAULTLAB_RULE_STACK,
		.max_arg = 1,
	},
	[FAULTLAB_VERDICT_SIGSEGV] = {
		.access = FLAB_CALLBACK,
		.flags = FAULTLAB_RULE_HOLD_LOCK | FAULTLAB_RULE_STACK,
	},
	[FAULTLAB_VERDICT_NOPAGE] = {
		.access = FLAB_CALLBACK,
		.flags = FAULTLAB_RULE_HOLD_LOCK | FAULTLAB_RULE_STACK,
		.finite = true,
	},
	/* Not from .fault: being in VM_FAULT_ERROR, it would reach a BUG(). */
	[FAULTLAB_VERDICT_FALLBACK] = {
		.access = FLAB_ALONG,
	},
	[FAULTLAB_VERDICT_UNPLUG] = {
		.access = FLAB_CALLBACK,
		.flags = FAULTLAB_RULE_HOLD_LOCK | FAULTLAB_RULE_STACK,
	},
};

static bool flab_spec_has_condition(const struct faultlab_rule *r)
{
	return r->skip || r->every > 1 || r->times || r->probability;
}

/* Return: 0, or -EINVAL for a delay that is not possible. */
static int flab_spec_check_delay(const struct faultlab_rule *r)
{
	u64 limit = r->flags & FAULTLAB_RULE_HOLD_LOCK ? FAULTLAB_MAX_HOLD_US :
							 FAULTLAB_MAX_DELAY_US;

	if (r->delay_us > limit || r->delay_max_us > limit)
		return -EINVAL;
	switch (r->delay_kind) {
	case FAULTLAB_DELAY_FIXED:
		return r->delay_max_us ? -EINVAL : 0;
	case FAULTLAB_DELAY_UNIFORM:
		return r->delay_max_us < r->delay_us ? -EINVAL : 0;
	case FAULTLAB_DELAY_EXPONENTIAL:
		if (!r->delay_us || (r->delay_max_us && r->delay_max_us < r->delay_us))
			return -EINVAL;
		return 0;
	case FAULTLAB_DELAY_GATE:
		return r->delay_us || r->delay_max_us ? -EINVAL : 0;
	}
	return -EINVAL;
}

/* FAULTLAB_ACCESS_* that the rule may match, by its verdict, conditions and delay. */
static u32 flab_spec_access(const struct faultlab_rule *r)
{
	u32 can = flab_limits[r->verdict].access;

	/* Pages mapped along with others have no callback to count or to delay. */
	if (flab_spec_has_condition(r) || r->flags || r->delay_us ||
	    r->delay_kind != FAULTLAB_DELAY_FIXED)
		can &= FLAB_CALLBACK;
	if (r->flags & FAULTLAB_RULE_UNLOCKED)
		can &= FLAB_IN_FAULT;
	/* A gate has no time limit, so the callback must be able to drop its lock. */
	if (r->delay_kind == FAULTLAB_DELAY_GATE && !(r->flags & FAULTLAB_RULE_HOLD_LOCK))
		can &= FLAB_IN_FAULT;
	return can;
}

static int flab_spec_check(const struct faultlab_rule *r)
{
	const struct flab_verdict_limits *limits;

	if (r->verdict >= FAULTLAB_NR_VERDICTS)
		return -EINVAL;
	limits = &flab_limits[r->verdict];
	if ((r->flags & ~limits->flags) || r->arg > limits->max_arg || r->hits ||
	    r->probability > FAULTLAB_ALWAYS)
		return -EINVAL;
	if (limits->finite && (!r->times || r->times > FAULTLAB_MAX_TIMES))
		return -EINVAL;
	/* @times is compared with @fired, a signed atomic64_t: no overflow. */
	if (r->times > S64_MAX)
		return -EINVAL;
	if (r->access & ~flab_spec_access(r) || !flab_spec_access(r))
		return -EINVAL;
	return flab_spec_check_delay(r);
}

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
	u64 end;
	int err;

	err = flab_spec_check(from);
	if (err)
		return err;

	if (!IS_ALIGNED(from->offset, PAGE_SIZE) || !from->length)
		return -EINVAL;
	end = max_pages << PAGE_SHIFT;
	if (from->length != FAULTLAB_TO_END &&
	    (!IS_ALIGNED(from->length, PAGE_SIZE) ||
	     check_add_overflow(from->offset, from->length, &end)))
		return -EINVAL;
	if (from->offset >= max_pages << PAGE_SHIFT || end > max_pages << PAGE_SHIFT)
		return -ENOSPC;

	*to = (struct flab_rule) {
		.spec = *from,
		.first = from->offset >> PAGE_SHIFT,
		/* ULONG_MAX, as max_pages can be raised later. */
		.last = from->length == FAULTLAB_TO_END ? ULONG_MAX :
							  (end >> PAGE_SHIFT) - 1,
		.access = from->access ?: flab_spec_access(from),
		.counts = flab_spec_has_condition(from) ||
			  from->delay_kind == FAULTLAB_DELAY_UNIFORM ||
			  from->delay_kind == FAULTLAB_DELAY_EXPONENTIAL,
	};
	return 0;
}
