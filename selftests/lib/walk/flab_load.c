// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/walk/flab_load.h"
#include "lib/walk/flab_random.h"
#include "lib/flab_sys.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define PAGES	FLAB_LOAD_PAGES
#define BYTES	(PAGES * FLAB_PAGE)

static struct flab_load *load;

static bool goes_on(enum flab_worker worker)
{
	__atomic_fetch_add(&load->rounds[worker], 1, __ATOMIC_RELAXED);
	return !__atomic_load_n(&load->stop, __ATOMIC_RELAXED);
}

/* Only writes, so that the zero page is never mapped. */
static void *drop(void *arg)
{
	struct flab_random random = { 1 };
	char *at = load->area[FLAB_DROPPED];

	while (goes_on(FLAB_DROPS)) {
		unsigned int first = flab_random(&random, PAGES - 32);

		for (unsigned int i = 0; i < 32; i++)
			*(volatile char *)(at + (first + i) * FLAB_PAGE) = 1;
		madvise(at + flab_random(&random, PAGES - 16) * FLAB_PAGE, 16 * FLAB_PAGE,
			flab_random(&random, 2) ? MADV_PAGEOUT : MADV_DONTNEED);
	}
	return NULL;
}

static void *read_only(void *arg)
{
	char *at = load->area[FLAB_READ_ONLY];

	while (goes_on(FLAB_READS)) {
		for (unsigned int i = 0; i < PAGES; i += 3)
			(void)*(volatile char *)(at + i * FLAB_PAGE);
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
		{ FLAB_PAGE, FLAB_PAGE, MADV_DONTNEED },
		{ 0, FLAB_PMD_SIZE, MADV_DONTNEED },
		{ 0, FLAB_PMD_SIZE / 2, MADV_PAGEOUT },
		{ 0, FLAB_PMD_SIZE, MADV_COLLAPSE },
	};
	struct flab_random random = { 2 };

	while (goes_on(FLAB_COLLAPSES)) {
		char *at = load->area[FLAB_HUGE] +
			   flab_random(&random, FLAB_LOAD_HUGES) * FLAB_PMD_SIZE;
		const unsigned int i = flab_random(&random, 4);

		*(volatile char *)at = 1;
		madvise(at + things[i].from, things[i].bytes, things[i].advice);
	}
	return NULL;
}

static void *unmap_and_map(void *arg)
{
	char *at = load->area[FLAB_MAPPED];

	while (goes_on(FLAB_MAPS)) {
		for (unsigned int i = 0; i < PAGES; i += 5)
			(void)*(volatile char *)(at + i * FLAB_PAGE);
		munmap(at + 64 * FLAB_PAGE, 64 * FLAB_PAGE);
		if (mmap(at, BYTES, PROT_READ, MAP_SHARED | MAP_FIXED,
			 load->region[0], 0) == MAP_FAILED)
			_exit(3);
	}
	return NULL;
}

static void *move(void *arg)
{
	char *from = load->area[FLAB_MOVED], *to = load->moved_to, *at;

	while (goes_on(FLAB_MOVES)) {
		for (unsigned int i = 0; i < PAGES; i += 7)
			(void)*(volatile char *)(from + i * FLAB_PAGE);
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
	while (goes_on(FLAB_FORKS)) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (pid > 0)
			flab_reap(pid);
	}
	return NULL;
}

/*
 * Compaction migrates pages to other frames. move_pages() cannot on a machine with a
 * single node.
 */
static void *migrate(void *arg)
{
	while (goes_on(FLAB_COMPACTS)) {
		flab_write_text("/proc/sys/vm/compact_memory", "1");
		usleep(20000);
	}
	return NULL;
}

static void *(*const workers[FLAB_NR_WORKERS])(void *) = {
	[FLAB_DROPS] = drop, [FLAB_READS] = read_only, [FLAB_COLLAPSES] = collapse_and_split,
	[FLAB_MAPS] = unmap_and_map, [FLAB_MOVES] = move, [FLAB_FORKS] = fork_and_exit,
	[FLAB_COMPACTS] = migrate,
};

