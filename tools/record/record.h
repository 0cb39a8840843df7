/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faultlab record: the command that runs during the recording.
 */
#ifndef FAULTLAB_TOOL_RECORD_H
#define FAULTLAB_TOOL_RECORD_H

#include "records/records.h"

struct child {
	pid_t pid;	/* 0 if there is none */
	int pidfd;	/* -1 if there is none; readable once the child has ended */
	int status;	/* from waitpid(), after the end */
};

/*
 * Starts command, or does nothing if it is NULL. Returns 0, or the exit status after an
 * error was printed.
 */
int child_start(struct child *child, char **command);
/* Sends SIGTERM to the child, if there is one, and reaps it. */
void child_end(struct child *child);

#endif /* FAULTLAB_TOOL_RECORD_H */
