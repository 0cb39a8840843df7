// SPDX-License-Identifier: GPL-2.0-only
/*
 * max_total_pages limits the memory that regions have allocated, including pages that
 * were dropped while something still holds a reference: every sort of memory that works
 * with get_user_pages() x each way to hold a page x each way to drop it.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <liburing.h>
#include <signal.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/memory/memory.h"
#include "lib/tlib.h"
#include "lib/space.h"
#include "lib/sys.h"
#include "faultlab_memory.h"

#define ROUNDS		3	/* rounds until max_total_pages is reached */
#define FOLIOS_MAX	8

FIXTURE(pinned)
{
	__u64 before;		/* pages of all regions before the test */
	__u64 max_total;
	size_t folios;
	size_t pages;		/* of a region */
};

FIXTURE_VARIANT(pinned)
{
	const struct faultlab_memory *memory;
};

/* Whether get_user_pages() works, in a shared or in a private mapping. */
static bool can_be_pinned(const struct faultlab_memory *memory)
{
	return tlib_memory_has_pages(memory) && !memory->pfnmap;
}

TLIB_MEMORIES(pinned, can_be_pinned);

FIXTURE_SETUP(pinned)
{
	const struct faultlab_memory *memory = variant->memory;
	int fd;

	self->folios = memory->order < 4 ? FOLIOS_MAX : 1;
	self->pages = self->folios << memory->order;
	fd = faultlab_memory_open(memory, self->pages * TLIB_PAGE);
	close(fd);
	if (faultlab_memory_lacks(fd))
		SKIP(return, "%s", faultlab_memory_lacks(fd));
	ASSERT_EQ(0, tlib_read_number(TLIB_MAX_TOTAL, &self->max_total));
	self->before = tlib_all_pages();
	ASSERT_EQ(0, tlib_write_number(TLIB_MAX_TOTAL, self->before + ROUNDS * self->pages));
}

FIXTURE_TEARDOWN_PARENT(pinned)
{
	if (self->max_total)
		tlib_write_number(TLIB_MAX_TOTAL, self->max_total);
}

/* One page of each folio, held by a pipe or as a buffer registered with io_uring. */
struct pin {
	bool by_ring;
	int pipe[2];
	struct io_uring ring;
};

static void first_of_each(struct iovec *iov, char *at, unsigned int order, size_t folios,
			  size_t bytes)
{
	size_t i;

	for (i = 0; i < folios; i++)
		iov[i] = (struct iovec) { tlib_at(at, i << order), bytes };
}

/* Pin. Returns 0, the kernel's error, or -ENOSYS without io_uring. */
static int pin(struct pin *p, bool by_ring, char *at, unsigned int order, size_t folios)
{
	struct iovec iov[FOLIOS_MAX];
	int err;

	p->by_ring = by_ring;
	if (!by_ring) {
		first_of_each(iov, at, order, folios, 1);
		if (pipe(p->pipe))
			return -errno;
		return vmsplice(p->pipe[1], iov, folios, 0) == (ssize_t)folios ? 0 : -errno;
	}
	first_of_each(iov, at, order, folios, TLIB_PAGE);
	if (io_uring_queue_init(1, &p->ring, 0))
		return -ENOSYS;
	err = io_uring_register_buffers(&p->ring, iov, folios);
	if (err)
		io_uring_queue_exit(&p->ring);
	return err;
}

/* Unpin. Checks that a pipe still has the contents from when the page was pinned. */
static int unpin(struct pin *p, size_t folios, char value)
{
	char bytes[FOLIOS_MAX];
	int err = 0;
	size_t i;

	if (p->by_ring) {
		err = io_uring_unregister_buffers(&p->ring);
		io_uring_queue_exit(&p->ring);
		return err;
	}
	if (read(p->pipe[0], bytes, folios) != (ssize_t)folios)
		err = -EIO;
	for (i = 0; !err && i < folios; i++)
		err = bytes[i] == value ? 0 : -EUCLEAN;
	close(p->pipe[0]);
	close(p->pipe[1]);
	return err;
}

enum drop { BY_EVICT, BY_UNPLUG, BY_CLOSE, NR_DROPS };

static const char * const drop_names[] = { "evict", "unplug", "close" };

/* One case: memory, mapping, how to pin, and how to drop. */
struct cell {
	const struct faultlab_memory *memory;
	size_t folios, pages;
	bool private;
	bool by_ring;
	enum drop drop;
	int fd;
	struct pin pins[ROUNDS];
	__u64 frames[ROUNDS * FOLIOS_MAX];
	size_t nr_frames;
	int refused;		/* error of pin() */
};

