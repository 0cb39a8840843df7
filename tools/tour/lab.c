// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets up situations, and cleans up after them.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tour/tour.h"

bool tour_begin(struct tour *tour)
{
	tour->nr_maps = 0;
	tour->puppet = (struct puppet){ 0 };
	tour->fd = open_device();
	tour->problems = tour->fd < 0;
	return !tour->problems;
}

void tour_end(struct tour *tour)
{
	puppet_stop(tour);
	while (tour->nr_maps--)
		munmap(tour->maps[tour->nr_maps].addr, tour->maps[tour->nr_maps].bytes);
	if (tour->fd >= 0)
		close(tour->fd);
}

bool tour_config(struct tour *tour, enum faultlab_kind kind, __u64 flags, __u64 pages)
{
	int err = faultlab_config(tour->fd, kind, flags, pages * tour->page);

	return tour_check(tour, !err, "the region cannot be configured: %s", strerror(-err));
}

void tour_keep(struct tour *tour, void *addr, size_t bytes)
{
	if (!tour_check(tour, tour->nr_maps < TOUR_MAPS, "too many mappings"))
		return;
	tour->maps[tour->nr_maps].addr = addr;
	tour->maps[tour->nr_maps++].bytes = bytes;
}

static char *map(struct tour *tour, size_t bytes, int prot, int flags, int fd)
{
	void *addr = mmap(NULL, bytes, prot, flags, fd, 0);

	if (!tour_check(tour, addr != MAP_FAILED, "mmap failed: %s", strerror(errno)))
		return NULL;
	tour_keep(tour, addr, bytes);
	return addr;
}

char *tour_map(struct tour *tour, unsigned int pages, int prot, int flags)
{
	return map(tour, pages * tour->page, prot, flags, tour->fd);
}

char *tour_map_memory(struct tour *tour, size_t bytes)
{
	return map(tour, bytes, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}
