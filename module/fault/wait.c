// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delays of faults. A task that sleeps under mmap_lock or the per-VMA lock stalls
 * munmap and fork of the whole process. So a fault drops the lock, waits, returns
 * VM_FAULT_RETRY and is called again. After the lock is dropped, the first call must not
 * access the VMA. A struct flab_pending stores for the task and the page that the wait is
 * over. With it the second call neither waits again nor counts a second hit of the rule.
 */
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "fault/wait.h"
#include "observe/timing.h"
#include "region/gate.h"

/**
 * struct flab_pending - a task whose fault returned VM_FAULT_RETRY and will be retried
 * @node: in region->pending, under region->pending_lock; at most one for each task
 * @pid: the task; the reference keeps the address from being reused
 * @index: the page
 * @access: which callback
 * @faults: the task's min_flt + maj_flt, which VM_FAULT_RETRY does not increment. If the
 *	sum has changed, the task has ended a fault since: the fault stored here ended
 *	without a second call (another thread filled the entry, or a signal handler
 *	jumped away)
 * @rules_gen: region->rules_gen when @verdict was given; if that has changed, the retry
 *	matches the new rules, and may wait again
 * @verdict: the verdict that was waited for
 * @due: the task has not waited yet, since FAULT_FLAG_RETRY_NOWAIT did not allow it; the
 *	retry waits
 */
struct flab_pending {
	struct hlist_node node;
	struct pid *pid;
	pgoff_t index;
	enum flab_access access;
	unsigned long faults;
	u64 rules_gen;
	struct flab_verdict verdict;
	bool due;
};

static unsigned long flab_task_faults(void)
{
	return current->min_flt + current->maj_flt;
}

static void flab_pending_free(struct flab_pending *p)
{
	put_pid(p->pid);
	kfree(p);
}

static void flab_pending_del(struct flab_region *region, struct flab_pending *p)
{
	lockdep_assert_held(&region->pending_lock);
	hash_del(&p->node);
	WRITE_ONCE(region->nr_pending, region->nr_pending - 1);
	flab_pending_free(p);
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

static struct flab_pending *flab_pending_create(const struct flab_fault *f)
{
	struct flab_pending *p = kmalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);

	if (!p)
		return NULL;
	p->pid = get_pid(task_pid(current));
	p->index = f->index;
	p->access = f->access;
	p->faults = flab_task_faults();
	p->rules_gen = f->rules_gen;
	p->verdict = f->verdict;
	p->due = false;
	return p;
}

/*
 * Add the current task's entry in place of its previous one. Only the task itself adds its
 * entries, so it has at most one.
 */
static void flab_pending_add(struct flab_region *region, struct flab_pending *p)
{
	unsigned long key = flab_pending_key(p->pid);
	struct flab_pending *old;
	struct hlist_node *next;

	spin_lock(&region->pending_lock);
	/* Also remove the entries of tasks that died before they retried the fault. */
	hash_for_each_possible_safe(region->pending, old, next, node, key) {
		if (old->pid == p->pid || !pid_has_task(old->pid, PIDTYPE_PID))
			flab_pending_del(region, old);
	}
	hash_add(region->pending, &p->node, key);
	WRITE_ONCE(region->nr_pending, region->nr_pending + 1);
	spin_unlock(&region->pending_lock);
}

static bool flab_pending_is_for(const struct flab_pending *p, const struct flab_fault *f)
{
	return p->index == f->index && p->access == f->access &&
	       p->faults == flab_task_faults() &&
	       p->rules_gen == f->region->rules_gen;
}

bool __flab_wait_resume(struct flab_fault *f)
{
	struct flab_region *region = f->region;
	struct pid *pid = task_pid(current);
	struct flab_pending *p;
	bool found = false;

	spin_lock(&region->pending_lock);
	hash_for_each_possible(region->pending, p, node, flab_pending_key(pid)) {
		if (p->pid != pid)
			continue;
		found = flab_pending_is_for(p, f);
		if (found) {
			f->verdict = p->verdict;
			f->rules_gen = p->rules_gen;
			f->waited = !p->due;
		}
		flab_pending_del(region, p);
		break;
	}
	spin_unlock(&region->pending_lock);
	return found;
}

static void flab_sleep(u64 us, unsigned int state)
{
	ktime_t end = ktime_add_us(ktime_get(), us);

	while (!fatal_signal_pending(current) && ktime_before(ktime_get(), end)) {
		set_current_state(state);
		schedule_hrtimeout(&end, HRTIMER_MODE_ABS);
	}
}

/*
 * Wait for the delay of the verdict, or at the gate. Return: true if the verdict is still
 * valid; false if the gate makes the fault match the rules again, or the task was killed.
 */
static bool flab_wait_out(struct flab_fault *f, u64 limit_us, unsigned int state)
{
	const struct flab_verdict *v = &f->verdict;
	struct flab_region *region = f->region;
	ktime_t start = ktime_get();
	bool stands = true;
	u64 ns;

	/* Verdict RETRY without a delay. */
	if (v->delay != FAULTLAB_DELAY_GATE && !v->delay_us)
		return !fatal_signal_pending(current);

	if (v->delay == FAULTLAB_DELAY_GATE)
		stands = flab_gate_wait(&region->gate, f->gate_era, limit_us, state);
	else
		flab_sleep(min(v->delay_us, limit_us), state);
	ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	this_cpu_add(region->spare.cell->delay_ns, ns);
	f->wait_ns += ns;
	return stands && !fatal_signal_pending(current);
}

