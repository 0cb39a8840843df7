// SPDX-License-Identifier: GPL-2.0-only
/*
 * The form raw: the words of page tables are those of the form entries.
 */
#include <errno.h>

#include "lib/walk/forms.h"

/*
 * Compare each word with the raw field of its entry in @all. Returns how many leaves and
 * non-present entries there are among them, or -errno.
 */
static ssize_t raw_agrees(const struct tlib_entries *all, const __u64 *words, ssize_t nr)
{
	static const __u64 size[] = { 1ULL << 12, 1ULL << 21, 1ULL << 30 };
	const struct faultlab_walk_raw *table;
	const struct faultlab_walk_entry *e;
	ssize_t found = 0;
	size_t from = 0;
	__u64 addr;

	for (ssize_t at = 0; at < nr; at += 2 + table->nr) {
		table = (const void *)&words[at];
		if (table->level > FAULTLAB_LEVEL_PUD || !table->nr || table->pad)
			return -EPROTO;
		for (unsigned int i = 0; i < table->nr; i++) {
			addr = table->addr + i * size[table->level];
			e = tlib_entry_of(all, addr, &from);
			if (!e || e->level != table->level || e->raw != words[at + 2 + i] ||
			    e->index != table->index + i)
				return -EBADMSG;
			found += !(e->flags & FAULTLAB_PTE_NONE);
		}
	}
	return found;
}

TEST_F(forms, raw_words_equal_the_raw_fields_of_the_entries)
{
	static const __u64 rooms[] = { 514, 515, 1028, 2048, 10000 };
	size_t leaves = 0, i;
	ssize_t n;

	for (i = 0; i < self->all.nr; i++)
		leaves += !!(self->all.at[i].flags & (FAULTLAB_PTE_LEAF |
						      FAULTLAB_PTE_NONPRESENT));
	self->walk.form = FAULTLAB_WALK_RAW;
	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		n = tlib_fetch(self->fd, self->walk, self->got, sizeof(__u64), rooms[i]);
		ASSERT_LT(0, n);
		EXPECT_EQ(leaves, raw_agrees(&self->all, self->got, n)) {
			TH_LOG("%llu words at once", rooms[i]);
		}
	}
}

/*
 * The next entry from @e on that RAW with TABLES returns as a table of one word, with its
 * own struct faultlab_walk_raw: an entry above PTE that leads to a table or is a leaf.
 */
static size_t next_above(const struct tlib_entries *all, size_t e)
{
	const __u64 above = FAULTLAB_PTE_TABLE | FAULTLAB_PTE_LEAF;

	while (e < all->nr && (all->at[e].level == FAULTLAB_LEVEL_PTE ||
			       !(all->at[e].flags & above)))
		e++;
	return e;
}

TEST_F(forms, raw_with_tables_has_each_table_once)
{
	static const __u64 rooms[] = { 514, 700, 2048 };
	const struct faultlab_walk_raw *table;
	const __u64 *words = self->got;
	size_t i, at, e;
	ssize_t n;

	self->walk.form = FAULTLAB_WALK_RAW;
	self->walk.flags = FAULTLAB_WALK_TABLES;
	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		n = tlib_fetch(self->fd, self->walk, self->got, sizeof(__u64), rooms[i]);
		ASSERT_LT(0, n);
		for (at = 0, e = 0; at < (size_t)n; at += 2 + table->nr) {
			table = (const void *)&words[at];
			/* A table of PTEs can have many words; any other has one. */
			if (table->level == FAULTLAB_LEVEL_PTE)
				continue;
			ASSERT_EQ(1, table->nr);
			e = next_above(&self->all, e);
			ASSERT_LT(e, self->all.nr);
			EXPECT_EQ(self->all.at[e].raw, words[at + 2]);
			EXPECT_EQ(self->all.at[e].level, table->level);
			e++;
		}
		EXPECT_EQ(self->all.nr, next_above(&self->all, e));
	}
}

TEST_HARNESS_MAIN
