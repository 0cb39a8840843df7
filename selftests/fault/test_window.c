// SPDX-License-Identifier: GPL-2.0-only
/*
 * The windows that the core passes to .map_pages: each size that fault_around_bytes can
 * have, cut at the ends of VMAs, regions and page tables.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <string.h>
#include <unistd.h>

#include <faultlab_memory.h>
#include "lib/walk/random_space.h"
#include "lib/space.h"
#include "lib/sys.h"

#define AROUND_BYTES	"/sys/kernel/debug/fault_around_bytes"
#define TABLE		(TLIB_PMD_SIZE / TLIB_PAGE)
#define ROOM		(2 * TABLE)		/* two page tables, for one VMA */
#define RULES		4

/*
 * A mapping that begins and ends anywhere within two page tables. Both tables exist,
 * since the pages before and behind it belong to other memory.
 */
struct window {
	int fd;
	size_t region;		/* pages of it */
	size_t skip;		/* pages before the VMA in the first table */
	size_t first;		/* the region's page at the start of the VMA */
	size_t pages;		/* of the VMA */
	int flags;
	char *at;
	char *owner;		/* another mapping, which populates the region */
	bool populated[ROOM];
	bool ruled[ROOM];
};

static __u8 content(size_t index)
{
	return 1 + index % 251;
}

static char *map_in_tables(struct window *w)
{
	char *span = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, ROOM);

	if (!span)
		return NULL;
	madvise(span, ROOM * TLIB_PAGE, MADV_NOHUGEPAGE);
	if (faultlab_touch_write(span, 1, NULL) ||
	    faultlab_touch_write(tlib_at(span, ROOM - 1), 1, NULL))
		return NULL;
	w->at = mmap(tlib_at(span, w->skip), w->pages * TLIB_PAGE, PROT_READ,
		     w->flags | MAP_FIXED, w->fd, w->first * TLIB_PAGE);
	return w->at == MAP_FAILED ? NULL : w->at;
}

/* Populate random pages. Memory comes in folios, so always whole folios. */
static void populate(struct window *w, const struct faultlab_memory *m, struct tlib_random *r)
{
	const size_t folio = 1UL << m->order;
	size_t i, n;

	for (i = 0; i < w->region; i += folio) {
		/*
		 * Mostly like the folio before, so that there are runs of holes and of
		 * pages.
		 */
		if (tlib_random(r, 8) ? !(i && w->populated[i - folio]) : tlib_random(r, 2))
			continue;
		for (n = i; n < i + folio; n++) {
			w->populated[n] = true;
			faultlab_touch_write(tlib_at(w->owner, n), content(n), NULL);
		}
	}
}

static int add_rules(struct window *w, struct tlib_random *r)
{
	struct faultlab_rule rules[RULES];
	unsigned int i, nr = tlib_random(r, RULES + 1);
	size_t page;

	for (i = 0; i < nr; i++) {
		const size_t first = tlib_random(r, w->region);
		const size_t pages = 1 + tlib_random(r, tlib_random(r, 2) ? 3 : 100);

		rules[i] = tlib_rule(first, pages, FAULTLAB_VERDICT_MAJOR, 0);
		for (page = first; page < first + pages && page < w->region; page++)
			w->ruled[page] = true;
	}
	return faultlab_rules(w->fd, FAULTLAB_RULE_SET, rules, nr);
}

static int make_window(struct window *w, const struct faultlab_memory *m, struct tlib_random *r)
{
	const size_t folio = 1UL << m->order;

	memset(w, 0, sizeof(*w));
	w->region = (1 + tlib_random(r, ROOM / folio)) * folio;
	w->skip = 1 + tlib_random(r, tlib_random(r, 2) ? 40 : TABLE - 1);
	w->pages = 1 + tlib_random(r, ROOM - 1 - w->skip);
	/* It may begin at any page of the region, and end after the region's end. */
	w->first = tlib_random(r, 2) ? 0 : tlib_random(r, w->region);
	w->flags = tlib_random(r, 3) ? MAP_SHARED : MAP_PRIVATE;
	w->fd = faultlab_memory_open(m, w->region * TLIB_PAGE);
	if (w->fd < 0)
		return w->fd;
	w->owner = tlib_map(w->fd, TLIB_RW, MAP_SHARED, 0, w->region);
	if (!w->owner || !map_in_tables(w))
		return -errno;
	populate(w, m, r);
	return add_rules(w, r);
}

