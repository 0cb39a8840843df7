// SPDX-License-Identifier: GPL-2.0-only
/* Makes and frees lists of rules, and copies a list's counts, or its rules for user space. */
#include <linux/slab.h>
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
 * Return: the list; NULL if it would be empty; ERR_PTR(-ENOSPC) past
 * FAULTLAB_MAX_RULES; or ERR_PTR(-ENOMEM).
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
	/* data_race(): the counts still change. flab_rules_carry() copies them once they do not. */
	if (nr_old)
		data_race(memcpy(rules->rule, old->rule, nr_old * sizeof(*more))); /* see above */
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

/* Copy all rules as user space wrote them, and their hits. @to has room for rules->nr. */
void flab_rules_show(const struct flab_rules *rules, struct faultlab_rule *to)
{
	u32 i;

	for (i = 0; i < rules->nr; i++) {
		to[i] = rules->rule[i].spec;
		to[i].hits = flab_rule_hits(rules, i);
	}
}
