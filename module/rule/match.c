// SPDX-License-Identifier: GPL-2.0-only
/* Matches a fault against the rules of a region: the first that matches decides. */
#include <linux/math64.h>
#include "rule/dice.h"
#include "rule/index.h"
#include "rule/rule.h"

/* Whether the conditions of a rule with @counts hold for the fault number @matched. */
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

/* See flab_rules_match(). @rules is not NULL; @v is written if a rule matches only. */
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
 * Find the rule that keeps pages of a span from being mapped along. If its verdict is
 * FALLBACK, which has no other use, count a hit.
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
 * @access: how the pages could be reached once they are mapped: FAULTLAB_ACCESS_*
 *
 * Conditions that count faults are not evaluated, so that the answer stays the same as
 * long as the rules do. If the answer is false because of a FALLBACK rule, that rule
 * counts a hit.
 *
 * Return: true if no rule but an unconditional plain serve can match.
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
