/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that are killed while they fault or wait. What may not happen is a task
 * that cannot be killed, so nothing here waits for one without a limit; the limit is
 * for hangs and says nothing of how fast a machine is.
 */
#ifndef FLAB_KILL_H
#define FLAB_KILL_H

#include "flab.h"

#define FLAB_HANG_S	30	/* a task that is there this long after SIGKILL hangs */

/* As flab_reap(), but -ETIMEDOUT if the process is still there after so many seconds. */
int flab_reap_within(pid_t pid, unsigned int seconds);

/* Sends the signal and waits for at most FLAB_HANG_S. */
int flab_kill(pid_t pid, int signal);

/*
 * The tasks that a process still has: "TID: syscall NR, WCHAN; ...". For the message
 * of a test that fails; good until flab_text() was called eight more times.
 */
const char *flab_tasks(pid_t pid);

/* All callbacks of the region that have ended. */
__u64 flab_callbacks(int fd);

#endif /* FLAB_KILL_H */
