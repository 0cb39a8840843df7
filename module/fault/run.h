/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Match the rules of a region in a callback. Fast path here: there are no rules, or the
 * first one for the page is an unconditional "serve". Slow path in verdict.c.
 */
#ifndef FLAB_RUN_H
#define FLAB_RUN_H

#include "fault/verdict.h"
#include "region/region.h"
#include "rule/index.h"

/*
 * Fast path: whether a fault is served at once. The conditions: the region is alive and
 * has the page (see flab_fault_check()); no task is to retry a fault after a delay, as
 * this may be that task (nr_pending); and there are no rules, or the first one for this
 * page is an unconditional "serve". f->verdict stays "serve", as set by
 * flab_fault_begin_inline(); only the number of the rule is added.
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
 * Try before percpu_down_read(): with voluntary preemption, the might_sleep() in
 * percpu_down_read() calls cond_resched(), which every fault would pay for.
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
 * Inline, so that each callback calls its @provide directly, not by a pointer.
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
