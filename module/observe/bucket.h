/* SPDX-License-Identifier: GPL-2.0-only */
/* The buckets of latency histograms. */
#ifndef FLAB_BUCKET_H
#define FLAB_BUCKET_H

#include <linux/faultlab.h>
#include <linux/log2.h>
#include <linux/minmax.h>

/* log2 of a duration: bucket 0 has 0 as well, and the last one all that is longer. */
static __always_inline int flab_bucket(u64 ns)
{
	return min(ilog2(ns | 1), FAULTLAB_LATENCY_BUCKETS - 1);
}

#endif /* FLAB_BUCKET_H */