static void drop_window(struct window *w)
{
	tlib_unmap(w->owner, w->region);
	munmap(w->at - w->skip * TLIB_PAGE, ROOM * TLIB_PAGE);
	close(w->fd);
}

/* Which pages of the VMA have an entry, and how many. */
static size_t mapped(const struct window *w, bool *map)
{
	size_t i, n = 0;

	for (i = 0; i < w->pages; i++) {
		map[i] = tlib_mapped(w->fd, tlib_at(w->at, i));
		n += map[i];
	}
	return n;
}

/* Whether .map_pages may map page i of the VMA. */
static bool may_be_mapped(const struct window *w, size_t i)
{
	const size_t page = w->first + i;

	return page < w->region && w->populated[page] && !w->ruled[page];
}

/*
 * Check the pages that one fault with fault-around has mapped; returns NULL, or what is
 * wrong. The mapped pages must lie within size pages and in one page table. All populated
 * pages of the aligned window must be mapped. Between the first and the last mapped page,
 * only pages that must not be mapped may be missing.
 */
static const char *judge_mapped(const struct window *w, const bool *map, size_t own, size_t size)
{
	const size_t table = (w->skip + own) / TABLE, aligned = (w->skip + own) & ~(size - 1);
	size_t i, low = own, high = own;

	for (i = 0; i < w->pages; i++) {
		if (!map[i])
			continue;
		if (i != own && !may_be_mapped(w, i))
			return tlib_text("page %zu is mapped, and must not be", i);
		if ((w->skip + i) / TABLE != table)
			return tlib_text("page %zu of another table is mapped", i);
		low = i < low ? i : low;
		high = i > high ? i : high;
	}
	if (high - low >= size)
		return tlib_text("pages %zu to %zu span more than a window", low, high);
	for (i = 0; i < w->pages; i++) {
		const size_t at = w->skip + i;
		const bool within = (at >= aligned && at < aligned + size) || (i > low && i < high);

		if (within && at / TABLE == table && may_be_mapped(w, i) && !map[i])
			return tlib_text("page %zu is not mapped", i);
	}
	return map[own] ? NULL : "the page itself is not mapped";
}

/* Check the pages that a fault without fault-around has mapped: those of its folio. */
static const char *judge_alone(const struct window *w, const struct faultlab_memory *m,
			       const bool *map, size_t own)
{
	const size_t folio = ~((1UL << m->order) - 1);
	size_t i;

	for (i = 0; i < w->pages; i++) {
		const size_t page = w->first + i;
		const bool along = (page & folio) == ((w->first + own) & folio) &&
				   (w->skip + i) / TABLE == (w->skip + own) / TABLE &&
				   page < w->region && !w->ruled[page];

		if (map[i] != (i == own || along))
			return tlib_text("page %zu is %smapped", i, map[i] ? "" : "not ");
	}
	return NULL;
}

static void log_window(struct __test_metadata *_metadata, const struct window *w, size_t own,
		       size_t size)
{
	TH_LOG("region of %zu, VMA %zu+%zu at page %zu%s, fault on %zu, window %zu", w->region,
	       w->first, w->pages, w->skip, w->flags == MAP_PRIVATE ? " private" : "", own, size);
}

