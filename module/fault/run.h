/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a callback asks the rules: here if no rule or an unconditional "serve" matches,
 * else in verdict.c.
 */
#ifndef FLAB_RUN_H
#define FLAB_RUN_H

#include "fault/verdict.h"
#include "region/region.h"
#include "rule/index.h"

/*
 * Fast path: whether a fault is served at once. No task has waited and will come again,
 * the page is within the region (every .fault must check), and there is no rule, or the
 * first one about this page is an unconditional "serve". The verdict is then the one
 * that flab_fault_begin_inline() has set.
 */
static __always_inline bool flab_fault_is_served(struct flab_fault *f)
{
	const struct flab_region *region = f->region;

	if (unlikely(READ_ONCE(region->nr_pending) || region->dead ||
		     f->index >= READ_ONCE(region->nr_pages)))
		return false;
	if (likely(!region->rules))
		return true;
	f->verdict.rule = flab_rules_serve(region->rules, f->index, f->mask);
	return f->verdict.rule;
}

/*
 * percpu_down_read(), but try first: with voluntary preemption its might_sleep() calls
 * cond_resched().
 */
static __always_inline void flab_fault_down(struct flab_region *region)
{
	might_lock_read(&region->sem);
	if (unlikely(!percpu_down_read_trylock(&region->sem)))
		percpu_down_read(&region->sem);
}

/**
 * flab_fault_run - match the rules and serve a fault
 * @f: the fault
 * @provide: maps or returns the page
 *
 * Inline, so that each callback calls its @provide directly.
 *
 * Return: what the callback returns.
 */
static __always_inline vm_fault_t
flab_fault_run(struct flab_fault *f, vm_fault_t (*provide)(struct flab_fault *f))
{
	struct flab_region *region = f->region;
	vm_fault_t ret;

	flab_fault_down(region);
	if (unlikely(!flab_fault_is_served(f)))
		return flab_fault_run_judged(f, provide);
	ret = provide(f);
	percpu_up_read(&region->sem);
	return ret;
}

#endif /* FLAB_RUN_H */
