// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where faults are served: all kinds, all callbacks, one path. A callback
 * becomes a struct flab_fault, the rules judge it, the kind provides, and
 * flab_fault_end() counts.
 */
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/vmstat.h>
#include "fault.h"
#include "flab_trace.h"
#include "kind.h"
#include "observe.h"
#include "pages.h"
#include "wait.h"

/* What the core says of a callback, and what holds until rules say otherwise. */
void flab_fault_begin(struct flab_fault *f, struct vm_fault *vmf, enum flab_access access)
{
	struct flab_map *map = vmf->vma->vm_private_data;

	f->vmf = vmf;
	f->region = map->region;
	f->map = map;
	f->index = vmf->pgoff;
	f->access = access;
	f->mask = BIT(access);
	f->lock = vmf->flags & FAULT_FLAG_VMA_LOCK ? FLAB_LOCK_VMA : FLAB_LOCK_MMAP;
	f->verdict.verdict = FAULTLAB_VERDICT_SERVE;
	f->verdict.rule = 0;
	f->verdict.flags = 0;
	f->alone = true;
	f->tried = vmf->flags & FAULT_FLAG_TRIED;
	f->file = NULL;
	f->order = 0;
	f->extra = 0;
	f->wait_ns = 0;
	f->start = 0;
	flab_observe_begin(f);
	trace_flab_fault_enter(f, vmf);
}

static enum flab_result flab_fault_result(const struct flab_fault *f, vm_fault_t ret)
{
	if (likely(!(ret & (VM_FAULT_ERROR | VM_FAULT_RETRY | VM_FAULT_MAJOR)) &&
		   f->alone && !f->tried))
		return FLAB_MINOR;
	if (ret & VM_FAULT_RETRY)
		return FLAB_RETRY;
	if (ret & VM_FAULT_OOM)
		return FLAB_OOM;
	if (ret & (VM_FAULT_HWPOISON | VM_FAULT_HWPOISON_LARGE))
		return FLAB_HWPOISON;
	if (ret & VM_FAULT_SIGSEGV)
		return FLAB_SIGSEGV;
	if (ret & VM_FAULT_ERROR)
		return FLAB_SIGBUS;
	if (!f->alone)
		return FLAB_PART;
	if ((ret & VM_FAULT_MAJOR) || f->tried)
		return FLAB_MAJOR;
	return FLAB_MINOR;
}

/* The one place that counts and records. */
vm_fault_t flab_fault_end(struct flab_fault *f, vm_fault_t ret)
{
	struct flab_cell __percpu *cell = f->map->cell;
	enum flab_result result = flab_fault_result(f, ret);

	this_cpu_inc(cell->fault[f->access][result][f->lock]);
	if (unlikely(ret & VM_FAULT_ERROR) && !f->alone)
		this_cpu_inc(cell->late);
	if (unlikely(f->verdict.verdict == FAULTLAB_VERDICT_NOPAGE) &&
	    !(ret & (VM_FAULT_ERROR | VM_FAULT_RETRY)))
		this_cpu_inc(cell->nopage);
	flab_observe_end(f, result);
	trace_flab_fault_exit(f, ret);
	if (f->file)
		fput(f->file);
	return ret;
}

/* A callback that did nothing: another one follows, and counts. */
vm_fault_t flab_fault_skip(struct flab_fault *f, vm_fault_t ret)
{
	trace_flab_fault_exit(f, ret);
	return ret;
}

