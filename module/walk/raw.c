// SPDX-License-Identifier: GPL-2.0-only
/* The walk form RAW: a header for each table, then its entries as they are in memory. */
#include <linux/mm.h>
#include "walk/walk.h"

static u64 *flab_raw_room(struct flab_walk *w, unsigned long addr, u8 level, u16 index, u16 nr)
{
	struct faultlab_walk_raw *raw;

	raw = flab_walk_room(w, sizeof(*raw) + nr * sizeof(u64));
	if (!raw) {
		w->start = addr;
		return NULL;
	}
	*raw = (struct faultlab_walk_raw) {
		.addr = addr,
		.level = level,
		.index = index,
		.nr = nr,
	};
	return (u64 *)(raw + 1);
}

static int flab_raw_leaf(struct flab_walk *w, unsigned long addr, unsigned long end,
			 const struct flab_leaf *leaf)
{
	u64 *to;

	if (leaf->flags & FAULTLAB_PTE_NONE)
		return 0;
	to = flab_raw_room(w, addr, leaf->level, leaf->index, 1);
	if (!to)
		return FLAB_WALK_FULL;
	*to = leaf->raw;
	return 0;
}

/* Report an entry that points to a table. VMAs share tables: report each only once. */
static int flab_raw_table(struct flab_walk *w, unsigned long addr, const struct flab_leaf *leaf)
{
	unsigned long first = addr & ~(flab_level_size(leaf->level) - 1);
	int err;

	if (!(w->flags & FAULTLAB_WALK_TABLES) || w->tables[leaf->level] == first)
		return 0;
	err = flab_raw_leaf(w, addr, 0, leaf);
	if (!err)
		w->tables[leaf->level] = first;
	return err;
}

static int flab_raw_ptes(struct flab_walk *w, pte_t *pte, unsigned long addr,
			 unsigned long end)
{
	u16 nr = (end - addr) >> PAGE_SHIFT;
	u64 *to;

	to = flab_raw_room(w, addr, FAULTLAB_LEVEL_PTE, pte_index(addr), nr);
	if (!to)
		return FLAB_WALK_FULL;
	/*
	 * The table is locked, so only the processor can change an entry now, and it
	 * only sets two bits of one byte (accessed, dirty). So memcpy() cannot copy parts
	 * of two different values of an entry. data_race(): KCSAN sees the bits change.
	 */
	data_race(memcpy(to, pte, nr * sizeof(*to)));
	return 0;
}

const struct flab_walk_form flab_walk_raw = {
	.record	= sizeof(u64),
	.first	= sizeof(u64),
	.least	= sizeof(struct faultlab_walk_raw) + PTRS_PER_PTE * sizeof(u64),
	.flags	= FAULTLAB_WALK_TABLES,
	.table	= flab_raw_table,
	.leaf	= flab_raw_leaf,
	.ptes	= flab_raw_ptes,
};
