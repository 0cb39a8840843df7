// SPDX-License-Identifier: GPL-2.0-only
/*
 * A poisoned frame (PG_hwpoison) is never freed, alone or with its folio, whatever
 * happens to its region. For every sort of memory.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <linux/kernel-page-flags.h>
#include <signal.h>
#include <unistd.h>

#include "lib/memory/memory.h"
#include "lib/memory/broken.h"
#include "lib/space.h"
#include "lib/sys.h"

/* One region for each way to poison a frame. */
struct poisoned {
	struct tlib_broken b[TLIB_NR_POISONS];
	unsigned int nr;
	size_t taken;	/* bytes of anonymous memory that take_all() searches */
};

FIXTURE(hwpoison_free)
{
	struct poisoned poisoned;
};

FIXTURE_VARIANT(hwpoison_free)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(hwpoison_free, tlib_memory_breaks);

static void ignore(int sig)
{
}

/*
 * In the first region the first page of a folio is poisoned, in the others the last
 * one.
 */
FIXTURE_SETUP(hwpoison_free)
{
	const unsigned int row = variant->memory - faultlab_memories;
	struct poisoned *poisoned = &self->poisoned;
	unsigned int how;
	int fd, err;

	fd = faultlab_memory_open(variant->memory, TLIB_PMD_SIZE);
	if (fd < 0 && faultlab_memory_lacks(fd))
		SKIP(return, "%s", faultlab_memory_lacks(fd));
	ASSERT_LE(0, fd);
	close(fd);
	if (access("/sys/devices/system/memory/hard_offline_page", F_OK))
		SKIP(return, "no hard_offline_page (CONFIG_MEMORY_FAILURE)");
	signal(SIGBUS, ignore);
	for (how = 0; how < TLIB_NR_POISONS; how++) {
		unsigned int place = how ? TLIB_BROKEN_LAST : TLIB_BROKEN_FIRST;

		/*
		 * The short form poisons by hard_offline_page (how 0), which all kernels
		 * have, and by one of the other ways.
		 */
		if (!tlib_full() && how && how != 1 + row % (TLIB_NR_POISONS - 1))
			continue;
		err = tlib_broken_make(&poisoned->b[poisoned->nr], variant->memory, how,
				       tlib_broken_place(variant->memory, place));
		if (err == -ENOENT)
			continue;
		ASSERT_EQ(0, err) {
			TH_LOG("%s", tlib_poison_name(how));
		}
		poisoned->nr++;
	}
	ASSERT_LT(0, poisoned->nr);
}

FIXTURE_TEARDOWN(hwpoison_free)
{
}

struct mine {
	const struct poisoned *poisoned;
	unsigned int met;
	size_t leaves;
};

/* Counts the poisoned frames that a leaf maps. */
static int meet(const struct faultlab_walk_entry *e, void *arg)
{
	struct mine *m = arg;
	unsigned int i;

	if (!(e->flags & FAULTLAB_PTE_LEAF))
		return 0;
	m->leaves++;
	for (i = 0; i < m->poisoned->nr; i++)
		m->met += m->poisoned->b[i].pfn >= e->pfn &&
			  m->poisoned->b[i].pfn < e->pfn + e->bytes / TLIB_PAGE;
	return 0;
}

/*
 * How many poisoned frames are mapped in [at, at + bytes); -ENODATA if nothing is
 * mapped.
 */
static int met_in(const struct poisoned *poisoned, int fd, const char *at, size_t bytes)
{
	struct mine m = { .poisoned = poisoned };
	int err = faultlab_walk_each(fd, 0, (uintptr_t)at, (uintptr_t)at + bytes, 0, meet, &m);

	return err ?: m.leaves ? (int)m.met : -ENODATA;
}

/* Map a new region of that memory: it gets the pages that this CPU has freed last. */
static int met_in_new_region(const struct poisoned *poisoned,
			     const struct faultlab_memory *memory)
{
	const size_t pages = memory->order < 4 ? 512 : 2UL << memory->order;
	int fd = faultlab_memory_open(memory, pages * TLIB_PAGE), met;
	struct faultlab_touch touch;
	size_t i;
	char *at;

	if (fd < 0)
		return fd;
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, pages);
	met = at ? 0 : -errno;
	for (i = 0; at && i < pages; i++)
		met += !!faultlab_touch_write(tlib_at(at, i), 1, &touch);
	if (at && !met)
		met = met_in(poisoned, fd, at, pages * TLIB_PAGE);
	tlib_unmap(at, pages);
	close(fd);
	return met;
}