/* Make one read fault, and check what it mapped and counted. */
static void check_fault(struct __test_metadata *_metadata, struct window *w,
			const struct faultlab_memory *m, size_t own, size_t size)
{
	const bool along = (m->calls & FAULTLAB_CALLS_MAP_PAGES) && size > 1 &&
			   !w->ruled[w->first + own];
	static bool map[ROOM];
	struct faultlab_touch touch;
	struct tlib_mark mark;
	__u64 called, new;
	const char *why;
	size_t i;

	ASSERT_EQ(0, tlib_counts_begin(w->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(w->at, own), &touch));
	tlib_counts_end(&mark);
	EXPECT_EQ(w->populated[w->first + own] ? content(w->first + own) : 0, touch.value);
	new = mapped(w, map);
	called = tlib_moved(&mark, FAULTLAB_STAT_FAULT_READ);
	EXPECT_EQ(new, tlib_moved(&mark, FAULTLAB_STAT_PAGES_AROUND) + called +
		       tlib_moved(&mark, FAULTLAB_STAT_PAGES_BATCH));
	EXPECT_EQ(!!tlib_moved(&mark, FAULTLAB_STAT_PAGES_AROUND),
		  tlib_moved(&mark, FAULTLAB_STAT_FAULT_AROUND));
	if (along && w->populated[w->first + own]) {
		why = judge_mapped(w, map, own, size);
		EXPECT_EQ(0, called);
	} else if (along && !m->order) {
		why = judge_mapped(w, map, own, size);
		EXPECT_EQ(1, called);
	} else if (along) {
		/* .map_pages has mapped populated neighbours, then .fault its folio. */
		why = map[own] ? NULL : "the page itself is not mapped";
		EXPECT_EQ(1, called);
	} else {
		why = judge_alone(w, m, map, own);
		EXPECT_EQ(0, tlib_moved(&mark, FAULTLAB_STAT_FAULT_AROUND));
		EXPECT_EQ(1, called);
	}
	EXPECT_EQ(NULL, why) {
		TH_LOG("%s", why);
	}

	/* Each mapped page has the right contents, and reading it does not fault. */
	ASSERT_EQ(0, tlib_counts_begin(w->fd, &mark));
	for (i = 0; i < w->pages; i++) {
		if (!map[i])
			continue;
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(w->at, i), &touch));
		EXPECT_EQ(w->populated[w->first + i] ? content(w->first + i) : 0, touch.value);
		if (_metadata->exit_code)
			break;
	}
	EXPECT_STREQ("", tlib_counts_end(&mark));
}

FIXTURE(around)
{
	__u64 before;
};

FIXTURE_SETUP(around)
{
	if (tlib_read_number(AROUND_BYTES, &self->before))
		SKIP(return, "the kernel has no " AROUND_BYTES);
}

/* Restores the machine's setting, even if the test has failed. */
FIXTURE_TEARDOWN_PARENT(around)
{
	if (self->before)
		tlib_write_number(AROUND_BYTES, self->before);
}

/* Test one random window. */
static void check_one(struct __test_metadata *_metadata, const struct faultlab_memory *m,
		      struct tlib_random *random)
{
	const size_t size = 1UL << tlib_random(random, 10);
	static struct window w;
	size_t own, end;

	ASSERT_EQ(0, tlib_write_number(AROUND_BYTES, size * TLIB_PAGE));
	ASSERT_EQ(0, make_window(&w, m, random));
	end = w.region - w.first;
	own = tlib_random(random, w.pages < end ? w.pages : end);
	check_fault(_metadata, &w, m, own, size);
	if (_metadata->exit_code)
		log_window(_metadata, &w, own, size);
	drop_window(&w);
}

TEST_F_TIMEOUT(around, fault_around_of_any_size_maps_exactly_the_populated_pages_of_its_window, 600)
{
	struct tlib_random random = { .state = tlib_first_seed() };
	const struct faultlab_memory *m = faultlab_memories;
	const unsigned long rounds = tlib_scale(12, 150);
	unsigned long i, met = 0;

	for (; m < faultlab_memories + faultlab_nr_memories; m++) {
		/* With WHOLE a VMA cannot begin anywhere. */
		if (!(m->calls & FAULTLAB_CALLS_MAP_PAGES) ||
		    (m->flags & FAULTLAB_REGION_WHOLE))
			continue;
		met++;
		for (i = 0; i < rounds && !_metadata->exit_code; i++)
			check_one(_metadata, m, &random);
		if (_metadata->exit_code)
			TH_LOG("%s, seed %llu", m->name, tlib_first_seed());
	}
	EXPECT_LT(0, met);
}

/* If a later kernel accepts more, .map_pages must be checked for it. */
TEST_F(around, fault_around_bytes_above_what_a_page_table_maps_are_einval)
{
	EXPECT_EQ(0, tlib_write_number(AROUND_BYTES, TLIB_PMD_SIZE));
	EXPECT_EQ(-EINVAL, tlib_write_number(AROUND_BYTES, 2 * TLIB_PMD_SIZE));
}

/*
 * All memories, with the largest windows.
 */
FIXTURE(memory)
{
	__u64 before;
	int fd;
	char *at;
};

FIXTURE_VARIANT(memory)
{
	const struct faultlab_memory *memory;
};

