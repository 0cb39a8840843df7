// SPDX-License-Identifier: GPL-2.0-only
/* The walk form ENTRIES: one record a page-table entry. */
#include <linux/mm.h>
#include "walk/walk.h"

/*
 * Several VMAs can share a table, or an empty entry above PTEs, which is then visited for
 * each of them. Return a pointer to the first address of the last such entry that was
 * reported at this level (in w->tables or w->holes); NULL for all other entries.
 */
static unsigned long *flab_entry_reported(struct flab_walk *w, const struct flab_leaf *leaf)
{
	if (leaf->level == FAULTLAB_LEVEL_PTE)
		return NULL;
	if (leaf->flags & FAULTLAB_PTE_TABLE)
		return &w->tables[leaf->level];
	return leaf->flags & FAULTLAB_PTE_NONE ? &w->holes[leaf->level] : NULL;
}

/* Report an entry, unless VMAs share it and it was reported for an earlier VMA. */
static int flab_entry_put(struct flab_walk *w, unsigned long addr, const struct flab_leaf *leaf,
			  unsigned long size)
{
	unsigned long *reported = flab_entry_reported(w, leaf);
	unsigned long first = addr & ~(size - 1);
	struct faultlab_walk_entry *e;

	if (reported && *reported == first)
		return 0;
	e = flab_walk_room(w, sizeof(*e));
	if (!e) {
		w->start = addr;
		return FLAB_WALK_FULL;
	}
	if (reported)
		*reported = first;
	*e = (struct faultlab_walk_entry) {
		.addr = first,
		.bytes = size,
		.raw = leaf->raw,
		.pfn = leaf->pfn,
		.flags = leaf->flags,
		.index = leaf->index,
		.level = leaf->level,
	};
	if (leaf->flags & FAULTLAB_PTE_LEAF)
		e->pkey = flab_pkey(leaf->raw);
	if (w->pages)
		flab_walk_page(&w->pages[w->used / sizeof(*e) - 1], leaf);
	return 0;
}

static int flab_entries_table(struct flab_walk *w, unsigned long addr,
			      const struct flab_leaf *leaf)
{
	if (!(w->flags & FAULTLAB_WALK_TABLES))
		return 0;
	return flab_entry_put(w, addr, leaf, flab_level_size(leaf->level));
}

/*
 * An empty @leaf may stand for several adjacent empty entries: report each. @end is 0 if
 * the range ends at the top of the address space.
 */
static int flab_entries_leaf(struct flab_walk *w, unsigned long addr, unsigned long end,
			     const struct flab_leaf *leaf)
{
	unsigned long size = flab_level_size(leaf->level);
	struct flab_leaf one = *leaf;
	int err;

	if ((leaf->flags & FAULTLAB_PTE_NONE) && !(w->flags & FAULTLAB_WALK_HOLES))
		return 0;
	if (!flab_walk_wants(w, leaf->flags))
		return 0;
	do {
		err = flab_entry_put(w, addr, &one, size);
		addr = (addr & ~(size - 1)) + size;
		one.index++;
	} while (!err && addr && addr - 1 < end - 1);
	return err;
}

static int flab_entries_ptes(struct flab_walk *w, pte_t *pte, unsigned long addr,
			     unsigned long end)
{
	for (; addr != end; pte++, addr += PAGE_SIZE) {
		pte_t now = ptep_get(pte);
		struct flab_leaf leaf = {
			.level = FAULTLAB_LEVEL_PTE,
			.index = pte_index(addr),
			.raw = pte_val(now),
			.flags = FAULTLAB_PTE_NONE,
		};
		int err;

		if (!pte_none(now))
			leaf.flags = flab_walk_pte_flags(now, &leaf.pfn);
		else if (!(w->flags & FAULTLAB_WALK_HOLES))
			continue;
		leaf.flags |= w->vma_flags;
		if (!flab_walk_wants(w, leaf.flags))
			continue;
		err = flab_entry_put(w, addr, &leaf, PAGE_SIZE);
		if (err)
			return err;
	}
	return 0;
}

static int flab_entries_no_vma(struct flab_walk *w, unsigned long addr, unsigned long end)
{
	const struct flab_leaf nothing = { .flags = FAULTLAB_PTE_NO_VMA };
	struct faultlab_walk_entry *e;

	if (!(w->flags & FAULTLAB_WALK_HOLES) || !flab_walk_wants(w, FAULTLAB_PTE_NO_VMA))
		return 0;
	e = flab_walk_room(w, sizeof(*e));
	if (!e) {
		w->start = addr;
		return FLAB_WALK_FULL;
	}
	*e = (struct faultlab_walk_entry) {
		.addr = addr,
		.bytes = end - addr,
		.flags = FAULTLAB_PTE_NO_VMA,
		.level = FAULTLAB_LEVEL_PGD,
		.index = pgd_index(addr),
	};
	if (w->pages)
		flab_walk_page(&w->pages[w->used / sizeof(*e) - 1], &nothing);
	return 0;
}

static void flab_entries_hide(struct flab_walk *w)
{
	struct faultlab_walk_entry *e = w->buf;
	u32 i;

	for (i = 0; i < w->used / sizeof(*e); i++) {
		e[i].raw = 0;
		e[i].pfn = 0;
	}
}

const struct flab_walk_form flab_walk_entries = {
	.record	= sizeof(struct faultlab_walk_entry),
	.first	= offsetofend(struct faultlab_walk_entry, pad),
	.least	= sizeof(struct faultlab_walk_entry),
	.flags	= FAULTLAB_WALK_TABLES | FAULTLAB_WALK_HOLES | FAULTLAB_WALK_PAGES |
		  FAULTLAB_WALK_KERNEL,
	.filter	= true,
	.hide	= flab_entries_hide,
	.no_vma	= flab_entries_no_vma,
	.table	= flab_entries_table,
	.leaf	= flab_entries_leaf,
	.ptes	= flab_entries_ptes,
};
