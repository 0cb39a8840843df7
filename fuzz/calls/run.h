/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs a program in a process of its own, and says what was wrong with it. */
#ifndef FUZZ_RUN_H
#define FUZZ_RUN_H

#include "fuzz/calls/coverage.h"
#include "fuzz/calls/program.h"

#define FUZZ_CALLS_MAX	96

/**
 * struct fuzz_outcome - how a program ended; in memory shared with its process
 * @failure: what must not be; "" if nothing
 * @fresh: what it was the first to run, fuzz_trace_take()
 * @killed: it took too long
 * @oom: the kernel killed it, as memory ran out
 * @hangs: and could not be killed
 */
struct fuzz_outcome {
	char failure[FUZZ_FAILURE];
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
 * @trace: one for each lane, of this worker
 * @coverage: of all workers
 * @count: by call, of all workers
 */
struct fuzz_setup {
	int shared;
	pid_t peer;
	int disk;
	unsigned int number;
	struct fuzz_trace trace[FUZZ_LANES];
	struct fuzz_coverage *coverage;
	struct fuzz_count *count;
};

/* 0, or -errno if the process could not be started. */
int fuzz_run(const struct fuzz_program *program, const struct fuzz_setup *setup,
	     struct fuzz_outcome *outcome);

/* check.c: what must hold for the regions of a program when it is over. */
void fuzz_check_regions(struct fuzz_world *w);

/* check.c: what must hold when no region is open. False: @why says what does not. */
bool fuzz_check_quiet(char *why, size_t size);

#endif /* FUZZ_RUN_H */
