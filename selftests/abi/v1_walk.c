// SPDX-License-Identifier: GPL-2.0-only
/* Walks of page tables: forms, flags, filters, walks in parts and of another task. */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "v1.h"

#define PAGES	4
#define ROOM	1024		/* words; RAW needs a table and its header */

/* A mapping of four pages, the first two of which are there. */
struct walked {
	int fd;
	char *at;
	struct faultlab_walk walk;
	__u64 room[ROOM];
};

static struct walked w;

static void begin(__u32 form, __u32 record_size, __u32 flags)
{
	w.fd = v1_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	w.at = v1_map(w.fd, RW, MAP_SHARED, PAGES);
	v1_put(w.at, 'a');
	v1_put(w.at + PAGE, 'b');
	w.walk = (struct faultlab_walk) {
		.size = sizeof(w.walk),
		.flags = flags,
		.start = (uintptr_t)w.at,
		.end = (uintptr_t)w.at + PAGES * PAGE,
		.entries = (uintptr_t)w.room,
		.nr = sizeof(w.room) / record_size,
		.form = form,
		.record_size = record_size,
	};
}

/* Skips if the ioctl asks for a secret that this process may not see. */
static void go(void)
{
	int err = v1_ioctl(w.fd, FAULTLAB_IOC_WALK, &w.walk);

	if (err == -EPERM)
		v1_skip(NO_ADMIN);
	CHECK(0, err);
}

static void entries(unsigned int arg)
{
	const __u64 flags = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_USER |
			    FAULTLAB_PTE_ACCESSED | FAULTLAB_PTE_DIRTY;
	const struct faultlab_walk_entry *entry = (void *)w.room;

	begin(FAULTLAB_WALK_ENTRIES, sizeof(*entry), 0);
	go();
	CHECK(2, w.walk.nr);
	CHECK(w.walk.end, w.walk.next);
	CHECK((uintptr_t)w.at, entry[0].addr);
	CHECK((uintptr_t)w.at + PAGE, entry[1].addr);
	CHECK(PAGE, entry[1].bytes);
	CHECK(FAULTLAB_LEVEL_PTE, entry[1].level);
	CHECK(entry[0].index + 1, entry[1].index);
	CHECK(flags, entry[1].flags & flags);
}

/* One run or two: it depends on the frames, which are a secret. */
static void runs(unsigned int arg)
{
	const struct faultlab_walk_run *run = (void *)w.room;

	begin(FAULTLAB_WALK_RUNS, sizeof(*run), 0);
	go();
	CHECK_TRUE(w.walk.nr == 1 || w.walk.nr == 2);
	CHECK((uintptr_t)w.at, run[0].start);
	CHECK((uintptr_t)w.at + 2 * PAGE, run[w.walk.nr - 1].end);
	CHECK(FAULTLAB_LEVEL_PTE, run[0].level);
	CHECK_TRUE(run[0].flags & FAULTLAB_PTE_LEAF);
}

static void raw(unsigned int arg)
{
	const struct faultlab_walk_raw *header = (void *)w.room;
	const __u64 *entry = (void *)(header + 1);

	begin(FAULTLAB_WALK_RAW, sizeof(*w.room), 0);
	go();
	CHECK((uintptr_t)w.at, header->addr);
	CHECK(FAULTLAB_LEVEL_PTE, header->level);
	CHECK(PAGES, header->nr);
	CHECK(sizeof(*header) / sizeof(*w.room) + PAGES, w.walk.nr);
	CHECK_TRUE(entry[0] && entry[1] && !entry[2] && !entry[3]);
}

static void counts(unsigned int arg)
{
	const struct faultlab_walk_counts *count = (void *)w.room;
	unsigned int bit;

	begin(FAULTLAB_WALK_COUNTS, sizeof(*count), 0);
	go();
	CHECK(1, w.walk.nr);
	CHECK((uintptr_t)w.at, count->start);
	CHECK((uintptr_t)w.at + PAGES * PAGE, count->end);
	CHECK_TRUE(count->vm_flags & 2);	/* VM_WRITE */
	CHECK(2, count->leaf[FAULTLAB_LEVEL_PTE]);
	CHECK(2, count->none[FAULTLAB_LEVEL_PTE]);
	CHECK(1, count->table[FAULTLAB_LEVEL_PMD]);
	for (bit = 0; 1ULL << bit != FAULTLAB_PTE_WRITE; bit++)
		;
	CHECK(2 * PAGE, count->flag[bit]);
}

/* Entries in a walk that have the flag. */
static unsigned int count_entries(__u64 flag)
{
	const struct faultlab_walk_entry *entry = (void *)w.room;
	unsigned int i, nr = 0;

	for (i = 0; i < w.walk.nr; i++)
		nr += !!(entry[i].flags & flag);
	return nr;
}

static void tables(unsigned int arg)
{
	begin(FAULTLAB_WALK_ENTRIES, sizeof(struct faultlab_walk_entry), FAULTLAB_WALK_TABLES);
	go();
	CHECK_TRUE(count_entries(FAULTLAB_PTE_TABLE) >= 1);
	CHECK(2, count_entries(FAULTLAB_PTE_LEAF));
}

