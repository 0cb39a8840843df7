// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which rules are valid. What would crash the kernel, leak or make a fault repeat for
 * ever is refused here, so that the fault path need not check for it.
 */
#include "env.h"
#include "faultlab_check.h"

#define MKWRITE		(FAULTLAB_ACCESS_MKWRITE | FAULTLAB_ACCESS_PFN_MKWRITE)
#define TOGETHER	(FAULTLAB_ACCESS_AROUND | FAULTLAB_ACCESS_HUGE)

static bool has_unknown_numbers(const struct faultlab_rule *rule)
{
	return rule->verdict >= FAULTLAB_NR_VERDICTS ||
	       (rule->access & ~FAULTLAB_ACCESS_ANY) || (rule->flags & ~FAULTLAB_RULE_ANY) ||
	       rule->delay_kind >= FAULTLAB_NR_DELAYS || rule->probability > FAULTLAB_ALWAYS;
}

static bool has_hits(const struct faultlab_rule *rule)
{
	return rule->hits;
}

static bool has_parts_of_pages(const struct faultlab_rule *rule)
{
	u64 page = PAGE_SIZE;

	return rule->offset % page || !rule->length ||
	       (rule->length != FAULTLAB_TO_END && rule->length % page);
}

static bool has_too_many_pages(const struct faultlab_rule *rule)
{
	return rule->length != FAULTLAB_TO_END && rule->offset + rule->length < rule->offset;
}

static bool is_fallback_of_fault(const struct faultlab_rule *rule)
{
	return rule->verdict == FAULTLAB_VERDICT_FALLBACK && (rule->access & ~TOGETHER);
}

static bool is_verdict_on_neighbours(const struct faultlab_rule *rule)
{
	return rule->verdict != FAULTLAB_VERDICT_FALLBACK &&
	       rule->verdict != FAULTLAB_VERDICT_SERVE && (rule->access & TOGETHER);
}

static bool is_major_mkwrite(const struct faultlab_rule *rule)
{
	return rule->verdict == FAULTLAB_VERDICT_MAJOR && (rule->access & MKWRITE);
}

static bool is_retry_mkwrite(const struct faultlab_rule *rule)
{
	return rule->verdict == FAULTLAB_VERDICT_RETRY && (rule->access & MKWRITE);
}

static bool is_beyond_hstates(const struct faultlab_rule *rule)
{
	return rule->verdict == FAULTLAB_VERDICT_HWPOISON_LARGE && rule->arg > 1;
}

static bool is_arg_of_another(const struct faultlab_rule *rule)
{
	return rule->verdict != FAULTLAB_VERDICT_HWPOISON_LARGE && rule->arg;
}

static bool is_unlocked_without_page(const struct faultlab_rule *rule)
{
	return (rule->flags & FAULTLAB_RULE_UNLOCKED) &&
	       rule->verdict != FAULTLAB_VERDICT_SERVE && rule->verdict != FAULTLAB_VERDICT_MAJOR;
}

static bool is_unlocked_mkwrite(const struct faultlab_rule *rule)
{
	return (rule->flags & FAULTLAB_RULE_UNLOCKED) && (rule->access & MKWRITE);
}

static bool is_oom_for_ever(const struct faultlab_rule *rule)
{
	return rule->verdict == FAULTLAB_VERDICT_OOM &&
	       (!rule->times || rule->times > FAULTLAB_MAX_TIMES);
}

static bool is_nopage_for_ever(const struct faultlab_rule *rule)
{
	return rule->verdict == FAULTLAB_VERDICT_NOPAGE &&
	       (!rule->times || rule->times > FAULTLAB_MAX_TIMES);
}

static bool has_condition(const struct faultlab_rule *rule)
{
	return rule->skip || rule->every > 1 || rule->times || rule->probability;
}

static bool is_more_on_neighbours(const struct faultlab_rule *rule)
{
	if (rule->verdict != FAULTLAB_VERDICT_FALLBACK && !(rule->access & TOGETHER))
		return false;
	return has_condition(rule) || rule->flags || rule->delay_kind || rule->delay_us ||
	       rule->delay_max_us;
}

static bool is_past_counting(const struct faultlab_rule *rule)
{
	return rule->times > S64_MAX;
}

static bool is_retry_that_holds(const struct faultlab_rule *rule)
{
	return rule->verdict == FAULTLAB_VERDICT_RETRY &&
	       (rule->flags & FAULTLAB_RULE_HOLD_LOCK);
}

static bool is_too_long(const struct faultlab_rule *rule)
{
	return rule->delay_us > FAULTLAB_MAX_DELAY_US ||
	       rule->delay_max_us > FAULTLAB_MAX_DELAY_US;
}

static bool is_held_too_long(const struct faultlab_rule *rule)
{
	return (rule->flags & FAULTLAB_RULE_HOLD_LOCK) &&
	       (rule->delay_us > FAULTLAB_MAX_HOLD_US ||
		rule->delay_max_us > FAULTLAB_MAX_HOLD_US);
}

static bool has_stray_longest_delay(const struct faultlab_rule *rule)
{
	return rule->delay_kind == FAULTLAB_DELAY_FIXED && rule->delay_max_us;
}

