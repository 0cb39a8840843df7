/* SPDX-License-Identifier: GPL-2.0-only */
/* Ending a callback that maps nothing. */
#ifndef FLAB_NOPAGE_H
#define FLAB_NOPAGE_H

#include <linux/mm_types.h>
#include <linux/sched/signal.h>

/*
 * Whether the current task dies. In do_exit() no fatal signal is pending any more, but
 * the task still accesses user memory (clear_child_tid, robust futexes).
 */
static inline bool flab_task_dies(void)
{
	return fatal_signal_pending(current) || (current->flags & PF_EXITING);
}

/**
 * flab_fault_nopage - end a callback without having mapped anything
 *
 * VM_FAULT_NOPAGE without an entry makes the access fault again. Where the kernel
 * accesses user memory, nothing checks for signals in between (fault_signal_pending()
 * does so after VM_FAULT_RETRY only), and in a copy to or from user space nothing else
 * reschedules. So every callback that maps nothing ends here: a dying task gets an
 * error, other tasks get the CPU. The caller has removed what was in the way, or maps
 * nothing only a limited number of times. May sleep.
 *
 * Return: VM_FAULT_NOPAGE, or VM_FAULT_SIGBUS if the task dies.
 */
static inline vm_fault_t flab_fault_nopage(void)
{
	cond_resched();
	return flab_task_dies() ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
}

#endif /* FLAB_NOPAGE_H */