static void holes(unsigned int arg)
{
	begin(FAULTLAB_WALK_ENTRIES, sizeof(struct faultlab_walk_entry), FAULTLAB_WALK_HOLES);
	CHECK(0, munmap(w.at + 3 * PAGE, PAGE));
	go();
	CHECK(2, count_entries(FAULTLAB_PTE_LEAF));
	CHECK(1, count_entries(FAULTLAB_PTE_NONE));
	CHECK(1, count_entries(FAULTLAB_PTE_NO_VMA));
}

static void pages(unsigned int arg)
{
	static struct faultlab_walk_page page[ROOM];
	const struct faultlab_walk_entry *entry = (void *)w.room;

	begin(FAULTLAB_WALK_ENTRIES, sizeof(*entry), FAULTLAB_WALK_PAGES);
	w.walk.pages = (uintptr_t)page;
	w.walk.page_size = sizeof(*page);
	go();
	CHECK(2, w.walk.nr);
	CHECK_TRUE(entry[1].pfn && entry[1].raw);
	CHECK_TRUE(page[1].refcount >= 1);
	CHECK(1, page[1].mapcount);
	CHECK(0, page[1].order);
}

/* The highest 2 GiB, where x86-64 has the kernel's image. */
static void kernel(unsigned int arg)
{
	int err;

	begin(FAULTLAB_WALK_ENTRIES, sizeof(struct faultlab_walk_entry), FAULTLAB_WALK_KERNEL);
	w.walk.start = -(2ULL << 30);
	w.walk.end = 0;
	err = v1_ioctl(w.fd, FAULTLAB_IOC_WALK, &w.walk);
	CHECK(!(v1_features(w.fd, 0).walk_flags & FAULTLAB_WALK_KERNEL), err == -EOPNOTSUPP);
	if (err == -EOPNOTSUPP)
		v1_skip("FAULTLAB_WALK_KERNEL is for x86");
	if (err == -EPERM)
		v1_skip(NO_ADMIN);
	CHECK(0, err);
	CHECK_TRUE(count_entries(FAULTLAB_PTE_LEAF) >= 1);
}

static void filter(unsigned int arg)
{
	begin(FAULTLAB_WALK_ENTRIES, sizeof(struct faultlab_walk_entry), FAULTLAB_WALK_HOLES);
	w.walk.require = FAULTLAB_PTE_NONE;
	go();
	CHECK(2, w.walk.nr);
	CHECK(2, count_entries(FAULTLAB_PTE_NONE));
	w.walk = (struct faultlab_walk) {
		.size = sizeof(w.walk),
		.start = w.walk.start,
		.end = w.walk.end,
		.entries = (uintptr_t)w.room,
		.nr = 8,
		.exclude = FAULTLAB_PTE_WRITE,
	};
	go();
	CHECK(0, w.walk.nr);
	CHECK(w.walk.end, w.walk.next);
}

static void parts(unsigned int arg)
{
	const struct faultlab_walk_entry *entry = (void *)w.room;

	begin(FAULTLAB_WALK_ENTRIES, sizeof(*entry), 0);
	w.walk.nr = 1;
	go();
	CHECK(1, w.walk.nr);
	CHECK((uintptr_t)w.at, entry->addr);
	w.walk.start = w.walk.next;
	go();
	CHECK(1, w.walk.nr);
	CHECK((uintptr_t)w.at + PAGE, entry->addr);
	w.walk.start = w.walk.next;
	if (w.walk.start != w.walk.end) {
		go();
		CHECK(0, w.walk.nr);
		CHECK(w.walk.end, w.walk.next);
	}
}

/* A child that has the same mapping. A walk of this process cannot go on there. */
static void task(unsigned int arg)
{
	int stale, err;
	pid_t pid;

	begin(FAULTLAB_WALK_ENTRIES, sizeof(struct faultlab_walk_entry), 0);
	go();
	pid = fork();
	CHECK_TRUE(pid >= 0);
	if (!pid) {
		v1_get(w.at + 3 * PAGE);
		kill(getpid(), SIGSTOP);
		_exit(0);
	}
	v1_await_stop(pid);
	w.walk.pid = pid;
	w.walk.start = (uintptr_t)w.at + 3 * PAGE;
	w.walk.nr = 8;
	stale = v1_ioctl(w.fd, FAULTLAB_IOC_WALK, &w.walk);
	w.walk.resume = 0;
	err = v1_ioctl(w.fd, FAULTLAB_IOC_WALK, &w.walk);
	CHECK(0, kill(pid, SIGKILL));
	CHECK(-SIGKILL, v1_wait(pid));
	if (err == -EPERM)
		v1_skip(NO_ADMIN);
	CHECK(-ESTALE, stale);
	CHECK(0, err);
	CHECK(1, w.walk.nr);
	CHECK(1, count_entries(FAULTLAB_PTE_LEAF));
	w.walk.resume = 0;
	CHECK(-ESRCH, v1_ioctl(w.fd, FAULTLAB_IOC_WALK, &w.walk));
}

const struct v1_test v1_walk_tests[] = {
	{ "walk", "entries", entries, 0 },
	{ "walk", "runs", runs, 0 },
	{ "walk", "raw", raw, 0 },
	{ "walk", "counts", counts, 0 },
	{ "walk", "tables", tables, 0 },
	{ "walk", "holes", holes, 0 },
	{ "walk", "pages", pages, 0 },
	{ "walk", "kernel", kernel, 0 },
	{ "walk", "require and exclude", filter, 0 },
	{ "walk", "in parts", parts, 0 },
	{ "walk", "of another task", task, 0 },
	{ },
};