static bool is_range_turned_round(const struct faultlab_rule *rule)
{
	if (rule->delay_kind == FAULTLAB_DELAY_EXPONENTIAL && !rule->delay_max_us)
		return false;
	return (rule->delay_kind == FAULTLAB_DELAY_UNIFORM ||
		rule->delay_kind == FAULTLAB_DELAY_EXPONENTIAL) &&
	       rule->delay_max_us < rule->delay_us;
}

static bool is_mean_of_nothing(const struct faultlab_rule *rule)
{
	return rule->delay_kind == FAULTLAB_DELAY_EXPONENTIAL && !rule->delay_us;
}

static bool is_gate_with_time(const struct faultlab_rule *rule)
{
	return rule->delay_kind == FAULTLAB_DELAY_GATE && (rule->delay_us || rule->delay_max_us);
}

static bool is_gated_mkwrite(const struct faultlab_rule *rule)
{
	return rule->delay_kind == FAULTLAB_DELAY_GATE && (rule->access & MKWRITE) &&
	       !(rule->flags & FAULTLAB_RULE_HOLD_LOCK);
}

/* The first that applies is reported: general ones first, then the most helpful. */
static const struct {
	bool (*is)(const struct faultlab_rule *rule);
	const char *why;
} reasons[] = {
	{ has_unknown_numbers, FLAB_REASON(
	  "a field has a number or bit that means nothing.")
	},
	{ has_hits, FLAB_REASON(
	  "hits are counted by the module: a new rule has none.")
	},
	{ has_parts_of_pages, FLAB_REASON(
	  "a rule is for whole pages, and for one at least.")
	},
	{ has_too_many_pages, FLAB_REASON(
	  "no region has that many pages.")
	},
	{ is_fallback_of_fault, FLAB_REASON(
	  "VM_FAULT_FALLBACK from .fault reaches BUG(): it is in VM_FAULT_ERROR and no caller handles it there. It is for access=around,huge alone.")
	},
	{ is_verdict_on_neighbours, FLAB_REASON(
	  "access=around and huge are pages that would be mapped along with another's fault: they can be served, or left out by fallback, and meet any other verdict in a fault of their own.")
	},
	{ is_major_mkwrite, FLAB_REASON(
	  "VM_FAULT_MAJOR says nothing from .page_mkwrite or .pfn_mkwrite, which bring no page: major is for .fault.")
	},
	{ is_retry_mkwrite, FLAB_REASON(
	  "VM_FAULT_RETRY is for .fault: the core gives .page_mkwrite and .pfn_mkwrite no lock that they could drop.")
	},
	{ is_beyond_hstates, FLAB_REASON(
	  "hwpoison-large takes 0 or 1: the fault path looks up the hstate of that index unchecked, and there are two.")
	},
	{ is_arg_of_another, FLAB_REASON(
	  "only hwpoison-large takes an argument.")
	},
	{ is_unlocked_without_page, FLAB_REASON(
	  "unlocked goes with serve and major: no other verdict returns a page.")
	},
	{ is_unlocked_mkwrite, FLAB_REASON(
	  "unlocked is for .fault: .page_mkwrite and .pfn_mkwrite bring no page.")
	},
	{ is_oom_for_ever, FLAB_REASON(
	  "oom needs times=1 to 1000: VM_FAULT_OOM makes a process fault again at once, so it would spin for ever.")
	},
	{ is_nopage_for_ever, FLAB_REASON(
	  "nopage needs times=1 to 1000: nothing is mapped and the access faults again at once, so the task would spin for ever.")
	},
	{ is_more_on_neighbours, FLAB_REASON(
	  "fallback, and serve of around and huge, go without conditions, waits and flags: what is mapped along with another's fault is no fault that could be counted, and .map_pages must not sleep.")
	},
	{ is_past_counting, FLAB_REASON(
	  "times is 2^63 - 1 at most.")
	},
	{ is_retry_that_holds, FLAB_REASON(
	  "retry goes without hold-lock: VM_FAULT_RETRY says that the lock was dropped.")
	},
	{ is_too_long, FLAB_REASON(
	  "a fault waits for 60 s at most.")
	},
	{ is_held_too_long, FLAB_REASON(
	  "with hold-lock a fault waits for 1 s at most: munmap and fork of the whole process wait for that lock.")
	},
	{ has_stray_longest_delay, FLAB_REASON(
	  "a fixed delay has no longest one.")
	},
	{ is_range_turned_round, FLAB_REASON(
	  "the longest delay comes behind the dots, and is no shorter than what is before them.")
	},
	{ is_mean_of_nothing, FLAB_REASON(
	  "exp: wants an average above 0.")
	},
	{ is_gate_with_time, FLAB_REASON(
	  "a gate has no time of its own.")
	},
	{ is_gated_mkwrite, FLAB_REASON(
	  "mkwrite and pfn_mkwrite can be gated with hold-lock only: they cannot drop the lock and come again.")
	},
};

int faultlab_rule_check(const struct faultlab_rule *rule, const char **why)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (!reasons[i].is(rule))
			continue;
		if (why)
			*why = reasons[i].why;
		return -EINVAL;
	}
	return 0;
}

u32 faultlab_rule_accesses(const struct faultlab_rule *rule)
{
	struct faultlab_rule one = *rule;
	u32 can = 0;

	for (one.access = 1; one.access & FAULTLAB_ACCESS_ANY; one.access <<= 1)
		if (!faultlab_rule_check(&one, NULL))
			can |= one.access;
	return can;
}