static char *map_of(const struct cell *c, char **shared)
{
	*shared = tlib_map(c->fd, TLIB_RW, MAP_SHARED, 0, c->pages);
	if (!c->private)
		return *shared;
	return tlib_map(c->fd, PROT_READ, MAP_PRIVATE, 0, c->pages);
}

/* Returns 0; -EFAULT if a folio could not be allocated. */
static int touch_all(const struct cell *c, char *at, __u8 value)
{
	struct faultlab_touch touch;
	size_t i;

	for (i = 0; i < c->folios; i++)
		if (faultlab_touch_write(tlib_at(at, i << c->memory->order), value, &touch))
			return touch.signal == SIGBUS && touch.code == BUS_ADRERR ? -EFAULT : -EIO;
	return 0;
}

/*
 * Add the frames of this round to those that are pinned. None of them may be in the list
 * already: a pinned frame must not be allocated again. Returns NULL, or what is wrong.
 */
static const char *note_frames(struct cell *c, char *at)
{
	size_t i, k;

	for (i = 0; i < c->folios; i++) {
		__u64 pfn = tlib_pagemap(tlib_at(at, i << c->memory->order)).pfn;

		if (!pfn)
			return "pagemap has no frame";
		for (k = 0; k < c->nr_frames; k++)
			if (c->frames[k] == pfn)
				return "a pinned frame was allocated again";
		c->frames[c->nr_frames++] = pfn;
	}
	return NULL;
}

static int drop(struct cell *c)
{
	int err = 0;

	if (c->drop == BY_EVICT)
		return faultlab_evict(c->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP);
	if (c->drop == BY_UNPLUG)
		err = faultlab_unplug(c->fd);
	close(c->fd);
	c->fd = faultlab_memory_open(c->memory, c->pages * TLIB_PAGE);
	return err ?: c->fd < 0 ? c->fd : 0;
}

/* Touch all folios, and pin a page of each. */
static const char *fill(struct cell *c, char *shared, char *at, unsigned int round)
{
	int err = touch_all(c, shared, round + 1);

	if (err)
		return tlib_text("no page could be allocated in round %u: %d", round, err);
	if (c->private && faultlab_touch_read(at, NULL))
		return "the private mapping cannot be read";
	c->refused = pin(&c->pins[round], c->by_ring, at, c->memory->order, c->folios);
	if (c->refused)
		return tlib_text("pinning failed: %d", c->refused);
	/* Of @at, the mapping whose pages were pinned. */
	return note_frames(c, at);
}

static const char *one_round(struct cell *c, unsigned int round)
{
	char *shared, *at = map_of(c, &shared);
	const char *wrong = at && shared ? fill(c, shared, at, round) : "mmap() fails";
	int err;

	if (shared)
		tlib_unmap(shared, c->pages);
	if (c->private && at)
		tlib_unmap(at, c->pages);
	if (wrong)
		return wrong;
	err = drop(c);
	return err ? tlib_text("dropping failed: %d", err) : NULL;
}

/*
 * After ROUNDS rounds max_total_pages is reached: touching the region fails, also at a
 * second and a third try, each after a drop.
 */
static const char *is_full(struct cell *c, __u64 max)
{
	char *at = tlib_map(c->fd, TLIB_RW, MAP_SHARED, 0, c->pages);
	unsigned int i;
	const char *wrong = NULL;

	if (!at)
		return "mmap() fails";
	for (i = 0; i < 3 && !wrong; i++) {
		if (touch_all(c, at, 9) != -EFAULT)
			wrong = "a page past max_total_pages was allocated";
		else if (tlib_all_pages() > max)
			wrong = "more pages are counted than max_total_pages";
		else
			faultlab_evict(c->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP);
	}
	tlib_unmap(at, c->pages);
	return wrong;
}

static const char *has_room(struct cell *c, __u64 before)
{
	char *at = tlib_map(c->fd, TLIB_RW, MAP_SHARED, 0, c->pages);
	const char *wrong = NULL;

	if (!at)
		return "mmap() fails";
	if (tlib_all_pages() != before)
		wrong = tlib_text("%lld pages left after unpinning",
				  (long long)(tlib_all_pages() - before));
	else if (touch_all(c, at, 9))
		wrong = "no page can be allocated after unpinning";
	else if (tlib_all_pages() != before + c->pages)
		wrong = "not exactly the pages of the region count";
	tlib_unmap(at, c->pages);
	return wrong;
}

