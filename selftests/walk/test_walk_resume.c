// SPDX-License-Identifier: GPL-2.0-only
/*
 * FAULTLAB_IOC_WALK in pieces of every size, while the memory changes from one piece
 * to the next: what is mapped all the time is reported exactly once, all else at most
 * once.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <kselftest_harness.h>
#include "lib/walk/arena.h"
#include "lib/sys.h"

#define ALL		TLIB_ARENA_PAGES_ALL
#define RAW_LEAST	514	/* words: a table and its head */
#define RAW_LARGE	(1ULL << 7)
#define MAX_RECORDS	64
#define PTE_LEAF_BIT	2	/* of FAULTLAB_PTE_LEAF */

/* What a walk in pieces has reported so far. */
struct told {
	struct tlib_arena *arena;
	bool with_tables;		/* entries that lead to tables are reported, too */
	__u64 start;			/* of the current piece */
	__u64 seen;			/* the end of the last leaf: none before it may follow */
	__u8 leaves[ALL];		/* how many leaves cover each page */
	__u8 holes[ALL];
	__u8 tables[5][TLIB_ARENA_PMDS];	/* entries that lead to a table, by level */
	__u8 empty[5][TLIB_ARENA_PMDS];		/* empty entries, by level */
	const char *wrong;
};

static size_t page_of(const struct told *t, __u64 addr)
{
	const __u64 at = (uintptr_t)t->arena->at;

	return addr <= at ? 0 : addr - at >= ALL * TLIB_PAGE ? ALL : (addr - at) / TLIB_PAGE;
}

static void mark(const struct told *t, __u8 *pages, __u64 start, __u64 end)
{
	for (size_t i = page_of(t, start); i < page_of(t, end); i++)
		pages[i]++;
}

/*
 * A leaf was reported. A large leaf that has replaced a table can begin before the current
 * piece. Only the part of it that was not reported before is counted.
 */
static void leaf(struct told *t, __u64 start, __u64 end)
{
	if (end <= t->start || end <= t->seen)
		t->wrong = "a leaf was reported again";
	if (start < t->start)
		start = t->start;
	if (start < t->seen)
		start = t->seen;
	mark(t, t->leaves, start, end);
	t->seen = end;
}

/*
 * An entry above PTE is reported once in a walk, however many VMAs and pieces lie below
 * it.
 */
static void once(struct told *t, __u8 (*at)[TLIB_ARENA_PMDS], unsigned int level, __u64 addr)
{
	const unsigned int shift = 12 + 9 * level;

	if (level && at[level][(addr >> shift) - ((uintptr_t)t->arena->at >> shift)]++)
		t->wrong = "an entry above PTE was reported twice";
}

static void tell_entry(struct told *t, const struct faultlab_walk_entry *e)
{
	if ((e->flags & FAULTLAB_PTE_LEAF) && e->level == FAULTLAB_LEVEL_PTE && t->with_tables &&
	    !t->tables[FAULTLAB_LEVEL_PMD][page_of(t, e->addr) / 512])
		t->wrong = "a page was reported without its page table";
	if (e->flags & FAULTLAB_PTE_LEAF)
		leaf(t, e->addr, e->addr + e->bytes);
	else if (e->flags & FAULTLAB_PTE_TABLE)
		once(t, t->tables, e->level, e->addr);
	else if (e->flags & FAULTLAB_PTE_NONE)
		once(t, t->empty, e->level, e->addr);
	if (e->flags & (FAULTLAB_PTE_NONE | FAULTLAB_PTE_NO_VMA))
		mark(t, t->holes, e->addr, e->addr + e->bytes);
}

static void tell_run(struct told *t, const struct faultlab_walk_run *r)
{
	if (r->start < t->start || r->end <= r->start)
		t->wrong = "a run starts before its piece, or is empty";
	if (r->flags & FAULTLAB_PTE_LEAF)
		leaf(t, r->start, r->end);
	if (r->flags & (FAULTLAB_PTE_NONE | FAULTLAB_PTE_NO_VMA))
		mark(t, t->holes, r->start, r->end);
}

