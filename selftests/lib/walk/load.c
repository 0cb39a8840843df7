// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/walk/load.h"
#include "lib/walk/random_space.h"
#include "lib/sys.h"
#include "lib/newer.h"

#define PAGES	TLIB_LOAD_PAGES
#define BYTES	(PAGES * TLIB_PAGE)

static struct tlib_load *load;

static bool goes_on(enum tlib_worker worker)
{
	__atomic_fetch_add(&load->rounds[worker], 1, __ATOMIC_RELAXED);
	return !__atomic_load_n(&load->stop, __ATOMIC_RELAXED);
}

/* Only writes, so that the zero page is never mapped. */
static void *drop(void *arg)
{
	struct tlib_random random = { 1 };
	char *at = load->area[TLIB_DROPPED];

	while (goes_on(TLIB_DROPS)) {
		unsigned int first = tlib_random(&random, PAGES - 32);

		for (unsigned int i = 0; i < 32; i++)
			*(volatile char *)(at + (first + i) * TLIB_PAGE) = 1;
		madvise(at + tlib_random(&random, PAGES - 16) * TLIB_PAGE, 16 * TLIB_PAGE,
			tlib_random(&random, 2) ? MADV_PAGEOUT : MADV_DONTNEED);
	}
	return NULL;
}

static void *read_only(void *arg)
{
	char *at = load->area[TLIB_READ_ONLY];

	while (goes_on(TLIB_READS)) {
		for (unsigned int i = 0; i < PAGES; i += 3)
			(void)*(volatile char *)(at + i * TLIB_PAGE);
		madvise(at, BYTES, MADV_DONTNEED);
	}
	return NULL;
}

static void *collapse_and_split(void *arg)
{
	static const struct {
		size_t from, bytes;
		int advice;
	} things[] = {
		{ TLIB_PAGE, TLIB_PAGE, MADV_DONTNEED },
		{ 0, TLIB_PMD_SIZE, MADV_DONTNEED },
		{ 0, TLIB_PMD_SIZE / 2, MADV_PAGEOUT },
		{ 0, TLIB_PMD_SIZE, MADV_COLLAPSE },
	};
	struct tlib_random random = { 2 };

	while (goes_on(TLIB_COLLAPSES)) {
		char *at = load->area[TLIB_HUGE] +
			   tlib_random(&random, TLIB_LOAD_HUGES) * TLIB_PMD_SIZE;
		const unsigned int i = tlib_random(&random, 4);

		*(volatile char *)at = 1;
		madvise(at + things[i].from, things[i].bytes, things[i].advice);
	}
	return NULL;
}

static void *unmap_and_map(void *arg)
{
	char *at = load->area[TLIB_MAPPED];

	while (goes_on(TLIB_MAPS)) {
		for (unsigned int i = 0; i < PAGES; i += 5)
			(void)*(volatile char *)(at + i * TLIB_PAGE);
		munmap(at + 64 * TLIB_PAGE, 64 * TLIB_PAGE);
		if (mmap(at, BYTES, PROT_READ, MAP_SHARED | MAP_FIXED,
			 load->region[0], 0) == MAP_FAILED)
			_exit(3);
	}
	return NULL;
}

static void *move(void *arg)
{
	char *from = load->area[TLIB_MOVED], *to = load->moved_to, *at;

	while (goes_on(TLIB_MOVES)) {
		for (unsigned int i = 0; i < PAGES; i += 7)
			(void)*(volatile char *)(from + i * TLIB_PAGE);
		at = mremap(from, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, to);
		if (at == MAP_FAILED)
			_exit(4);
		to = from;
		from = at;
	}
	return NULL;
}

static void *fork_and_exit(void *arg)
{
	while (goes_on(TLIB_FORKS)) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (pid > 0)
			tlib_reap(pid);
	}
	return NULL;
}

/*
 * Compaction migrates pages to other frames. move_pages() cannot on a machine with a
 * single node.
 */
static void *migrate(void *arg)
{
	while (goes_on(TLIB_COMPACTS)) {
		tlib_write_text("/proc/sys/vm/compact_memory", "1");
		usleep(20000);
	}
	return NULL;
}

