/* SPDX-License-Identifier: GPL-2.0-only */
/* Ending a callback that maps nothing. */
#ifndef FLAB_NOPAGE_H
#define FLAB_NOPAGE_H

#include <linux/mm_types.h>
#include <linux/sched/signal.h>

/*
 * Whether the current task is dying. PF_EXITING is checked, too: in do_exit() no fatal
 * signal is pending any more, but the task still accesses user memory (clear_child_tid,
 * robust futexes).
 */
static inline bool flab_task_dies(void)
{
	return fatal_signal_pending(current) || (current->flags & PF_EXITING);
}

/**
 * flab_fault_nopage - end a callback without having mapped anything
 *
 * VM_FAULT_NOPAGE without an entry makes the access fault again. If the kernel makes the
 * access, nothing checks for signals between two faults (fault_signal_pending() does so
 * after VM_FAULT_RETRY only), and in a copy to or from user space nothing calls the
 * scheduler. So every callback that maps nothing ends here: a dying task gets an error,
 * other tasks get the CPU. The caller must not let the access fault for ever: it has
 * removed a stale entry, or maps nothing only a limited number of times. May sleep.
 *
 * Return: VM_FAULT_NOPAGE, or VM_FAULT_SIGBUS if the task is dying.
 */
static inline vm_fault_t flab_fault_nopage(void)
{
	cond_resched();
	return flab_task_dies() ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
}

#endif /* FLAB_NOPAGE_H */
