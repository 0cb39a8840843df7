/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * How long callbacks took, as a histogram. It is off until it is started, and costs
 * nothing while off. Results are enum faultlab_result of <linux/faultlab_record.h>.
 * Included by <linux/faultlab.h>.
 */
#ifndef _UAPI_LINUX_FAULTLAB_LATENCY_H
#define _UAPI_LINUX_FAULTLAB_LATENCY_H

#include <linux/types.h>

#define FAULTLAB_LATENCY_BUCKETS	32

/*
 * SHOW   read the histogram
 * START  begin to measure; earlier measurements are kept
 * STOP   stop measuring; measurements can still be read
 * RESET  read the histogram, then start at 0
 */
enum faultlab_latency_op {
	FAULTLAB_LATENCY_SHOW,
	FAULTLAB_LATENCY_START,
	FAULTLAB_LATENCY_STOP,
	FAULTLAB_LATENCY_RESET,
};

/* All regions, ended and future ones included: a secret of tasks. */
#define FAULTLAB_LATENCY_ALL	(1U << 0)

/*
 * FAULTLAB_IOC_LATENCY: how long callbacks took, waits included. Bucket n counts
 * callbacks of 2^n to 2^(n+1) - 1 ns, the first bucket also 0 ns, the last one all
 * longer ones. A region is measured after a START for it, or for ALL.
 *   EPERM   ALL, a secret of tasks
 */
struct faultlab_latency {
	__u32 size;
	__u32 op;	/* enum faultlab_latency_op */
	__u32 flags;	/* FAULTLAB_LATENCY_* */
	__u32 access;	/* SHOW, RESET: the first five of FAULTLAB_ACCESS_*, and AROUND; 0: all */
	__u32 results;	/* SHOW, RESET: 1 << enum faultlab_result; 0: all */
	__u32 running;	/* out: 1 if it is being measured */
	__u64 total_ns;	/* out: sum over all callbacks that were counted */
	__u64 count[FAULTLAB_LATENCY_BUCKETS];	/* out */
};

#endif /* _UAPI_LINUX_FAULTLAB_LATENCY_H */
