/* SPDX-License-Identifier: GPL-2.0-only */
/* Which rules can match a page, found without looking at all of them. */
#ifndef FLAB_RULE_INDEX_H
#define FLAB_RULE_INDEX_H

#include <linux/percpu.h>
#include <linux/types.h>
#include "rule/rule.h"

/**
 * struct flab_span - pages that the same rules are about, up to the next span
 * @first: first page
 * @rules: where the numbers of those rules begin in struct flab_rules_index.order
 * @nr: how many they are; the first that applies wins
 * @asked: accesses that some rule but unconditional plain serve has a say in
 * @served: accesses that the first of the rules serves, plain and unconditional
 * @rule: the number of that rule, from 0
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
 * @nr: how many, at least 1: the first begins at page 0
 * @half: of the next power of two
 * @first: where they begin, once more, side by side; up to that power of two, and what
 *	is too many begins nowhere
 * @order: numbers of rules; those that others always win over are left out
 * @span: by page
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

/* The span that a page lies in. No branch in the loop that could be foretold wrongly. */
static __always_inline const struct flab_span *
flab_rules_span(const struct flab_rules_index *index, pgoff_t page)
{
	unsigned long step, i = 0;

	for (step = index->half; step; step >>= 1)
		i = index->first[i + step] <= page ? i + step : i;
	return index->span + i;
}

/**
 * flab_rules_serve - find the rule that serves a fault, where that is soon said
 * @rules: the region's rules; one that is found counts it
 * @page: the page
 * @access: what it is: FAULTLAB_ACCESS_*
 *
 * What flab_rules_match() would say, without a verdict being written.
 *
 * Return: the number of the rule, from 1; 0 for who has to ask flab_rules_match().
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
