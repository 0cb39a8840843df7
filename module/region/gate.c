// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate: faults wait here until user space lets them pass, in the order of arrival.
 * With it a test can build a race step by step. mmap_lock or the VMA lock is dropped while
 * a fault waits, except with FAULTLAB_RULE_HOLD_LOCK.
 */
#include <linux/errno.h>
#include <linux/faultlab.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include "region/gate.h"

/**
 * struct flab_gate_waiter - a task that waits at the gate; lives on the task's stack
 * @node: in gate->faults; empty once the wait is over
 * @task: the task to wake
 * @stands: true if the verdict of its fault still holds, false if the fault must match
 *	the rules again
 */
struct flab_gate_waiter {
	struct list_head node;
	struct task_struct *task;
	bool stands;
};

void flab_gate_init(struct flab_gate *gate)
{
	spin_lock_init(&gate->lock);
	INIT_LIST_HEAD(&gate->faults);
	init_waitqueue_head(&gate->arrival);
}

/* Wake up to @nr waiters, the oldest first. Return: how many were woken. */
static u64 flab_gate_let_go(struct flab_gate *gate, u64 nr, bool stands)
{
	struct flab_gate_waiter *w, *next;
	u64 done = 0;

	lockdep_assert_held(&gate->lock);
	list_for_each_entry_safe(w, next, &gate->faults, node) {
		if (done == nr)
			break;
		/* @w stays valid: to leave flab_gate_wait() its task needs gate->lock. */
		w->stands = stands;
		list_del_init(&w->node);
		WRITE_ONCE(gate->waiting, gate->waiting - 1);
		wake_up_process(w->task);
		done++;
	}
	return done;
}

/*
 * Return: true if the fault need not wait: it must match the rules again, or the gate is
 * open, or a pass was left, which this uses up. Otherwise false, with the fault queued.
 */
static bool flab_gate_enter(struct flab_gate *gate, struct flab_gate_waiter *w, u64 era)
{
	lockdep_assert_held(&gate->lock);
	if (gate->era != era) {
		w->stands = false;
		return true;
	}
	if (gate->open)
		return true;
	if (gate->passes) {
		gate->passes--;
		return true;
	}
	list_add_tail(&w->node, &gate->faults);
	WRITE_ONCE(gate->waiting, gate->waiting + 1);
	wake_up_all(&gate->arrival);
	return false;
}

/**
 * flab_gate_wait - wait to be let pass
 * @gate: the gate
 * @era: gate->era when the fault got its verdict
 * @limit_us: longest wait, or FLAB_GATE_NO_LIMIT
 * @state: task state to sleep in; a fatal signal ends the wait
 *
 * Return: true if the verdict of the fault still holds, false if the fault must match
 * the rules again.
 */
bool flab_gate_wait(struct flab_gate *gate, u64 era, u64 limit_us, unsigned int state)
{
	struct flab_gate_waiter w = { .task = current, .stands = true };
	ktime_t end = KTIME_MAX;

	if (limit_us != FLAB_GATE_NO_LIMIT)
		end = ktime_add_us(ktime_get(), limit_us);

	spin_lock(&gate->lock);
	if (!flab_gate_enter(gate, &w, era)) {
		while (!list_empty(&w.node)) {
			if (fatal_signal_pending(current) ||
			    !ktime_before(ktime_get(), end)) {
				list_del_init(&w.node);
				WRITE_ONCE(gate->waiting, gate->waiting - 1);
				break;
			}
			set_current_state(state);
			spin_unlock(&gate->lock);
			schedule_hrtimeout(&end, HRTIMER_MODE_ABS);
			spin_lock(&gate->lock);
		}
	}
	spin_unlock(&gate->lock);
	return w.stands;
}

/**
 * flab_gate_stir - make all waiting faults match the rules again
 * @gate: the gate
 *
 * For a caller that changes the rules or unplugs the region. It holds region->sem for
 * write, so no fault can match the new rules with the old era.
 */
void flab_gate_stir(struct flab_gate *gate)
{
	spin_lock(&gate->lock);
	gate->era++;
	flab_gate_let_go(gate, U64_MAX, false);
	spin_unlock(&gate->lock);
}

/*
 * Not in jiffies: a virtual machine that stood still makes up for many of them at once. Not by
 * wait_event_interruptible_hrtimeout(): it reads the task pointer of its timer here, which
 * races with the plain store of hrtimer_wakeup().
 */
static int flab_gate_await(struct flab_gate *gate, u32 nr, u64 timeout_us)
{
	DEFINE_WAIT(wait);
	ktime_t end;
	long err;

	if (timeout_us > FAULTLAB_MAX_DELAY_US)
		return -EINVAL;
	end = ktime_add_us(ktime_get(), timeout_us);
	for (;;) {
		err = prepare_to_wait_event(&gate->arrival, &wait, TASK_INTERRUPTIBLE);
		if (READ_ONCE(gate->waiting) >= nr) {
			err = 0;
			break;
		}
		if (!err && !ktime_before(ktime_get(), end))
			err = -ETIMEDOUT;
		if (err)
			break;
		schedule_hrtimeout(&end, HRTIMER_MODE_ABS);
	}
	finish_wait(&gate->arrival, &wait);
	/*
	 * ERESTARTNOHAND: a signal with a handler ends the call with EINTR even with
	 * SA_RESTART, as a restart would begin the timeout anew with each signal. After
	 * a signal without a handler (SIGCONT) the call restarts with the whole timeout.
	 */
	return err == -ERESTARTSYS ? -ERESTARTNOHAND : err;
}

/**
 * flab_gate_ioctl - FAULTLAB_IOC_GATE
 * @gate: the gate
 * @arg: in: the operation; out: how many faults wait afterwards
 *
 * Return: 0, -EINVAL, or for AWAIT -ETIMEDOUT or -ERESTARTNOHAND.
 */
int flab_gate_ioctl(struct flab_gate *gate, struct faultlab_gate *arg)
{
	int err = 0;

	if ((arg->timeout_us && arg->op != FAULTLAB_GATE_AWAIT) ||
	    (arg->nr && arg->op != FAULTLAB_GATE_AWAIT && arg->op != FAULTLAB_GATE_PASS))
		return -EINVAL;

	if (arg->op == FAULTLAB_GATE_AWAIT)
		err = flab_gate_await(gate, arg->nr, arg->timeout_us);

	spin_lock(&gate->lock);
	switch (arg->op) {
	case FAULTLAB_GATE_AWAIT:
		break;
	case FAULTLAB_GATE_PASS:
		gate->passes += arg->nr - flab_gate_let_go(gate, arg->nr, true);
		break;
	case FAULTLAB_GATE_OPEN:
		gate->open = true;
		flab_gate_let_go(gate, U64_MAX, true);
		break;
	case FAULTLAB_GATE_CLOSE:
		gate->open = false;
		gate->passes = 0;
		break;
	default:
		err = -EINVAL;
	}
	arg->waiting = gate->waiting;
	spin_unlock(&gate->lock);
	return err;
}
