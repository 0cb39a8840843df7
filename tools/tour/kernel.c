// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tour: anonymous memory, whose faults the kernel handles alone, for comparison.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/const.h>
#include <linux/kernel-page-flags.h>

#include "tour/tour.h"

#define HUGE_BYTES	(2UL << 20)
#define THP_SWITCH	"/sys/kernel/mm/transparent_hugepage/enabled"

static void check_zero_page(struct tour *tour, bool expected)
{
	__u64 flags = 0;
	int err = faultlab_kpageflags(tour->last.after.pfn, &flags);
	bool zero = flags & _BITULL(KPF_ZERO_PAGE);

	if (!tour_check(tour, !err, "/proc/kpageflags cannot be read: %s", strerror(-err)))
		return;
	tour_say("/proc/kpageflags says: %sthe zero page.", zero ? "" : "not ");
	tour_check(tour, zero == expected, "it should %sbe the zero page", expected ? "" : "not ");
}

static void zero_page(struct tour *tour)
{
	char *map = tour_map_memory(tour, tour->page);

	if (!map)
		return;
	/* Otherwise a huge page may map this page together with its neighbours. */
	madvise(map, tour->page, MADV_NOHUGEPAGE);
	tour_say("Anonymous memory: pages that were only read all map the zero page.");
	tour_read(tour, "read the page", map, &(struct expect){
		.before = FAULTLAB_PTE_NONE,
		.after = FAULTLAB_PTE_LEAF, .after_not = FAULTLAB_PTE_WRITE,
		.alone = 1,
	});
	check_zero_page(tour, true);
	tour_write(tour, "write to it", map, 'A', &(struct expect){
		.before = FAULTLAB_PTE_LEAF,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
		.alone = 1,
	});
	check_zero_page(tour, false);
}

static bool thp_possible(void)
{
	FILE *file = fopen(THP_SWITCH, "re");
	char text[64] = "";
	bool possible;

	if (!file)
		return false;
	possible = fgets(text, sizeof(text), file) && !strstr(text, "[never]");
	fclose(file);
	return possible;
}

static void huge_page(struct tour *tour)
{
	bool possible = thp_possible();
	char *map = tour_map_memory(tour, 2 * HUGE_BYTES);
	struct expect expect = {
		.before = FAULTLAB_PTE_NONE,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
		.level = possible ? FAULTLAB_LEVEL_PMD : FAULTLAB_LEVEL_PTE,
		.alone = 1,
	};

	if (!map)
		return;
	map += -(uintptr_t)map & (HUGE_BYTES - 1);
	if (possible && madvise(map, HUGE_BYTES, MADV_HUGEPAGE))
		tour_problem(tour, "madvise failed: %s", strerror(errno));
	tour_say("Anonymous memory, 2 MiB and aligned; transparent huge pages are %s.",
		 possible ? "enabled" : "disabled");
	tour_write(tour, "write to the first byte", map, 'A', &expect);
	if (!possible)
		return;
	tour_write(tour, "write to the last byte: the same entry", map + HUGE_BYTES - 1, 'Z',
		   &(struct expect){
		.before = FAULTLAB_PTE_LEAF, .after = FAULTLAB_PTE_LEAF,
		.level = FAULTLAB_LEVEL_PMD,
	});
}

const struct situation tour_kernel[] = {
	{ "Anonymous memory: the zero page, then the first write", zero_page },
	{ "A huge page: the walk ends one level higher", huge_page },
	{ }
};
