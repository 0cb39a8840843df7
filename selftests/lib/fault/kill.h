/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes that are killed while they fault or wait. Each wait has a time limit, since
 * a task that cannot be killed is the bug these tests look for. The limit is for hangs;
 * it does not depend on the machine's speed.
 */
#ifndef TLIB_KILL_H
#define TLIB_KILL_H

#include "lib/tlib.h"

#define TLIB_HANG_S	30	/* a task that lives this long after SIGKILL hangs */

/* As tlib_reap(), but -ETIMEDOUT if the process has not ended after so many seconds. */
int tlib_reap_within(pid_t pid, unsigned int seconds);

/* Sends the signal and waits for at most TLIB_HANG_S. */
int tlib_kill(pid_t pid, int signal);

/*
 * The tasks that a process still has, for a failure message: "TID: syscall NR, WCHAN;
 * ...". Valid until this thread has called tlib_text() 16 times more.
 */
const char *tlib_tasks(pid_t pid);

/* The number of the region's callbacks that have ended. */
__u64 tlib_callbacks(int fd);

#endif /* TLIB_KILL_H */
