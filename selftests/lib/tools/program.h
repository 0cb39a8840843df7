/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs of other projects that stress the kernel (trinity, stress-ng). They run as user
 * nobody in a PID namespace, so that none of their processes can outlive the test, and with
 * limits on memory, processes and files. Nobody else may open /dev/faultlab; so they get
 * nodes of their own with the device's number.
 */
#ifndef TLIB_PROGRAM_H
#define TLIB_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "faultlab.h"

#define TLIB_PROGRAM_NODES	8

/* The status of a program that went on after SIGINT and was killed. */
#define TLIB_PROGRAM_KILLED	99

struct tlib_program {
	char dir[32];			/* in /tmp, with nodes/0 to nodes/7 and work/ */
	const char *const *argv;	/* it starts in work/ */
	unsigned int seconds;		/* then it gets SIGINT, and 30 s later SIGKILL */
	unsigned int mib;		/* of address space that each process may have */
	pid_t pid;
};

/* Make the folder; remove it with what the program left there. 0 or -errno. */
int tlib_program_setup(struct tlib_program *p);
void tlib_program_remove(struct tlib_program *p);

int tlib_program_start(struct tlib_program *p);

/* Whether it still runs; false also once tlib_program_end() has been called. */
bool tlib_program_runs(struct tlib_program *p);

/*
 * Wait until none of its processes is left. Return its exit status, 128 + the signal that
 * ended it, TLIB_PROGRAM_KILLED, or -ETIMEDOUT if a process is left 30 s after SIGKILL.
 */
int tlib_program_end(struct tlib_program *p);

/* The end of what it wrote to stdout and stderr, in all runs since setup. */
const char *tlib_program_output(const struct tlib_program *p);

#endif /* TLIB_PROGRAM_H */
