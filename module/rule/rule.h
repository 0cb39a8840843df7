/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules, and the verdict on a fault by a region's rules. Calls no mm function. */
#ifndef FLAB_RULE_H
#define FLAB_RULE_H

#include <linux/atomic.h>
#include <linux/faultlab.h>
#include <linux/percpu.h>
#include <linux/types.h>

/**
 * struct flab_verdict - how a fault shall end
 * @verdict: enum faultlab_verdict
 * @rule: number of the rule that matched, from 1; 0 if none did
 * @flags: FAULTLAB_RULE_*
 * @arg: argument of the verdict
 * @delay: enum faultlab_delay: what to wait for first
 * @delay_us: how long to wait; a random time is already drawn
 * @kernel_mode: also wait if the kernel faults on behalf of a task; the kernel may then
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
 * @access: FAULTLAB_ACCESS_* that it matches; never 0, which means "any" in @spec
 * @kernel_mode: see struct flab_verdict
 * @counts: the rule has a condition or a random delay, which depend on the number of
 *	faults that it has matched
 * @matched: how many faults it has matched, if @counts
 * @fired: to how many of them it applied, if @counts
 * @hits_before: if not @counts: hits that were counted before the rule was copied to this
 *	list (flab_rules_carry())
 */
struct flab_rule {
	struct faultlab_rule spec;
	pgoff_t first;
	pgoff_t last;
	u32 access;
	bool kernel_mode;
	bool counts;
	atomic64_t matched;
	atomic64_t fired;
	u64 hits_before;
};

/* Whether the rule has a delay: without one, @kernel_mode makes no difference. */
static inline bool flab_rule_waits(const struct flab_rule *r)
{
	return r->spec.delay_us || r->spec.delay_kind != FAULTLAB_DELAY_FIXED;
}

/*
 * Whether the rule is an unconditional plain serve: verdict SERVE without condition, flag
 * or delay. Pages may be mapped before they fault if only such rules match them.
 */
static inline bool flab_rule_is_plain(const struct flab_rule *r)
{
	return r->spec.verdict == FAULTLAB_VERDICT_SERVE && !r->counts &&
	       !r->spec.flags && !r->spec.delay_us &&
	       r->spec.delay_kind == FAULTLAB_DELAY_FIXED;
}

struct flab_rules_index;

/**
 * struct flab_rules - the rules of a region; never changed, except for their counts
 * @nr: how many, at least 1
 * @index: finds the rules that can match a page
 * @hits: hits of each rule without @counts. Per CPU, since faults on many CPUs may hit
 *	the same rule at the same time
 * @rule: the rules; the first that applies decides
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
 * flab_rules_match - find the verdict on a fault
 * @rules: the region's rules, or NULL; the counts of rules that match are incremented
 * @index: the page
 * @access: FAULTLAB_ACCESS_* of the fault
 * @v: out: the verdict of the first rule that applies; plain serve if none does
 */
static inline void flab_rules_match(struct flab_rules *rules, pgoff_t index, u32 access,
				    struct flab_verdict *v)
{
	*v = (struct flab_verdict) { .verdict = FAULTLAB_VERDICT_SERVE };
	if (unlikely(rules))
		__flab_rules_match(rules, index, access, v);
}

/* Whether the fault must wait or return VM_FAULT_RETRY before the verdict is carried out. */
static inline bool flab_verdict_waits(const struct flab_verdict *v)
{
	return v->delay_us || v->delay == FAULTLAB_DELAY_GATE ||
	       v->verdict == FAULTLAB_VERDICT_RETRY;
}

#endif /* FLAB_RULE_H */