static void *(*const workers[TLIB_NR_WORKERS])(void *) = {
	[TLIB_DROPS] = drop, [TLIB_READS] = read_only, [TLIB_COLLAPSES] = collapse_and_split,
	[TLIB_MAPS] = unmap_and_map, [TLIB_MOVES] = move, [TLIB_FORKS] = fork_and_exit,
	[TLIB_COMPACTS] = migrate,
};

static int map_areas(void)
{
	char **area = load->area;

	for (unsigned int i = 0; i < 2; i++)
		load->region[i] = tlib_region(i ? FAULTLAB_KIND_PAGE : FAULTLAB_KIND_PFN, 0, PAGES);
	area[TLIB_DROPPED] = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, PAGES);
	area[TLIB_READ_ONLY] = tlib_map_apart(-1, PROT_READ, MAP_SHARED, PAGES);
	area[TLIB_HUGE] = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, TLIB_LOAD_HUGES * 512);
	area[TLIB_MAPPED] = tlib_map_apart(load->region[0], PROT_READ, MAP_SHARED, PAGES);
	area[TLIB_MOVED] = tlib_map_apart(load->region[1], TLIB_RW, MAP_SHARED, PAGES);
	load->moved_to = tlib_map_apart(-1, PROT_NONE, MAP_PRIVATE, PAGES);
	for (unsigned int i = 0; i < TLIB_NR_AREAS; i++)
		if (!area[i])
			return -ENOMEM;
	madvise(area[TLIB_DROPPED], BYTES, MADV_NOHUGEPAGE);
	madvise(area[TLIB_HUGE], TLIB_LOAD_HUGES * TLIB_PMD_SIZE, MADV_HUGEPAGE);
	for (unsigned int i = 0; i < PAGES; i++) {
		faultlab_touch_read(area[TLIB_MAPPED] + i * TLIB_PAGE, NULL);
		faultlab_touch_read(area[TLIB_MOVED] + i * TLIB_PAGE, NULL);
		load->pfn[0][i] = tlib_pfn(load->region[0], area[TLIB_MAPPED] + i * TLIB_PAGE);
		load->pfn[1][i] = tlib_pfn(load->region[1], area[TLIB_MOVED] + i * TLIB_PAGE);
		if (!load->pfn[0][i] || !load->pfn[1][i])
			return -EFAULT;
	}
	return 0;
}

struct tlib_load *tlib_load_new(void)
{
	load = mmap(NULL, sizeof(*load), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return load == MAP_FAILED ? NULL : load;
}

int tlib_load_run(struct tlib_load *shared, struct tlib_peer *peer)
{
	pthread_t thread[TLIB_NR_WORKERS];
	unsigned int i;

	load = shared;
	if (map_areas())
		return 1;
	for (i = 0; i < TLIB_NR_WORKERS; i++)
		if (pthread_create(&thread[i], NULL, workers[i], NULL))
			return 2;
	tlib_peer_nudge(peer);
	for (i = 0; i < TLIB_NR_WORKERS; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

void tlib_load_stop(struct tlib_load *shared)
{
	__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
}

bool tlib_load_all_worked(const struct tlib_load *shared)
{
	unsigned int i;

	for (i = 0; i < TLIB_NR_WORKERS; i++)
		if (__atomic_load_n(&shared->rounds[i], __ATOMIC_RELAXED) < 2)
			return false;
	return true;
}

size_t tlib_load_pages(enum tlib_area area)
{
	return area == TLIB_HUGE ? TLIB_LOAD_HUGES * 512 : PAGES;
}

enum tlib_area tlib_load_area(const struct tlib_load *shared, __u64 addr, size_t *page)
{
	unsigned int i;

	for (i = 0; i < TLIB_NR_AREAS; i++) {
		*page = (addr - (uintptr_t)shared->area[i]) / TLIB_PAGE;
		if (addr >= (uintptr_t)shared->area[i] && *page < tlib_load_pages(i))
			return i;
	}
	*page = (addr - (uintptr_t)shared->moved_to) / TLIB_PAGE;
	return addr >= (uintptr_t)shared->moved_to && *page < PAGES ? TLIB_MOVED :
										TLIB_NR_AREAS;
}
