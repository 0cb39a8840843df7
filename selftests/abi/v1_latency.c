// SPDX-License-Identifier: GPL-2.0-only
/* Histograms of latency. */
#include <errno.h>
#include <unistd.h>

#include "v1.h"

static struct faultlab_latency latency(int fd, __u32 op, __u32 access, __u32 results)
{
	struct faultlab_latency arg = {
		.size = sizeof(arg),
		.op = op,
		.access = access,
		.results = results,
	};

	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_LATENCY, &arg));
	return arg;
}

static __u64 total(struct faultlab_latency latency)
{
	unsigned int i;
	__u64 sum = 0;

	for (i = 0; i < FAULTLAB_LATENCY_BUCKETS; i++)
		sum += latency.count[i];
	return sum;
}

static void latency_of_region(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 3);
	char *at = v1_map(fd, RW, MAP_SHARED, 3);

	v1_put(at, 'l');
	CHECK(0, total(latency(fd, FAULTLAB_LATENCY_SHOW, 0, 0)));
	CHECK(1, latency(fd, FAULTLAB_LATENCY_START, 0, 0).running);
	v1_put(at + PAGE, 'l');
	CHECK(1, total(latency(fd, FAULTLAB_LATENCY_SHOW, 0, 0)));
	CHECK_TRUE(latency(fd, FAULTLAB_LATENCY_SHOW, 0, 0).total_ns > 0);
	CHECK(1, total(latency(fd, FAULTLAB_LATENCY_SHOW, FAULTLAB_ACCESS_WRITE, 0)));
	CHECK(0, total(latency(fd, FAULTLAB_LATENCY_SHOW, FAULTLAB_ACCESS_READ, 0)));
	CHECK(1, total(latency(fd, FAULTLAB_LATENCY_SHOW, 0, 1U << FAULTLAB_RESULT_MINOR)));
	CHECK(0, total(latency(fd, FAULTLAB_LATENCY_SHOW, 0, 1U << FAULTLAB_RESULT_SIGBUS)));
	CHECK(1, total(latency(fd, FAULTLAB_LATENCY_RESET, 0, 0)));
	CHECK(0, total(latency(fd, FAULTLAB_LATENCY_SHOW, 0, 0)));
	CHECK(0, latency(fd, FAULTLAB_LATENCY_STOP, 0, 0).running);
	v1_put(at + 2 * PAGE, 'l');
	CHECK(0, total(latency(fd, FAULTLAB_LATENCY_SHOW, 0, 0)));
}

static void latency_of_all(unsigned int arg)
{
	struct faultlab_latency all = {
		.size = sizeof(all),
		.op = FAULTLAB_LATENCY_START,
		.flags = FAULTLAB_LATENCY_ALL,
	};
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1);
	char *at = v1_map(fd, RW, MAP_SHARED, 1);
	int err = v1_ioctl(fd, FAULTLAB_IOC_LATENCY, &all);

	if (err == -EPERM)
		v1_skip(NO_ADMIN);
	CHECK(0, err);
	CHECK(1, all.running);
	v1_get(at);
	all.op = FAULTLAB_LATENCY_STOP;
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_LATENCY, &all));
	CHECK(0, all.running);
	all.op = FAULTLAB_LATENCY_SHOW;
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_LATENCY, &all));
	CHECK_TRUE(total(all) >= 1);
}

const struct v1_test v1_latency_tests[] = {
	{ "latency", "of a region", latency_of_region, 0 },
	{ "latency", "of all regions", latency_of_all, 0 },
	{ },
};
