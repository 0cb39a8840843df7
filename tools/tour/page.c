// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tour: shared mappings of pages.
 */
#include "tour/tour.h"

static void first_read(struct tour *tour)
{
	char *map = tour_map(tour, 1, RW, MAP_SHARED);

	if (!map)
		return;
	tour_say("A new region, mapped shared and writable. Its page does not exist yet.");
	tour_read(tour, "read the page", map, &(struct expect){
		.before = FAULTLAB_PTE_NONE,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_USER |
			 FAULTLAB_PTE_ACCESSED,
		.after_not = FAULTLAB_PTE_DIRTY | FAULTLAB_PTE_SPECIAL,
		.count = { ONE(FAULT_READ), ONE(MINOR) },
	});
	tour_say("The entry is writable at once: the region has no .page_mkwrite.");
	tour_read(tour, "read it again", map, &(struct expect){
		.before = FAULTLAB_PTE_LEAF, .after = FAULTLAB_PTE_LEAF,
	});
}

static void first_write(struct tour *tour)
{
	char *map = tour_map(tour, 1, RW, MAP_SHARED);

	if (!map)
		return;
	tour_say("The same, but the first access is a write.");
	tour_write(tour, "write to the page", map, 'A', &(struct expect){
		.before = FAULTLAB_PTE_NONE,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_ACCESSED |
			 FAULTLAB_PTE_DIRTY,
		.count = { ONE(FAULT_WRITE), ONE(MINOR) },
	});
}

static void with_mkwrite(struct tour *tour)
{
	char *map;

	if (!tour_config(tour, FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, 0))
		return;
	map = tour_map(tour, 2, RW, MAP_SHARED);
	if (!map)
		return;
	tour_say("A region with MKWRITE: before an entry is writable, .page_mkwrite is called.");
	tour_read(tour, "read page 0", map, &(struct expect){
		.before = FAULTLAB_PTE_NONE,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_ACCESSED,
		.after_not = FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
		.count = { ONE(FAULT_READ), ONE(MINOR) },
	});
	tour_write(tour, "write to page 0", map, 'A', &(struct expect){
		.before = FAULTLAB_PTE_LEAF,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
		.count = { ONE(FAULT_MKWRITE), ONE(MINOR) },
	});
	tour_write(tour, "write to page 1, not touched before: two callbacks, one fault",
		   map + tour->page, 'B', &(struct expect){
		.before = FAULTLAB_PTE_NONE,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
		.count = { ONE(FAULT_WRITE), ONE(FAULT_MKWRITE), ONE(MINOR) },
	});
}

static void without_mkwrite(struct tour *tour)
{
	char *map = tour_map(tour, 1, RW, MAP_SHARED);

	if (!map)
		return;
	tour_say("A region without MKWRITE: the entry is writable after the read, so the first");
	tour_say("write does not fault. The processor only sets the dirty bit of the entry.");
	tour_read(tour, "read the page", map, &(struct expect){
		.before = FAULTLAB_PTE_NONE,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE,
		.after_not = FAULTLAB_PTE_DIRTY,
		.count = { ONE(FAULT_READ), ONE(MINOR) },
	});
	tour_write(tour, "write to it", map, 'A', &(struct expect){
		.before = FAULTLAB_PTE_LEAF,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
	});
}

const struct situation tour_page[] = {
	{ "First read of a shared page mapping", first_read },
	{ "First write to a shared page mapping", first_write },
	{ "Read, then write, in a region with MKWRITE", with_mkwrite },
	{ "Read, then write, in a region without MKWRITE", without_mkwrite },
	{ }
};
