/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faultlab record: the command that runs meanwhile.
 */
#ifndef FAULTLAB_TOOL_RECORD_H
#define FAULTLAB_TOOL_RECORD_H

#include "records/records.h"

struct child {
	pid_t pid;	/* 0 if there is none */
	int pidfd;	/* -1 likewise; readable: it has ended */
	int status;	/* of waitpid(), after the end */
};

/* A command of NULL is none. 0, or the exit status after an error was printed. */
int child_start(struct child *child, char **command);
/* Asks it to end if it has not. */
void child_end(struct child *child);

#endif /* FAULTLAB_TOOL_RECORD_H */
