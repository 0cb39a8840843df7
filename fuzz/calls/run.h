/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs a program in a process of its own, and says what was wrong with it. */
#ifndef FUZZ_RUN_H
#define FUZZ_RUN_H

#include "fuzz/calls/coverage.h"
#include "fuzz/calls/program.h"
#include "fuzz/calls/shared.h"

#define FUZZ_CALLS_MAX	96

/**
 * struct fuzz_outcome - how a program ended; in memory shared with its process
 * @failure: what must not be; "" if nothing
 * @shared: the shared region after the program, if it failed and used that
 * @fd: the program's descriptors (struct fuzz_world)
 * @steps: how many steps have ended
 * @fresh: what it was the first to run, fuzz_trace_take()
 * @killed: it took too long
 * @oom: the kernel killed it, as memory ran out
 * @hangs: it, or a child of it, could not be killed
 */
struct fuzz_outcome {
	char failure[FUZZ_FAILURE];
	struct fuzz_shared shared;
	int fd[FUZZ_FDS];
	unsigned int steps;
	unsigned int fresh;
	bool killed;
	bool oom;
	bool hangs;
};

/**
 * struct fuzz_setup - what all programs of a round share
 * @shared: descriptor of a region
 * @peer: process that touches a mapping of it without end
 * @disk: descriptor for O_DIRECT, or -1
 * @number: of the program, among those that run at about the same time
 * @worker: number of the worker
 * @running: by worker, the process of the program that it runs
 * @nr_running: number of workers
 * @end: when programs are killed at the latest (monotonic_ns())
 * @trace: one for each lane, of this worker
 * @coverage: of all workers
 * @count: by call, of all workers
 */
struct fuzz_setup {
	int shared;
	pid_t peer;
	int disk;
	unsigned int number;
	unsigned int worker;
	pid_t *running;
	unsigned int nr_running;
	__u64 end;
	struct fuzz_trace trace[FUZZ_LANES];
	struct fuzz_coverage *coverage;
	struct fuzz_count *count;
};

/*
 * Returns when the program and all its children have ended, or hang: 0, or -errno if the
 * process could not be started. The caller becomes a child subreaper.
 */
int fuzz_run(const struct fuzz_program *program, const struct fuzz_setup *setup,
	     struct fuzz_outcome *outcome);

/* watch.c: how many callbacks tasks make after they were killed. */
struct fuzz_watch {
	int fd[FUZZ_FDS];
	unsigned int nr;
	__u64 callbacks;
};

/* Takes the regions of a program that no other program has; before it is killed. */
void fuzz_watch_open(struct fuzz_watch *watch, int pidfd, int shared, const int *fd);
/* How many callbacks the regions have counted. */
__u64 fuzz_watch_read(const struct fuzz_watch *watch);
/* When all tasks have the signal. */
void fuzz_watch_start(struct fuzz_watch *watch);
/*
 * When all tasks have ended: how many callbacks there were since. Closes the regions, and
 * notes a failure if one of their counters is negative.
 */
__u64 fuzz_watch_end(struct fuzz_watch *watch, char *failure);

/* check.c: what must hold for the regions of a program when it is over. */
void fuzz_check_regions(struct fuzz_world *w);

/* check.c: what must hold when no region is open. False: @why says what does not. */
bool fuzz_check_quiet(char *why, size_t size);

#endif /* FUZZ_RUN_H */