static const char *run_cell(struct cell *c, __u64 before)
{
	const __u64 max = before + ROUNDS * c->pages;
	unsigned int pinned, i;
	const char *wrong = NULL;

	c->fd = faultlab_memory_open(c->memory, c->pages * TLIB_PAGE);
	if (c->fd < 0)
		return "no region";
	for (pinned = 0; pinned < ROUNDS; pinned++) {
		wrong = one_round(c, pinned);
		if (wrong)
			break;
		if (tlib_all_pages() != before + (pinned + 1) * c->pages)
			wrong = tlib_text("%lld pages count in round %u",
					  (long long)(tlib_all_pages() - before), pinned);
	}
	wrong = wrong ?: is_full(c, max);
	for (i = 0; i < pinned; i++) {
		int err = unpin(&c->pins[i], c->folios, i + 1);

		if (err && !wrong)
			wrong = tlib_text("unpin: %d", err);
	}
	wrong = wrong ?: has_room(c, before);
	close(c->fd);
	return wrong;
}

/*
 * The expected error of io_uring. It pins for writing, so read-only mappings are EFAULT
 * (check_vma_flags()). Its pins are long-term: before 6.5 it accepted pages of files
 * only from shmem and hugetlbfs (io_pin_pages()); since then it refuses shared mappings
 * with .page_mkwrite (writable_file_mapping_allowed()).
 */
static int pin_wants(const struct cell *c)
{
	if (!c->by_ring)
		return 0;
	if (c->private)
		return -EFAULT;
	if (!tlib_kernel_since(6, 5))
		return -EOPNOTSUPP;
	return c->memory->calls & FAULTLAB_CALLS_PAGE_MKWRITE ? -EFAULT : 0;
}

/*
 * The short form tests one way to drop pages for each mapping and each way to pin. Which
 * one it is differs from row to row.
 */
static bool is_skipped(const struct cell *c)
{
	const unsigned int row = c->memory - faultlab_memories;

	return !tlib_full() && c->drop != (row + c->private + 2 * c->by_ring) % NR_DROPS;
}

static const char *what_of(const struct cell *c)
{
	return tlib_text("%s mapping, pinned by %s, dropped by %s",
			 c->private ? "private" : "shared",
			 c->by_ring ? "io_uring" : "a pipe", drop_names[c->drop]);
}

TEST_F(pinned, dropped_pages_count_for_max_total_pages_until_they_are_unpinned)
{
	unsigned int i, tried = 0;

	for (i = 0; i < 2 * 2 * NR_DROPS; i++) {
		struct cell c = {
			.memory = variant->memory,
			.folios = self->folios,
			.pages = self->pages,
			.private = i & 1,
			.by_ring = i & 2,
			.drop = i / 4,
		};
		const char *wrong;

		if ((!c.private && c.memory->gup != FAULTLAB_GUP) || is_skipped(&c))
			continue;
		wrong = run_cell(&c, self->before);
		if (c.refused == -ENOSYS && c.by_ring)
			continue;
		EXPECT_EQ(pin_wants(&c), c.refused) {
			TH_LOG("%s: %s", what_of(&c), wrong);
		}
		EXPECT_TRUE(!wrong || (c.refused && c.refused == pin_wants(&c))) {
			TH_LOG("%s: %s", what_of(&c), wrong);
		}
		EXPECT_EQ(self->before, tlib_all_pages()) {
			TH_LOG("%s", what_of(&c));
		}
		tried += !c.refused;
	}
	EXPECT_LE(tlib_scale(1, NR_DROPS), tried);
}

/* Copies in private mappings are anonymous memory of the process, not of the region. */
TEST_F(pinned, private_copies_do_not_count_for_max_total_pages)
{
	int fd = faultlab_memory_open(variant->memory, self->pages * TLIB_PAGE);
	char *at;
	int i;

	ASSERT_LE(0, fd);
	at = tlib_map(fd, TLIB_RW, MAP_PRIVATE, 0, self->pages);
	ASSERT_NE(NULL, at);
	for (i = 0; i < 2 * ROUNDS; i++) {
		ASSERT_EQ(0, faultlab_touch_write(at, 1, NULL));
		ASSERT_EQ(0, faultlab_evict(fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
		EXPECT_EQ(self->before, tlib_all_pages());
	}
	close(fd);
}

TEST_HARNESS_MAIN
