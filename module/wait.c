// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting in a fault. Who sleeps under the lock of a fault stalls munmap and
 * fork of the whole process, so the contract is: drop the lock, wait, return
 * VM_FAULT_RETRY and be called again. Between the two calls nothing of the VMA
 * may be touched. That the wait is over is kept for (task, page) until the task
 * comes again; a verdict is thus waited for once and counted once.
 */
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "wait.h"

/**
 * struct flab_pending - a fault that will come again
 * @node: in region->pending, under region->pending_lock
 * @pid: the task, by a reference, so that the address is nobody else's
 * @index: the page
 * @access: the callback
 * @verdict: what was waited for
 */
struct flab_pending {
	struct hlist_node node;
	struct pid *pid;
	pgoff_t index;
	enum flab_access access;
	struct flab_verdict verdict;
};

static void flab_pending_del(struct flab_region *region, struct flab_pending *p)
{
	lockdep_assert_held(&region->pending_lock);
	hash_del(&p->node);
	WRITE_ONCE(region->nr_pending, region->nr_pending - 1);
	put_pid(p->pid);
	kfree(p);
}

void flab_wait_init(struct flab_region *region)
{
	spin_lock_init(&region->pending_lock);
	hash_init(region->pending);
}

void flab_wait_exit(struct flab_region *region)
{
	struct flab_pending *p;
	struct hlist_node *next;
	int bucket;

	spin_lock(&region->pending_lock);
	hash_for_each_safe(region->pending, bucket, next, p, node)
		flab_pending_del(region, p);
	spin_unlock(&region->pending_lock);
}

static unsigned long flab_pending_key(const struct pid *pid)
{
	return (unsigned long)pid >> 4;
}

static bool flab_pending_add(const struct flab_fault *f)
{
	struct flab_region *region = f->region;
	struct pid *pid = task_pid(current);
	struct flab_pending *p, *old;
	struct hlist_node *next;

	p = kmalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p)
		return false;
	p->pid = get_pid(pid);
	p->index = f->index;
	p->access = f->access;
	p->verdict = f->verdict;

	spin_lock(&region->pending_lock);
	/* Tasks that were killed while they waited never come again. */
	hash_for_each_possible_safe(region->pending, old, next, node,
				    flab_pending_key(pid)) {
		if (!pid_has_task(old->pid, PIDTYPE_PID))
			flab_pending_del(region, old);
	}
	hash_add(region->pending, &p->node, flab_pending_key(pid));
	WRITE_ONCE(region->nr_pending, region->nr_pending + 1);
	spin_unlock(&region->pending_lock);
	return true;
}

bool __flab_wait_resume(struct flab_fault *f)
{
	struct flab_region *region = f->region;
	struct pid *pid = task_pid(current);
	struct flab_pending *p;
	struct hlist_node *next;
	bool found = false;

	spin_lock(&region->pending_lock);
	hash_for_each_possible_safe(region->pending, p, next, node,
				    flab_pending_key(pid)) {
		if (p->pid == pid && p->index == f->index && p->access == f->access) {
			f->verdict = p->verdict;
			flab_pending_del(region, p);
			found = true;
			break;
		}
	}
	spin_unlock(&region->pending_lock);
	return found;
}

static void flab_sleep(struct flab_region *region, u64 us)
{
	ktime_t start = ktime_get();
	ktime_t end = ktime_add_us(start, us);

	while (!fatal_signal_pending(current) && ktime_before(ktime_get(), end)) {
		set_current_state(TASK_KILLABLE);
		schedule_hrtimeout(&end, HRTIMER_MODE_ABS);
	}
	this_cpu_add(region->spare.cell->delay_ns,
		     ktime_to_ns(ktime_sub(ktime_get(), start)));
}

/**
 * flab_wait - serve the delay of a verdict
 * @f: the fault, without region->sem
 *
 * Return: 0 if the lock of the fault is still held: go on. VM_FAULT_RETRY if it
 * was dropped: @f->vmf is out of bounds, @f->file holds the region.
 */
vm_fault_t flab_wait(struct flab_fault *f)
{
	struct vm_fault *vmf = f->vmf;
	/* After .pfn_mkwrite the core knows no retry (wp_pfn_shared()). */
	bool drop = (vmf->flags & FAULT_FLAG_ALLOW_RETRY) &&
		    !(f->verdict.flags & FAULTLAB_RULE_HOLD_LOCK) &&
		    f->access != FLAB_PFN_MKWRITE;

	/* The caller must not sleep, and gets its lock back as it was. */
	if (drop && (vmf->flags & FAULT_FLAG_RETRY_NOWAIT))
		return VM_FAULT_RETRY;

	if (!drop || !flab_pending_add(f)) {
		flab_sleep(f->region, min(f->verdict.delay_us, FAULTLAB_MAX_HOLD_US));
		return 0;
	}

	f->file = get_file(vmf->vma->vm_file);
	f->map = &f->region->spare;
	release_fault_lock(vmf);
	flab_sleep(f->region, f->verdict.delay_us);
	return VM_FAULT_RETRY;
}
