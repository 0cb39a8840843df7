// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walker's other forms must agree with the form entries: runs, counts, and raw
 * words.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/walk/oracle.h"

#define ELSEWHERE	(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_NONPRESENT)

/* Walk all of the VMA into view->words. How many records came, or -errno. */
static ssize_t fetch(struct tlib_view *view, enum faultlab_walk_form form, __u32 flags,
		     size_t record)
{
	struct faultlab_walk walk = {
		.size = sizeof(walk),
		.form = form,
		.flags = flags,
		.pid = view->pid,
		.start = view->vma->start,
		.end = view->vma->end,
	};
	const size_t room = view->nr_words * sizeof(*view->words) / record;
	size_t nr = 0;

	do {
		walk.nr = room - nr;
		walk.entries = (uintptr_t)view->words + nr * record;
		if (ioctl(view->fd, FAULTLAB_IOC_WALK, &walk))
			return -errno;
		nr += walk.nr;
		walk.start = walk.next;
	} while (walk.start != walk.end && nr < room);
	return walk.start == walk.end ? (ssize_t)nr : -ENOSPC;
}

static bool is_there(void)
{
	return true;
}

/* begin_of(), end_of(): the part of an entry that is in the VMA. */
static __u64 begin_of(const struct tlib_view *view, const struct faultlab_walk_entry *e)
{
	return e->addr > view->vma->start ? e->addr : view->vma->start;
}

static __u64 end_of(const struct tlib_view *view, const struct faultlab_walk_entry *e)
{
	return e->addr + e->bytes < view->vma->end ? e->addr + e->bytes : view->vma->end;
}

/* The run that consists of a single entry. */
static struct faultlab_walk_run run_of(const struct tlib_view *view,
				       const struct faultlab_walk_entry *e)
{
	const __u64 start = begin_of(view, e);
	const bool leaf = e->flags & FAULTLAB_PTE_LEAF;

	return (struct faultlab_walk_run) {
		.start = start,
		.end = end_of(view, e),
		.pfn = e->pfn + (leaf ? (start - e->addr) / TLIB_PAGE : 0),
		.flags = e->flags | (leaf ? FAULTLAB_PTE_CONTIG : 0),
		.level = e->level,
		.pkey = e->pkey,
	};
}

static bool goes_on(const struct faultlab_walk_run *a, const struct faultlab_walk_run *b)
{
	return a->end == b->start && a->pkey == b->pkey &&
	       !((a->flags ^ b->flags) & ~FAULTLAB_PTE_CONTIG) &&
	       (a->level == b->level || (a->flags & FAULTLAB_PTE_NONE));
}

/* The next entry, from i on, that is part of a run. Without HOLES empty entries are not. */
static size_t next_of(const struct tlib_view *view, size_t i, __u32 flags)
{
	while (i < view->nr && !(flags & FAULTLAB_WALK_HOLES) &&
	       (view->entries[i].flags & FAULTLAB_PTE_NONE))
		i++;
	return i;
}

static int runs_differ(struct tlib_view *view, __u32 flags)
{
	const struct faultlab_walk_run *got = (const void *)view->words;
	ssize_t nr = fetch(view, FAULTLAB_WALK_RUNS, flags, sizeof(*got));
	size_t i = next_of(view, 0, flags);

	if (nr < 0)
		return nr;
	for (ssize_t at = 0; at < nr; at++, i = next_of(view, i, flags)) {
		struct faultlab_walk_run run = { .start = 0 }, next;

		if (i < view->nr)
			run = run_of(view, &view->entries[i++]);
		for (; i < view->nr; i++, run.end = next.end) {
			next = run_of(view, &view->entries[i]);
			if (!goes_on(&run, &next))
				break;
			if (next.pfn != run.pfn + (next.start - run.start) / TLIB_PAGE)
				run.flags &= ~FAULTLAB_PTE_CONTIG;
		}
		if (!memcmp(&run, &got[at], sizeof(run)))
			continue;
		snprintf(view->why, sizeof(view->why),
			 "%#llx-%#llx %#llx frame %#llx by runs, %#llx-%#llx %#llx frame %#llx by entries, %.80s",
			 got[at].start, got[at].end, got[at].flags, got[at].pfn, run.start,
			 run.end, run.flags, run.pfn, view->vma->line);
		return 1;
	}
	if (i < view->nr)
		snprintf(view->why, sizeof(view->why),
			 "%zd runs of the first %zu of %zu entries, %.80s", nr, i, view->nr,
			 view->vma->line);
	view->compared += view->nr;
	return i < view->nr;
}

static int holes_differ(struct tlib_view *view)
{
	return runs_differ(view, FAULTLAB_WALK_HOLES);
}

const struct tlib_oracle tlib_oracle_holes = {
	.name = "runs and holes", .needs = "nothing", .is_there = is_there,
	.differs = holes_differ,
};

static int islands_differ(struct tlib_view *view)
{
	return runs_differ(view, 0);
}

const struct tlib_oracle tlib_oracle_islands = {
	.name = "runs", .needs = "nothing", .is_there = is_there, .differs = islands_differ,
};

/*
 * Count the tables of the VMA, by level, by a walk in the form entries. No entry has both
 * required flags, so only entries that lead to tables, which are not filtered, are returned.
 */
