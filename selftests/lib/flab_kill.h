/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that are killed while they fault or wait. Each wait has a time limit, since
 * a task that cannot be killed is the bug these tests look for. The limit is for hangs;
 * it does not depend on the machine's speed.
 */
#ifndef FLAB_KILL_H
#define FLAB_KILL_H

#include "lib/flab.h"

#define FLAB_HANG_S	30	/* a task that lives this long after SIGKILL hangs */

/* As flab_reap(), but -ETIMEDOUT if the process has not ended after so many seconds. */
int flab_reap_within(pid_t pid, unsigned int seconds);

/* Sends the signal and waits for at most FLAB_HANG_S. */
int flab_kill(pid_t pid, int signal);

/*
 * The tasks that a process still has, for a failure message: "TID: syscall NR, WCHAN;
 * ...". Valid until this thread has called flab_text() 16 times more.
 */
const char *flab_tasks(pid_t pid);

/* The number of the region's callbacks that have ended. */
__u64 flab_callbacks(int fd);

#endif /* FLAB_KILL_H */