#define FAULTLAB_MEMORY(id, ...) FIXTURE_VARIANT_ADD(memory, id) \
	{ .memory = &faultlab_memories[FAULTLAB_MEMORY_##id] };
#include "faultlab_memories.h"
#undef FAULTLAB_MEMORY

FIXTURE_SETUP(memory)
{
	if (tlib_read_number(AROUND_BYTES, &self->before))
		SKIP(return, "the kernel has no " AROUND_BYTES);
	self->fd = faultlab_memory_open(variant->memory, ROOM * TLIB_PAGE);
	if (self->fd < 0 && faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, tlib_write_number(AROUND_BYTES, TLIB_PMD_SIZE));
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, ROOM);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN_PARENT(memory)
{
	if (self->before)
		tlib_write_number(AROUND_BYTES, self->before);
}

/*
 * Faults with the largest windows while page tables are emptied. The debug kernel also
 * checks that .map_pages does not sleep or allocate.
 */
struct emptier {
	pthread_t thread;
	int fd;			/* evict through this descriptor; -1: use madvise() */
	char *at;
	bool stop;
	unsigned long times;
};

static void *empty_for_ever(void *arg)
{
	struct emptier *e = arg;

	while (!__atomic_load_n(&e->stop, __ATOMIC_RELAXED)) {
		if (e->fd < 0)
			madvise(e->at, ROOM * TLIB_PAGE, MADV_DONTNEED);
		else
			faultlab_evict(e->fd, 0, FAULTLAB_TO_END, 0);
		__atomic_add_fetch(&e->times, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

/* MADV_DONTNEED refuses VM_PFNMAP. Kind remap does not map pages again. */
TEST_F_TIMEOUT(memory, reads_see_the_right_content_while_page_tables_are_emptied, 300)
{
	const unsigned long rounds = tlib_scale(2, 20);
	const struct faultlab_memory *m = variant->memory;
	struct emptier e = { .fd = m->pfnmap ? self->fd : -1, .at = self->at };
	unsigned long i, n, wrong = 0;
	struct faultlab_touch touch;

	for (i = 0; i < ROOM; i++)
		ASSERT_EQ(0, faultlab_touch_write(tlib_at(e.at, i), content(i), NULL));
	ASSERT_EQ(0, pthread_create(&e.thread, NULL, empty_for_ever, &e));
	for (n = 0; n < rounds || __atomic_load_n(&e.times, __ATOMIC_ACQUIRE) < rounds; n++)
		for (i = n % 8; i < ROOM; i += 8)
			if (faultlab_touch_read(tlib_at(e.at, i), &touch))
				wrong += !m->at_mmap;
			else
				wrong += touch.value != content(i);
	__atomic_store_n(&e.stop, true, __ATOMIC_RELAXED);
	ASSERT_EQ(0, pthread_join(e.thread, NULL));
	EXPECT_EQ(0, wrong);
}

static bool has_table(int fd, const char *at)
{
	struct faultlab_chain chain;

	return !faultlab_walk_chain(fd, 0, at, &chain) &&
	       (chain.entry[FAULTLAB_LEVEL_PMD].flags & FAULTLAB_PTE_TABLE);
}

/*
 * kind/huge.c and kind/page.c rely on this: a PMD that pointed to a page table still does
 * after an evict or MADV_DONTNEED. Exception: kernels with CONFIG_PT_RECLAIM (6.14) free
 * tables that MADV_DONTNEED has emptied.
 */
TEST_F(memory, evict_and_madv_dontneed_do_not_free_the_page_table)
{
	/* With a rule for one page, pages are mapped by PTEs and not by a PMD. */
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_MAJOR, 0);

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, NULL));
	EXPECT_TRUE(has_table(self->fd, self->at));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_COWS));
	EXPECT_ENTRY("none", self->fd, self->at);
	EXPECT_TRUE(has_table(self->fd, self->at));

	faultlab_touch_write(self->at, 1, NULL);
	if (variant->memory->pfnmap) {
		EXPECT_EQ(-1, madvise(self->at, ROOM * TLIB_PAGE, MADV_DONTNEED));
		EXPECT_EQ(EINVAL, errno);
	} else if (!tlib_kernel_since(6, 14)) {
		EXPECT_EQ(0, madvise(self->at, ROOM * TLIB_PAGE, MADV_DONTNEED));
		EXPECT_ENTRY("none", self->fd, self->at);
	}
	EXPECT_TRUE(has_table(self->fd, self->at));
}

TEST_HARNESS_MAIN
