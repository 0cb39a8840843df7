// SPDX-License-Identifier: GPL-2.0-only
/* The index of pages by number, against a plain array of what was stored. */
#include "unit.h"
#include "module/memory/page_index.c"

#define NUMBERS	48

static struct page *page_of(unsigned long nr)
{
	return (struct page *)((nr + 1) * 64);
}

FIXTURE(pages)
{
	struct flab_page_index index;
	unsigned long nr[NUMBERS];	/* ascending */
	bool held[NUMBERS];
};

/* Choose page numbers for every height of the tree, on both sides of node boundaries. */
FIXTURE_SETUP(pages)
{
	unsigned int i, to = 0;

	for (i = 0; i < NUMBERS / 4; i++)
		self->nr[to++] = i < 6 ? i : 505 + i;
	for (i = 0; i < NUMBERS / 4; i++)
		self->nr[to++] = (1UL << 18) - 6 + i;
	for (i = 0; i < NUMBERS / 4; i++)
		self->nr[to++] = (1UL << 27) - 6 + i * 200;
	for (i = 0; i < NUMBERS / 4; i++)
		self->nr[to++] = (1UL << 40) + ((unsigned long)i << 33);
}

FIXTURE_TEARDOWN(pages)
{
	unsigned int i;

	for (i = 0; i < NUMBERS; i++)
		if (self->held[i])
			*flab_page_index_slot(&self->index, self->nr[i]) = NULL;
	flab_page_index_trim(&self->index, 0, ULONG_MAX);
	EXPECT_EQ(0, self->index.root);
	EXPECT_EQ(0, unit_allocs);
}

/* Lookups, the leaf and the iteration find what is held, and nothing else. */
static int compare(const struct flab_page_index *index, const unsigned long *nr,
		   const bool *held)
{
	unsigned long at = 0;
	struct page **slot;
	unsigned int i, k;

	for (i = 0; i < NUMBERS; i++) {
		struct page **leaf = flab_page_index_leaf(index, nr[i]);
		struct page *want = held[i] ? page_of(nr[i]) : NULL;

		if (flab_page_index_load(index, nr[i]) != want)
			return 1;
		if ((leaf ? leaf[nr[i] & FLAB_NODE_MASK] : NULL) != want)
			return 2;
	}
	for (i = 0; i < NUMBERS; i++) {
		if (!held[i])
			continue;
		slot = flab_page_index_next(index, &at, ULONG_MAX);
		if (!slot || at != nr[i] || *slot != page_of(at))
			return 3;
		at++;
	}
	if (flab_page_index_next(index, &at, ULONG_MAX))
		return 4;
	/* Search from a number before one of them, often one that has no node. */
	k = unit_random(NUMBERS);
	at = nr[k] - min_t(u64, unit_random(700), nr[k]);
	for (i = 0; i < NUMBERS && (!held[i] || nr[i] < at); i++)
		;
	slot = flab_page_index_next(index, &at, ULONG_MAX);
	return i == NUMBERS ? (slot ? 5 : 0) : !slot || at != nr[i] ? 6 : 0;
}

TEST_F(pages, an_empty_index_has_no_page)
{
	EXPECT_EQ(0, compare(&self->index, self->nr, self->held));
	EXPECT_NULL(flab_page_index_load(&self->index, ULONG_MAX));
	flab_page_index_trim(&self->index, 0, ULONG_MAX);
}

TEST_F(pages, lookups_and_iteration_agree_with_what_was_stored_and_removed)
{
	unsigned int i, k;

	for (i = 0; i < 2000; i++) {
		struct page **slot;

		k = unit_random(NUMBERS);
		slot = flab_page_index_slot(&self->index, self->nr[k]);
		ASSERT_NOT_NULL(slot);
		EXPECT_PTR_EQ(self->held[k] ? page_of(self->nr[k]) : NULL, *slot);
		self->held[k] = !self->held[k];
		*slot = self->held[k] ? page_of(self->nr[k]) : NULL;
		ASSERT_EQ(0, compare(&self->index, self->nr, self->held));
	}
}

/* As evict does: the pages of a range are removed, then its empty nodes. */
TEST_F(pages, trim_frees_nodes_without_pages_and_no_others)
{
	unsigned int i, k, first, last;
	long least;

	for (i = 0; i < 500; i++) {
		for (k = 0; k < 8; k++) {
			first = unit_random(NUMBERS);
			self->held[first] = true;
			*flab_page_index_slot(&self->index, self->nr[first]) =
				page_of(self->nr[first]);
		}
		first = unit_random(NUMBERS);
		last = first + unit_random(NUMBERS - first);
		for (k = first; k <= last; k++) {
			if (self->held[k])
				*flab_page_index_slot(&self->index, self->nr[k]) = NULL;
			self->held[k] = false;
		}
		flab_page_index_trim(&self->index, self->nr[first], self->nr[last]);
		ASSERT_EQ(0, compare(&self->index, self->nr, self->held));
	}
	/*
	 * A trim of the whole index must not free a node that has a page below it: to store
	 * all held pages again allocates nothing.
	 */
	flab_page_index_trim(&self->index, 0, ULONG_MAX);
	least = unit_allocs;
	for (k = 0; k < NUMBERS; k++) {
		if (self->held[k])
			*flab_page_index_slot(&self->index, self->nr[k]) =
				page_of(self->nr[k]);
	}
	EXPECT_EQ(least, unit_allocs);
}

TEST_F(pages, each_failed_allocation_leaves_the_index_as_it_was)
{
	unsigned int i, fail;
	bool failed;

	for (i = 0; i < NUMBERS; i += 5) {
		for (fail = 0;; fail++) {
			struct page **slot;

			unit_allocs_until_failure = fail;
			slot = flab_page_index_slot(&self->index, self->nr[i]);
			failed = unit_allocs_until_failure < 0;
			unit_allocs_until_failure = -1;
			ASSERT_EQ(0, compare(&self->index, self->nr, self->held));
			ASSERT_EQ(failed, !slot);
			if (failed)
				continue;
			*slot = page_of(self->nr[i]);
			self->held[i] = true;
			break;
		}
		EXPECT_GT(8, fail);
	}
}

TEST_F(pages, iteration_stops_at_the_end_of_the_range)
{
	unsigned int i;

	for (i = 0; i < NUMBERS; i++) {
		self->held[i] = true;
		*flab_page_index_slot(&self->index, self->nr[i]) = page_of(self->nr[i]);
	}
	for (i = 0; i + 1 < NUMBERS; i++) {
		unsigned long at = self->nr[i] + 1;

		if (at == self->nr[i + 1])
			continue;
		EXPECT_NULL(flab_page_index_next(&self->index, &at, self->nr[i + 1] - 1));
		at = self->nr[i] + 1;
		EXPECT_NOT_NULL(flab_page_index_next(&self->index, &at, self->nr[i + 1]));
		EXPECT_EQ(self->nr[i + 1], at);
	}
}

UNIT_SUITE_F(page_index, pages,
	     UNIT_CASE(an_empty_index_has_no_page),
	     UNIT_CASE(lookups_and_iteration_agree_with_what_was_stored_and_removed),
	     UNIT_CASE(trim_frees_nodes_without_pages_and_no_others),
	     UNIT_CASE(each_failed_allocation_leaves_the_index_as_it_was),
	     UNIT_CASE(iteration_stops_at_the_end_of_the_range))
