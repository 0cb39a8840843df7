// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tour: PFN mappings, whose entries are special.
 */
#include <errno.h>

#include "tour/tour.h"

#define SPECIAL	(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_SPECIAL | FAULTLAB_PTE_ACCESSED)

/* pagemap_read() finds no struct page for a special entry, and reports a hole. */
static void check_pagemap(struct tour *tour, const void *addr)
{
	struct faultlab_pagemap pagemap;
	int err = faultlab_pagemap(0, addr, &pagemap);

	if (!tour_check(tour, !err, "/proc/self/pagemap cannot be read"))
		return;
	tour_say("/proc/self/pagemap says: %s.", pagemap.present ? "present" : "a hole");
	tour_check(tour, !pagemap.present, "pagemap shows the page");
}

static void read_and_write(struct tour *tour)
{
	char *map;

	if (!tour_config(tour, FAULTLAB_KIND_PFN, 0, 2))
		return;
	map = tour_map(tour, 2, RW, MAP_SHARED);
	if (!map)
		return;
	tour_say("A region of kind pfn: its entries are special, they use no struct page.");
	tour_read(tour, "read page 0", map, &(struct expect){
		.before = FAULTLAB_PTE_NONE, .after = SPECIAL | FAULTLAB_PTE_WRITE,
		.after_not = FAULTLAB_PTE_DIRTY,
		.count = { ONE(FAULT_READ), ONE(MINOR) },
	});
	check_pagemap(tour, map);
	tour_write(tour, "write to page 1", map + tour->page, 'B', &(struct expect){
		.before = FAULTLAB_PTE_NONE,
		.after = SPECIAL | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
		.count = { ONE(FAULT_WRITE), ONE(MINOR) },
	});
	tour_write(tour, "write to page 0: its entry is writable already", map, 'A',
		   &(struct expect){
		.before = SPECIAL, .after = SPECIAL | FAULTLAB_PTE_DIRTY,
	});
}

static void notify(struct tour *tour)
{
	char *map;

	if (!tour_config(tour, FAULTLAB_KIND_PFN, FAULTLAB_REGION_MKWRITE, 1))
		return;
	map = tour_map(tour, 1, RW, MAP_SHARED);
	if (!map)
		return;
	tour_say("A region of kind pfn with MKWRITE: the write calls .pfn_mkwrite.");
	tour_read(tour, "read the page", map, &(struct expect){
		.before = FAULTLAB_PTE_NONE, .after = SPECIAL, .after_not = FAULTLAB_PTE_WRITE,
		.count = { ONE(FAULT_READ), ONE(MINOR) },
	});
	tour_write(tour, "write to it", map, 'A', &(struct expect){
		.before = SPECIAL, .after = SPECIAL | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY,
		.count = { ONE(FAULT_PFN_MKWRITE), ONE(MINOR) },
	});
}

static void private_refused(struct tour *tour)
{
	char *map;
	void *addr;

	if (!tour_config(tour, FAULTLAB_KIND_PFN, 0, 1))
		return;
	tour_say("CoW needs a struct page, which a PFN does not have: vmf_insert_pfn() has a");
	tour_say("BUG_ON() for such mappings, so the module refuses them.");
	addr = mmap(NULL, tour->page, RW, MAP_PRIVATE, tour->fd, 0);
	tour_call(tour, "mmap, private and writable", addr == MAP_FAILED ? errno : 0, EINVAL);
	if (addr != MAP_FAILED)
		tour_keep(tour, addr, tour->page);

	map = tour_map(tour, 1, PROT_READ, MAP_PRIVATE);
	tour_call(tour, "mmap, private and read-only", map ? 0 : errno, 0);
	if (!map)
		return;
	tour_read(tour, "read the page", map, &(struct expect){
		.before = FAULTLAB_PTE_NONE, .after = SPECIAL, .after_not = FAULTLAB_PTE_WRITE,
		.count = { ONE(FAULT_READ), ONE(MINOR) },
	});
	tour_call(tour, "mprotect to writable",
		  mprotect(map, tour->page, RW) ? errno : 0, EACCES);
}

const struct situation tour_pfn[] = {
	{ "Read and write of a PFN mapping", read_and_write },
	{ "Read, then write, of a PFN mapping with MKWRITE", notify },
	{ "Private PFN mappings: what is refused", private_refused },
	{ }
};
