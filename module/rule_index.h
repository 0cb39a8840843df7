/* SPDX-License-Identifier: GPL-2.0-only */
/* Which rules can be about a page, found without asking all of them. */
#ifndef FLAB_RULE_INDEX_H
#define FLAB_RULE_INDEX_H

#include <linux/types.h>

struct flab_rules;

/**
 * struct flab_span - pages that the same rules are about, up to the next span
 * @first: first page
 * @rules: where the numbers of those rules begin in struct flab_rules_index.order
 * @nr: how many they are; the first that applies wins
 * @asked: accesses that some rule but unconditional plain serve has a say in
 */
struct flab_span {
	pgoff_t first;
	u32 rules;
	u16 nr;
	u16 asked;
};

/**
 * struct flab_rules_index - the spans of a list of rules
 * @nr: how many, at least 1: the first begins at page 0
 * @order: numbers of rules; those that others always win over are left out
 * @span: by page
 */
struct flab_rules_index {
	u32 nr;
	u16 *order;
	struct flab_span span[];
};

struct flab_rules_index *flab_rules_index_make(const struct flab_rules *rules);
void flab_rules_index_free(struct flab_rules_index *index);

/* The span that a page lies in. Halves without a branch that could be foretold wrongly. */
static inline const struct flab_span *
flab_rules_span(const struct flab_rules_index *index, pgoff_t page)
{
	const struct flab_span *span = index->span;
	u32 nr = index->nr;

	while (nr > 1) {
		u32 half = nr / 2;

		span += span[half].first <= page ? half : 0;
		nr -= half;
	}
	return span;
}

#endif /* FLAB_RULE_INDEX_H */