/* As every .fault must, each time: mremap can grow a VMA past the region. */
static vm_fault_t flab_fault_check(const struct flab_fault *f)
{
	if (unlikely(f->region->dead))
		return VM_FAULT_SIGBUS;
	if (likely(f->index < READ_ONCE(f->region->nr_pages)))
		return 0;
	return flab_region_cover(f->region, f->index + 1) ? VM_FAULT_SIGBUS : 0;
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
	[FAULTLAB_VERDICT_NOPAGE]		= VM_FAULT_NOPAGE,
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
static __always_inline vm_fault_t
flab_fault_decide(struct flab_fault *f, vm_fault_t (*provide)(struct flab_fault *f))
{
	vm_fault_t ret = flab_outcomes[f->verdict.verdict];

	if (likely(!ret))
		return flab_fault_dress(f, provide(f));
	if (ret == VM_FAULT_HWPOISON_LARGE)
		ret |= VM_FAULT_SET_HINDEX(f->verdict.arg);
	return ret;
}

/* Also after a wait under the lock: the rules may be others by then. */
static void flab_fault_judge(struct flab_fault *f)
{
	struct flab_region *region = f->region;

	f->gate_era = READ_ONCE(region->gate.era);
	if (f->judged && f->rules_gen == region->rules_gen)
		return;
	f->judged = true;
	f->waited = false;
	flab_rules_match(region->rules, f->index, f->mask, &f->verdict);
	f->rules_gen = region->rules_gen;
}

/**
 * flab_fault_run - judge a fault and have it served
 * @f: the fault
 * @provide: what serves it
 *
 * Waits come before region->sem: whoever evicts must not wait for them. Inline, so
 * that each callback knows what it provides.
 *
 * Return: what the callback returns.
 */
static __always_inline vm_fault_t
flab_fault_run(struct flab_fault *f, vm_fault_t (*provide)(struct flab_fault *f))
{
	struct flab_region *region = f->region;
	vm_fault_t ret;

	percpu_down_read(&region->sem);
	f->judged = flab_wait_resume(f);
	for (;;) {
		ret = flab_fault_check(f);
		if (ret)
			break;
		flab_fault_judge(f);
		if (likely(f->waited || !flab_verdict_waits(&f->verdict))) {
			ret = flab_fault_decide(f, provide);
			break;
		}

		percpu_up_read(&region->sem);
		ret = flab_wait(f);
		if (ret)
			return flab_fault_end(f, ret);
		f->waited = true;
		percpu_down_read(&region->sem);
	}
	percpu_up_read(&region->sem);

	/* Takes locks that come before the sem; a second unplug finds it done. */
	if (unlikely(f->verdict.verdict == FAULTLAB_VERDICT_UNPLUG))
		flab_region_unplug(region);
	return flab_fault_end(f, ret);
}

static __always_inline vm_fault_t flab_provide(struct flab_fault *f)
{
	return f->region->kind->provide(f);
}

vm_fault_t flab_vm_fault(struct vm_fault *vmf)
{
	enum flab_access access = FLAB_READ;
	struct flab_fault f;

	if (vmf->flags & FAULT_FLAG_WRITE)
		access = vmf->vma->vm_flags & VM_SHARED ? FLAB_WRITE : FLAB_COW;
	flab_fault_begin(&f, vmf, access);
	if (vmf->flags & FAULT_FLAG_INSTRUCTION)
		f.mask |= FAULTLAB_ACCESS_EXEC;
	if (vmf->flags & FAULT_FLAG_REMOTE)
		f.mask |= FAULTLAB_ACCESS_REMOTE;
	return flab_fault_run(&f, flab_provide);
}

/*
 * Map what is populated around a read fault, but for pages that a rule has
 * something to say about: a batch never bypasses a neighbour's rule. Called
 * under RCU, so it only tries, and leaves the fault to .fault where it fails.
 * It exists for every kind, or 6.12 would not run .fault under the VMA lock.
 */
vm_fault_t flab_vm_map_pages(struct vm_fault *vmf, pgoff_t first, pgoff_t last)
{
	struct flab_map *map = vmf->vma->vm_private_data;
	struct flab_region *region = map->region;
	struct flab_fault f;
	bool own = false;

	if (!(region->flags & FAULTLAB_REGION_INSERT) ||
	    !percpu_down_read_trylock(&region->sem))
		return 0;
	flab_fault_begin(&f, vmf, FLAB_AROUND);
	f.mask = FAULTLAB_ACCESS_AROUND;
	if (!flab_fault_check(&f)) {
		last = min(last, READ_ONCE(region->nr_pages) - 1);
		f.extra = region->kind->provide_around(&f, first, last, &own);
	}
	percpu_up_read(&region->sem);

	if (!f.extra)
		return flab_fault_skip(&f, 0);
	this_cpu_add(map->cell->pages_around, f.extra);
	f.alone = own;
	return flab_fault_end(&f, own ? VM_FAULT_NOPAGE : 0);
}

/*
 * The page has no ->mapping, and then only VM_FAULT_LOCKED ends the fault
 * (do_page_mkwrite()). It may have been evicted since the core looked. After a
 * .fault the core unlocks the page before it comes here, so an evict or a change
 * of rules in between did not see this fault, which starts over then.
 */
static vm_fault_t flab_provide_mkwrite(struct flab_fault *f)
{
	struct page *page = f->vmf->page;

	if (flab_page_peek(f->region, f->index) != page ||
	    (!f->alone && flab_fault_is_drained(f)))
		return VM_FAULT_NOPAGE;
	lock_page(page);
	return VM_FAULT_LOCKED;
}

vm_fault_t flab_vm_page_mkwrite(struct vm_fault *vmf)
{
	struct flab_fault f;

	flab_fault_begin(&f, vmf, FLAB_MKWRITE);
	/*
	 * do_page_mkwrite() hides the flags, so the lock is anyone's guess. An
	 * entry that was there means that .fault has not been called before.
	 */
	f.lock = FLAB_LOCK_UNKNOWN;
	f.alone = pte_present(vmf->orig_pte);
	return flab_fault_run(&f, flab_provide_mkwrite);
}

/* The core compares the entry again before it makes it writable. */
static vm_fault_t flab_provide_pfn_mkwrite(struct flab_fault *f)
{
	return 0;
}

vm_fault_t flab_vm_pfn_mkwrite(struct vm_fault *vmf)
{
	struct flab_fault f;

	flab_fault_begin(&f, vmf, FLAB_PFN_MKWRITE);
	return flab_fault_run(&f, flab_provide_pfn_mkwrite);
}
