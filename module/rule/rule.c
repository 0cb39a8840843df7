// SPDX-License-Identifier: GPL-2.0-only
/* Matches a fault against the rules of a region: the first that matches decides. */
#include <linux/math64.h>
#include <linux/slab.h>
#include "rule/dice.h"
#include "rule/index.h"
#include "rule/rule.h"

void flab_rules_free(struct flab_rules *rules)
{
	if (rules) {
		flab_rules_index_free(rules->index);
		free_percpu(rules->hits);
	}
	kvfree(rules);
}

/**
 * flab_rules_join - make a new list of rules
 * @old: rules that come first, or NULL; flab_rules_carry() then copies their counts
 * @more: rules that are appended
 * @nr: how many of @more
 *
 * Return: the list; NULL for an empty one; ERR_PTR(-ENOSPC) or ERR_PTR(-ENOMEM).
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
	rules->index = flab_rules_index_make(rules);
	rules->hits = __alloc_percpu_gfp(rules->nr * sizeof(u64), sizeof(u64),
					 GFP_KERNEL_ACCOUNT);
	if (!rules->index || !rules->hits) {
		flab_rules_free(rules);
		return ERR_PTR(-ENOMEM);
	}
	return rules;
}

static u64 flab_rule_hits(const struct flab_rules *rules, u32 i)
{
	const struct flab_rule *r = &rules->rule[i];
	u64 hits = r->hits_before;
	int cpu;

	if (r->counts)
		return hits + atomic64_read(&r->fired);
	for_each_possible_cpu(cpu)
		hits += READ_ONCE(*per_cpu_ptr(rules->hits + i, cpu));
	return hits;
}

/**
 * flab_rules_carry - copy the counts of the old rules to a joined list
 * @rules: from flab_rules_join()
 * @old: the list that it was made from; no fault matches against it any more
 */
void flab_rules_carry(struct flab_rules *rules, const struct flab_rules *old)
{
	u32 i;

	for (i = 0; i < old->nr; i++) {
		struct flab_rule *r = &rules->rule[i];

		if (r->counts) {
			atomic64_set(&r->matched, atomic64_read(&old->rule[i].matched));
			atomic64_set(&r->fired, atomic64_read(&old->rule[i].fired));
		} else {
			r->hits_before = flab_rule_hits(old, i);
		}
	}
}

/* All rules as user space wrote them, with their hits. @to has room for rules->nr. */
void flab_rules_show(const struct flab_rules *rules, struct faultlab_rule *to)
{
	u32 i;

	for (i = 0; i < rules->nr; i++) {
		to[i] = rules->rule[i].spec;
		to[i].hits = flab_rule_hits(rules, i);
	}
}

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
