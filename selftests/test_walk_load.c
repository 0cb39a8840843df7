// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walking while everything changes: unmap, move, fork, exit, drop, collapse, split,
 * swap out, migrate. Each area has something that holds at any time, whatever is done
 * to it, so an entry that was never true shows. The kernel log is the other witness.
 */
#include <errno.h>
#include <linux/kernel-page-flags.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "flab_random.h"
#include "flab_sys.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define ROOM	32768
#define PAGES	512UL
#define HUGES	4UL
#define KPF(name) (1ULL << KPF_##name)

enum area { DROPPED, READ_ONLY, HUGE, MAPPED, MOVED, NR_AREAS };

/* Shared by the process that is walked and the one that walks. */
struct load {
	char *area[NR_AREAS];		/* addresses in the process that is walked */
	char *moved_to;
	__u64 pfn[2][PAGES];		/* of MAPPED and MOVED, which never change */
	__u64 rounds[8];		/* of each thread that changes something */
	int region[2];
	bool stop;
};

static struct load *load;

static const size_t area_pages[NR_AREAS] = { PAGES, PAGES, HUGES * 512, PAGES, PAGES };

static bool goes_on(unsigned int thread)
{
	__atomic_fetch_add(&load->rounds[thread], 1, __ATOMIC_RELAXED);
	return !__atomic_load_n(&load->stop, __ATOMIC_RELAXED);
}

/* Writes and nothing else: so never the zero page. */
static void *drop(void *arg)
{
	struct flab_random random = { 1 };
	char *at = load->area[DROPPED];

	while (goes_on(0)) {
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
	char *at = load->area[READ_ONLY];

	while (goes_on(1)) {
		for (unsigned int i = 0; i < PAGES; i += 3)
			(void)*(volatile char *)(at + i * FLAB_PAGE);
		madvise(at, PAGES * FLAB_PAGE, MADV_DONTNEED);
	}
	return NULL;
}

static void *collapse_and_split(void *arg)
{
	struct flab_random random = { 2 };

	while (goes_on(2)) {
		char *at = load->area[HUGE] + flab_random(&random, HUGES) * FLAB_PMD_SIZE;

		*(volatile char *)at = 1;
		switch (flab_random(&random, 4)) {
		case 0:
			madvise(at + FLAB_PAGE, FLAB_PAGE, MADV_DONTNEED);
			break;
		case 1:
			madvise(at, FLAB_PMD_SIZE, MADV_DONTNEED);
			break;
		case 2:
			madvise(at, FLAB_PMD_SIZE / 2, MADV_PAGEOUT);
			break;
		default:
			madvise(at, FLAB_PMD_SIZE, MADV_COLLAPSE);
		}
	}
	return NULL;
}

static void *unmap_and_map(void *arg)
{
	char *at = load->area[MAPPED];

	while (goes_on(3)) {
		for (unsigned int i = 0; i < PAGES; i += 5)
			(void)*(volatile char *)(at + i * FLAB_PAGE);
		munmap(at + 64 * FLAB_PAGE, 64 * FLAB_PAGE);
		if (mmap(at, PAGES * FLAB_PAGE, PROT_READ, MAP_SHARED | MAP_FIXED,
			 load->region[0], 0) == MAP_FAILED)
			_exit(3);
	}
	return NULL;
}

static void *move(void *arg)
{
	const size_t bytes = PAGES * FLAB_PAGE;
	char *from = load->area[MOVED], *to = load->moved_to, *at;

	while (goes_on(4)) {
		for (unsigned int i = 0; i < PAGES; i += 7)
			(void)*(volatile char *)(from + i * FLAB_PAGE);
		at = mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to);
		if (at == MAP_FAILED)
			_exit(4);
		to = from;
		from = at;
	}
	return NULL;
}

static void *fork_and_exit(void *arg)
{
	while (goes_on(5)) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (pid > 0)
			flab_reap(pid);
	}
	return NULL;
}

/* To another place on the same node. */
static void *migrate(void *arg)
{
	while (goes_on(6)) {
		flab_write_text("/proc/sys/vm/compact_memory", "1");
		usleep(20000);
	}
	return NULL;
}

static void *(*const threads[])(void *) = {
	drop, read_only, collapse_and_split, unmap_and_map, move, fork_and_exit, migrate,
};

