/* SPDX-License-Identifier: GPL-2.0-only */
/* Ending a callback without an entry. */
#ifndef FLAB_NOPAGE_H
#define FLAB_NOPAGE_H

#include <linux/mm_types.h>
#include <linux/sched/signal.h>

/*
 * Whether a task is on its way out. In do_exit() it has no signal pending any more, and
 * still accesses user memory (clear_child_tid, robust futexes).
 */
static inline bool flab_task_dies(void)
{
	return fatal_signal_pending(current) || (current->flags & PF_EXITING);
}

/**
 * flab_fault_nopage - end a callback without having mapped anything
 *
 * VM_FAULT_NOPAGE without an entry makes the access fault again, and where the kernel
 * accesses on behalf of a task nobody looks for signals in between
 * (fault_signal_pending() does so after VM_FAULT_RETRY only). So whoever returns it has
 * removed what stood in the way, or is finite by construction, and goes through here,
 * where a task that dies gets an error instead, and others get the processor: on the
 * way of a copy to or from the user nothing else reschedules. May sleep.
 *
 * Return: VM_FAULT_NOPAGE, or VM_FAULT_SIGBUS if the task dies.
 */
static inline vm_fault_t flab_fault_nopage(void)
{
	cond_resched();
	return flab_task_dies() ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
}

#endif /* FLAB_NOPAGE_H */
