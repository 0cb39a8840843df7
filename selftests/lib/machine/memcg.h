/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel memory that is charged to the calling process alone, in a cgroup of its own:
 * pages of regions, their index, page tables, per-CPU counters. This is more exact than
 * /proc/meminfo: other tasks are in other cgroups, and memory on per-CPU free lists and
 * in KASAN's quarantine has been uncharged already.
 */
#ifndef TLIB_MEMCG_H
#define TLIB_MEMCG_H

#include <stdbool.h>
#include <linux/types.h>

struct tlib_memcg {
	char root[32];
	char group[64];
};

/* Move the caller to a new cgroup. -ENOENT without cgroup2's memory controller. */
int tlib_memcg_enter(struct tlib_memcg *m);
void tlib_memcg_leave(struct tlib_memcg *m);

/* The current value of a field of memory.stat, of all CPUs; ~0 if there is none. */
__u64 tlib_memcg_stat(const struct tlib_memcg *m, const char *name);

/* Kernel memory charged to the group, in pages. */
__u64 tlib_memcg_pages(const struct tlib_memcg *m);

/*
 * By how many pages two readings may differ without a leak: each CPU keeps the rest of
 * a page that it has charged for small objects (struct obj_stock), in both readings.
 */
__u64 tlib_memcg_slack(void);

/*
 * Wait until at most so many pages are charged. RCU frees within seconds; a leak stays,
 * and the result is false.
 */
bool tlib_memcg_settles(const struct tlib_memcg *m, __u64 pages);

#endif /* TLIB_MEMCG_H */