static void close_all(struct poisoned *poisoned)
{
	unsigned int i;

	for (i = 0; i < poisoned->nr; i++)
		tlib_broken_close(&poisoned->b[i]);
}

TEST_F(hwpoison_free, drop_replaces_a_poisoned_frame_or_is_refused_for_kind_remap)
{
	struct poisoned *poisoned = &self->poisoned;
	unsigned int i;

	for (i = 0; i < poisoned->nr; i++) {
		const struct tlib_broken *b = &poisoned->b[i];
		struct faultlab_touch touch;
		char *at;

		if (variant->memory->at_mmap) {
			EXPECT_EQ(-EINVAL, faultlab_evict(b->fd, 0, FAULTLAB_TO_END,
							  FAULTLAB_EVICT_DROP));
			continue;
		}
		ASSERT_EQ(0, faultlab_evict(b->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
		at = tlib_map(b->fd, TLIB_RW, MAP_SHARED, 0, b->pages);
		ASSERT_NE(NULL, at);
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(at, b->bad), &touch));
		EXPECT_EQ(0, touch.value);
		EXPECT_EQ(0, faultlab_touch_write(tlib_at(at, b->bad + 1), 1, NULL));
		EXPECT_EQ(0, met_in(poisoned, b->fd, at, b->pages * TLIB_PAGE));
		EXPECT_TRUE(tlib_is_poisoned(b->pfn));
		tlib_unmap(at, b->pages);
	}
	close_all(&self->poisoned);
}

TEST_F(hwpoison_free, poisoned_frame_of_a_closed_region_is_not_in_a_new_region)
{
	unsigned int i;

	close_all(&self->poisoned);
	EXPECT_EQ(0, met_in_new_region(&self->poisoned, variant->memory));
	/*
	 * A new region of single pages does not get the frame either, even if the frame was
	 * part of a larger folio.
	 */
	EXPECT_EQ(0, met_in_new_region(&self->poisoned, faultlab_memory(pfn)));
	for (i = 0; i < self->poisoned.nr; i++) {
		const __u64 flags = tlib_kpageflags(self->poisoned.b[i].pfn);

		EXPECT_NE(0, flags & 1ULL << KPF_HWPOISON);
		EXPECT_EQ(0, flags & (1ULL << KPF_BUDDY | 1ULL << KPF_NOPAGE)) {
			TH_LOG("%s", tlib_poison_name(i));
		}
	}
}

static __u64 available(void)
{
	__u64 kib = 0;

	tlib_read_field("/proc/meminfo", "MemAvailable:", &kib);
	return kib << 10;
}

/*
 * Memory that take_all() leaves free for other tasks and on the free lists of other
 * CPUs.
 */
#define SPARED		(64UL << 20)

/*
 * The long form searches all memory, the short form 256 MiB for one row, 16 MiB for
 * others.
 */
static size_t how_much(const struct faultlab_memory *memory)
{
	const size_t free = available();

	if (!tlib_full())
		return (memory == faultlab_memory(page_2_whole) ? 256UL : 16UL) << 20;
	if (free < 2 * SPARED)
		return free / 2 & -TLIB_PMD_SIZE;
	return (free - SPARED) & -TLIB_PMD_SIZE;
}

/*
 * Maps anonymous memory. Exits with the number of poisoned frames in it, or with 200 if
 * nothing was mapped.
 */
static int take_all(void *arg)
{
	const struct poisoned *poisoned = arg;
	const size_t bytes = poisoned->taken;
	char *at = tlib_map(-1, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS, 0, bytes / TLIB_PAGE);
	int fd = faultlab_open(), met;

	/*
	 * If there is less memory than expected, the OOM killer should choose this
	 * process.
	 */
	if (tlib_write_number("/proc/self/oom_score_adj", 1000))
		return 202;
	if (!at || fd < 0 || madvise(at, bytes, MADV_POPULATE_WRITE))
		return 201;
	met = met_in(poisoned, fd, at, bytes);
	return met < 0 ? 200 : met;
}

TEST_F(hwpoison_free, poisoned_frame_of_a_closed_region_is_not_in_new_anonymous_memory)
{
	unsigned int try;
	int status = -SIGKILL;

	close_all(&self->poisoned);
	self->poisoned.taken = how_much(variant->memory);
	/* Try again with less if the OOM killer has killed it. */
	for (try = 0; try < 3 && status == -SIGKILL; try++) {
		status = tlib_reap(tlib_spawn(take_all, &self->poisoned));
		self->poisoned.taken = self->poisoned.taken / 4 * 3 & -TLIB_PMD_SIZE;
	}
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