static int count_tables(const struct tlib_view *view, __u64 *nr)
{
	struct faultlab_walk_entry tables[64];
	struct faultlab_walk walk = {
		.size = sizeof(walk),
		.flags = FAULTLAB_WALK_TABLES,
		.pid = view->pid,
		.start = view->vma->start,
		.end = view->vma->end,
		.entries = (uintptr_t)tables,
		.require = FAULTLAB_PTE_LEAF | FAULTLAB_PTE_NONE,
	};

	do {
		walk.nr = 64;
		if (ioctl(view->fd, FAULTLAB_IOC_WALK, &walk))
			return -errno;
		for (size_t i = 0; i < walk.nr; i++)
			nr[tables[i].level] += !(tables[i].flags & FAULTLAB_PTE_FOLDED);
		walk.start = walk.next;
	} while (walk.start != walk.end);
	return 0;
}

static int counts_differ(struct tlib_view *view)
{
	const struct faultlab_walk_counts *got = (const void *)view->words;
	ssize_t nr = fetch(view, FAULTLAB_WALK_COUNTS, 0, sizeof(*got));
	struct faultlab_walk_counts sum = {
		.start = view->vma->start, .end = view->vma->end, .vm_flags = got->vm_flags,
	};

	int err;

	if (nr < 0)
		return nr;
	/* This flag is a property of the VMA: all its bytes have it, or none. */
	if (tlib_vma_is(view->vma, "sd"))
		sum.flag[__builtin_ctzll(FAULTLAB_PTE_VMA_SOFT_DIRTY)] = sum.end - sum.start;
	err = count_tables(view, sum.table);
	if (err)
		return err;
	for (size_t i = 0; i < view->nr; i++) {
		const struct faultlab_walk_entry *e = &view->entries[i];

		if (e->flags & FAULTLAB_PTE_NONE) {
			sum.none[e->level]++;
			continue;
		}
		sum.leaf[e->level] += !!(e->flags & FAULTLAB_PTE_LEAF);
		for (__u64 flags = e->flags & ~FAULTLAB_PTE_VMA_SOFT_DIRTY; flags;
		     flags &= flags - 1)
			sum.flag[__builtin_ctzll(flags)] += end_of(view, e) - begin_of(view, e);
	}
	view->compared += view->nr;
	if (nr == 1 && !memcmp(&sum, got, sizeof(sum)))
		return 0;
	snprintf(view->why, sizeof(view->why),
		 "%zd counts; leaves %llu %llu %llu, none %llu %llu %llu, tables %llu %llu %llu; by entries %llu %llu %llu, %llu %llu %llu, %llu %llu %llu, %.80s",
		 nr, got->leaf[0], got->leaf[1], got->leaf[2], got->none[0], got->none[1],
		 got->none[2], got->table[1], got->table[2], got->table[3], sum.leaf[0],
		 sum.leaf[1], sum.leaf[2], sum.none[0], sum.none[1], sum.none[2], sum.table[1],
		 sum.table[2], sum.table[3], view->vma->line);
	return 1;
}

const struct tlib_oracle tlib_oracle_counts = {
	.name = "counts", .needs = "nothing", .is_there = is_there, .differs = counts_differ,
};

/*
 * The first word of a table that differs from its entry in view->entries, or NULL. The
 * search for the entries begins at index *at, which is advanced.
 */
static const __u64 *word_differs(const struct tlib_view *view,
				 const struct faultlab_walk_raw *table, size_t *at, size_t *found)
{
	const __u64 *words = (const void *)(table + 1);
	const __u64 bytes = 4096ULL << 9 * table->level;

	for (unsigned int i = 0; i < table->nr; i++) {
		const __u64 addr = table->addr + i * bytes;
		const struct faultlab_walk_entry *e;

		while (*at < view->nr && view->entries[*at].addr < addr)
			++*at;
		e = &view->entries[*at];
		if (*at == view->nr || e->addr != addr || e->level != table->level ||
		    e->raw != words[i])
			return &words[i];
		*found += !!(e->flags & ELSEWHERE);
	}
	return NULL;
}

static int raw_differs(struct tlib_view *view)
{
	ssize_t nr = fetch(view, FAULTLAB_WALK_RAW, 0, sizeof(__u64));
	size_t at = 0, found = 0, expected = 0;
	const struct faultlab_walk_raw *table;
	const __u64 *word;

	if (nr < 0)
		return nr;
	for (ssize_t i = 0; i < nr; i += sizeof(*table) / sizeof(__u64) + table->nr) {
		table = (const void *)&view->words[i];
		word = word_differs(view, table, &at, &found);
		if (!word)
			continue;
		snprintf(view->why, sizeof(view->why),
			 "table of %#llx, level %u: %#llx by raw, %#llx by the entry at %#llx, %.80s",
			 table->addr, table->level, *word,
			 at < view->nr ? view->entries[at].raw : 0,
			 at < view->nr ? view->entries[at].addr : 0, view->vma->line);
		return 1;
	}
	for (size_t i = 0; i < view->nr; i++)
		expected += !!(view->entries[i].flags & ELSEWHERE);
	if (found != expected)
		snprintf(view->why, sizeof(view->why), "%zu words by raw, %zu by entries, %.80s",
			 found, expected, view->vma->line);
	view->compared += found;
	return found != expected;
}

const struct tlib_oracle tlib_oracle_raw = {
	.name = "raw", .needs = "nothing", .is_there = is_there, .differs = raw_differs,
};
