/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of the kernel that is charged to the calling process alone, in a cgroup of its
 * own: pages of regions, their index, page tables, per-CPU counters. What else the
 * machine does is in other cgroups, and per-CPU free lists and KASAN's quarantine hold
 * what has been uncharged before, unlike in the figures of /proc/meminfo.
 */
#ifndef FLAB_MEMCG_H
#define FLAB_MEMCG_H

#include <stdbool.h>
#include <linux/types.h>

struct flab_memcg {
	char root[32];
	char group[64];
};

/* Move the caller to a new group; -ENOENT without cgroup2 and its memory controller. */
int flab_memcg_enter(struct flab_memcg *m);
void flab_memcg_leave(struct flab_memcg *m);

/* A figure of memory.stat as it is now, of all CPUs; ~0 if there is none. */
__u64 flab_memcg_stat(const struct flab_memcg *m, const char *name);

/* Pages of the kernel's that are charged to the group. */
__u64 flab_memcg_pages(const struct flab_memcg *m);

/*
 * What may be off without a leak: each CPU keeps the rest of a page that it has charged
 * for small objects (struct obj_stock), before and after.
 */
__u64 flab_memcg_slack(void);

/*
 * Whether no more than so many pages are charged, now or soon: what is freed by RCU goes
 * within seconds, what is lost never does.
 */
bool flab_memcg_settles(const struct flab_memcg *m, __u64 pages);

#endif /* FLAB_MEMCG_H */