/* A record of COUNTS gives only how many pages of a VMA are mapped, not which ones. */
static void tell_counts(struct told *t, const struct faultlab_walk_counts *c)
{
	const struct tlib_arena *arena = t->arena;
	size_t always = 0, ever = 0, leaves = c->flag[PTE_LEAF_BIT] / TLIB_PAGE;

	for (size_t i = page_of(t, c->start); i < page_of(t, c->end); i++) {
		always += arena->always[i];
		ever += arena->ever[i];
	}
	if (leaves < always || leaves > ever)
		t->wrong = "a VMA has too few or too many leaves";
	if (c->start < t->seen || c->end <= c->start)
		t->wrong = "a range is counted twice";
	mark(t, t->holes, c->start, c->end);
	t->seen = c->end;
}

static void tell_raw(struct told *t, const struct faultlab_walk_raw *raw, const __u64 *words)
{
	if (raw->level == FAULTLAB_LEVEL_PTE) {
		for (unsigned int i = 0; i < raw->nr; i++)
			if (words[i])
				leaf(t, raw->addr + i * TLIB_PAGE, raw->addr + (i + 1) * TLIB_PAGE);
	} else if (words[0] & RAW_LARGE) {
		leaf(t, raw->addr, (raw->addr & ~(TLIB_PMD_SIZE - 1)) + TLIB_PMD_SIZE);
	} else {
		once(t, t->tables, raw->level, raw->addr);
	}
}

static const struct form {
	const char *name;
	unsigned int form, flags;
	size_t record;
} forms[] = {
	{ "entries", FAULTLAB_WALK_ENTRIES, 0, sizeof(struct faultlab_walk_entry) },
	{ "entries and tables", FAULTLAB_WALK_ENTRIES, FAULTLAB_WALK_TABLES,
	  sizeof(struct faultlab_walk_entry) },
	{ "all entries", FAULTLAB_WALK_ENTRIES, TLIB_WALK_ALL, sizeof(struct faultlab_walk_entry) },
	{ "runs", FAULTLAB_WALK_RUNS, 0, sizeof(struct faultlab_walk_run) },
	{ "runs and holes", FAULTLAB_WALK_RUNS, FAULTLAB_WALK_HOLES,
	  sizeof(struct faultlab_walk_run) },
	{ "raw", FAULTLAB_WALK_RAW, 0, sizeof(__u64) },
	{ "raw tables", FAULTLAB_WALK_RAW, FAULTLAB_WALK_TABLES, sizeof(__u64) },
	{ "counts", FAULTLAB_WALK_COUNTS, 0, sizeof(struct faultlab_walk_counts) },
};

static void tell(struct told *t, const struct form *form, const void *at, __u64 nr)
{
	const __u64 *words = at;

	for (__u64 i = 0; i < nr; i++) {
		const void *record = at + i * form->record;

		if (form->form == FAULTLAB_WALK_ENTRIES) {
			tell_entry(t, record);
		} else if (form->form == FAULTLAB_WALK_RUNS) {
			tell_run(t, record);
		} else if (form->form == FAULTLAB_WALK_COUNTS) {
			tell_counts(t, record);
		} else {
			const struct faultlab_walk_raw *raw = record;

			tell_raw(t, raw, &words[i + 2]);
			i += 1 + raw->nr;
		}
	}
}

FIXTURE(resumed)
{
	struct tlib_arena arena;
	struct told told;
	void *room;
	unsigned long changes;	/* number of changes made */
	bool made;		/* the last change has not been undone yet */
	enum tlib_arena_sort sort;	/* where the last change was made */
	size_t page;
};

FIXTURE_SETUP(resumed)
{
	ASSERT_EQ(0, tlib_arena_init(&self->arena));
	self->told.arena = &self->arena;
	self->room = mmap(NULL, MAX_RECORDS * RAW_LEAST * sizeof(__u64), TLIB_RW,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, self->room);
}

FIXTURE_TEARDOWN(resumed)
{
}

static int change_at(struct _test_data_resumed *self, const struct tlib_change *change, __u64 addr)
{
	struct tlib_arena *arena = &self->arena;
	int err;

	if (self->made) {
		err = change->unmake(arena, self->sort, self->page);
	} else {
		self->sort = tlib_arena_near(arena, change, addr, &self->page);
		err = change->make(arena, self->sort, self->page);
	}
	self->made = !self->made && change->unmake;
	self->changes++;
	return err ?: tlib_arena_note(arena, self->sort);
}

