// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <pagemap.h>
#include "lib/walk/arena.h"
#include "lib/sys.h"
#include "lib/newer.h"

#define EVERY	64	/* every 64th page is mapped */
#define SLOT	2	/* pages that one change affects */
#define BIT(n)	(1U << (n))

#define ANON	BIT(TLIB_ARENA_ANON)
#define SHMEM	BIT(TLIB_ARENA_SHMEM)
#define PAGES	BIT(TLIB_ARENA_PAGES)
#define FRAMES	BIT(TLIB_ARENA_FRAMES)
#define HUGE	BIT(TLIB_ARENA_HUGE)

static char *table_at(const struct tlib_arena *arena, enum tlib_arena_sort sort)
{
	return arena->at + (sort + 1) * TLIB_PMD_SIZE;
}

static char *page_at(const struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return table_at(arena, sort) + page * TLIB_PAGE;
}

/* pagemap skips VM_PFNMAP. So keep track here of which pages of such memory are mapped. */
static void note_frames(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page,
			size_t pages, bool mapped)
{
	for (size_t i = page; i < page + pages; i++)
		arena->frames[sort][i] = mapped;
}

static int map(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page, size_t pages)
{
	const int flags = sort == TLIB_ARENA_ANON ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	char *at = page_at(arena, sort, page);

	if (mmap(at, pages * TLIB_PAGE, TLIB_RW, flags | MAP_FIXED, arena->fd[sort],
		 page * TLIB_PAGE) == MAP_FAILED)
		return -errno;
	note_frames(arena, sort, page, pages, false);
	if ((BIT(sort) & (ANON | SHMEM)) && madvise(at, pages * TLIB_PAGE, MADV_NOHUGEPAGE))
		return -errno;
	return 0;
}

static int touch(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	const bool huge = sort == TLIB_ARENA_HUGE && arena->huge;

	note_frames(arena, sort, huge ? 0 : page, huge ? 512 : 1, true);
	return faultlab_touch_write(page_at(arena, sort, page), page, NULL);
}

static int touch_slot(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return touch(arena, sort, page) ?: touch(arena, sort, page + SLOT - 1);
}

static int touch_all(struct tlib_arena *arena, enum tlib_arena_sort sort)
{
	int err = 0;

	for (size_t page = 0; page < 512 && !err; page += EVERY)
		err = touch(arena, sort, page);
	return err;
}

static int map_table(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return map(arena, sort, 0, 512) ?: touch_all(arena, sort);
}

static int unmap_table(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	note_frames(arena, sort, 0, 512, false);
	return munmap(table_at(arena, sort), TLIB_PMD_SIZE) ? -errno : 0;
}

/* Map the range anew without touching it: the new VMA has no page table yet. */
static int empty_table(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return map(arena, sort, 0, 512);
}

static int map_slot(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return map(arena, sort, page, SLOT) ?: touch_slot(arena, sort, page);
}

static int unmap_slot(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	note_frames(arena, sort, page, SLOT, false);
	return munmap(page_at(arena, sort, page), SLOT * TLIB_PAGE) ? -errno : 0;
}

/* Map a region of kind page in place of one of kind pfn. */
static int map_other(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	const int fd = arena->fd[sort];
	int err;

	arena->fd[sort] = arena->fd[TLIB_ARENA_PAGES];
	err = map_table(arena, sort, page);
	arena->fd[sort] = fd;
	return err;
}

static int advise(char *at, size_t pages, int advice)
{
	return madvise(at, pages * TLIB_PAGE, advice) ? -errno : 0;
}

/* Repeat MADV_COLLAPSE: it fails while a page is on its way to an LRU list. */
static int collapse(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	char *at = table_at(arena, sort);
	int err = advise(at, 512, MADV_HUGEPAGE);

	for (int i = 0; i < 100 && !err; i++) {
		err = advise(at, 512, MADV_COLLAPSE);
		if (err == -ENOMEM && !i)
			err = tlib_compact() ?: -EAGAIN;
		if (err != -EAGAIN && err != -EBUSY) {
			arena->collapsed += !err;
			break;
		}
		err = 0;
	}
	return err;
}

