// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk while everything changes: unmap, move, fork, exit, drop, collapse, split, swap
 * out, migrate (load.c). Each area has an invariant that always holds, so an entry
 * that never existed is detected. The kernel log must stay clean.
 */
#include <errno.h>
#include <linux/kernel-page-flags.h>
#include <time.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/walk/load.h"
#include "lib/walk/random_space.h"
#include "lib/sys.h"
#include "util.h"

static struct tlib_load *load;

static bool is_small(size_t page, __u64 pfn, unsigned int level)
{
	return level == FAULTLAB_LEVEL_PTE;
}

static bool is_in_place(size_t page, __u64 pfn, unsigned int level)
{
	return level == FAULTLAB_LEVEL_PTE || pfn % 512 == page % 512;
}

static bool is_the_mapped(size_t page, __u64 pfn, unsigned int level)
{
	return pfn == load->pfn[0][page];
}

static bool is_the_moved(size_t page, __u64 pfn, unsigned int level)
{
	return pfn == load->pfn[1][page];
}

static const struct {
	__u64 always, never;	/* flags that every page, or no page, of the area has */
	bool (*frame)(size_t page, __u64 pfn, unsigned int level);
} holds[TLIB_NR_AREAS] = {
	[TLIB_DROPPED] = {
		.never = FAULTLAB_PTE_SPECIAL | FAULTLAB_PTE_EXEC, .frame = is_small,
	},
	[TLIB_READ_ONLY] = {
		.never = FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY | FAULTLAB_PTE_SPECIAL,
	},
	[TLIB_HUGE] = { .never = FAULTLAB_PTE_EXEC, .frame = is_in_place },
	[TLIB_MAPPED] = {
		.always = FAULTLAB_PTE_SPECIAL, .never = FAULTLAB_PTE_WRITE,
		.frame = is_the_mapped,
	},
	[TLIB_MOVED] = { .never = FAULTLAB_PTE_SPECIAL, .frame = is_the_moved },
};

static bool leaf_can_be(enum tlib_area area, size_t page, __u64 flags, __u64 pfn,
			unsigned int level)
{
	if (area == TLIB_NR_AREAS)
		return true;
	return (flags & holds[area].always) == holds[area].always &&
	       !(flags & holds[area].never) &&
	       (!holds[area].frame || holds[area].frame(page, pfn, level));
}

/*
 * Whether the entry agrees with the invariant of its area. MAPPED and MOVED are regions of
 * the module, so they cannot have swap or migration entries.
 */
static bool can_be(__u64 addr, __u64 flags, __u64 pfn, unsigned int level)
{
	size_t page;
	const enum tlib_area area = tlib_load_area(load, addr, &page);

	if (flags & FAULTLAB_PTE_LEAF)
		return leaf_can_be(area, page, flags, pfn, level);
	return !(flags & FAULTLAB_PTE_BAD) &&
	       (!(flags & FAULTLAB_PTE_NONPRESENT) || (area != TLIB_MAPPED && area != TLIB_MOVED));
}

static int check_entry(const struct faultlab_walk_entry *e, const struct faultlab_walk_page *page,
		       void *arg)
{
	const __u64 ends = FAULTLAB_PTE_NONE | FAULTLAB_PTE_LEAF | FAULTLAB_PTE_NONPRESENT |
			   FAULTLAB_PTE_TABLE | FAULTLAB_PTE_NO_VMA;
	bool good = __builtin_popcountll(e->flags & ends) == 1 &&
		    can_be(e->addr, e->flags, e->pfn, e->level);

	/*
	 * The walk saw the page while it held the lock of the page table: it is mapped.
	 */
	if ((e->flags & FAULTLAB_PTE_LEAF) && (page->flags & KPF(ANON)))
		good &= page->mapcount > 0 && page->refcount > 0;
	if (!good)
		ksft_print_msg("%#llx level %u: %#llx frame %#llx, page %#llx mapped %d\n", e->addr,
			       e->level, e->flags, e->pfn, page->flags, page->mapcount);
	return good ? 0 : -EBADMSG;
}

static int check_run(const struct faultlab_walk_run *run, void *arg)
{
	bool good = run->start < run->end;
	__u64 pages = 1, i;

	/* With CONTIG the frame of each page follows from the run's, as in a large leaf. */
	if (good && (run->flags & FAULTLAB_PTE_CONTIG))
		pages = (run->end - run->start) / TLIB_PAGE;
	for (i = 0; good && i < pages; i++)
		good = can_be(run->start + i * TLIB_PAGE, run->flags, run->pfn + i, run->level);
	if (!good)
		ksft_print_msg("run %#llx-%#llx: %#llx frame %#llx\n", run->start, run->end,
			       run->flags, run->pfn);
	return good ? 0 : -EBADMSG;
}

static int check_counts(const struct faultlab_walk_counts *c, void *arg)
{
	__u64 bytes = c->leaf[0] * TLIB_PAGE;

	return bytes <= c->end - c->start && c->flag[2] <= c->end - c->start ? 0 : -EBADMSG;
}

