/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failure points of an operation: the calls in it that can be made to fail, allocations
 * above all (/proc/self/fail-nth, CONFIG_FAULT_INJECTION). Each is made to fail once.
 */
#ifndef TLIB_FAIL_NTH_H
#define TLIB_FAIL_NTH_H

#include <stdbool.h>
#include <stddef.h>

/* As the function of a fallback: an allocation with __GFP_NOWARN, which is not logged. */
#define TLIB_FAIL_QUIET	"(__GFP_NOWARN)"

/**
 * struct tlib_fail_fallback - a failed allocation that an operation does without
 * @function: is in the call trace of the allocation, or TLIB_FAIL_QUIET
 * @why: what is done without it
 * @applies: whether it can happen with this argument of the operation; NULL: always
 */
struct tlib_fail_fallback {
	const char *function;
	const char *why;
	bool (*applies)(void *arg);
};

#define TLIB_FAIL_WITHOUT(function, why)		{ function, why, NULL }
#define TLIB_FAIL_WITHOUT_IF(function, why, applies)	{ function, why, applies }
#define TLIB_FAIL_END					{ NULL, NULL, NULL }

/**
 * struct tlib_fail_op - an operation
 * @name: for messages
 * @prepare: called before each try, without failures: 0 or -errno; may be NULL
 * @run: the operation: 0 or -errno
 * @undo: called after each try, also of a failed one; may be NULL
 * @error: what @run returns if an allocation fails; 0 if it always succeeds
 * @other: what it returns for some of the allocations instead; 0 if there are none
 * @fallbacks: allocations without which it succeeds, ends with TLIB_FAIL_END; NULL: none
 * @applies: whether there is such an operation with this argument; NULL: always. Where there
 *	is none, it has no points
 */
struct tlib_fail_op {
	const char *name;
	int (*prepare)(void *arg);
	int (*run)(void *arg);
	void (*undo)(void *arg);
	int error;
	int other;
	const struct tlib_fail_fallback *fallbacks;
	bool (*applies)(void *arg);
};

/*
 * Lets allocations that may sleep fail, too. -ENOENT: the kernel has no failure points.
 * The memory of kmemleak and of debugobjects is left out: they do without.
 */
int tlib_fail_begin(void);
void tlib_fail_end(void);

#define TLIB_FAIL_TEXT	1024

/**
 * struct tlib_fail_report - what was found
 * @points: how many points were made to fail
 * @survived: how many of them a fallback explains
 * @unexplained: with how many of them the operation succeeded for no known reason, but not
 *	again: in another try the point was a failure, or was not reached
 * @why: empty if all is well, else a sentence
 */
struct tlib_fail_report {
	unsigned int points;
	unsigned int survived;
	unsigned int unexplained;
	char why[TLIB_FAIL_TEXT];
};

/*
 * Fails the points first, first + step, ... of an operation, until it has no more. After
 * each every-th one, the operation must succeed. Returns 0, or -1 with @why.
 */
int tlib_fail_each(const struct tlib_fail_op *op, void *arg, unsigned int first,
		   unsigned int step, unsigned int every, struct tlib_fail_report *report);

/* Fails the first points of an operation in turn, so many times together. */
void tlib_fail_again(const struct tlib_fail_op *op, void *arg, unsigned int points,
		     unsigned int times);

/* How many points an operation has that ends in any way. */
unsigned int tlib_fail_count(const struct tlib_fail_op *op, void *arg);

#endif /* TLIB_FAIL_NTH_H */