/* Whether the fault may drop mmap_lock or the per-VMA lock and return VM_FAULT_RETRY. */
static bool flab_wait_may_retry(const struct flab_fault *f)
{
	if (f->verdict.flags & FAULTLAB_RULE_HOLD_LOCK)
		return false;
	/* wp_pfn_shared() does not handle VM_FAULT_RETRY from .pfn_mkwrite. */
	if (f->access == FLAB_PFN_MKWRITE)
		return false;
	return f->vmf->flags & FAULT_FLAG_ALLOW_RETRY;
}

/*
 * How much longer the fault may wait with mmap_lock or the per-VMA lock held, in us. The limit
 * is for all such waits of one callback together, however often the rules change meanwhile.
 */
static u64 flab_wait_hold_left(struct flab_fault *f)
{
	u64 now = ktime_get_ns();

	if (!f->hold_end)
		f->hold_end = now + FAULTLAB_MAX_HOLD_US * NSEC_PER_USEC;
	return now < f->hold_end ? div_u64(f->hold_end - now, NSEC_PER_USEC) : 0;
}

#define FLAB_HOLD_NEVER	1	/* as @hold_end: do not wait at all */

/* Do not wait again in this callback, whatever the rules become. */
static void flab_wait_no_more(struct flab_fault *f)
{
	f->hold_end = FLAB_HOLD_NEVER;
}

bool __flab_wait_is_over(const struct flab_fault *f)
{
	if (f->hold_end == FLAB_HOLD_NEVER)
		return true;
	return ktime_get_ns() >= f->hold_end && (f->keeps_lock || !flab_wait_may_retry(f));
}

/*
 * Wait with mmap_lock or the per-VMA lock held, for FAULTLAB_MAX_HOLD_US at most: the lock
 * must not be dropped, or there was no memory for a struct flab_pending.
 */
static vm_fault_t flab_wait_locked(struct flab_fault *f)
{
	struct flab_verdict *v = &f->verdict;

	/* A gate may never open: do not wait for it under the lock, unless a rule asks to. */
	if (v->delay == FAULTLAB_DELAY_GATE && !(v->flags & FAULTLAB_RULE_HOLD_LOCK))
		return VM_FAULT_SIGBUS;
	flab_wait_out(f, flab_wait_hold_left(f), TASK_KILLABLE);
	if (fatal_signal_pending(current))
		flab_wait_no_more(f);
	return 0;
}

/*
 * Whether a fault must not wait, for the same reasons as in handle_userfault() of
 * userfaultfd. A fault in kernel mode may happen with locks held that others need; it
 * waits only if the rule allows that (kernel_mode). A task that exits cannot be woken by a
 * signal, nor can a kernel thread, which works for others as well. (It faults for KVM's
 * asynchronous page faults, and for devices that share an address space: iommu_sva_handle_mm()
 * sets FAULT_FLAG_USER.) While a task dumps core, all threads of its process wait for it.
 */
static bool flab_wait_is_harmful(const struct flab_fault *f)
{
	if (current->flags & (PF_EXITING | PF_DUMPCORE | PF_KTHREAD))
		return true;
	return !(f->vmf->flags & FAULT_FLAG_USER) && !f->verdict.kernel_mode;
}

/**
 * flab_wait - carry out the delay of a verdict
 * @f: the fault, without region->sem
 *
 * Return: 0 to go on, with mmap_lock or the per-VMA lock still held. VM_FAULT_SIGBUS at
 * a gate if that lock cannot be dropped. Else VM_FAULT_RETRY. If @f->file is NULL then, the
 * lock is still held (FAULT_FLAG_RETRY_NOWAIT). If it is set, the lock was dropped,
 * @f->vmf must not be accessed, and the reference in @f->file keeps the region alive.
 */
vm_fault_t flab_wait(struct flab_fault *f)
{
	struct flab_region *region = f->region;
	unsigned int state = TASK_KILLABLE;
	struct flab_pending *p = NULL;
	struct vm_fault *vmf = f->vmf;

	if (flab_wait_is_harmful(f)) {
		/*
		 * It retries once, if the caller lets it: a task that keeps changing the
		 * rules must not make it retry, or match the rules, again and again.
		 */
		if (f->verdict.verdict != FAULTLAB_VERDICT_RETRY ||
		    vmf->flags & FAULT_FLAG_TRIED || !flab_wait_may_retry(f)) {
			flab_wait_no_more(f);
			return 0;
		}
		f->verdict.delay = FAULTLAB_DELAY_FIXED;
		f->verdict.delay_us = 0;
	}

	if (flab_wait_may_retry(f)) {
		p = flab_pending_create(f);
		/*
		 * The caller of handle_mm_fault() wants no sleep and keeps its lock. It may
		 * retry without this flag, and that call waits.
		 */
		if (vmf->flags & FAULT_FLAG_RETRY_NOWAIT) {
			if (p) {
				p->due = true;
				flab_pending_add(region, p);
			}
			return VM_FAULT_RETRY;
		}
		f->keeps_lock = !p;
	}
	if (!p)
		return flab_wait_locked(f);

	/*
	 * Let the freezer freeze the task only in a fault from user mode: in a system call
	 * it may hold locks that other tasks wait for, which then cannot be frozen.
	 */
	if (vmf->flags & FAULT_FLAG_USER)
		state |= TASK_FREEZABLE;
	flab_record_save(f);
	f->file = get_file(vmf->vma->vm_file);
	f->counters = &region->spare;
	release_fault_lock(vmf);
	if (flab_wait_out(f, FLAB_GATE_NO_LIMIT, state))
		flab_pending_add(region, p);
	else
		flab_pending_free(p);
	return VM_FAULT_RETRY;
}
