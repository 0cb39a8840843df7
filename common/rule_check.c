// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks whether a rule is valid. Rules that would crash the kernel, leak memory or make a
 * fault repeat for ever are refused here, so that the fault path need not check for them.
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

/*
 * The last page of 2^64 bytes, which no region has. Rules as text have no such page
 * (flab_scan_pages()).
 */
static bool begins_at_last_page(const struct faultlab_rule *rule)
{
	return !(rule->offset + PAGE_SIZE);
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

bool faultlab_rule_has_condition(const struct faultlab_rule *rule)
{
	return rule->skip || rule->every > 1 || rule->times ||
	       (rule->probability && rule->probability != FAULTLAB_ALWAYS);
}

static bool is_more_on_neighbours(const struct faultlab_rule *rule)
{
	if (rule->verdict != FAULTLAB_VERDICT_FALLBACK && !(rule->access & TOGETHER))
		return false;
	return faultlab_rule_has_condition(rule) || rule->flags || rule->delay_kind ||
	       rule->delay_us || rule->delay_max_us;
}

/* The module compares times with a signed 64-bit counter (@fired of struct flab_rule). */
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

static_assert(FAULTLAB_NR_VERDICTS == 11, "what does the new verdict not go with? needs it times?");
static_assert(FAULTLAB_NR_ACCESSES == 9, "which verdicts, waits and flags has the new access?");
static_assert(FAULTLAB_NR_DELAYS == 4, "which limits has the new delay?");

/*
 * The first row that applies is reported. So general mistakes come first; of several rows
 * that can apply to the same rule, the one whose sentence helps most.
 */
static const struct {
	bool (*is)(const struct faultlab_rule *rule);
	int err;
	const char *why;
} reasons[] = {
	{ has_unknown_numbers, EINVAL, FLAB_REASON(
	  "a field has an unknown number or flag."
	) },
	{ has_hits, EINVAL, FLAB_REASON(
	  "hits must be 0: the module counts them."
	) },
	{ has_parts_of_pages, EINVAL, FLAB_REASON(
	  "offset and length must be multiples of the page size, and length above 0."
	) },
	{ has_too_many_pages, EINVAL, FLAB_REASON(
	  "offset + length does not fit in 64 bits."
	) },
	{ begins_at_last_page, ENOSPC, FLAB_REASON(
	  "no region is so large that it has the page at offset."
	) },
	{ is_fallback_of_fault, EINVAL, FLAB_REASON(
	  "VM_FAULT_FALLBACK from .fault reaches BUG(): it is in VM_FAULT_ERROR, and no caller of .fault handles it. Use fallback with access=around,huge only."
	) },
	{ is_verdict_on_neighbours, EINVAL, FLAB_REASON(
	  "access=around and huge select pages that are mapped along with another page's fault: they can only be mapped (serve) or left out (fallback). For another verdict use the access of the page's own fault, as read or write."
	) },
	{ is_major_mkwrite, EINVAL, FLAB_REASON(
	  "major is for .fault (access=read,write,cow): .page_mkwrite and .pfn_mkwrite return no page, and the core ignores VM_FAULT_MAJOR from them."
	) },
	{ is_retry_mkwrite, EINVAL, FLAB_REASON(
	  "retry is for .fault (access=read,write,cow): .page_mkwrite and .pfn_mkwrite must not drop the lock, and the core does not handle VM_FAULT_RETRY from them."
	) },
	{ is_beyond_hstates, EINVAL, FLAB_REASON(
	  "hwpoison-large takes the index of an hstate, 0 or 1: there are two, and the fault path does not check the index."
	) },
	{ is_arg_of_another, EINVAL, FLAB_REASON(
	  "only hwpoison-large takes an argument."
	) },
	{ is_unlocked_without_page, EINVAL, FLAB_REASON(
	  "unlocked needs the verdict serve or major: no other verdict returns a page."
	) },
	{ is_unlocked_mkwrite, EINVAL, FLAB_REASON(
	  "unlocked is for .fault (access=read,write,cow): .page_mkwrite and .pfn_mkwrite return no page."
	) },
	{ is_oom_for_ever, EINVAL, FLAB_REASON(
	  "oom needs times=1 to 1000: VM_FAULT_OOM makes a process fault again at once, so it would spin for ever."
	) },
	{ is_nopage_for_ever, EINVAL, FLAB_REASON(
	  "nopage needs times=1 to 1000: nothing is mapped and the access faults again at once, so the task would spin for ever."
	) },
	{ is_more_on_neighbours, EINVAL, FLAB_REASON(
	  "fallback, and serve with access=around or huge, cannot have skip=, every=, times=, probability=, delay=, gate, hold-lock, unlocked or stack: pages that are mapped along with another page's fault are not counted as faults, and .map_pages must not sleep."
	) },
	{ is_past_counting, EINVAL, FLAB_REASON(
	  "times= can be 2^63 - 1 at most."
	) },
	{ is_retry_that_holds, EINVAL, FLAB_REASON(
	  "retry cannot have hold-lock: VM_FAULT_RETRY means that the lock was dropped."
	) },
	{ is_too_long, EINVAL, FLAB_REASON(
	  "a delay can be 60 s at most."
	) },
	{ is_held_too_long, EINVAL, FLAB_REASON(
	  "with hold-lock a delay can be 1 s at most: munmap() and fork() of the whole process wait for that lock."
	) },
	{ has_stray_longest_delay, EINVAL, FLAB_REASON(
	  "delay_max_us must be 0 with a fixed delay."
	) },
	{ is_range_turned_round, EINVAL, FLAB_REASON(
	  "in delay=A..B and delay=exp:A..B, B must not be less than A."
	) },
	{ is_mean_of_nothing, EINVAL, FLAB_REASON(
	  "delay=exp: needs a mean above 0."
	) },
	{ is_gate_with_time, EINVAL, FLAB_REASON(
	  "delay_us and delay_max_us must be 0 with a gate."
	) },
	{ is_gated_mkwrite, EINVAL, FLAB_REASON(
	  "gate with access=mkwrite or pfn_mkwrite needs hold-lock: these callbacks cannot drop the lock and be called again."
	) },
};

int faultlab_rule_check(const struct faultlab_rule *rule, const char **why)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (!reasons[i].is(rule))
			continue;
		if (why)
			*why = reasons[i].why;
		return -reasons[i].err;
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
