// SPDX-License-Identifier: GPL-2.0-only
/*
 * The goals: limits for ratios of instructions (make bench). Ratios of times differ, so a
 * run by the clock cannot tell whether a goal is met.
 *
 * The cost of a trace event is the difference between a fault with the event and a
 * plain one. Its peer is the same difference for exceptions:page_fault_user. Observers
 * that are off should cost nothing: their goal of 1.001 allows for the difference between
 * two measurements of the same thing.
 *
 * The peer of "insert vs. no page" is a fault that maps nothing (verdict nopage). Its rule
 * has times=, as without it the access would fault forever. What the counting for times=
 * costs is "counted" minus "plain", both with faults that are served; it is subtracted.
 */
#include <stdio.h>
#include <sys/utsname.h>

#include "bench/bench.h"

const struct bench_goal bench_goals[] = {
	{
		.group = "fault", .name = "a page is returned", .unit = "page",
		.ours = "return/fault", .peer = "shmem-write/fault",
		.goal = 0.92, .stretch = 0.86,
	}, {
		.group = "fault", .name = "a page is inserted", .unit = "page",
		.ours = "insert/fault", .peer = "shmem-write/fault",
		.goal = 0.84, .stretch = 0.77,
	}, {
		.group = "fault", .name = "insert vs. no page", .unit = "page",
		.ours = "insert/fault", .peer = "nopage/fault - counted/fault + plain/fault",
		.goal = 1.60, .stretch = 1.45,
	}, {
		.group = "fault", .name = "private copy", .unit = "page",
		.ours = "private/fault", .peer = "shmem-private/fault",
		.goal = 0.97, .stretch = 0.94, .old_goal = 0.95, .old_stretch = 0.94,
	}, {
		.group = "fault", .name = "a PMD at once", .unit = "fault",
		.ours = "pmd/fault", .peer = "return/fault",
		.goal = 0.85, .stretch = 0.77, .old_goal = BENCH_NO_PEER,
	}, {
		.group = "batch", .name = "16 pages at once", .unit = "page",
		.ours = "around/fault", .peer = "shmem-read/fault",
		.goal = 0.76, .stretch = 0.70, .old_goal = 0.73, .old_stretch = 0.70,
	}, {
		.group = "batch", .name = "16 pfns at once", .unit = "page",
		.ours = "pfn-16/fault", .peer = "shmem-read/fault",
		.goal = 0.38, .stretch = 0.34, .old_goal = 0.33, .old_stretch = 0.33,
	}, {
		.group = "batch", .name = "512 pfns at once", .unit = "page",
		.ours = "pfn-512/fault", .peer = "shmem-read/fault",
		.goal = 0.145, .stretch = 0.14,
	}, {
		.group = "munmap", .name = "munmap of pages", .unit = "page",
		.ours = "return/munmap", .peer = "shmem-write/munmap",
		.goal = 0.85, .stretch = 0.81,
	}, {
		.group = "munmap", .name = "munmap of pfns", .unit = "page",
		.ours = "pfn-16/munmap", .peer = "shmem-write/munmap",
		.goal = 0.28, .stretch = 0.24,
	}, {
		.group = "rules", .name = "1 rule that serves", .unit = "page",
		.ours = "rules-1/fault", .peer = "plain/fault",
		.goal = 1.015,
	}, {
		.group = "rules", .name = "16 rules that serve", .unit = "page",
		.ours = "rules-16/fault", .peer = "plain/fault",
		.goal = 1.03,
	}, {
		.group = "rules", .name = "256 rules that serve", .unit = "page",
		.ours = "rules-256/fault", .peer = "plain/fault",
		.goal = 1.05,
	}, {
		.group = "watch", .name = "histogram on", .unit = "page",
		.ours = "return/fault", .peer = "plain/fault",
		.goal = 1.022, .stretch = 1.015,
	}, {
		.group = "watch", .name = "records on", .unit = "page",
		.ours = "records/fault", .peer = "plain/fault",
		.goal = 1.06,
	}, {
		.group = "watch", .name = "event fault_enter on", .unit = "page",
		.ours = "enter/fault - plain/fault", .peer = "kernels-own/fault - plain/fault",
		.goal = 1.30,
	}, {
		.group = "watch", .name = "event fault_exit on", .unit = "page",
		.ours = "exit/fault - plain/fault", .peer = "kernels-own/fault - plain/fault",
		.goal = 1.30,
	}, {
		.group = "watch", .name = "all of these off", .unit = "page",
		.ours = "off-again/fault", .peer = "plain/fault",
		.goal = 1.001,
	}, {
		.group = "size", .name = "256 pages in 1 TiB", .unit = "page",
		.ours = "sparse/fault", .peer = "small/fault",
		.goal = 1.10,
	}, {
		.group = "walk", .name = "raw", .unit = "PTE",
		.ours = "walk/raw", .peer = "walk/pagemap",
		.goal = 0.075, .stretch = 0.07, .old_goal = 0.082, .old_stretch = 0.082,
	}, {
		.group = "walk", .name = "counts", .unit = "PTE",
		.ours = "walk/counts", .peer = "walk/pagemap",
		.goal = 0.12, .stretch = 0.11, .old_goal = 0.13, .old_stretch = 0.13,
	}, {
		.group = "walk", .name = "runs", .unit = "PTE",
		.ours = "walk/runs", .peer = "walk/scan",
		.goal = 0.115, .stretch = 0.10, .old_goal = BENCH_NO_PEER,
	}, {
		.group = "walk", .name = "every other page", .unit = "PTE",
		.ours = "walk-other/runs", .peer = "walk-other/scan",
		.goal = 0.36, .old_goal = BENCH_NO_PEER,
	}, {
		.group = "walk", .name = "every other page", .unit = "PTE",
		.ours = "walk-other/runs", .peer = "walk-other/pagemap",
		.goal = BENCH_NO_PEER, .old_goal = 0.36,
	}, {
		.group = "walk", .name = "THP", .unit = "2 MiB",
		.ours = "walk-thp/runs", .peer = "walk-thp/scan",
		.goal = 0.47, .old_goal = BENCH_NO_PEER,
	}, {
		.group = "walk", .name = "a hole", .unit = "1 TiB",
		.ours = "walk-hole/runs", .peer = "walk-hole/scan",
		.goal = 1.0, .stretch = 0.8, .old_goal = BENCH_NO_PEER,
	},
};

const unsigned int bench_nr_goals = ARRAY_SIZE(bench_goals);

/* Goals can have other limits (old_goal) before 6.4, where faults take no per-VMA lock. */
static bool is_old(void)
{
	struct utsname uts;
	int major = 0, minor = 0;

	return !uname(&uts) && sscanf(uts.release, "%d.%d", &major, &minor) == 2 &&
	       (major < 6 || (major == 6 && minor < 4));
}

bool bench_limit(const struct bench_goal *goal, struct bench_limit *limit)
{
	*limit = (struct bench_limit) { goal->goal, goal->stretch };
	if (goal->old_goal && is_old())
		*limit = (struct bench_limit) { goal->old_goal, goal->old_stretch };
	return limit->goal != BENCH_NO_PEER;
}
