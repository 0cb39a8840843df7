// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tour: fault-around, where one fault maps many pages.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tour/tour.h"

/* The kernel's default fault_around_bytes. */
#define WINDOW		(64UL << 10)
#define WINDOW_SWITCH	"/sys/kernel/debug/fault_around_bytes"

/* If the file cannot be opened, assume the default: the value can only be set there. */
static bool window_changed(void)
{
	FILE *file = fopen(WINDOW_SWITCH, "re");
	unsigned long bytes = WINDOW;

	if (!file)
		return false;
	if (fscanf(file, "%lu", &bytes) != 1)
		bytes = WINDOW;
	fclose(file);
	return bytes != WINDOW;
}

/* A shared mapping that is one aligned window of fault-around. */
static char *map_aligned(struct tour *tour)
{
	char *area = tour_map_memory(tour, 2 * WINDOW);
	void *map;

	if (!area)
		return NULL;
	area += -(uintptr_t)area & (WINDOW - 1);
	map = mmap(area, WINDOW, RW, MAP_SHARED | MAP_FIXED, tour->fd, 0);
	if (!tour_check(tour, map != MAP_FAILED, "mmap failed: %s", strerror(errno)))
		return NULL;
	return map;
}

static void around(struct tour *tour)
{
	unsigned int pages = WINDOW / tour->page;
	char *filled, *map;
	unsigned int i;

	if (window_changed()) {
		tour_say("Not run: it needs the default window of fault-around, 64 KiB, and");
		tour_say(WINDOW_SWITCH " has another value.");
		return;
	}
	if (!tour_config(tour, FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, pages))
		return;
	filled = tour_map(tour, pages, RW, MAP_SHARED);
	map = map_aligned(tour);
	if (!filled || !map)
		return;
	tour_say("A region with INSERT: %u pages, written in one mapping, read in another.", pages);
	tour_say("For a read fault the kernel calls .map_pages, to map more of them.");
	for (i = 0; i < pages; i++)
		filled[i * tour->page] = 'a' + i;
	/* .map_pages must not allocate a page table, so one has to exist before the read. */
	tour_say("The last page is written in the other first: .map_pages needs a page table.");
	map[(pages - 1) * tour->page] = 'z';
	tour_read(tour, "read page 0: .map_pages maps it and the others", map, &(struct expect){
		.before = FAULTLAB_PTE_NONE, .after = FAULTLAB_PTE_LEAF, .value = 'a',
		.count = { ONE(FAULT_AROUND), COUNT(PAGES_AROUND, pages - 1), ONE(MINOR) },
	});
	tour_say(".map_pages mapped %llu pages.",
		 tour->last.count.value[FAULTLAB_STAT_PAGES_AROUND]);
	tour_read(tour, "read page 5: already mapped", map + 5 * tour->page, &(struct expect){
		.before = FAULTLAB_PTE_LEAF, .after = FAULTLAB_PTE_LEAF, .value = 'f',
	});
}

const struct situation tour_around[] = {
	{ "INSERT: fault-around maps many pages in one fault", around },
	{ }
};
