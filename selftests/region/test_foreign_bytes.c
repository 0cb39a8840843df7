// SPDX-License-Identifier: GPL-2.0-only
/*
 * No byte of another process: whatever was in free memory, and in the range of phys=, a first
 * touch reads zeros. A process fills a region with a pattern and ends, so that free pages
 * hold the pattern (the machines of the tests run with init_on_alloc=0). Then an
 * unprivileged process touches regions of every sort of memory, and looks at each byte. In
 * the long form that is 1 GiB of first touches in all.
 *
 * The free pages must be some that the next region gets. The allocator keeps free pages apart
 * by their migrate type, and for each CPU. So they come from a region, too: anonymous memory
 * is movable, and regions' pages are not. And all processes of the test run on one CPU.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <pagemap.h>
#include <string.h>
#include <unistd.h>

#include "lib/memory/memory.h"
#include "lib/record/record.h"
#include "lib/space.h"
#include "lib/sys.h"

#define MIB		(1UL << 20)
#define PATTERN		0x5ec2e75ec2e75ec2ULL
#define POISONED	(16 * MIB)
#define PIECE		(4 * MIB)	/* a region; whole folios of every order */
#define PIECE_PAGES	(PIECE / TLIB_PAGE)
#define FRAMES_MAX	(1UL << 22)	/* 16 GiB of physical addresses */

/* A bit for each frame that has held the pattern. Shared with the process that fills them. */
struct frames {
	__u64 word[FRAMES_MAX / 64];
	size_t nr;
};

FIXTURE(first_touch)
{
	struct frames *poisoned;
	size_t pieces;
};

FIXTURE_VARIANT(first_touch)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(first_touch, tlib_memory_sample);

static void fill(char *at, size_t bytes)
{
	__u64 *word = (__u64 *)at;
	size_t i;

	for (i = 0; i < bytes / sizeof(*word); i++)
		word[i] = PATTERN;
}

/* How many words of a range are not 0. */
static size_t count_nonzero(const char *at, size_t bytes)
{
	const __u64 *word = (const __u64 *)at;
	size_t i, nr = 0;

	for (i = 0; i < bytes / sizeof(*word); i++)
		nr += !!word[i];
	return nr;
}

/* Fill a region with the pattern, and note its frames. It is freed when the process ends. */
static int poison(void *arg)
{
	static __u64 words[POISONED / TLIB_PAGE];
	struct frames *frames = arg;
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, ARRAY_SIZE(words));
	char *at = fd < 0 ? NULL : tlib_map(fd, TLIB_RW, MAP_SHARED, 0, ARRAY_SIZE(words));
	size_t i;

	if (!at)
		return 1;
	fill(at, POISONED);
	if (tlib_pagemap_words(0, (uintptr_t)at, words, ARRAY_SIZE(words)) != ARRAY_SIZE(words))
		return 2;
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		__u64 pfn = words[i] & PM_PFN;

		if (!pfn || pfn >= FRAMES_MAX)
			continue;
		frames->word[pfn / 64] |= 1ULL << pfn % 64;
		frames->nr++;
	}
	return 0;
}

FIXTURE_SETUP(first_touch)
{
	int fd = faultlab_memory_open(variant->memory, PIECE);

	if (faultlab_memory_lacks(fd))
		SKIP(return, "%s", faultlab_memory_lacks(fd));
	ASSERT_LE(0, fd);
	close(fd);
	/* If pages can be dropped, one piece touches them again. Else the next piece does. */
	self->pieces = tlib_scale(tlib_memory_drops(variant->memory) ? 1 : 2,
				  1024 * MIB / FAULTLAB_NR_MEMORIES / PIECE + 1);
	self->poisoned = mmap(NULL, sizeof(*self->poisoned), TLIB_RW,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->poisoned);
	ASSERT_EQ(0, tlib_pin(0));
	ASSERT_EQ(0, tlib_reap(tlib_spawn(poison, self->poisoned)));
	ASSERT_LT(0, self->poisoned->nr);
	if (variant->memory->order)
		tlib_compact();
}