static int map_areas(void)
{
	char **area = load->area;

	for (unsigned int i = 0; i < 2; i++)
		load->region[i] = flab_region(i ? FAULTLAB_KIND_PAGE : FAULTLAB_KIND_PFN, 0, PAGES);
	area[FLAB_DROPPED] = flab_map_apart(-1, FLAB_RW, MAP_PRIVATE, PAGES);
	area[FLAB_READ_ONLY] = flab_map_apart(-1, PROT_READ, MAP_SHARED, PAGES);
	area[FLAB_HUGE] = flab_map_apart(-1, FLAB_RW, MAP_PRIVATE, FLAB_LOAD_HUGES * 512);
	area[FLAB_MAPPED] = flab_map_apart(load->region[0], PROT_READ, MAP_SHARED, PAGES);
	area[FLAB_MOVED] = flab_map_apart(load->region[1], FLAB_RW, MAP_SHARED, PAGES);
	load->moved_to = flab_map_apart(-1, PROT_NONE, MAP_PRIVATE, PAGES);
	for (unsigned int i = 0; i < FLAB_NR_AREAS; i++)
		if (!area[i])
			return -ENOMEM;
	madvise(area[FLAB_DROPPED], BYTES, MADV_NOHUGEPAGE);
	madvise(area[FLAB_HUGE], FLAB_LOAD_HUGES * FLAB_PMD_SIZE, MADV_HUGEPAGE);
	for (unsigned int i = 0; i < PAGES; i++) {
		faultlab_touch_read(area[FLAB_MAPPED] + i * FLAB_PAGE, NULL);
		faultlab_touch_read(area[FLAB_MOVED] + i * FLAB_PAGE, NULL);
		load->pfn[0][i] = flab_pfn(load->region[0], area[FLAB_MAPPED] + i * FLAB_PAGE);
		load->pfn[1][i] = flab_pfn(load->region[1], area[FLAB_MOVED] + i * FLAB_PAGE);
		if (!load->pfn[0][i] || !load->pfn[1][i])
			return -EFAULT;
	}
	return 0;
}

struct flab_load *flab_load_new(void)
{
	load = mmap(NULL, sizeof(*load), FLAB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return load == MAP_FAILED ? NULL : load;
}

int flab_load_run(struct flab_load *shared, struct flab_peer *peer)
{
	pthread_t thread[FLAB_NR_WORKERS];
	unsigned int i;

	load = shared;
	if (map_areas())
		return 1;
	for (i = 0; i < FLAB_NR_WORKERS; i++)
		if (pthread_create(&thread[i], NULL, workers[i], NULL))
			return 2;
	flab_peer_nudge(peer);
	for (i = 0; i < FLAB_NR_WORKERS; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

void flab_load_stop(struct flab_load *shared)
{
	__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
}

bool flab_load_all_worked(const struct flab_load *shared)
{
	unsigned int i;

	for (i = 0; i < FLAB_NR_WORKERS; i++)
		if (__atomic_load_n(&shared->rounds[i], __ATOMIC_RELAXED) < 2)
			return false;
	return true;
}

size_t flab_load_pages(enum flab_area area)
{
	return area == FLAB_HUGE ? FLAB_LOAD_HUGES * 512 : PAGES;
}

enum flab_area flab_load_area(const struct flab_load *shared, __u64 addr, size_t *page)
{
	unsigned int i;

	for (i = 0; i < FLAB_NR_AREAS; i++) {
		*page = (addr - (uintptr_t)shared->area[i]) / FLAB_PAGE;
		if (addr >= (uintptr_t)shared->area[i] && *page < flab_load_pages(i))
			return i;
	}
	*page = (addr - (uintptr_t)shared->moved_to) / FLAB_PAGE;
	return addr >= (uintptr_t)shared->moved_to && *page < PAGES ? FLAB_MOVED :
										FLAB_NR_AREAS;
}
