// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command that faultlab record runs, and why it cannot.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/record.h"

/* The command runs what it is, or tells its parent by a pipe why not. */
int child_start(struct child *child, char **command)
{
	int said[2], err = 0;

	if (!command)
		return 0;
	if (pipe2(said, O_CLOEXEC))
		return failed("no pipe: %s.", strerror(errno));
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
	return child->pidfd < 0 ? failed("cannot watch %s: %s.", *command, strerror(errno)) : 0;
}

/* One that outlives the recording is asked to end, as ^C would have. */
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