static int drop(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return advise(page_at(arena, sort, page), SLOT, MADV_DONTNEED);
}

static int not_to_cores(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return advise(page_at(arena, sort, page), SLOT, MADV_DONTDUMP);
}

static int to_cores(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return advise(page_at(arena, sort, page), SLOT, MADV_DODUMP);
}

static int protect(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	const int err = touch_slot(arena, sort, page);

	if (err)
		return err;
	return mprotect(page_at(arena, sort, page), SLOT * TLIB_PAGE, PROT_NONE) ? -errno : 0;
}

static int unprotect(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return mprotect(page_at(arena, sort, page), SLOT * TLIB_PAGE, TLIB_RW) ? -errno : 0;
}

/* mprotect() of a few pages splits a large page. */
static int split(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return protect(arena, sort, page) ?: unprotect(arena, sort, page);
}

static int move(char *from, char *to)
{
	return mremap(from, SLOT * TLIB_PAGE, SLOT * TLIB_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		      to) == MAP_FAILED ? -errno : 0;
}

static int move_away(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return touch_slot(arena, sort, page) ?:
	       move(page_at(arena, sort, page), arena->elsewhere);
}

static int move_back(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return move(arena->elsewhere, page_at(arena, sort, page));
}

static int punch(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return fallocate(arena->fd[sort], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			 page * TLIB_PAGE, SLOT * TLIB_PAGE) ? -errno : 0;
}

static int evict(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	note_frames(arena, sort, page, SLOT, false);
	return faultlab_evict(arena->fd[sort], page * TLIB_PAGE, SLOT * TLIB_PAGE, 0);
}

static int evict_table(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	note_frames(arena, sort, 0, 512, false);
	return faultlab_evict(arena->fd[sort], 0, TLIB_PMD_SIZE, 0);
}

static int touch_table(struct tlib_arena *arena, enum tlib_arena_sort sort, size_t page)
{
	return touch_all(arena, sort);
}

const struct tlib_change tlib_changes[TLIB_NR_CHANGES] = {
	{ "collapse", ANON | SHMEM, collapse, NULL },
	{ "collapse and split", ANON, collapse, split },
	{ "map and unmap", ANON | SHMEM | PAGES | FRAMES, map_slot, unmap_slot },
	{ "unmap a table", ANON | SHMEM | PAGES | FRAMES, unmap_table, map_table },
	{ "empty a table", ANON | SHMEM | PAGES | FRAMES, empty_table, touch_table },
	{ "map something else", FRAMES, map_other, map_table },
	{ "mprotect", ANON | SHMEM | PAGES | FRAMES, protect, unprotect },
	{ "madvise", ANON | SHMEM, not_to_cores, to_cores },
	{ "mremap", ANON | SHMEM | PAGES, move_away, move_back },
	{ "drop", ANON | SHMEM | PAGES, touch_slot, drop },
	{ "punch", SHMEM, touch_slot, punch },
	{ "evict", PAGES | FRAMES, touch_slot, evict },
	{ "evict all", PAGES | FRAMES | HUGE, evict_table, touch_table },
};

