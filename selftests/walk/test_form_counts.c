// SPDX-License-Identifier: GPL-2.0-only
/*
 * The form counts: its sums for each VMA are those of the VMA's entries.
 */
#include <string.h>

#include "lib/walk/forms.h"
#include "lib/walk/oracle.h"

/* A flag of VMAs, not of entries. Whether a VMA has it is taken from smaps. */
#define OF_VMA	FAULTLAB_PTE_VMA_SOFT_DIRTY

/*
 * Count the entries of a VMA, except those that lead to tables: COUNTS counts a table only
 * for the first VMA that uses it. So the test compares the sum of tables over all VMAs.
 */
static void counts_of_vma(const struct tlib_entries *all, const struct tlib_vma *vma,
			  struct faultlab_walk_counts *c, size_t *from)
{
	const struct faultlab_walk_entry *e;
	__u64 addr, end, flags;

	*c = (struct faultlab_walk_counts) { .start = vma->start, .end = vma->end };
	if (tlib_vma_is(vma, "sd"))
		c->flag[__builtin_ctzll(OF_VMA)] = vma->end - vma->start;
	for (addr = vma->start; addr < vma->end; addr = end) {
		e = tlib_entry_of(all, addr, from);
		if (!e)
			return;
		end = e->addr + e->bytes < vma->end ? e->addr + e->bytes : vma->end;
		if (e->flags & FAULTLAB_PTE_NONE) {
			c->none[e->level]++;
			continue;
		}
		if (e->flags & FAULTLAB_PTE_LEAF)
			c->leaf[e->level]++;
		for (flags = e->flags & ~OF_VMA; flags; flags &= flags - 1)
			c->flag[__builtin_ctzll(flags)] += end - addr;
	}
}

TEST_F(forms, counts_of_a_vma_are_the_sums_over_its_entries)
{
	struct faultlab_walk_counts *got = self->got, c;
	__u64 tables[5], all_tables;
	size_t b, from;
	ssize_t i;

	self->walk.form = FAULTLAB_WALK_COUNTS;
	for (b = 0; b < TLIB_NR_CHUNKS && tlib_chunks[b] <= 100; b++) {
		ASSERT_EQ(self->nr_vmas, tlib_fetch(self->fd, self->walk, got, sizeof(*got),
						    tlib_chunks[b]));
		memset(tables, 0, sizeof(tables));
		for (i = 0, from = 0; i < self->nr_vmas; i++) {
			counts_of_vma(&self->all, &vmas[i], &c, &from);
			EXPECT_LT(0, got[i].vm_flags);
			c.vm_flags = got[i].vm_flags;
			for (unsigned int l = 0; l < 5; l++)
				tables[l] += got[i].table[l];
			memcpy(c.table, got[i].table, sizeof(c.table));
			ASSERT_EQ(0, memcmp(&c, &got[i], sizeof(c))) {
				TH_LOG("%llu records at once: %s", tlib_chunks[b], vmas[i].line);
			}
		}
		for (unsigned int l = 1; l < 5; l++) {
			all_tables = tlib_entries_count(&self->all, l, FAULTLAB_PTE_TABLE) -
				     tlib_entries_count(&self->all, l, FAULTLAB_PTE_TABLE |
							FAULTLAB_PTE_FOLDED);
			EXPECT_EQ(all_tables, tables[l]) {
				TH_LOG("%llu records at once, level %u", tlib_chunks[b], l);
			}
		}
	}
}

TEST_HARNESS_MAIN
