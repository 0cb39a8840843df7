// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unplug waits for each mmap() of a region that is under way. For that it takes the list of
 * the mms that may be in an mmap(), and waits for one after the other. A concurrent mmap()
 * must not change that list meanwhile. Only the debug kernel detects such an access.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <sched.h>
#include <unistd.h>

#include "lib/memory/memory.h"
#include "lib/sys.h"

#define LARGE	4096UL	/* pages: to map them takes a while, with mmap_lock held for write */
#define NR_LATE	2

FIXTURE(race)
{
	int fd;		/* is unplugged */
	int large;
	struct signs {		/* shared with children */
		bool ready;
		bool stop;
	} *signs;
};

FIXTURE_VARIANT(race)
{
	const struct faultlab_memory *memory;
};

static bool is_filled(const struct faultlab_memory *memory)
{
	return memory->at_mmap && !(memory->flags & FAULTLAB_REGION_PHYS);
}

TLIB_MEMORIES(race, is_filled)

FIXTURE_SETUP(race)
{
	self->signs = mmap(NULL, sizeof(*self->signs), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->signs);
	self->large = tlib_region(FAULTLAB_KIND_REMAP, 0, LARGE);
	ASSERT_LE(0, self->large);
}

FIXTURE_TEARDOWN(race)
{
	close(self->large);
}

static bool is_set(const bool *sign)
{
	return __atomic_load_n(sign, __ATOMIC_ACQUIRE);
}

static void set(bool *sign)
{
	__atomic_store_n(sign, true, __ATOMIC_RELEASE);
}

/*
 * A process that has mapped the region, so that its mm is on the list for which unplug
 * waits. Then it makes unplug wait long: by large mappings of another region it holds its
 * mmap_lock for write most of the time.
 */
static int map_large(void *arg)
{
	FIXTURE_DATA(race) * self = arg;
	char *at;

	if (!tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 16))
		return 1;
	set(&self->signs->ready);
	while (!is_set(&self->signs->stop)) {
		at = tlib_map(self->large, TLIB_RW, MAP_SHARED, 0, LARGE);
		if (!at)
			return 2;
		tlib_unmap(at, LARGE);
	}
	return 0;
}

/*
 * A process that maps until it is stopped. The last mmap() comes after the unplug; its
 * error is the exit status.
 */
static int map_late(void *arg)
{
	FIXTURE_DATA(race) * self = arg;
	char *at;

	while (!is_set(&self->signs->stop)) {
		at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 16);
		tlib_unmap(at, 16);
	}
	return tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 16) ? 0 : errno;
}

TEST_F_TIMEOUT(race, unplug_during_mmaps_succeeds_and_later_mmaps_are_enodev, 300)
{
	const unsigned int rounds = tlib_scale(8, 100);
	pid_t large, late[NR_LATE];
	unsigned int i, k;

	for (i = 0; i < rounds && !_metadata->exit_code; i++) {
		self->fd = faultlab_memory_open(variant->memory, 64 * tlib_page_size());
		ASSERT_LE(0, self->fd);
		*self->signs = (struct signs) { };
		large = tlib_spawn(map_large, self);
		for (k = 0; k < NR_LATE; k++)
			late[k] = tlib_spawn(map_late, self);
		while (!is_set(&self->signs->ready))
			usleep(1000);
		usleep(i * 1000);
		EXPECT_EQ(0, faultlab_unplug(self->fd));
		usleep(10000);
		set(&self->signs->stop);
		EXPECT_EQ(0, tlib_reap(large));
		for (k = 0; k < NR_LATE; k++)
			EXPECT_EQ(ENODEV, tlib_reap(late[k]));
		close(self->fd);
	}
}

TEST_HARNESS_MAIN
