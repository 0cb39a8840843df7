// SPDX-License-Identifier: GPL-2.0-only
/*
 * The form runs compared with the form entries: equal neighbours, and filters.
 */
#include <string.h>

#include "lib/walk/forms.h"

static bool is_like(const struct faultlab_walk_run *run, const struct faultlab_walk_entry *e)
{
	return (run->flags & ~FAULTLAB_PTE_CONTIG) == e->flags && run->pkey == e->pkey &&
	       (run->level == e->level || (e->flags & FAULTLAB_PTE_NONE));
}

/* Build the runs of a VMA from its entries. */
static size_t runs_of_vma(const struct tlib_entries *all, const struct tlib_vma *vma,
			  struct faultlab_walk_run *runs, size_t *from)
{
	const struct faultlab_walk_entry *e;
	struct faultlab_walk_run *run = NULL;
	__u64 addr, end, pfn;

	for (addr = vma->start; addr < vma->end; addr = end) {
		e = tlib_entry_of(all, addr, from);
		if (!e)
			return 0;
		end = e->addr + e->bytes < vma->end ? e->addr + e->bytes : vma->end;
		pfn = e->pfn + (e->flags & FAULTLAB_PTE_LEAF ? (addr - e->addr) / TLIB_PAGE : 0);
		if (run && is_like(run, e)) {
			run->end = end;
			if (pfn != run->pfn + (addr - run->start) / TLIB_PAGE)
				run->flags &= ~FAULTLAB_PTE_CONTIG;
			continue;
		}
		run = run ? run + 1 : runs;
		*run = (struct faultlab_walk_run) {
			.start = addr, .end = end, .pfn = pfn, .flags = e->flags,
			.level = e->level, .pkey = e->pkey,
		};
		if (e->flags & FAULTLAB_PTE_LEAF)
			run->flags |= FAULTLAB_PTE_CONTIG;
	}
	return run ? run + 1 - runs : 0;
}

static size_t runs_of(const struct tlib_entries *all, ssize_t nr_vmas,
		      struct faultlab_walk_run *runs)
{
	size_t nr = 0, from = 0;
	ssize_t i;

	for (i = 0; i < nr_vmas; i++)
		nr += runs_of_vma(all, &vmas[i], runs + nr, &from);
	return nr;
}

static size_t drop_gaps(struct faultlab_walk_run *runs, size_t nr)
{
	size_t i, kept = 0;

	for (i = 0; i < nr; i++)
		if (!(runs[i].flags & FAULTLAB_PTE_NO_VMA))
			runs[kept++] = runs[i];
	return kept;
}

TEST_F(forms, runs_join_equal_neighbouring_entries_of_one_vma)
{
	struct faultlab_walk_run *expected = self->expected, *got = self->got;
	size_t nr = runs_of(&self->all, self->nr_vmas, expected), i, b, n, contig = 0;
	ssize_t all;

	ASSERT_LT(50, nr);
	for (i = 0; i < nr; i++)
		contig += (expected[i].flags & FAULTLAB_PTE_CONTIG) &&
			  expected[i].end - expected[i].start > TLIB_PAGE;
	ASSERT_LT(0, contig);
	self->walk.form = FAULTLAB_WALK_RUNS;
	self->walk.flags = FAULTLAB_WALK_HOLES;
	for (b = 0; b < TLIB_NR_CHUNKS; b++) {
		all = tlib_fetch(self->fd, self->walk, got, sizeof(*got), tlib_chunks[b]);
		ASSERT_LT(0, all);
		n = drop_gaps(got, all);
		EXPECT_EQ(nr, n);
		for (i = 0; i < nr && i < n; i++)
			ASSERT_EQ(0, memcmp(&expected[i], &got[i], sizeof(*got))) {
				TH_LOG("%llu runs at once: %#llx-%#llx %#llx pfn %#llx",
				       tlib_chunks[b], got[i].start, got[i].end, got[i].flags,
				       got[i].pfn);
			}
	}
}

