/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests of rules: functions that set and add a rule passed by value.
 */
#ifndef TLIB_RULE_H
#define TLIB_RULE_H

#include <kselftest_harness.h>
#include "lib/tlib.h"

#define NR		8
#define FOR_EVER	(60000 * TLIB_MS)	/* longer than a test may take */

static inline int set_rule(int fd, struct faultlab_rule rule)
{
	return faultlab_rule(fd, FAULTLAB_RULE_SET, &rule);
}

static inline int add_rule(int fd, struct faultlab_rule rule)
{
	return faultlab_rule(fd, FAULTLAB_RULE_ADD, &rule);
}

/* The counters after a fault that was delayed and retried. */
static inline const char *after_delay(const char *access)
{
	const char *end = tlib_delayed_ends();

	return tlib_text("%s 1 %s 1 retry 1 locked 1 delayed pages +1 %.3sflt 1", access, end, end);
}

#endif /* TLIB_RULE_H */
