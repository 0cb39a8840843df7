// SPDX-License-Identifier: GPL-2.0-only
/* Slow path: rule matching, delays, verdicts other than serve. */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/vmstat.h>
#include "evict/evict.h"
#include "fault/nopage.h"
#include "fault/verdict.h"
#include "fault/wait.h"

/**
 * flab_fault_check - whether there is such a page
 * @f: the fault, with region->sem held for read
 *
 * As every .fault must, each time: mremap can grow a VMA past the region.
 *
 * Return: 0 or VM_FAULT_SIGBUS.
 */
vm_fault_t flab_fault_check(const struct flab_fault *f)
{
	if (unlikely(f->region->dead))
		return VM_FAULT_SIGBUS;
	if (likely(f->index < READ_ONCE(f->region->nr_pages)))
		return 0;
	return flab_region_cover(f->region, f->index + 1) ? VM_FAULT_SIGBUS : 0;
}

/*
 * Ask the rules; also after a wait under the lock, as they may be others by then.
 * Return: whether there is something to wait for first.
 */
static bool flab_fault_judge(struct flab_fault *f)
{
	struct flab_region *region = f->region;

	f->gate_era = READ_ONCE(region->gate.era);
	if (!f->judged || f->rules_gen != region->rules_gen) {
		f->judged = true;
		f->waited = false;
		flab_rules_match(region->rules, f->index, f->mask, &f->verdict);
		f->rules_gen = region->rules_gen;
	}
	return !f->waited && flab_verdict_waits(&f->verdict);
}

/*
 * What verdicts end a fault with that do not map the page, by enum
 * faultlab_verdict; 0 for those that do.
 */
static const vm_fault_t flab_outcomes[FAULTLAB_NR_VERDICTS] = {
	[FAULTLAB_VERDICT_SIGBUS]		= VM_FAULT_SIGBUS,
	[FAULTLAB_VERDICT_OOM]			= VM_FAULT_OOM,
	[FAULTLAB_VERDICT_HWPOISON]		= VM_FAULT_HWPOISON,
	[FAULTLAB_VERDICT_HWPOISON_LARGE]	= VM_FAULT_HWPOISON_LARGE,
	[FAULTLAB_VERDICT_SIGSEGV]		= VM_FAULT_SIGSEGV,
	[FAULTLAB_VERDICT_NOPAGE]		= VM_FAULT_NOPAGE,	/* needs times */
	[FAULTLAB_VERDICT_UNPLUG]		= VM_FAULT_SIGBUS,
};

/* What a served fault returns on top, by the verdict. */
static vm_fault_t flab_fault_dress(const struct flab_fault *f, vm_fault_t ret)
{
	if (ret & VM_FAULT_ERROR)
		return ret;
	if (f->verdict.verdict == FAULTLAB_VERDICT_MAJOR) {
		/* Its memcg twin is not exported: memory.stat stays behind. */
		count_vm_event(PGMAJFAULT);
		ret |= VM_FAULT_MAJOR;
	}
	if ((f->verdict.flags & FAULTLAB_RULE_UNLOCKED) && (ret & VM_FAULT_LOCKED)) {
		unlock_page(f->vmf->page);
		ret &= ~VM_FAULT_LOCKED;
	}
	return ret;
}

/* The outcome of a verdict that has been waited for. */
static vm_fault_t
flab_fault_decide(struct flab_fault *f, vm_fault_t (*provide)(struct flab_fault *f))
{
	vm_fault_t ret = flab_outcomes[f->verdict.verdict];

	f->special |= f->verdict.verdict == FAULTLAB_VERDICT_NOPAGE;
	if (likely(!ret))
		return flab_fault_dress(f, provide(f));
	if (ret == VM_FAULT_NOPAGE)
		return flab_fault_nopage();
	if (ret == VM_FAULT_HWPOISON_LARGE)
		ret |= VM_FAULT_SET_HINDEX(f->verdict.arg);
	return ret;
}

/**
 * flab_fault_run_judged - judge a fault, and do with it what the rules say
 * @f: the fault, with region->sem held for read; released when it returns
 * @provide: what serves it, where that is the verdict
 *
 * Waits come before region->sem: whoever evicts must not wait for them.
 *
 * Return: what the callback returns.
 */
vm_fault_t flab_fault_run_judged(struct flab_fault *f,
				 vm_fault_t (*provide)(struct flab_fault *f))
{
	struct flab_region *region = f->region;
	vm_fault_t ret;

	f->judged = flab_wait_resume(f);
	for (;;) {
		ret = flab_fault_check(f);
		if (ret)
			break;
		if (!flab_fault_judge(f)) {
			ret = flab_fault_decide(f, provide);
			break;
		}

		percpu_up_read(&region->sem);
		ret = flab_wait(f);
		if (ret)
			return ret;
		f->waited = true;
		percpu_down_read(&region->sem);
	}
	percpu_up_read(&region->sem);

	/* Takes locks that come before the sem; a second unplug finds it done. */
	if (f->verdict.verdict == FAULTLAB_VERDICT_UNPLUG)
		flab_region_unplug(region, false);
	return ret;
}
