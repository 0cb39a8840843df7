// SPDX-License-Identifier: GPL-2.0-only
/*
 * Histograms of how long callbacks took.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "faultlab.h"

static int control(int fd, enum faultlab_latency_op op, __u32 flags,
		   struct faultlab_latency *latency)
{
	latency->size = sizeof(*latency);
	latency->op = op;
	latency->flags = flags;
	return ioctl(fd, FAULTLAB_IOC_LATENCY, latency) ? -errno : 0;
}

int faultlab_latency_start(int fd, __u32 flags)
{
	struct faultlab_latency latency = { 0 };

	return control(fd, FAULTLAB_LATENCY_START, flags, &latency);
}

int faultlab_latency_stop(int fd, __u32 flags)
{
	struct faultlab_latency latency = { 0 };

	return control(fd, FAULTLAB_LATENCY_STOP, flags, &latency);
}

int faultlab_latency(int fd, __u32 flags, __u32 access, __u32 results,
		     struct faultlab_latency *latency)
{
	*latency = (struct faultlab_latency) { .access = access, .results = results };
	return control(fd, FAULTLAB_LATENCY_SHOW, flags, latency);
}

int faultlab_latency_reset(int fd, __u32 flags, struct faultlab_latency *latency)
{
	*latency = (struct faultlab_latency) { 0 };
	return control(fd, FAULTLAB_LATENCY_RESET, flags, latency);
}

__u64 faultlab_latency_sum(const struct faultlab_latency *latency)
{
	__u64 sum = 0;
	unsigned int i;

	for (i = 0; i < FAULTLAB_LATENCY_BUCKETS; i++)
		sum += latency->count[i];
	return sum;
}

__u64 faultlab_latency_from(unsigned int bucket)
{
	return bucket ? 1ULL << bucket : 0;
}

__u64 faultlab_latency_to(unsigned int bucket)
{
	return bucket < FAULTLAB_LATENCY_BUCKETS - 1 ? (2ULL << bucket) - 1 : ~0ULL;
}

__u64 faultlab_latency_quantile(const struct faultlab_latency *latency, __u32 millionths)
{
	__u64 sum = faultlab_latency_sum(latency), seen = 0;
	unsigned int i;

	for (i = 0; sum && i < FAULTLAB_LATENCY_BUCKETS; i++) {
		seen += latency->count[i];
		if (seen && seen * 1000000.0 >= sum * (double)millionths)
			return faultlab_latency_to(i);
	}
	return 0;
}
