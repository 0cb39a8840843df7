// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts and ends the COMMAND of faultlab record; prints why if it cannot be run.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/record.h"

/* If execvp() fails, the child sends the errno to the parent through a pipe. */
int child_start(struct child *child, char **command)
{
	int said[2], err = 0;

	if (!command)
		return 0;
	if (pipe2(said, O_CLOEXEC))
		return failed("cannot make a pipe: %s.", strerror(errno));
	child->pid = fork();
	if (!child->pid) {
		execvp(*command, command);
		err = errno;
		if (write(said[1], &err, sizeof(err)) < 0)
			_exit(126);
		_exit(127);
	}
	close(said[1]);
	if (child->pid < 0)
		err = errno;
	else if (read(said[0], &err, sizeof(err)) != sizeof(err))
		err = 0;
	close(said[0]);
	if (child->pid > 0 && err)
		waitpid(child->pid, NULL, 0);
	if (err) {
		child->pid = 0;
		return failed("cannot run %s: %s.", *command, strerror(err));
	}
	child->pidfd = pidfd_open(child->pid, 0);
	return child->pidfd < 0 ? failed("cannot wait for %s: %s.", *command, strerror(errno)) : 0;
}

/* Asks a command that outlives the recording to end (SIGTERM), and reaps it. */
void child_end(struct child *child)
{
	if (child->pid <= 0)
		return;
	kill(child->pid, SIGTERM);
	while (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR)
		;
	if (child->pidfd >= 0)
		close(child->pidfd);
}
