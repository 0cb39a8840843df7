// SPDX-License-Identifier: GPL-2.0-only
/*
 * A first experiment: four pages, of which the third is slow. Built with nothing
 * but the UAPI header: gcc -Iuapi -o build/delay examples/delay.c
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <linux/faultlab.h>

#define PAGES	4
#define SLOW	2

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(void)
{
	long page = sysconf(_SC_PAGESIZE);
	struct faultlab_rule slow = {
		.offset = SLOW * page,
		.length = page,
		.delay_us = 200000,
	};
	struct faultlab_rules rules = {
		.size = sizeof(rules),
		.op = FAULTLAB_RULE_SET,
		.nr = 1,
		.rule_size = sizeof(slow),
		.rules = (uintptr_t)&slow,
	};
	struct faultlab_stats stats = { .size = sizeof(stats) };
	char *mem;
	int fd, i;

	fd = open("/dev/faultlab", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(1, "/dev/faultlab (is the module loaded?)");
	if (ioctl(fd, FAULTLAB_IOC_RULE, &rules))
		err(1, "FAULTLAB_IOC_RULE");
	mem = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mem == MAP_FAILED)
		err(1, "mmap");

	for (i = 0; i < PAGES; i++) {
		double start = now_ms();

		mem[i * page] = 1;
		printf("page %d: %6.1f ms\n", i, now_ms() - start);
	}

	if (ioctl(fd, FAULTLAB_IOC_STATS, &stats))
		err(1, "FAULTLAB_IOC_STATS");
	printf("%llu writes: %llu minor, %llu major; %llu came back after a wait\n",
	       stats.value[FAULTLAB_STAT_FAULT_WRITE], stats.value[FAULTLAB_STAT_MINOR],
	       stats.value[FAULTLAB_STAT_MAJOR], stats.value[FAULTLAB_STAT_RETRY]);
	return 0;
}
