// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tour: private mappings and copy on write.
 */
#include "tour/tour.h"

/* Checks whether the PFNs of two entries are the same page, as expected by same. */
static void check_pfn(struct tour *tour, __u64 a, __u64 b, bool same)
{
	tour_say("pfn 0x%llx and 0x%llx: %s.", a, b, a == b ? "the same page" : "two pages");
	tour_check(tour, (a == b) == same, "it should be %s", same ? "one page" : "two pages");
}

static void write_at_once(struct tour *tour)
{
	char *map = tour_map(tour, 1, RW, MAP_PRIVATE);

	if (!map)
		return;
	tour_say("A private mapping. The first access is a write: .fault returns the page, and");
	tour_say("the kernel maps a copy of it.");
	tour_write(tour, "write to the page", map, 'A', &(struct expect){
		.before = FAULTLAB_PTE_NONE,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
		.count = { ONE(FAULT_COW), ONE(MINOR) },
	});
}

static void read_then_write(struct tour *tour)
{
	char *shared = tour_map(tour, 1, RW, MAP_SHARED);
	char *map = tour_map(tour, 1, RW, MAP_PRIVATE);
	__u64 pfn;

	if (!shared || !map)
		return;
	tour_say("Two mappings of one page, shared and private; 'S' is written through the first.");
	*shared = 'S';
	tour_read(tour, "read through the private mapping", map, &(struct expect){
		.before = FAULTLAB_PTE_NONE,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_ACCESSED,
		.after_not = FAULTLAB_PTE_WRITE,
		.value = 'S',
		.count = { ONE(FAULT_READ), ONE(MINOR) },
	});
	pfn = tour->last.after.pfn;
	tour_write(tour, "write 'P' through it: the kernel copies the page, and calls no driver",
		   map, 'P', &(struct expect){
		.before = FAULTLAB_PTE_LEAF,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
		.alone = 1,
	});
	check_pfn(tour, pfn, tour->last.after.pfn, false);
	tour_read(tour, "read through the shared mapping: still 'S'", shared, &(struct expect){
		.before = FAULTLAB_PTE_LEAF, .after = FAULTLAB_PTE_LEAF, .value = 'S',
	});
	check_pfn(tour, pfn, tour->last.after.pfn, true);
}

static void fork_and_write(struct tour *tour)
{
	char *map = tour_map(tour, 1, RW, MAP_PRIVATE);
	__u64 pfn;

	if (!map)
		return;
	tour_say("A page of a private mapping, with 'P' in it; then fork().");
	*map = 'P';
	if (!puppet_start(tour))
		return;
	puppet_read(tour, "the child reads: fork() copied the entry and made it read-only", map,
		    &(struct expect){
		.before = FAULTLAB_PTE_LEAF, .after = FAULTLAB_PTE_LEAF,
		.after_not = FAULTLAB_PTE_WRITE, .value = 'P',
	});
	pfn = tour->last.after.pfn;
	puppet_write(tour, "the child writes 'C'", map, 'C', &(struct expect){
		.before = FAULTLAB_PTE_LEAF,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
		.alone = 1,
	});
	check_pfn(tour, pfn, tour->last.after.pfn, false);
	tour_read(tour, "the parent reads: still 'P'", map, &(struct expect){
		.before = FAULTLAB_PTE_LEAF, .after = FAULTLAB_PTE_LEAF, .value = 'P',
	});
	check_pfn(tour, pfn, tour->last.after.pfn, true);
}

const struct situation tour_private[] = {
	{ "First write to a private mapping (CoW through .fault)", write_at_once },
	{ "Private read, then write (CoW without a callback)", read_then_write },
	{ "fork(), then CoW between two processes", fork_and_write },
	{ }
};
