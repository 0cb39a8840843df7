// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <unistd.h>

#include "lib/machine/free_pages.h"
#include "lib/sys.h"

/* The number of free pages on the per-CPU lists, which MemFree leaves out. */
static __u64 pages_of_cpus(void)
{
	unsigned long long count;
	__u64 pages = 0;
	char line[256];
	FILE *zones;

	zones = fopen("/proc/zoneinfo", "re");
	while (zones && fgets(line, sizeof(line), zones))
		if (sscanf(line, " count: %llu", &count) == 1)
			pages += count;
	if (zones)
		fclose(zones);
	return pages;
}

#define SAMPLES		30
#define SAMPLE_US	100000

__u64 tlib_free_pages(__u64 enough)
{
	__u64 most = 0, kib = 0, now;
	unsigned int i;

	tlib_write_text("/proc/sys/vm/drop_caches", "3");
	tlib_empty_quarantine();
	tlib_write_text("/proc/sys/vm/compact_memory", "1");
	for (i = 0; i < SAMPLES && (!i || most < enough); i++) {
		if (i)
			usleep(SAMPLE_US);
		tlib_write_text("/proc/sys/vm/stat_refresh", "1");
		if (tlib_read_field("/proc/meminfo", "MemFree:", &kib))
			return 0;
		now = kib / 4 + pages_of_cpus();
		most = now > most ? now : most;
	}
	return most;
}
