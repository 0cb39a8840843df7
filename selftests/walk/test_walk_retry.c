// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables that are freed just before a walk reads them. MADV_COLLAPSE of shared
 * memory frees them in other processes without waiting for readers of mmap_lock (6.1
 * takes mmap_lock for write, so the race cannot happen). The walk then finds a large
 * page in their place. The debug kernel forces this race and counts how often it
 * happened.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"
#include "lib/newer.h"

#define RETRIES		FAULTLAB_DEBUGFS "/walk_retries"
#define TABLES		16UL
#define PAGES		(TABLES * 512)
#define BYTES		(PAGES * TLIB_PAGE)
#define ENOUGH		100

/*
 * A process that maps the same memory twice. In the first mapping (@at) it maps the memory
 * alternately by PMD leaves (MADV_COLLAPSE) and by PTEs. In every eighth round the first
 * 2 MiB of the memory are new pages, so that the collapse frees the page table of the
 * second mapping (@twice), too. The second mapping is also dropped, unmapped and moved.
 */
struct shared {
	int memory;
	char *at, *twice, *elsewhere;
	unsigned long rounds, failed;
	bool stop;
};

static struct shared *shared;

static bool goes_on(void)
{
	return !__atomic_load_n(&shared->stop, __ATOMIC_RELAXED);
}

static void touch(char *at, size_t every)
{
	for (size_t i = 0; i < PAGES; i += every)
		*(volatile char *)(at + i * TLIB_PAGE) = 1;
}

static int collapse(char *at, size_t bytes)
{
	madvise(at, bytes, MADV_HUGEPAGE);
	for (int i = 0; i < 100; i++) {
		if (!madvise(at, bytes, MADV_COLLAPSE))
			return 0;
		if (errno != EAGAIN && errno != EBUSY)
			break;
	}
	return -errno;
}

/* Compact memory if there are too few free large pages. */
static int collapse_compacted(char *at)
{
	return collapse(at, BYTES) && (tlib_compact() || collapse(at, BYTES));
}

/* Map the memory by small pages, so that there are page tables. */
static void take_apart(char *at)
{
	madvise(at, BYTES, MADV_NOHUGEPAGE);
	madvise(at, BYTES, MADV_DONTNEED);
	touch(at, 256);
}

static void *change_the_other(void *arg)
{
	char *at = shared->twice;

	while (goes_on()) {
		take_apart(at);
		usleep(1000);
		munmap(at + TLIB_PMD_SIZE, TLIB_PMD_SIZE);
		mmap(at, BYTES, TLIB_RW, MAP_SHARED | MAP_FIXED, shared->memory, 0);
		touch(at, 512);
		mremap(at, TLIB_PMD_SIZE, TLIB_PMD_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       shared->elsewhere);
		mmap(at, BYTES, TLIB_RW, MAP_SHARED | MAP_FIXED, shared->memory, 0);
	}
	return NULL;
}

static void be_changed(struct tlib_peer *peer)
{
	pthread_t thread;
	char *at = shared->at;

	touch(at, 1);
	for (int tries = 0; collapse_compacted(at); tries++)
		if (tries == 20)
			_exit(1);
	if (pthread_create(&thread, NULL, change_the_other, NULL))
		_exit(1);
	tlib_peer_nudge(peer);
	while (goes_on()) {
		take_apart(at);
		if (shared->rounds % 8 == 0) {
			fallocate(shared->memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
				  TLIB_PMD_SIZE);
			memset(at, 1, TLIB_PMD_SIZE);
		}
		shared->failed += collapse_compacted(at);
		__atomic_fetch_add(&shared->rounds, 1, __ATOMIC_RELAXED);
	}
	pthread_join(thread, NULL);
	_exit(0);
}

/*
 * Whether the frame is that of a large page at its address, or of a part of it: frame and
 * page have the same offset within 2 MiB. The first 2 MiB of the memory may consist of
 * small pages, so they are not checked.
 */
static bool is_in_place(__u64 addr, __u64 pfn)
{
	const __u64 at = (uintptr_t)shared->at, twice = (uintptr_t)shared->twice;
	const bool other = addr - twice < BYTES;
	const __u64 page = (addr - (other ? twice : at)) / TLIB_PAGE;

	return page < 512 || pfn % 512 == page % 512;
}

static __u64 seen;	/* the end of the last leaf: none before it may follow */
static unsigned long large;	/* leaves of the size of a table */

static int leaf(__u64 start, __u64 end, __u64 pfn)
{
	if (end <= seen || !is_in_place(start, pfn)) {
		ksft_print_msg("%#llx-%#llx frame %#llx, after %#llx\n", start, end, pfn, seen);
		return -EBADMSG;
	}
	seen = end;
	large += end - start >= TLIB_PMD_SIZE;
	return 0;
}

static int check_page(const struct faultlab_walk_entry *e, const struct faultlab_walk_page *p,
		      void *arg)
{
	return e->flags & FAULTLAB_PTE_LEAF ? leaf(e->addr, e->addr + e->bytes, e->pfn) : 0;
}

static int check_entry(const struct faultlab_walk_entry *e, void *arg)
{
	return check_page(e, NULL, arg);
}

static int check_run(const struct faultlab_walk_run *r, void *arg)
{
	return leaf(r->start, r->end, r->pfn);
}

static int check_counts(const struct faultlab_walk_counts *c, void *arg)
{
	const __u64 bytes = c->leaf[0] * TLIB_PAGE + c->leaf[1] * TLIB_PMD_SIZE;

	const bool again = c->start < seen;

	large += c->leaf[1];
	seen = c->end;
	return again || bytes > c->end - c->start ? -EBADMSG : 0;
}

