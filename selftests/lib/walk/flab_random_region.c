// SPDX-License-Identifier: GPL-2.0-only
/* Pieces of an address space that are regions, of every sort of memory. */
#include <errno.h>
#include <unistd.h>

#include "lib/walk/flab_random.h"

#define CHANCE(n) (!flab_random(&m->random, n))

/* A number of pages: whole folios, and enough for the largest leaf. */
static size_t choose_pages(struct flab_maker *m, const struct faultlab_memory *memory)
{
	const size_t folio = 1UL << memory->order;
	size_t pages = 1 + flab_random(&m->random, 100);

	switch (memory->leaf) {
	case FAULTLAB_LEAF_PUD:
		return FLAB_PUD_SIZE / FLAB_PAGE;
	case FAULTLAB_LEAF_PMD:
		return 2 * FLAB_PMD_SIZE / FLAB_PAGE;
	default:
		return (pages + folio - 1) / folio * folio;
	}
}

static size_t choose_align(const struct faultlab_memory *memory)
{
	switch (memory->leaf) {
	case FAULTLAB_LEAF_PUD:
		return FLAB_PUD_SIZE;
	case FAULTLAB_LEAF_PMD:
		return FLAB_PMD_SIZE;
	default:
		return FLAB_PAGE << (memory->flags & FAULTLAB_REGION_WHOLE ? memory->order : 0);
	}
}

/* Draw two rows and take the one with larger leaves, as few rows have them. */
static const struct faultlab_memory *choose_memory(struct flab_maker *m)
{
	const struct faultlab_memory *one, *other;

	one = &faultlab_memories[flab_random(&m->random, faultlab_nr_memories)];
	other = &faultlab_memories[flab_random(&m->random, faultlab_nr_memories)];
	if (other->leaf > one->leaf)
		one = other;
	/* Few PUDs: to zero 1 GiB and to compare its pages takes seconds each. */
	return one->leaf == FAULTLAB_LEAF_PUD && !CHANCE(3) ? faultlab_memory(pfn_9_huge) : one;
}

/* -ENOENT also if the kernel lacks such entries or the machine such memory. */
int flab_make_region_of(struct flab_maker *m, const struct faultlab_memory *memory, int flags)
{
	const bool giant = memory->leaf == FAULTLAB_LEAF_PUD;
	size_t pages = choose_pages(m, memory);
	char *at;
	int fd;

	fd = faultlab_memory_open(memory, pages * FLAB_PAGE);
	if (fd < 0)
		return -ENOENT;
	at = flab_place(m, fd, FLAB_RW, flags, pages, choose_align(memory));
	close(fd);
	if (!at)
		return -ENOENT;
	flab_touch_some(m, at, giant ? 2 : pages);
	if (giant)
		m->giant = at;
	else if (memory->leaf == FAULTLAB_LEAF_PTE || CHANCE(2))
		flab_mangle(m, at, pages);
	return 0;
}

int flab_make_region(struct flab_maker *m)
{
	const struct faultlab_memory *memory = choose_memory(m);
	const bool copies = memory->maps & FAULTLAB_MAPS_PRIVATE_WRITE;

	return flab_make_region_of(m, memory, copies && CHANCE(4) ? MAP_PRIVATE : MAP_SHARED);
}
