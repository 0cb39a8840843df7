// SPDX-License-Identifier: GPL-2.0-only
/* FAULTLAB_IOC_LATENCY: the ioctl that switches, reads and resets latency histograms. */
#include <linux/bits.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include "may_see.h"
#include "observe/latency.h"

static u32 flab_latency_accesses(void)
{
	u32 all = 0;
	int access;

	for (access = 0; access < FLAB_NR_ACCESS; access++)
		all |= flab_access_mask[access];
	return all;
}

static void flab_latency_fill(struct faultlab_latency *arg, const struct flab_latency_cell *sum)
{
	int access, result, i;

	for (access = 0; access < FLAB_NR_ACCESS; access++) {
		if (arg->access && !(arg->access & flab_access_mask[access]))
			continue;
		for (result = 0; result < FLAB_NR_RESULT; result++) {
			if (arg->results && !(arg->results & BIT(result)))
				continue;
			for (i = 0; i < FAULTLAB_LATENCY_BUCKETS; i++)
				arg->count[i] += sum->count[access][result][i];
			arg->total_ns += sum->total_ns[access][result];
		}
	}
}

static int flab_latency_show(struct flab_region *region, struct faultlab_latency *arg,
			     bool reset)
{
	struct flab_latency_cell *sum;

	if ((arg->access & ~flab_latency_accesses()) ||
	    (arg->results & ~GENMASK(FLAB_NR_RESULT - 1, 0)))
		return -EINVAL;
	sum = flab_latency_snapshot(region, reset);
	if (!sum)
		return -ENOMEM;
	flab_latency_fill(arg, sum);
	kvfree(sum);
	return 0;
}

/**
 * flab_latency_ioctl - switch histograms on or off, read or reset them
 * @file: file of the region
 * @arg: in: the operation; out: the histogram, and whether it is on
 *
 * Return: 0; -EINVAL if a field of @arg is not valid; -EPERM if FAULTLAB_LATENCY_ALL is
 * set and the caller may not see other tasks' faults; -ENOMEM.
 */
int flab_latency_ioctl(const struct file *file, struct faultlab_latency *arg)
{
	struct flab_region *of = arg->flags & FAULTLAB_LATENCY_ALL ? NULL : file->private_data;
	bool shows = arg->op == FAULTLAB_LATENCY_SHOW || arg->op == FAULTLAB_LATENCY_RESET;
	int err = 0;

	if ((arg->flags & ~FAULTLAB_LATENCY_ALL) || (!shows && (arg->access || arg->results)))
		return -EINVAL;
	if (!of && !flab_may_see(file, FLAB_SECRET_TASKS))
		return -EPERM;
	arg->total_ns = 0;
	memset(arg->count, 0, sizeof(arg->count));
	switch (arg->op) {
	case FAULTLAB_LATENCY_SHOW:
	case FAULTLAB_LATENCY_RESET:
		err = flab_latency_show(of, arg, arg->op == FAULTLAB_LATENCY_RESET);
		break;
	case FAULTLAB_LATENCY_START:
		err = of ? flab_latency_start(of) : flab_latency_start_all();
		break;
	case FAULTLAB_LATENCY_STOP:
		if (of)
			flab_latency_stop(of);
		else
			flab_latency_stop_all();
		break;
	default:
		return -EINVAL;
	}
	arg->running = flab_latency_runs(of);
	return err;
}
