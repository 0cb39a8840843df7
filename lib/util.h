/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the library, the tool and the tests, but not part of the library's API.
 */
#ifndef FAULTLAB_UTIL_H
#define FAULTLAB_UTIL_H

#include <time.h>
#include <linux/types.h>

#ifndef ARRAY_SIZE	/* kselftest_harness.h defines it, too */
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

/* KPF(ANON): the bit KPF_ANON (linux/kernel-page-flags.h) in a word of flags. */
#define KPF(name)	(1ULL << KPF_##name)

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MS	1000000ULL

/* CLOCK_MONOTONIC in nanoseconds. */
static inline __u64 monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

#endif /* FAULTLAB_UTIL_H */
