// SPDX-License-Identifier: GPL-2.0-only
/* Matches a fault against the rules of a region: the first that matches decides. */
#include <linux/math64.h>
#include "rule/dice.h"
#include "rule/index.h"
#include "rule/rule.h"

/*
 * Whether the conditions of a rule with @counts hold for a fault that it matches. If so,
 * count that in @fired. @matched: how many faults the rule has matched before.
 */
static bool flab_rule_fires(struct flab_rule *r, u64 matched)
{
	const struct faultlab_rule *spec = &r->spec;
	u64 rest = 0;

	if (matched < spec->skip)
		return false;
	if (spec->every > 1)
		div64_u64_rem(matched - spec->skip, spec->every, &rest);
	if (rest)
		return false;
	if (spec->probability &&
	    flab_dice_millionths(spec->seed, matched) >= spec->probability)
		return false;
	if (spec->times)
		return atomic64_fetch_add_unless(&r->fired, 1, spec->times) != spec->times;
	atomic64_inc(&r->fired);
	return true;
}

static u64 flab_rule_draw_delay(const struct faultlab_rule *spec, u64 matched)
{
	static_assert(FAULTLAB_NR_DELAYS == 4, "is the new delay random?");

	switch (spec->delay_kind) {
	case FAULTLAB_DELAY_UNIFORM:
		return flab_dice_uniform(spec->seed, matched, spec->delay_us,
					 spec->delay_max_us);
	case FAULTLAB_DELAY_EXPONENTIAL:
		return min(flab_dice_exponential(spec->seed, matched, spec->delay_us),
			   spec->delay_max_us ?: FAULTLAB_MAX_DELAY_US);
	}
	return spec->delay_us;
}

/* See flab_rules_match(). @rules is not NULL; @v is written only if a rule applies. */
void __flab_rules_match(struct flab_rules *rules, pgoff_t index, u32 access,
			struct flab_verdict *v)
{
	const struct flab_span *span = flab_rules_span(rules->index, index);
	u32 i;

	for (i = 0; i < span->nr; i++) {
		u32 nr = rules->index->order[span->rules + i];
		struct flab_rule *r = &rules->rule[nr];
		u64 matched = 0;

		if (!(r->access & access))
			continue;
		if (r->counts) {
			matched = atomic64_fetch_inc(&r->matched);
			if (!flab_rule_fires(r, matched))
				continue;
		} else {
			this_cpu_inc(rules->hits[nr]);
		}
		*v = (struct flab_verdict) {
			.verdict = r->spec.verdict,
			.rule = nr + 1,
			.flags = r->spec.flags,
			.arg = r->spec.arg,
			.delay = r->spec.delay_kind,
			.delay_us = flab_rule_draw_delay(&r->spec, matched),
			.kernel_mode = r->kernel_mode,
		};
		return;
	}
}

/*
 * Pages of a span are not mapped along with another page, because of a rule. Find the
 * rule, and count a hit if its verdict is FALLBACK: such a rule has no other effect that
 * could be counted. Other rules count hits when they decide a fault.
 */
static void flab_span_refuse(struct flab_rules *rules, const struct flab_span *span,
			     u32 access)
{
	u32 i;

	for (i = 0; i < span->nr; i++) {
		u32 nr = rules->index->order[span->rules + i];
		const struct flab_rule *r = &rules->rule[nr];

		if (!(r->access & access))
			continue;
		if (!flab_rule_is_plain(r)) {
			if (r->spec.verdict == FAULTLAB_VERDICT_FALLBACK)
				this_cpu_inc(rules->hits[nr]);
			return;
		}
		access &= ~r->access;
	}
}

/**
 * flab_rules_plain - whether pages may be mapped without a verdict on each
 * @rules: the region's rules, or NULL
 * @first: first page
 * @last: last page, inclusive
 * @access: AROUND or HUGE, and the FAULTLAB_ACCESS_* that cause no fault any more once the
 *	pages are mapped
 *
 * A rule with conditions is taken as if it applied: its count of faults is not changed.
 * So the answer stays the same until the rules are replaced. If the answer is false
 * because of a FALLBACK rule, that rule counts a hit.
 *
 * Return: true if every rule that may decide is an unconditional plain serve, see
 * flab_rule_is_plain().
 */
bool flab_rules_plain(struct flab_rules *rules, pgoff_t first, pgoff_t last,
		      u32 access)
{
	const struct flab_span *span, *end;

	if (!rules)
		return true;
	end = rules->index->span + rules->index->nr;
	for (span = flab_rules_span(rules->index, first);
	     span < end && span->first <= last; span++) {
		if (!(span->asked & access))
			continue;
		flab_span_refuse(rules, span, access);
		return false;
	}
	return true;
}
