// SPDX-License-Identifier: GPL-2.0-only
/*
 * A page is poisoned (PG_hwpoison) while a fault on it is under way. The critical moment is
 * after .fault has found the page not poisoned, and before __do_fault() checks PG_hwpoison.
 * If it is set, __do_fault() unmaps the page from all other mappings, through its
 * ->mapping, and drops the fault's reference. Between the two checks a fault waits for the
 * page lock. Several CoW faults run at once, so that nearly always one of them waits there.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <signal.h>
#include <unistd.h>

#include "lib/memory/memory.h"
#include "lib/memory/broken.h"
#include "lib/space.h"
#include "lib/sys.h"

#define WORKERS		4
#define POISONS_MAX	64

FIXTURE(hwpoison_race)
{
	int fd;
	unsigned int poisons;
};

FIXTURE_VARIANT(hwpoison_race)
{
	const struct faultlab_memory *memory;
};

static bool has_pages_and_faults(const struct faultlab_memory *memory)
{
	return tlib_memory_has_pages(memory) && !memory->at_mmap &&
	       tlib_memory_sample(memory);
}

TLIB_MEMORIES(hwpoison_race, has_pages_and_faults);

FIXTURE_SETUP(hwpoison_race)
{
	const struct faultlab_memory *memory = variant->memory;
	size_t nr = 1UL << memory->order;

	/* Each poisoned page makes its folio unusable until reboot, so poison few. */
	self->poisons = memory->order < 4 ? tlib_scale(1, POISONS_MAX) : tlib_scale(1, 4);
	self->fd = faultlab_memory_open(memory, self->poisons * nr * TLIB_PAGE);
	if (self->fd < 0 && faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(hwpoison_race)
{
}

struct race {
	int fd;
	size_t pages;
	size_t page;		/* the page that all workers touch */
	bool stop;
	__u64 wrong;		/* accesses that ended neither in the content nor in SIGBUS */
};

/* Each worker has mappings of its own, so some can map a page while others fault on it. */
struct worker {
	pthread_t thread;
	struct race *r;
	char *shared;
	char *copy;		/* a private, writable mapping, or NULL */
	unsigned long rounds;
};

static void judge(struct race *r, const struct faultlab_touch *touch, int err, size_t page)
{
	bool fine = err ? touch->signal == SIGBUS && touch->code == BUS_MCEERR_AR :
			  touch->value == tlib_broken_value(page);

	__atomic_fetch_add(&r->wrong, !fine, __ATOMIC_RELAXED);
	/*
	 * The kernel logs a line for each access to a poisoned page: limit their
	 * number.
	 */
	if (err)
		usleep(1000);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct race *r = w->r;

	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		size_t page = __atomic_load_n(&r->page, __ATOMIC_RELAXED);
		struct faultlab_touch touch;
		int err;

		err = faultlab_touch_read(tlib_at(w->shared, page), &touch);
		judge(r, &touch, err, page);
		if (w->copy) {
			char *at = tlib_at(w->copy, page);

			madvise(at, TLIB_PAGE, MADV_DONTNEED);
			err = faultlab_touch_write(at, tlib_broken_value(page), &touch);
			touch.value = tlib_broken_value(page);
			judge(r, &touch, err, page);
		} else {
			faultlab_evict(r->fd, 0, FAULTLAB_TO_END, 0);
		}
		__atomic_fetch_add(&w->rounds, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Wait until each worker has done that many more rounds. */
static void wait_for(struct worker *workers, unsigned long more)
{
	unsigned long from[WORKERS];
	unsigned int i;

	for (i = 0; i < WORKERS; i++)
		from[i] = __atomic_load_n(&workers[i].rounds, __ATOMIC_RELAXED);
	for (i = 0; i < WORKERS; i++)
		while (__atomic_load_n(&workers[i].rounds, __ATOMIC_RELAXED) < from[i] + more)
			usleep(100);
}

static int start(struct worker *workers, struct race *r, bool copies)
{
	unsigned int i;

	for (i = 0; i < WORKERS; i++) {
		struct worker *w = &workers[i];

		*w = (struct worker) { .r = r };
		w->shared = tlib_map(r->fd, TLIB_RW, MAP_SHARED, 0, r->pages);
		/* The last worker has no private mapping: it evicts instead. */
		if (copies && i < WORKERS - 1)
			w->copy = tlib_map(r->fd, TLIB_RW, MAP_PRIVATE, 0, r->pages);
		if (!w->shared || (copies && i < WORKERS - 1 && !w->copy))
			return -errno;
		if (pthread_create(&w->thread, NULL, work, w))
			return -EAGAIN;
	}
	return 0;
}

static __u64 frame_at(int fd, const char *at)
{
	struct faultlab_walk_entry e = tlib_entry(fd, 0, at);

	return e.flags & FAULTLAB_PTE_LEAF ? e.pfn + ((uintptr_t)at - e.addr) / TLIB_PAGE : 0;
}

TEST_F_TIMEOUT(hwpoison_race, faults_while_the_page_is_poisoned_end_in_its_content_or_sigbus, 300)
{
	const struct faultlab_memory *memory = variant->memory;
	const size_t nr = 1UL << memory->order;
	struct worker workers[WORKERS];
	struct race r = { .fd = self->fd, .pages = self->poisons * nr };
	struct faultlab_touch touch;
	__u64 pfns[POISONS_MAX];
	unsigned int i;
	char *at;

	at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, r.pages);
	ASSERT_NE(NULL, at);
	for (i = 0; i < r.pages; i++)
		ASSERT_EQ(0, faultlab_touch_write(tlib_at(at, i), tlib_broken_value(i), NULL));
	for (i = 0; i < self->poisons; i++) {
		pfns[i] = frame_at(self->fd, tlib_at(at, i * nr + nr / 2));
		ASSERT_NE(0, pfns[i]);
	}
	r.page = nr / 2;
	ASSERT_EQ(0, start(workers, &r, memory->maps & FAULTLAB_MAPS_PRIVATE_WRITE));
	for (i = 0; i < self->poisons; i++) {
		__atomic_store_n(&r.page, i * nr + nr / 2, __ATOMIC_RELAXED);
		wait_for(workers, 10);
		ASSERT_EQ(0, tlib_poison(TLIB_POISON_OFFLINE, pfns[i], NULL));
		wait_for(workers, 3);
	}
	__atomic_store_n(&r.stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < WORKERS; i++)
		pthread_join(workers[i].thread, NULL);
	EXPECT_EQ(0, r.wrong);

	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_COWS));
	for (i = 0; i < self->poisons; i++) {
		EXPECT_EQ(-EFAULT, faultlab_touch_read(tlib_at(at, i * nr + nr / 2), &touch));
		EXPECT_EQ(BUS_MCEERR_AR, touch.code);
	}
	/* If a reference to a page was dropped twice, the kernel warns when the page is freed. */
	tlib_unmap(at, r.pages);
	for (i = 0; i < WORKERS; i++) {
		tlib_unmap(workers[i].shared, r.pages);
		if (workers[i].copy)
			tlib_unmap(workers[i].copy, r.pages);
	}
	ASSERT_EQ(0, close(self->fd));
	for (i = 0; i < self->poisons; i++)
		EXPECT_TRUE(tlib_is_poisoned(pfns[i]));
}

TEST_HARNESS_MAIN