/* On x86 a leaf is present, and above PTE it has bit 7. */
static int check_raw(const struct faultlab_walk_raw *raw, const __u64 *words, void *arg)
{
	int err = 0;

	for (unsigned int i = 0; i < raw->nr && !err; i++)
		if ((words[i] & 1) && (raw->level == FAULTLAB_LEVEL_PTE || (words[i] & 1 << 7)))
			err = leaf(raw->addr + i * TLIB_PAGE,
				   raw->level ? (raw->addr & ~(TLIB_PMD_SIZE - 1)) + TLIB_PMD_SIZE :
				   raw->addr + (i + 1) * TLIB_PAGE,
				   ((words[i] & ((1ULL << 52) - 1)) >> 12 &
				    (raw->level ? ~511ULL : ~0ULL)) +
				   (raw->level ? raw->addr / TLIB_PAGE % 512 : 0));
	return err;
}

static int walk_entries(int fd, pid_t pid, __u64 at)
{
	return faultlab_walk_each(fd, pid, at, at + BYTES, TLIB_WALK_ALL, check_entry, NULL);
}

static int walk_pages(int fd, pid_t pid, __u64 at)
{
	return faultlab_walk_pages(fd, pid, at, at + BYTES, 0, 0, 0, check_page, NULL);
}

static int walk_runs(int fd, pid_t pid, __u64 at)
{
	return faultlab_walk_runs(fd, pid, at, at + BYTES, 0, 0, 0, check_run, NULL);
}

static int walk_raw(int fd, pid_t pid, __u64 at)
{
	return faultlab_walk_raw(fd, pid, at, at + BYTES, 0, check_raw, NULL);
}

static int walk_counts(int fd, pid_t pid, __u64 at)
{
	return faultlab_walk_counts(fd, pid, at, at + BYTES, check_counts, NULL);
}

FIXTURE(freed_table)
{
	int fd;
	struct tlib_peer peer;
	bool counted;		/* the module counts the tables that were freed */
};

FIXTURE_VARIANT(freed_table)
{
	int (*walk)(int fd, pid_t pid, __u64 at);
};

FIXTURE_VARIANT_ADD(freed_table, entries)	{ .walk = walk_entries };
FIXTURE_VARIANT_ADD(freed_table, pages)	{ .walk = walk_pages };
FIXTURE_VARIANT_ADD(freed_table, runs)		{ .walk = walk_runs };
FIXTURE_VARIANT_ADD(freed_table, raw)		{ .walk = walk_raw };
FIXTURE_VARIANT_ADD(freed_table, counts)	{ .walk = walk_counts };

FIXTURE_SETUP(freed_table)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	shared = mmap(NULL, sizeof(*shared), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
	shared->memory = memfd_create("walked", MFD_CLOEXEC);
	ASSERT_EQ(0, ftruncate(shared->memory, BYTES));
	shared->at = tlib_map_apart(shared->memory, TLIB_RW, MAP_SHARED, PAGES);
	shared->twice = tlib_map_apart(shared->memory, TLIB_RW, MAP_SHARED, PAGES);
	shared->elsewhere = tlib_map_apart(-1, PROT_NONE, MAP_PRIVATE, 512);
	ASSERT_NE(NULL, shared->at);
	ASSERT_NE(NULL, shared->twice);
	ASSERT_NE(NULL, shared->elsewhere);
	self->counted = !access(RETRIES, F_OK);
	ASSERT_LE(0, tlib_peer_fork(&self->peer));
	if (!self->peer.pid)
		be_changed(&self->peer);
	ASSERT_EQ(0, tlib_peer_await(&self->peer));
}

FIXTURE_TEARDOWN(freed_table)
{
	__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
	if (self->peer.pid > 0)
		EXPECT_EQ(0, tlib_peer_join(&self->peer));
	close(self->fd);
}

static __u64 nr_retries(void)
{
	__u64 nr = 0;

	tlib_read_number(RETRIES, &nr);
	return nr;
}

TEST_F_TIMEOUT(freed_table, a_walk_finds_the_large_page_in_place_of_a_freed_page_table, 400)
{
	const unsigned long rounds = tlib_scale(20, 200);
	const __u64 before = nr_retries();
	/*
	 * All variants must fit into the time limit of the program, also on a slow
	 * host.
	 */
	const time_t end = time(NULL) + (tlib_full() || tlib_debug() ? 170 : 55);
	unsigned long walks = 0;
	int err = 0;

	while (!err && time(NULL) < end &&
	       (__atomic_load_n(&shared->rounds, __ATOMIC_RELAXED) < rounds ||
		(self->counted && nr_retries() - before < ENOUGH))) {
		seen = 0;
		err = variant->walk(self->fd, self->peer.pid, (uintptr_t)shared->at);
		seen = 0;
		err = err ?: variant->walk(self->fd, self->peer.pid, (uintptr_t)shared->twice);
		walks++;
	}
	EXPECT_EQ(0, err);
	EXPECT_LT(shared->failed, shared->rounds) {
		TH_LOG("no round put large pages together");
	}
	/* The walks met large pages in place of tables. */
	EXPECT_LT(0, large);
	if (self->counted)
		EXPECT_LE(ENOUGH, nr_retries() - before);
	TH_LOG("%lu walks, %lu rounds, %lu not collapsed, %llu freed tables", walks, shared->rounds,
	       shared->failed, nr_retries() - before);
}

TEST_HARNESS_MAIN
