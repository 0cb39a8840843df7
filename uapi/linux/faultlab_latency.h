/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * How long callbacks took, as a histogram. Measuring is off until START, and costs nothing
 * while it is off. Results are enum faultlab_result of <linux/faultlab_record.h>.
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
 * RESET  read the histogram and set it to 0; whether it is measured does not change
 */
enum faultlab_latency_op {
	FAULTLAB_LATENCY_SHOW,
	FAULTLAB_LATENCY_START,
	FAULTLAB_LATENCY_STOP,
	FAULTLAB_LATENCY_RESET,
};

/* The sum over all regions, ended and future ones included. It is a secret of tasks. */
#define FAULTLAB_LATENCY_ALL	(1U << 0)

/*
 * FAULTLAB_IOC_LATENCY: how long callbacks took, waits included. Bucket n counts
 * callbacks of 2^n to 2^(n+1) - 1 ns; the first bucket also those of 0 ns, the last one
 * also all longer ones. A region is measured after a START for it, or for ALL.
 *   EPERM   FAULTLAB_LATENCY_ALL is set, and the caller or the opener of the file lacks
 *           CAP_SYS_ADMIN: latencies of all regions are a secret of tasks
 */
struct faultlab_latency {
	__u32 size;
	__u32 op;	/* enum faultlab_latency_op */
	__u32 flags;	/* FAULTLAB_LATENCY_* */
	__u32 access;	/* SHOW, RESET: the first five of FAULTLAB_ACCESS_*, and AROUND; 0: all */
	__u32 results;	/* SHOW, RESET: bits 1 << enum faultlab_result; 0: all */
	__u32 running;	/* out: 1 if the region (with ALL: all regions) is being measured */
	__u64 total_ns;	/* out: sum over all callbacks that were counted */
	__u64 count[FAULTLAB_LATENCY_BUCKETS];	/* out */
};

#endif /* _UAPI_LINUX_FAULTLAB_LATENCY_H */
