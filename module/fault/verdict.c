// SPDX-License-Identifier: GPL-2.0-only
/* Slow path: rule matching, delays, verdicts other than serve. */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/vmstat.h>
#include "evict/unplug.h"
#include "fault/check.h"
#include "fault/nopage.h"
#include "fault/verdict.h"
#include "fault/wait.h"

/*
 * Match the rules, unless @f has a verdict by the present rules. Called again after a wait
 * that did not drop mmap_lock or the per-VMA lock, since the rules may have changed
 * meanwhile. The new rules can make it wait again, but all its waits under the lock together
 * are limited: otherwise a task that keeps changing the rules could hold the lock for ever.
 * A wait that drops the lock has no limit.
 * Return: whether the fault must wait before its verdict is carried out.
 */
static bool flab_fault_judge(struct flab_fault *f)
{
	struct flab_region *region = f->region;

	f->gate_era = READ_ONCE(region->gate.era);
	if (!f->judged || f->rules_gen != region->rules_gen) {
		f->judged = true;
		flab_rules_match(region->rules, f->index, f->mask, &f->verdict);
		f->rules_gen = region->rules_gen;
		f->waited = flab_wait_is_over(f);
	}
	return !f->waited && flab_verdict_waits(&f->verdict);
}

/* What a callback returns for a verdict that does not map the page; 0 for those that do. */
static const vm_fault_t flab_outcomes[] = {
	[FAULTLAB_VERDICT_SIGBUS]		= VM_FAULT_SIGBUS,
	[FAULTLAB_VERDICT_OOM]			= VM_FAULT_OOM,
	[FAULTLAB_VERDICT_HWPOISON]		= VM_FAULT_HWPOISON,
	[FAULTLAB_VERDICT_HWPOISON_LARGE]	= VM_FAULT_HWPOISON_LARGE,
	[FAULTLAB_VERDICT_SIGSEGV]		= VM_FAULT_SIGSEGV,
	[FAULTLAB_VERDICT_NOPAGE]		= VM_FAULT_NOPAGE,	/* limited by `times` */
	[FAULTLAB_VERDICT_UNPLUG]		= VM_FAULT_SIGBUS,
};

static_assert(ARRAY_SIZE(flab_outcomes) == FAULTLAB_NR_VERDICTS, "add the new verdict, also if 0");

/*
 * What a served fault returns: @ret with VM_FAULT_MAJOR for verdict MAJOR, and without
 * VM_FAULT_LOCKED, with the page unlocked, for FAULTLAB_RULE_UNLOCKED.
 */
static vm_fault_t flab_fault_dress(const struct flab_fault *f, vm_fault_t ret)
{
	if (ret & VM_FAULT_ERROR)
		return ret;
	if (f->verdict.verdict == FAULTLAB_VERDICT_MAJOR) {
		/*
		 * For vmstat only. memory.stat does not count this fault, since no
		 * function to count memcg events is exported to modules.
		 */
		count_vm_event(PGMAJFAULT);
		ret |= VM_FAULT_MAJOR;
	}
	if ((f->verdict.flags & FAULTLAB_RULE_UNLOCKED) && (ret & VM_FAULT_LOCKED)) {
		unlock_page(f->vmf->page);
		ret &= ~VM_FAULT_LOCKED;
	}
	return ret;
}

/* Carry out the verdict; its delay is over. */
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
 * flab_fault_run_judged - slow path: match the rules, wait, carry out the verdict
 * @f: the fault, with region->sem held for read; released when it returns
 * @provide: called to map or return the page, if the verdict says so
 *
 * Waits without region->sem: an evict must not wait for delayed faults.
 *
 * Return: what the callback returns.
 */
vm_fault_t flab_fault_run_judged(struct flab_fault *f,
				 vm_fault_t (*provide)(struct flab_fault *f))
{
	struct flab_region *region = f->region;
	vm_fault_t ret;

	f->judged = flab_wait_resume(f);
	f->hold_end = 0;
	f->keeps_lock = false;
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

	/*
	 * Only after region->sem is released: unplug takes region->lock, which nests outside
	 * region->sem. If the region is unplugged already, the call does nothing.
	 */
	if (f->verdict.verdict == FAULTLAB_VERDICT_UNPLUG)
		flab_region_unplug(region, false);
	return ret;
}
