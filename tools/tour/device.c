// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tour: evict and unplug, and accesses outside the region, the mapping or its permissions.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "tour/tour.h"

static void evict_page(struct tour *tour)
{
	static const struct expect refault = {
		.before = FAULTLAB_PTE_NONE,
		.after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_ACCESSED,
		.value = 'A',
		.count = { ONE(FAULT_READ), ONE(MINOR) },
	};
	char *map = tour_map(tour, 1, RW, MAP_SHARED);
	int err;

	if (!map)
		return;
	tour_say("A page with 'A' in it, mapped by two processes, is evicted.");
	*map = 'A';
	if (!puppet_start(tour))
		return;
	puppet_read(tour, "the child reads: fork() did not copy the entry, so it faults", map,
		    &refault);
	err = faultlab_evict(tour->fd, 0, FAULTLAB_TO_END, 0);
	tour_call(tour, "evict the region", -err, 0);
	tour_read(tour, "the parent reads: its entry is gone, the page is not", map, &refault);
	puppet_read(tour, "the child reads: its entry is gone as well", map, &refault);
}

static void past_the_end(struct tour *tour)
{
	char *map;

	if (!tour_config(tour, FAULTLAB_KIND_PAGE, 0, 1))
		return;
	map = tour_map(tour, 2, RW, MAP_SHARED);
	if (!map)
		return;
	tour_say("A region of one page, in a mapping of two.");
	tour_read(tour, "read page 1", map + tour->page, &(struct expect){
		.before = FAULTLAB_PTE_NONE, .after = FAULTLAB_PTE_NONE,
		.signal = SIGBUS, .code = BUS_ADRERR,
		.count = { ONE(FAULT_READ), ONE(SIGBUS) },
	});
	tour_say("getrusage() counts minor and major faults; one that fails is in neither.");
}

static void no_mapping(struct tour *tour)
{
	char *map = mmap(NULL, 3 * tour->page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (!tour_check(tour, map != MAP_FAILED, "mmap failed: %s", strerror(errno)))
		return;
	tour_keep(tour, map, tour->page);
	tour_keep(tour, map + 2 * tour->page, tour->page);
	tour_say("An address in no mapping, between two mappings.");
	munmap(map + tour->page, tour->page);
	tour_read(tour, "read there", map + tour->page, &(struct expect){
		.before = FAULTLAB_PTE_NO_VMA, .after = FAULTLAB_PTE_NO_VMA,
		.signal = SIGSEGV, .code = SEGV_MAPERR,
	});
}

static void not_permitted(struct tour *tour)
{
	char *map = tour_map(tour, 1, PROT_READ, MAP_SHARED);

	if (!map)
		return;
	tour_say("A read-only mapping.");
	tour_write(tour, "write to it", map, 'A', &(struct expect){
		.before = FAULTLAB_PTE_NONE, .after = FAULTLAB_PTE_NONE,
		.signal = SIGSEGV, .code = SEGV_ACCERR,
	});
}

static void unplug(struct tour *tour)
{
	char *map = tour_map(tour, 1, RW, MAP_SHARED);
	void *addr;

	if (!map)
		return;
	tour_say("After the unplug accesses end in SIGBUS, and mmap() fails.");
	tour_write(tour, "write to the page", map, 'A', &(struct expect){
		.before = FAULTLAB_PTE_NONE, .after = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_DIRTY,
		.count = { ONE(FAULT_WRITE), ONE(MINOR) },
	});
	tour_call(tour, "unplug", -faultlab_unplug(tour->fd), 0);
	tour_read(tour, "read the page", map, &(struct expect){
		.before = FAULTLAB_PTE_NONE, .after = FAULTLAB_PTE_NONE,
		.signal = SIGBUS, .code = BUS_ADRERR,
		.count = { ONE(FAULT_READ), ONE(SIGBUS) },
	});
	addr = mmap(NULL, tour->page, RW, MAP_SHARED, tour->fd, 0);
	tour_call(tour, "mmap", addr == MAP_FAILED ? errno : 0, ENODEV);
	if (addr != MAP_FAILED)
		tour_keep(tour, addr, tour->page);
}

const struct situation tour_device[] = {
	{ "Eviction, and the fault that brings the page back, in two processes", evict_page },
	{ "Access past the end of the region", past_the_end },
	{ "Access outside any mapping", no_mapping },
	{ "Access against the mapping's permission", not_permitted },
	{ "Unplug: the device is removed while it is mapped", unplug },
	{ }
};