static int map_areas(void)
{
	char **area = load->area;

	for (unsigned int i = 0; i < 2; i++)
		load->region[i] = flab_region(i ? FAULTLAB_KIND_PAGE : FAULTLAB_KIND_PFN, 0,
					      PAGES);
	area[DROPPED] = flab_map_apart(-1, FLAB_RW, MAP_PRIVATE, PAGES);
	area[READ_ONLY] = flab_map_apart(-1, PROT_READ, MAP_SHARED, PAGES);
	area[HUGE] = flab_map_apart(-1, FLAB_RW, MAP_PRIVATE, HUGES * 512);
	area[MAPPED] = flab_map_apart(load->region[0], PROT_READ, MAP_SHARED, PAGES);
	area[MOVED] = flab_map_apart(load->region[1], FLAB_RW, MAP_SHARED, PAGES);
	load->moved_to = flab_map_apart(-1, PROT_NONE, MAP_PRIVATE, PAGES);
	for (unsigned int i = 0; i < NR_AREAS; i++)
		if (!area[i])
			return -ENOMEM;
	madvise(area[DROPPED], PAGES * FLAB_PAGE, MADV_NOHUGEPAGE);
	madvise(area[HUGE], HUGES * FLAB_PMD_SIZE, MADV_HUGEPAGE);
	for (unsigned int i = 0; i < PAGES; i++) {
		faultlab_touch_read(area[MAPPED] + i * FLAB_PAGE, NULL);
		faultlab_touch_read(area[MOVED] + i * FLAB_PAGE, NULL);
		load->pfn[0][i] = flab_pfn(load->region[0], area[MAPPED] + i * FLAB_PAGE);
		load->pfn[1][i] = flab_pfn(load->region[1], area[MOVED] + i * FLAB_PAGE);
		if (!load->pfn[0][i] || !load->pfn[1][i])
			return -EFAULT;
	}
	return 0;
}

static int be_loaded(struct flab_peer *peer)
{
	pthread_t thread[ARRAY_SIZE(threads)];
	unsigned int i;

	if (map_areas())
		return 1;
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		if (pthread_create(&thread[i], NULL, threads[i], NULL))
			return 2;
	flab_peer_nudge(peer);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(thread[i], NULL);
	return 0;
}

/* Where an address is, and which page of it; NR_AREAS: elsewhere. */
static unsigned int area_of(__u64 addr, size_t *page)
{
	for (unsigned int i = 0; i < NR_AREAS; i++) {
		*page = (addr - (uintptr_t)load->area[i]) / FLAB_PAGE;
		if (addr >= (uintptr_t)load->area[i] && *page < area_pages[i])
			return i;
	}
	*page = (addr - (uintptr_t)load->moved_to) / FLAB_PAGE;
	return addr >= (uintptr_t)load->moved_to && *page < PAGES ? MOVED : NR_AREAS;
}

static bool leaf_can_be(unsigned int area, size_t page, __u64 flags, __u64 pfn, unsigned int level)
{
	const __u64 special = FAULTLAB_PTE_SPECIAL;

	switch (area) {
	case DROPPED:
		return level == FAULTLAB_LEVEL_PTE && !(flags & (special | FAULTLAB_PTE_EXEC));
	case READ_ONLY:
		return !(flags & (FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY | special));
	case HUGE:
		return !(flags & FAULTLAB_PTE_EXEC) &&
		       (level == FAULTLAB_LEVEL_PTE || pfn % 512 == page % 512);
	case MAPPED:
		return pfn == load->pfn[0][page] && (flags & special) &&
		       !(flags & FAULTLAB_PTE_WRITE);
	case MOVED:
		return pfn == load->pfn[1][page] && !(flags & special);
	}
	return true;
}

/* Only anonymous memory can be elsewhere. */
static bool can_be(__u64 addr, __u64 flags, __u64 pfn, unsigned int level)
{
	size_t page;
	unsigned int area = area_of(addr, &page);

	if (flags & FAULTLAB_PTE_LEAF)
		return leaf_can_be(area, page, flags, pfn, level);
	return !(flags & FAULTLAB_PTE_BAD) &&
	       (!(flags & FAULTLAB_PTE_NONPRESENT) || (area != MAPPED && area != MOVED));
}

static int check_entry(const struct faultlab_walk_entry *e, const struct faultlab_walk_page *page,
		       void *arg)
{
	const __u64 ends = FAULTLAB_PTE_NONE | FAULTLAB_PTE_LEAF | FAULTLAB_PTE_NONPRESENT |
			   FAULTLAB_PTE_TABLE | FAULTLAB_PTE_NO_VMA;
	bool good = __builtin_popcountll(e->flags & ends) == 1 &&
		    can_be(e->addr, e->flags, e->pfn, e->level);

	/* Its table was locked: what it maps is mapped. */
	if ((e->flags & FAULTLAB_PTE_LEAF) && (page->flags & KPF(ANON)))
		good &= page->mapcount > 0 && page->refcount > 0;
	if (!good)
		ksft_print_msg("%#llx level %u: %#llx frame %#llx, page %#llx mapped %d\n", e->addr,
			       e->level, e->flags, e->pfn, page->flags, page->mapcount);
	return good ? 0 : -EBADMSG;
}

