/* SPDX-License-Identifier: GPL-2.0-only */
/* Which code of the module calls run (KCOV), of all workers together. */
#ifndef FUZZ_COVERAGE_H
#define FUZZ_COVERAGE_H

#include <stdbool.h>

struct fuzz_coverage;

/* Shared with all processes that are forked later; NULL: no memory. */
struct fuzz_coverage *fuzz_coverage_open(void);

/* After the module was loaded: places are relative to where it is. */
void fuzz_coverage_base(struct fuzz_coverage *coverage);

/* Whether the kernel has KCOV. Without it programs are drawn blindly. */
bool fuzz_coverage_works(void);

/*
 * KCOV's buffer for one thread at a time. It is opened once: that takes longer than most
 * programs. The thread that uses it may be one of a process forked later.
 */
struct fuzz_trace {
	int fd;
	unsigned long *pc;	/* NULL: no KCOV */
};

void fuzz_trace_open(struct fuzz_trace *trace);

/* In each thread: before its first call (false: no KCOV), after each, and at its end. */
bool fuzz_trace_begin(const struct fuzz_trace *trace);
/* How many pairs of places, one run after the other, no call has run before. */
unsigned int fuzz_trace_take(const struct fuzz_trace *trace, struct fuzz_coverage *coverage);
void fuzz_trace_end(const struct fuzz_trace *trace);

unsigned int fuzz_coverage_count(const struct fuzz_coverage *coverage);

#endif /* FUZZ_COVERAGE_H */