static int open_regions(struct tlib_arena *arena)
{
	const struct faultlab_config huge = {
		.kind = FAULTLAB_KIND_PFN, .flags = FAULTLAB_REGION_HUGE, .order = 9,
		.bytes = TLIB_PMD_SIZE,
	};
	int *fd = arena->fd;

	arena->region = faultlab_open();
	fd[TLIB_ARENA_ANON] = -1;
	fd[TLIB_ARENA_SHMEM] = memfd_create("arena", MFD_CLOEXEC);
	fd[TLIB_ARENA_PAGES] = tlib_region(FAULTLAB_KIND_PAGE, 0, 512);
	fd[TLIB_ARENA_FRAMES] = tlib_region(FAULTLAB_KIND_PFN, 0, 512);
	fd[TLIB_ARENA_HUGE] = tlib_region_full(&huge);
	arena->huge = fd[TLIB_ARENA_HUGE] != -EOPNOTSUPP;
	if (!arena->huge)
		fd[TLIB_ARENA_HUGE] = tlib_region(FAULTLAB_KIND_PFN, 0, 512);
	for (unsigned int i = TLIB_ARENA_SHMEM; i < TLIB_NR_ARENA_SORTS; i++)
		if (fd[i] < 0)
			return -ENODEV;
	return arena->region < 0 ? arena->region : 0;
}

int tlib_arena_init(struct tlib_arena *arena)
{
	arena->at = tlib_map_apart(-1, PROT_NONE, MAP_PRIVATE, TLIB_ARENA_PAGES_ALL);
	arena->elsewhere = tlib_map_apart(-1, PROT_NONE, MAP_PRIVATE, SLOT);
	return arena->at && arena->elsewhere ? open_regions(arena) : -ENOMEM;
}

static int look(const struct tlib_arena *arena, enum tlib_arena_sort sort, bool *now)
{
	__u64 words[512];

	if (BIT(sort) & (FRAMES | HUGE)) {
		memcpy(now, arena->frames[sort], sizeof(arena->frames[sort]));
		return 0;
	}
	if (tlib_pagemap_words(0, (uintptr_t)table_at(arena, sort), words, 512) != 512)
		return -EIO;
	for (unsigned int i = 0; i < 512; i++)
		now[i] = words[i] & PM_PRESENT;
	return 0;
}

int tlib_arena_note(struct tlib_arena *arena, enum tlib_arena_sort sort)
{
	bool *always = arena->always + (sort + 1) * 512, *ever = arena->ever + (sort + 1) * 512;
	bool now[512];
	int err = look(arena, sort, now);

	for (unsigned int i = 0; i < 512 && !err; i++) {
		always[i] &= now[i];
		ever[i] |= now[i];
	}
	return err;
}

int tlib_arena_reset(struct tlib_arena *arena)
{
	const size_t bytes = TLIB_ARENA_PAGES_ALL * TLIB_PAGE;
	const int shmem = arena->fd[TLIB_ARENA_SHMEM];
	int err = 0;

	if (mmap(arena->at, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	    MAP_FAILED || mprotect(arena->at + TLIB_PMD_SIZE / 2, TLIB_PMD_SIZE / 2, TLIB_RW) ||
	    ftruncate(shmem, 0) || ftruncate(shmem, TLIB_PMD_SIZE))
		return -errno;
	memset(arena->always, 0, sizeof(arena->always));
	memset(arena->ever, 0, sizeof(arena->ever));
	memset(arena->always + 512, 1, TLIB_NR_ARENA_SORTS * 512);
	for (unsigned int sort = 0; sort < TLIB_NR_ARENA_SORTS && !err; sort++)
		err = map_table(arena, sort, 0) ?: tlib_arena_note(arena, sort);
	return err;
}

enum tlib_arena_sort tlib_arena_near(const struct tlib_arena *arena,
				     const struct tlib_change *change, __u64 addr, size_t *page)
{
	size_t at = (addr - (uintptr_t)arena->at) / TLIB_PAGE;
	unsigned int sort = at < 512 ? 0 : at / 512 - 1;

	*page = at % 512 / EVERY * EVERY + EVERY / 2;
	for (unsigned int i = 0; i < TLIB_NR_ARENA_SORTS; i++, sort++)
		if (BIT(sort % TLIB_NR_ARENA_SORTS) & change->sorts)
			break;
	return sort % TLIB_NR_ARENA_SORTS;
}
