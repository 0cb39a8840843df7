// SPDX-License-Identifier: GPL-2.0-only
/* Pieces of an address space that are regions, of every sort of memory. */
#include <errno.h>
#include <unistd.h>

#include "lib/walk/random_space.h"

#define CHANCE(n) (!tlib_random(&m->random, n))

/* A number of pages: whole folios, and enough for the largest leaf. */
static size_t choose_pages(struct tlib_maker *m, const struct faultlab_memory *memory)
{
	const size_t folio = 1UL << memory->order;
	size_t pages = 1 + tlib_random(&m->random, 100);

	switch (memory->leaf) {
	case FAULTLAB_LEAF_PUD:
		return TLIB_PUD_SIZE / TLIB_PAGE;
	case FAULTLAB_LEAF_PMD:
		return 2 * TLIB_PMD_SIZE / TLIB_PAGE;
	default:
		return (pages + folio - 1) / folio * folio;
	}
}

static size_t choose_align(const struct faultlab_memory *memory)
{
	switch (memory->leaf) {
	case FAULTLAB_LEAF_PUD:
		return TLIB_PUD_SIZE;
	case FAULTLAB_LEAF_PMD:
		return TLIB_PMD_SIZE;
	default:
		return TLIB_PAGE << (memory->flags & FAULTLAB_REGION_WHOLE ? memory->order : 0);
	}
}

/* Draw two rows and take the one with larger leaves, as few rows have them. */
static const struct faultlab_memory *choose_memory(struct tlib_maker *m)
{
	const struct faultlab_memory *one, *other;

	one = &faultlab_memories[tlib_random(&m->random, faultlab_nr_memories)];
	other = &faultlab_memories[tlib_random(&m->random, faultlab_nr_memories)];
	if (other->leaf > one->leaf)
		one = other;
	/* Few PUDs: to zero 1 GiB and to compare its pages takes seconds each. */
	return one->leaf == FAULTLAB_LEAF_PUD && !CHANCE(3) ? faultlab_memory(pfn_9_huge) : one;
}

/*
 * Returns -ENOENT if the region cannot be opened, since the kernel or the machine lacks what
 * the row needs, or if it cannot be mapped.
 */
int tlib_make_region_of(struct tlib_maker *m, const struct faultlab_memory *memory, int flags)
{
	const bool giant = memory->leaf == FAULTLAB_LEAF_PUD;
	size_t pages = choose_pages(m, memory);
	char *at;
	int fd;

	fd = faultlab_memory_open(memory, pages * TLIB_PAGE);
	if (fd < 0)
		return -ENOENT;
	at = tlib_place(m, fd, TLIB_RW, flags, pages, choose_align(memory));
	close(fd);
	if (!at)
		return -ENOENT;
	tlib_touch_some(m, at, giant ? 2 : pages);
	if (giant)
		m->giant = at;
	else if (memory->leaf == FAULTLAB_LEAF_PTE || CHANCE(2))
		tlib_mangle(m, at, pages);
	return 0;
}

int tlib_make_region(struct tlib_maker *m)
{
	const struct faultlab_memory *memory = choose_memory(m);
	const bool copies = memory->maps & FAULTLAB_MAPS_PRIVATE_WRITE;

	return tlib_make_region_of(m, memory, copies && CHANCE(4) ? MAP_PRIVATE : MAP_SHARED);
}