/* Walk the arena, @records at a time, and make a change after each piece. */
static int walk_and_change(struct _test_data_resumed *self, const struct tlib_change *change,
			   const struct form *form, __u64 records)
{
	struct told *t = &self->told;
	struct faultlab_walk w = {
		.size = sizeof(w), .form = form->form, .flags = form->flags,
		.start = (uintptr_t)self->arena.at, .entries = (uintptr_t)self->room,
		.end = (uintptr_t)self->arena.at + ALL * TLIB_PAGE,
	};
	int err = tlib_arena_reset(&self->arena);

	memset(t->leaves, 0, sizeof(*t) - offsetof(struct told, leaves));
	t->seen = 0;
	t->with_tables = form->flags & FAULTLAB_WALK_TABLES;
	self->made = false;
	while (!err && w.start != w.end) {
		t->start = w.start;
		w.nr = records * (form->form == FAULTLAB_WALK_RAW ? RAW_LEAST : 1);
		if (ioctl(self->arena.region, FAULTLAB_IOC_WALK, &w))
			return -errno;
		tell(t, form, self->room, w.nr);
		w.start = w.next;
		if (w.start != w.end)
			err = change_at(self, change, w.next);
	}
	return err;
}

/*
 * Check what was reported. Holes count only where they were asked for, and of COUNTS
 * only whether each VMA was counted.
 */
static const char *what_is_wrong(const struct told *t, const struct form *form, size_t *page)
{
	const struct tlib_arena *arena = t->arena;
	const bool all = form->form == FAULTLAB_WALK_RUNS && (form->flags & FAULTLAB_WALK_HOLES);

	for (*page = 0; *page < ALL && !t->wrong; ++*page) {
		const size_t i = *page;

		if (form->form == FAULTLAB_WALK_COUNTS) {
			if (arena->always[i] && t->holes[i] != 1)
				return "mapped memory is counted in no VMA";
			continue;
		}
		if (arena->always[i] && t->leaves[i] != 1)
			return t->leaves[i] ? "a page was reported twice" :
					      "a mapped page was not reported";
		if (t->leaves[i] > arena->ever[i])
			return "a page was reported that was never mapped";
		if (arena->always[i] && t->holes[i] && all)
			return "a mapped page was reported as a hole";
		if (!arena->ever[i] && (form->flags & FAULTLAB_WALK_HOLES) && !t->holes[i])
			return "a hole was not reported";
		if (all && t->leaves[i] + t->holes[i] != 1)
			return "a page is not in exactly one run or hole";
	}
	return t->wrong ?: "";
}

static const __u64 few[] = { 1, 2, 7, 64 };

/*
 * How many records to fetch at a time. In forms with one record for each hole there are
 * thousands of records, so fetch more at a time.
 */
static __u64 nr_records(unsigned int i, const struct form *form)
{
	const bool many = form->form == FAULTLAB_WALK_ENTRIES &&
			  (form->flags & FAULTLAB_WALK_HOLES);

	if (tlib_full())
		return i + 1;
	return many && few[i] < 8 ? 8 * few[i] : few[i];
}

FIXTURE_VARIANT(resumed)
{
	const struct tlib_change *change;
};

static void __attribute__((constructor(KSELFTEST_PRIO_TEST))) add_changes(void)
{
	static FIXTURE_VARIANT(resumed) data[TLIB_NR_CHANGES];
	static struct __fixture_variant_metadata variants[TLIB_NR_CHANGES];

	for (unsigned int i = 0; i < TLIB_NR_CHANGES; i++) {
		data[i].change = &tlib_changes[i];
		variants[i].name = tlib_changes[i].name;
		variants[i].data = &data[i];
		__register_fixture_variant(&_resumed_fixture_object, &variants[i]);
	}
}

TEST_F_TIMEOUT(resumed, pages_mapped_all_the_time_are_reported_exactly_once, 400)
{
	const unsigned int nr = tlib_full() ? MAX_RECORDS : ARRAY_SIZE(few);
	const char *wrong;
	size_t page;

	for (unsigned int f = 0; f < ARRAY_SIZE(forms); f++) {
		for (unsigned int i = 0; i < nr; i++) {
			const __u64 records = nr_records(i, &forms[f]);

			ASSERT_EQ(0, walk_and_change(self, variant->change, &forms[f], records));
			wrong = what_is_wrong(&self->told, &forms[f], &page);
			EXPECT_STREQ("", wrong) {
				TH_LOG("%s, %llu at once: page %zu of table %zu", forms[f].name,
				       records, page % 512, page / 512);
			}
		}
	}
	EXPECT_LT(20, self->changes);
	if (!strncmp(variant->change->name, "collapse", strlen("collapse")))
		EXPECT_LT(0, self->arena.collapsed);
}

TEST_HARNESS_MAIN
