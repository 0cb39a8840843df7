/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failure points of an operation: the calls in it that can be made to fail, allocations
 * above all (/proc/self/fail-nth, CONFIG_FAULT_INJECTION). Each is made to fail once.
 */
#ifndef TLIB_FAIL_NTH_H
#define TLIB_FAIL_NTH_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct tlib_fail_op - an operation
 * @name: for messages
 * @prepare: called before each try, without failures: 0 or -errno; may be NULL
 * @run: the operation: 0 or -errno
 * @undo: called after each try, also of a failed one; may be NULL
 * @errors: what @run may return besides -ENOMEM, ends with 0; -EFAULT is a signal
 */
struct tlib_fail_op {
	const char *name;
	int (*prepare)(void *arg);
	int (*run)(void *arg);
	void (*undo)(void *arg);
	int errors[3];
};

/* Lets allocations that may sleep fail, too. -ENOENT: the kernel has no failure points. */
int tlib_fail_begin(void);
void tlib_fail_end(void);

/*
 * Fails the first, second, ... failure point of an operation, until it has no more. After
 * each, the operation must succeed. Returns the number of points; or -1, and a sentence.
 */
#define TLIB_FAIL_TEXT	256
int tlib_fail_each(const struct tlib_fail_op *op, void *arg, char *why);

#endif /* TLIB_FAIL_NTH_H */