FIXTURE_TEARDOWN(first_touch)
{
	if (self->poisoned)
		munmap(self->poisoned, sizeof(*self->poisoned));
}

/* A region that an unprivileged process touches. */
struct piece {
	const struct faultlab_memory *memory;
	int fd;
};

/* What the process found, as its exit status. */
enum found { ZEROS, FOREIGN, FOREIGN_AFTER_DROP, FOREIGN_IN_COPY, NO_MAPPING, NO_DROP, NOT_NOBODY };

/* Look at each byte of the private copies: the first of each page is the process's own. */
static enum found look_at_copies(const struct piece *p)
{
	char *at = tlib_map(p->fd, TLIB_RW, MAP_PRIVATE, 0, PIECE_PAGES);
	size_t i;

	if (!at)
		return NO_MAPPING;
	for (i = 0; i < PIECE_PAGES; i++) {
		char *page = tlib_at(at, i);

		*page = 'c';
		if (count_nonzero(page, TLIB_PAGE) != 1 || memcmp(page, "c\0\0\0\0\0\0\0", 8))
			return FOREIGN_IN_COPY;
	}
	tlib_unmap(at, PIECE_PAGES);
	return ZEROS;
}

/*
 * Leaves pages that hold the pattern: freed, they are the foreign memory of those who come
 * next.
 */
static int touch(void *arg)
{
	const struct piece *p = arg;
	enum found found;
	char *at;

	if (tlib_become_nobody())
		return NOT_NOBODY;
	at = tlib_map(p->fd, TLIB_RW, MAP_SHARED, 0, PIECE_PAGES);
	if (!at)
		return NO_MAPPING;
	if (count_nonzero(at, PIECE))
		return FOREIGN;
	fill(at, PIECE);
	if (!tlib_memory_drops(p->memory))
		return ZEROS;
	if (faultlab_evict(p->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP))
		return NO_DROP;
	if (count_nonzero(at, PIECE))
		return FOREIGN_AFTER_DROP;
	fill(at, PIECE);
	if (!tlib_memory_copies(p->memory) ||
	    faultlab_evict(p->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP))
		return ZEROS;
	found = look_at_copies(p);
	fill(at, PIECE);
	return found;
}

/* How many of the region's frames have held the pattern before. */
static size_t count_poisoned(const struct frames *frames, int fd)
{
	char *at = tlib_map(fd, PROT_READ, MAP_SHARED, 0, PIECE_PAGES);
	size_t i, nr = 0;
	__u64 pfn;

	for (i = 0; at && i < PIECE_PAGES; i++) {
		faultlab_touch_read(tlib_at(at, i), NULL);
		pfn = tlib_pfn(fd, tlib_at(at, i));
		nr += pfn && pfn < FRAMES_MAX && (frames->word[pfn / 64] >> pfn % 64 & 1);
	}
	if (at)
		tlib_unmap(at, PIECE_PAGES);
	return nr;
}

TEST_F_TIMEOUT(first_touch, by_an_unprivileged_process_reads_zeros_whatever_was_there, 900)
{
	struct piece piece = { .memory = variant->memory };
	size_t i, poisoned = 0;

	for (i = 0; i < self->pieces; i++) {
		piece.fd = faultlab_memory_open(variant->memory, PIECE);
		ASSERT_LE(0, piece.fd);
		ASSERT_EQ(ZEROS, tlib_reap(tlib_spawn(touch, &piece))) {
			TH_LOG("piece %zu of %zu", i, self->pieces);
		}
		if (!i)
			poisoned = count_poisoned(self->poisoned, piece.fd);
		close(piece.fd);
	}
	/*
	 * The pages must have held something. Of large folios none needs to be among the poisoned
	 * frames; what they held is what the piece before has left there.
	 */
	if (!variant->memory->order && tlib_memory_has_pages(variant->memory))
		EXPECT_LT(0, poisoned);
}

TEST_HARNESS_MAIN