/* Check the frames of raw PTEs. Bit 0 is "present". */
static int check_raw(const struct faultlab_walk_raw *table, const __u64 *words, void *arg)
{
	size_t page;

	for (unsigned int i = 0; i < table->nr && table->level == FAULTLAB_LEVEL_PTE; i++) {
		const enum tlib_area area = tlib_load_area(load, table->addr + i * TLIB_PAGE,
							   &page);
		__u64 pfn = (words[i] & ((1ULL << 52) - 1)) >> 12;

		if ((area == TLIB_MAPPED || area == TLIB_MOVED) && words[i] &&
		    (!(words[i] & 1) || pfn != load->pfn[area == TLIB_MOVED][page]))
			return -EBADMSG;
	}
	return 0;
}

FIXTURE(load)
{
	int fd;
	struct tlib_ground ground;
};

FIXTURE_SETUP(load)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, tlib_ground_take(&self->ground));
}

FIXTURE_TEARDOWN(load)
{
	tlib_ground_give_back(&self->ground);
	close(self->fd);
}

/*
 * Walk in each form: in turn one of the areas, or all memory. The areas change most, so
 * they are walked more often than the rest.
 */
static int walk_all_forms(int fd, pid_t pid, unsigned int round)
{
	const unsigned int area = round % (TLIB_NR_AREAS + 1);
	__u64 start = 0, end = TLIB_EVERYWHERE;

	if (area < TLIB_NR_AREAS) {
		start = (uintptr_t)load->area[area];
		end = start + tlib_load_pages(area) * TLIB_PAGE;
	}
	return faultlab_walk_pages(fd, pid, start, end, TLIB_WALK_ALL, 0, 0, check_entry, NULL) ?:
	       faultlab_walk_runs(fd, pid, start, end, 0, 0, 0, check_run, NULL) ?:
	       faultlab_walk_raw(fd, pid, start, end, 0, check_raw, NULL) ?:
	       faultlab_walk_counts(fd, pid, start, end, check_counts, NULL);
}

/*
 * Counters in /proc/vmstat for the operations of the process under load. The last one
 * counts only on a machine with swap.
 */
static const char *const figures[] = {
	"pgmigrate_success", "thp_split_pmd", "thp_collapse_alloc", "pswpout",
};

struct figures {
	unsigned int nr;	/* how many of them this machine has */
	__u64 before[ARRAY_SIZE(figures)], now[ARRAY_SIZE(figures)];
};

static void read_figures(__u64 *values)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(figures); i++) {
		values[i] = 0;
		tlib_read_field("/proc/vmstat", figures[i], &values[i]);
	}
}

/*
 * Whether all areas were walked, each thread has repeated its operation, and each counter
 * has changed. On a slow machine that takes longer.
 */
static bool is_done(struct figures *f, unsigned int walks)
{
	if (walks <= TLIB_NR_AREAS || !tlib_load_all_worked(load))
		return false;
	read_figures(f->now);
	for (unsigned int i = 0; i < f->nr; i++)
		if (f->now[i] == f->before[i])
			return false;
	return true;
}

#define PATIENCE	200	/* seconds until the test gives up */

TEST_F_TIMEOUT(load, walks_of_changing_memory_report_no_entry_that_cannot_exist, 400)
{
	struct figures f = { .nr = ARRAY_SIZE(figures) - !self->ground.swap[0] };
	unsigned int walks = 0, i;
	struct tlib_peer peer;
	bool done = false;
	int err = 0;
	time_t end;
	pid_t pid;

	load = tlib_load_new();
	ASSERT_NE(NULL, load);
	read_figures(f.before);
	pid = tlib_peer_fork(&peer);
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(tlib_load_run(load, &peer));
	EXPECT_EQ(0, tlib_peer_await(&peer));
	end = time(NULL) + tlib_scale(5, 60);
	while (!err && !done && time(NULL) < end + PATIENCE) {
		err = walk_all_forms(self->fd, pid, walks++);
		done = time(NULL) >= end && is_done(&f, walks);
	}
	EXPECT_EQ(0, err);
	tlib_load_stop(load);
	EXPECT_EQ(0, tlib_peer_join(&peer));
	TH_LOG("%u walks in each form; rounds: drop %llu, read %llu, THP %llu, map %llu", walks,
	       load->rounds[TLIB_DROPS], load->rounds[TLIB_READS], load->rounds[TLIB_COLLAPSES],
	       load->rounds[TLIB_MAPS]);
	TH_LOG("rounds: mremap %llu, fork %llu, compact %llu", load->rounds[TLIB_MOVES],
	       load->rounds[TLIB_FORKS], load->rounds[TLIB_COMPACTS]);
	read_figures(f.now);
	for (i = 0; i < f.nr; i++) {
		TH_LOG("%s +%llu", figures[i], f.now[i] - f.before[i]);
		EXPECT_LT(f.before[i], f.now[i]);
	}
	EXPECT_TRUE(tlib_load_all_worked(load));
}

TEST_HARNESS_MAIN