TEST_F(forms, filters_apply_to_runs_as_to_entries)
{
	static const __u64 filters[][2] = {
		{ FAULTLAB_PTE_DIRTY, 0 }, { 0, FAULTLAB_PTE_DIRTY },
		{ FAULTLAB_PTE_WRITE | FAULTLAB_PTE_ACCESSED, FAULTLAB_PTE_SPECIAL },
		{ FAULTLAB_PTE_NONE, 0 }, { FAULTLAB_PTE_LEAF, FAULTLAB_PTE_EXEC },
	};
	struct faultlab_walk_run *expected = self->expected, *got = self->got;
	size_t nr = runs_of(&self->all, self->nr_vmas, expected), i, f, b, n, at;
	ssize_t all;

	self->walk.form = FAULTLAB_WALK_RUNS;
	self->walk.flags = FAULTLAB_WALK_HOLES;
	for (f = 0; f < ARRAY_SIZE(filters); f++) {
		self->walk.require = filters[f][0];
		self->walk.exclude = filters[f][1];
		for (b = 0; b < TLIB_NR_CHUNKS; b++) {
			all = tlib_fetch(self->fd, self->walk, got, sizeof(*got), tlib_chunks[b]);
			ASSERT_LE(0, all);
			n = drop_gaps(got, all);
			for (i = 0, at = 0; i < nr; i++) {
				if ((expected[i].flags & filters[f][0]) != filters[f][0] ||
				    (expected[i].flags & filters[f][1]))
					continue;
				ASSERT_LT(at, n);
				ASSERT_EQ(0, memcmp(&expected[i], &got[at], sizeof(*got))) {
					TH_LOG("filter %zu at %#llx", f, got[at].start);
				}
				at++;
			}
			EXPECT_LT(0, at);
			EXPECT_EQ(at, n);
		}
	}
}

TEST_F(forms, filters_apply_to_entries_but_not_to_tables)
{
	struct faultlab_walk_entry *got = self->got;
	size_t i, at, b;
	ssize_t n;

	self->walk.require = FAULTLAB_PTE_WRITE | FAULTLAB_PTE_DIRTY;
	self->walk.exclude = FAULTLAB_PTE_SPECIAL;
	self->walk.flags = FAULTLAB_WALK_TABLES | FAULTLAB_WALK_HOLES;
	for (b = 0; b < TLIB_NR_CHUNKS; b++) {
		n = tlib_fetch(self->fd, self->walk, got, sizeof(*got), tlib_chunks[b]);
		for (i = 0, at = 0; i < self->all.nr; i++) {
			const struct faultlab_walk_entry *e = &self->all.at[i];

			if (!(e->flags & FAULTLAB_PTE_TABLE) &&
			    ((e->flags & self->walk.require) != self->walk.require ||
			     (e->flags & self->walk.exclude)))
				continue;
			ASSERT_LT(at, n);
			ASSERT_EQ(0, memcmp(e, &got[at++], sizeof(*e)));
		}
		EXPECT_EQ(at, n);
	}
}

/* A walk may begin within a large page, and so may its first run. */
TEST_F(forms, a_run_that_begins_within_a_large_page_has_the_frame_of_its_start)
{
	const __u64 within = 7 * TLIB_PAGE;
	struct faultlab_walk_run *got = self->got;
	size_t i, seen = 0;

	self->walk.form = FAULTLAB_WALK_RUNS;
	for (i = 0; i < self->all.nr; i++) {
		const struct faultlab_walk_entry *e = &self->all.at[i];

		if (e->level != FAULTLAB_LEVEL_PMD || !(e->flags & FAULTLAB_PTE_LEAF))
			continue;
		self->walk.start = e->addr + within;
		self->walk.end = e->addr + 2 * within;
		EXPECT_EQ(1, tlib_fetch(self->fd, self->walk, got, sizeof(*got), 10));
		EXPECT_EQ(e->addr + within, got->start);
		EXPECT_EQ(e->pfn + 7, got->pfn);
		EXPECT_TRUE(got->flags & FAULTLAB_PTE_CONTIG);
		seen++;
	}
	if (!seen && !_metadata->exit_code)
		SKIP(return, "no large page in the mess (CONFIG_TRANSPARENT_HUGEPAGE)");
}

TEST_HARNESS_MAIN
