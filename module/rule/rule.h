/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules: facts about a fault in, a verdict out. Calls no mm function. */
#ifndef FLAB_RULE_H
#define FLAB_RULE_H

#include <linux/atomic.h>
#include <linux/faultlab.h>
#include <linux/percpu.h>
#include <linux/types.h>

/**
 * struct flab_verdict - how a fault shall end
 * @verdict: enum faultlab_verdict
 * @rule: number of the rule that says so, from 1; 0 if none does
 * @flags: FAULTLAB_RULE_*
 * @arg: of the verdict
 * @delay: enum faultlab_delay: what to wait for first
 * @delay_us: how long, as it was drawn
 * @kernel_mode: wait also where the kernel faults on behalf of a task, and may
 *	hold locks that others need
 */
struct flab_verdict {
	u32 verdict;
	u32 rule;
	u32 flags;
	u32 arg;
	u32 delay;
	u64 delay_us;
	bool kernel_mode;
};

/**
 * struct flab_rule - a rule in the form that the fault path matches
 * @spec: as user space wrote it
 * @first: first page
 * @last: last page, inclusive
 * @access: which faults: FAULTLAB_ACCESS_*, none left to be guessed
 * @kernel_mode: see struct flab_verdict
 * @counts: must see each fault in turn: it has a condition, or draws its delays
 * @seen: faults in range that were seen, if @counts
 * @fired: to how many of them it applied, if @counts
 * @hits_before: hits in lists of rules that this one has replaced
 */
struct flab_rule {
	struct faultlab_rule spec;
	pgoff_t first;
	pgoff_t last;
	u32 access;
	bool kernel_mode;
	bool counts;
	atomic64_t seen;
	atomic64_t fired;
	u64 hits_before;
};

/* Only then it makes a difference whether it may wait in the kernel: @kernel_mode. */
static inline bool flab_rule_waits(const struct flab_rule *r)
{
	return r->spec.delay_us || r->spec.delay_kind != FAULTLAB_DELAY_FIXED;
}

/* Something plain: the page may be mapped without asking again. */
static inline bool flab_rule_is_plain(const struct flab_rule *r)
{
	return r->spec.verdict == FAULTLAB_VERDICT_SERVE && !r->counts &&
	       !r->spec.flags && !r->spec.delay_us &&
	       r->spec.delay_kind == FAULTLAB_DELAY_FIXED;
}

struct flab_rules_index;

/**
 * struct flab_rules - the rules of a region; but for counts never changed
 * @nr: how many, at least 1
 * @index: which of them are about a page
 * @hits: of each, for rules that do not count for themselves: on a busy page
 *	they are hit from every CPU at once
 * @rule: the first that applies wins
 */
struct flab_rules {
	u32 nr;
	struct flab_rules_index *index;
	u64 __percpu *hits;
	struct flab_rule rule[] __counted_by(nr);
};

int flab_rule_check(const struct faultlab_rule *from, u64 max_pages, struct flab_rule *to);
struct flab_rules *flab_rules_join(const struct flab_rules *old,
				   const struct flab_rule *more, u32 nr);
void flab_rules_carry(struct flab_rules *rules, const struct flab_rules *old);
void flab_rules_free(struct flab_rules *rules);
void flab_rules_show(const struct flab_rules *rules, struct faultlab_rule *to);

void __flab_rules_match(struct flab_rules *rules, pgoff_t index, u32 access,
			struct flab_verdict *v);
bool flab_rules_plain(struct flab_rules *rules, pgoff_t first, pgoff_t last,
		      u32 access);

/**
 * flab_rules_match - what shall become of a fault
 * @rules: the region's rules, or NULL; those that apply to it count it
 * @index: the page
 * @access: what it is: FAULTLAB_ACCESS_*
 * @v: gets the verdict of the first rule that applies, plain serve without one
 */
static inline void flab_rules_match(struct flab_rules *rules, pgoff_t index, u32 access,
				    struct flab_verdict *v)
{
	*v = (struct flab_verdict) { .verdict = FAULTLAB_VERDICT_SERVE };
	if (unlikely(rules))
		__flab_rules_match(rules, index, access, v);
}

/* Whether there is something to be done before the outcome. */
static inline bool flab_verdict_waits(const struct flab_verdict *v)
{
	return v->delay_us || v->delay == FAULTLAB_DELAY_GATE ||
	       v->verdict == FAULTLAB_VERDICT_RETRY;
}

#endif /* FLAB_RULE_H */
