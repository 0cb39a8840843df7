// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tour: rules, which decide how faults end.
 */
#include <string.h>

#include "tour/tour.h"

#define DELAY_US	20000

static char *map_with_rule(struct tour *tour, const struct faultlab_rule *rule)
{
	char *map = tour_map(tour, 1, RW, MAP_SHARED);
	int err;

	if (!map)
		return NULL;
	err = faultlab_rule(tour->fd, FAULTLAB_RULE_SET, rule);
	return tour_check(tour, !err, "the rule is refused: %s", strerror(-err)) ? map : NULL;
}

static void delay(struct tour *tour)
{
	char *map = map_with_rule(tour, &(struct faultlab_rule){
		.length = FAULTLAB_TO_END, .delay_us = DELAY_US,
	});
	struct expect expect = {
		.before = FAULTLAB_PTE_NONE,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_ACCESSED,
		.at_least_ns = DELAY_US * 1000ULL,
		.count = { ONE(FAULT_READ), ONE(RETRY) },
	};

	if (!map)
		return;
	/*
	 * A fault that is retried after it dropped mmap_lock is major to the kernel.
	 * With per-VMA locks, the fault drops the VMA's lock first, and stays minor.
	 */
	expect.count[tour->vma_lock ? FAULTLAB_STAT_MINOR : FAULTLAB_STAT_MAJOR] = 1;
	tour_say("A rule: each fault drops its lock, waits 20 ms, and is retried.");
	tour_say("On this kernel it drops %s", tour->vma_lock ?
		 "the VMA's lock: the fault stays minor." :
		 "mmap_lock: the kernel counts the retried fault as major.");
	tour_read(tour, "read the page", map, &expect);
}

static void made_major(struct tour *tour)
{
	char *map = map_with_rule(tour, &(struct faultlab_rule){
		.length = FAULTLAB_TO_END,
		.access = FAULTLAB_ACCESS_READ | FAULTLAB_ACCESS_WRITE,
		.verdict = FAULTLAB_VERDICT_MAJOR,
	});

	if (!map)
		return;
	tour_say("A rule: faults are major, as if the page had been read from a disk.");
	tour_read(tour, "read the page", map, &(struct expect){
		.before = FAULTLAB_PTE_NONE,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_ACCESSED,
		.count = { ONE(FAULT_READ), ONE(MAJOR) },
	});
	tour_check(tour, tour->last.kernel.pgmajfault >= 1, "/proc/vmstat has no major fault");
}

const struct situation tour_rule[] = {
	{ "A rule that delays", delay },
	{ "A rule that makes faults major", made_major },
	{ }
};
