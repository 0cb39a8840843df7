// SPDX-License-Identifier: GPL-2.0-only
/*
 * .fault and .map_pages of every kind, and the functions with which each callback begins
 * and ends. A callback fills in a struct flab_fault, matches the rules (run.h), has the
 * kind map or return the page, and ends in flab_fault_end(), which counts the callback.
 */
#include <linux/file.h>
#include <linux/mm.h>
#include "fault/check.h"
#include "fault/fault.h"
#include "fault/run.h"
#include "fault/wait.h"
#include "kind/kind.h"
#include "observe/flab_trace.h"
#include "observe/timing.h"

/* Fill in @f from the vm_fault; the verdict is "serve" until a rule matches. */
static __always_inline void
flab_fault_begin_inline(struct flab_fault *f, struct vm_fault *vmf, enum flab_access access)
{
	struct flab_counters *counters = vmf->vma->vm_private_data;

	f->vmf = vmf;
	f->region = counters->region;
	f->counters = counters;
	f->index = vmf->pgoff;
	f->access = access;
	/* Hide the few possible values: the compiler must shift, not branch on each. */
	OPTIMIZER_HIDE_VAR(access);
	f->mask = BIT(access);
	f->lock = vmf->flags & FAULT_FLAG_VMA_LOCK ? FLAB_LOCK_VMA : FLAB_LOCK_MMAP;
	f->verdict.verdict = FAULTLAB_VERDICT_SERVE;
	f->verdict.rule = 0;
	f->verdict.flags = 0;
	f->last = true;
	f->special = vmf->flags & FAULT_FLAG_TRIED;
	f->file = NULL;
	f->order = 0;
	f->extra = 0;
	f->wait_ns = 0;
	f->start = flab_timing_start();
	trace_flab_fault_enter(f, vmf);
}

void flab_fault_begin(struct flab_fault *f, struct vm_fault *vmf, enum flab_access access)
{
	flab_fault_begin_inline(f, vmf, access);
}

/* The only place that counts and records a callback. */
static __always_inline void flab_note(struct flab_fault *f, enum flab_result result,
				      vm_fault_t ret)
{
	this_cpu_inc(f->counters->cell->fault[f->access][result][f->lock]);
	flab_timing_end(f, result);
	trace_flab_fault_exit(f, ret);
}

static enum flab_result flab_fault_result(const struct flab_fault *f, vm_fault_t ret)
{
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
	if (!f->last)
		return FLAB_PART;
	if ((ret & VM_FAULT_MAJOR) || (f->special & FAULT_FLAG_TRIED))
		return FLAB_MAJOR;
	return FLAB_MINOR;
}

/**
 * flab_fault_end - count and record a callback that is about to return
 * @f: the fault
 * @ret: what the callback returns: VM_FAULT_*
 *
 * Return: @ret.
 */
vm_fault_t flab_fault_end(struct flab_fault *f, vm_fault_t ret)
{
	if (!f->last && f->access == FLAB_WRITE)
		flab_fault_note_first(f, ret);
	if (f->verdict.verdict == FAULTLAB_VERDICT_NOPAGE &&
	    !(ret & (VM_FAULT_ERROR | VM_FAULT_RETRY)))
		this_cpu_inc(f->counters->cell->nopage);
	flab_note(f, flab_fault_result(f, ret), ret);
	if (f->file)
		fput(f->file);
	return ret;
}

/* flab_fault_end(), inlined for the common case: a minor fault that mapped something. */
static __always_inline vm_fault_t flab_fault_end_inline(struct flab_fault *f, vm_fault_t ret)
{
	if (unlikely((ret & (VM_FAULT_ERROR | VM_FAULT_RETRY | VM_FAULT_MAJOR)) || f->special))
		return flab_fault_end(f, ret);
	flab_note(f, FLAB_MINOR, ret);
	return ret;
}

/*
 * End a .map_pages or a .huge_fault that mapped nothing. It is not counted: the core then
 * calls .fault, which is.
 */
vm_fault_t flab_fault_skip(struct flab_fault *f, vm_fault_t ret)
{
	trace_flab_fault_exit(f, ret);
	return ret;
}

static vm_fault_t flab_provide(struct flab_fault *f)
{
	return f->region->kind->provide(f);
}

vm_fault_t flab_vm_fault(struct vm_fault *vmf)
{
	struct flab_fault f;
	enum flab_access access = FLAB_READ;

	if (vmf->flags & FAULT_FLAG_WRITE)
		access = vmf->vma->vm_flags & VM_SHARED ? FLAB_WRITE : FLAB_COW;
	flab_fault_begin_inline(&f, vmf, access);
	if (unlikely(vmf->flags & (FAULT_FLAG_INSTRUCTION | FAULT_FLAG_REMOTE))) {
		if (vmf->flags & FAULT_FLAG_INSTRUCTION)
			f.mask |= FAULTLAB_ACCESS_EXEC;
		if (vmf->flags & FAULT_FLAG_REMOTE)
			f.mask |= FAULTLAB_ACCESS_REMOTE;
	}
	return flab_fault_end_inline(&f, flab_fault_run(&f, flab_provide));
}

/*
 * .map_pages: map the allocated pages around a read fault. A page that a rule other than
 * an unconditional "serve" can match is left out, so that its own fault applies the rule.
 * The core calls .map_pages under RCU, so it must not sleep: if the trylock of region->sem
 * fails, it maps nothing, and the core calls .fault. Without INSERT there is a .map_pages,
 * too, which maps nothing: 6.12 calls .fault under the per-VMA lock only if there is a
 * .map_pages (vmf_can_call_fault()).
 */
vm_fault_t flab_vm_map_pages(struct vm_fault *vmf, pgoff_t first, pgoff_t last)
{
	struct flab_counters *counters = vmf->vma->vm_private_data;
	struct flab_region *region = counters->region;
	struct flab_fault f;
	bool own = false;

	if (!(region->flags & FAULTLAB_REGION_INSERT) ||
	    !percpu_down_read_trylock(&region->sem))
		return 0;
	flab_fault_begin_inline(&f, vmf, FLAB_AROUND);
	f.mask = FAULTLAB_ACCESS_AROUND;
	if (!flab_fault_check(&f)) {
		/*
		 * The core may ask for all pages of a page table, which can have more than
		 * FAULTLAB_MAX_AROUND entries: the bitmap in flab_page_insert_around() has
		 * no room for more.
		 */
		if (unlikely(last - first >= FAULTLAB_MAX_AROUND)) {
			first = max(first, round_down(f.index, FAULTLAB_MAX_AROUND));
			last = min(last, first + FAULTLAB_MAX_AROUND - 1);
		}
		last = min(last, READ_ONCE(region->nr_pages) - 1);
		f.extra = region->kind->provide_around(&f, first, last, &own);
	}
	percpu_up_read(&region->sem);

	if (!f.extra)
		return flab_fault_skip(&f, 0);
	this_cpu_add(counters->cell->pages_around, f.extra);
	f.last = own;
	f.special |= !own;
	return flab_fault_end_inline(&f, own ? VM_FAULT_NOPAGE : 0);
}
