// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules by page. The first and last pages of all rules divide the region into spans; within
 * a span the same rules match every page. A fault finds its span by binary search.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "rule/index.h"
#include "rule/rule.h"

static int flab_span_compare(const void *a, const void *b)
{
	pgoff_t left = ((const struct flab_span *)a)->first;
	pgoff_t right = ((const struct flab_span *)b)->first;

	return left < right ? -1 : left > right;
}

/*
 * Find the spans' first pages: page 0, each rule's first page and the page after its last,
 * sorted and without duplicates.
 */
static void flab_index_cut(const struct flab_rules *rules, struct flab_rules_index *index)
{
	struct flab_span *span = index->span;
	u32 i, to = 0, nr = 0;

	span[nr++].first = 0;
	for (i = 0; i < rules->nr; i++) {
		span[nr++].first = rules->rule[i].first;
		if (rules->rule[i].last != ULONG_MAX)
			span[nr++].first = rules->rule[i].last + 1;
	}
	sort(span, nr, sizeof(*span), flab_span_compare, NULL);
	for (i = 1; i < nr; i++)
		if (span[i].first != span[to].first)
			span[++to].first = span[i].first;
	index->nr = to + 1;
}

/*
 * Find the rules that match a span. A rule is left out if for each of its accesses an
 * earlier rule always applies. Store the numbers of the rules in @order; if @order is
 * NULL, only count the rules.
 */
static void flab_span_fill(const struct flab_rules *rules, struct flab_span *span, u16 *order)
{
	u32 i, left = FAULTLAB_ACCESS_ANY;

	span->nr = 0;
	span->asked = 0;
	span->served = 0;
	for (i = 0; i < rules->nr && left; i++) {
		const struct flab_rule *r = &rules->rule[i];

		if (span->first < r->first || span->first > r->last || !(r->access & left))
			continue;
		if (order)
			order[span->nr] = i;
		if (!flab_rule_is_plain(r)) {
			span->asked |= r->access & left;
		} else if (!span->nr) {
			span->served = r->access;
			span->rule = i;
		}
		span->nr++;
		if (!r->counts)
			left &= ~r->access;
	}
}

void flab_rules_index_free(struct flab_rules_index *index)
{
	if (index) {
		kvfree(index->first);
		kvfree(index->order);
	}
	kvfree(index);
}

/* Copy the spans' first pages to index->first, padded with ULONG_MAX: no page's number. */
static int flab_index_lay_out(struct flab_rules_index *index)
{
	u32 i, nr = roundup_pow_of_two(index->nr);

	index->half = nr / 2;
	index->first = kvmalloc_array(nr, sizeof(*index->first), GFP_KERNEL_ACCOUNT);
	if (!index->first)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		index->first[i] = i < index->nr ? index->span[i].first : ULONG_MAX;
	return 0;
}

/**
 * flab_rules_index_make - make the index of rules by page
 * @rules: at least one rule; only their counts may change afterwards
 *
 * Return: the index, or NULL if out of memory.
 */
struct flab_rules_index *flab_rules_index_make(const struct flab_rules *rules)
{
	struct flab_rules_index *index;
	u32 i, nr = 0;

	index = kvzalloc(struct_size(index, span, 2 * rules->nr + 1), GFP_KERNEL_ACCOUNT);
	if (!index)
		return NULL;
	flab_index_cut(rules, index);
	for (i = 0; i < index->nr; i++) {
		flab_span_fill(rules, &index->span[i], NULL);
		index->span[i].rules = nr;
		nr += index->span[i].nr;
		cond_resched();
	}
	index->order = kvmalloc_array(nr, sizeof(*index->order), GFP_KERNEL_ACCOUNT);
	if (!index->order || flab_index_lay_out(index)) {
		flab_rules_index_free(index);
		return NULL;
	}
	for (i = 0; i < index->nr; i++) {
		flab_span_fill(rules, &index->span[i], index->order + index->span[i].rules);
		cond_resched();
	}
	return index;
}