static int check_run(const struct faultlab_walk_run *run, void *arg)
{
	bool good = run->start < run->end && can_be(run->start, run->flags, run->pfn, run->level);

	if (!good)
		ksft_print_msg("run %#llx-%#llx: %#llx frame %#llx\n", run->start, run->end,
			       run->flags, run->pfn);
	return good ? 0 : -EBADMSG;
}

static int check_counts(const struct faultlab_walk_counts *c, void *arg)
{
	__u64 bytes = c->leaf[0] * FLAB_PAGE;

	return bytes <= c->end - c->start && c->flag[2] <= c->end - c->start ? 0 : -EBADMSG;
}

/* Frames of PTEs as the processor has them; bit 0 is "present". */
static int check_raw(const struct faultlab_walk_raw *table, const __u64 *words, void *arg)
{
	size_t page;

	for (unsigned int i = 0; i < table->nr && table->level == FAULTLAB_LEVEL_PTE; i++) {
		unsigned int area = area_of(table->addr + i * FLAB_PAGE, &page);
		__u64 pfn = (words[i] & ((1ULL << 52) - 1)) >> 12;

		if ((area == MAPPED || area == MOVED) && words[i] &&
		    (!(words[i] & 1) || pfn != load->pfn[area == MOVED][page]))
			return -EBADMSG;
	}
	return 0;
}

FIXTURE(load)
{
	int fd;
	struct flab_ground ground;
};

FIXTURE_SETUP(load)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, flab_ground_take(&self->ground));
}

FIXTURE_TEARDOWN(load)
{
	flab_ground_give_back(&self->ground);
	close(self->fd);
}

/* In each form; what changes most is walked alone, and so more often. */
static int walk_all_forms(int fd, pid_t pid, unsigned int round)
{
	const unsigned int area = round % (NR_AREAS + 1);
	__u64 start = 0, end = FLAB_EVERYWHERE;

	if (area < NR_AREAS) {
		start = (uintptr_t)load->area[area];
		end = start + area_pages[area] * FLAB_PAGE;
	}
	return faultlab_walk_pages(fd, pid, start, end, FLAB_WALK_ALL, 0, 0, check_entry, NULL) ?:
	       faultlab_walk_runs(fd, pid, start, end, 0, 0, 0, check_run, NULL) ?:
	       faultlab_walk_raw(fd, pid, start, end, 0, check_raw, NULL) ?:
	       faultlab_walk_counts(fd, pid, start, end, check_counts, NULL);
}

/* On a slow machine it takes longer until all have had their turn. */
static bool all_had_their_turn(unsigned int walks)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(threads); i++)
		if (__atomic_load_n(&load->rounds[i], __ATOMIC_RELAXED) < 2)
			return false;
	return walks > NR_AREAS;
}

TEST_F_TIMEOUT(load, of_all_at_once_leaves_no_entry_that_was_never_true, 400)
{
	const unsigned int seconds = flab_scale(5, 60);
	unsigned int walks = 0;
	struct flab_peer peer;
	int err = 0;
	time_t end;
	pid_t pid;

	load = mmap(NULL, sizeof(*load), FLAB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)load);
	pid = flab_peer_fork(&peer);
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(be_loaded(&peer));
	EXPECT_EQ(0, flab_peer_await(&peer));
	end = time(NULL) + seconds;
	for (; !err && (time(NULL) < end || !all_had_their_turn(walks)); walks++)
		err = walk_all_forms(self->fd, pid, walks);
	EXPECT_EQ(0, err);
	__atomic_store_n(&load->stop, true, __ATOMIC_RELAXED);
	EXPECT_EQ(0, flab_peer_join(&peer));
	TH_LOG("%u walks in each form; rounds: drop %llu, read %llu, THP %llu, map %llu", walks,
	       load->rounds[0], load->rounds[1], load->rounds[2], load->rounds[3]);
	TH_LOG("rounds: mremap %llu, fork %llu, compact %llu", load->rounds[4], load->rounds[5],
	       load->rounds[6]);
}

TEST_HARNESS_MAIN
