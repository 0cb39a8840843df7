/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds the rules that can match a page without checking all rules. */
#ifndef FLAB_RULE_INDEX_H
#define FLAB_RULE_INDEX_H

#include <linux/percpu.h>
#include <linux/types.h>
#include "rule/rule.h"

/**
 * struct flab_span - a range of pages that the same rules match, up to the next span
 * @first: first page
 * @rules: where the numbers of those rules begin in struct flab_rules_index.order
 * @nr: how many rules; the first that applies decides
 * @asked: accesses for which the rule that decides may be another than an unconditional
 *	plain serve, see flab_rule_is_plain()
 * @served: accesses of the first rule if it is an unconditional plain serve, else 0
 * @rule: the number of the rule that @served is about, from 0
 */
struct flab_span {
	pgoff_t first;
	u32 rules;
	u16 nr;
	u16 asked;
	u16 served;
	u16 rule;
};

/**
 * struct flab_rules_index - the spans of a list of rules
 * @nr: number of spans, at least 1: the first begins at page 0
 * @half: half of P, the power of two that @nr is rounded up to
 * @first: array of P entries for the search: the first page of each span, then ULONG_MAX,
 *	which is no page's number
 * @order: numbers of the rules of each span, without rules that never decide since an
 *	earlier one always applies
 * @span: the spans, by first page
 */
struct flab_rules_index {
	u32 nr;
	u32 half;
	pgoff_t *first;
	u16 *order;
	struct flab_span span[];
};

struct flab_rules_index *flab_rules_index_make(const struct flab_rules *rules);
void flab_rules_index_free(struct flab_rules_index *index);

/* The span of a page: a binary search, whose loop has no branch to mispredict. */
static __always_inline const struct flab_span *
flab_rules_span(const struct flab_rules_index *index, pgoff_t page)
{
	unsigned long step, i = 0;

	for (step = index->half; step; step >>= 1)
		i = index->first[i + step] <= page ? i + step : i;
	return index->span + i;
}

/**
 * flab_rules_serve - fast path: match a fault against an unconditional plain serve
 * @rules: the region's rules; the hits of a rule that matches are incremented
 * @page: the page
 * @access: FAULTLAB_ACCESS_* of the fault
 *
 * Finds the same rule as flab_rules_match(), but writes no verdict.
 *
 * Return: the number of the rule, from 1; 0 if flab_rules_match() must be called.
 */
static __always_inline u32 flab_rules_serve(struct flab_rules *rules, pgoff_t page, u32 access)
{
	const struct flab_span *span = flab_rules_span(rules->index, page);

	u32 nr = span->rule;

	if (!(span->served & access))
		return 0;
	this_cpu_inc(rules->hits[nr]);
	return nr + 1;
}

#endif /* FLAB_RULE_INDEX_H */
