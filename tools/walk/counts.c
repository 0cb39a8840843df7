// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk --counts: for each VMA, how many entries of which sort it has.
 */
#include <stdio.h>

#include "walk/walk.h"

static const char *const sizes[] = { "4K", "2M", "1G" };

/* The flags whose counts are shown, in order. */
static const __u64 flags[] = {
	FAULTLAB_PTE_WRITE, FAULTLAB_PTE_EXEC, FAULTLAB_PTE_ACCESSED, FAULTLAB_PTE_DIRTY,
	FAULTLAB_PTE_SOFT_DIRTY, FAULTLAB_PTE_SPECIAL, FAULTLAB_PTE_PROTNONE,
	FAULTLAB_PTE_UFFD_WP, FAULTLAB_PTE_HUGETLB, FAULTLAB_PTE_NONPRESENT,
	FAULTLAB_PTE_SWAP, FAULTLAB_PTE_MIGRATION, FAULTLAB_PTE_HWPOISON,
	FAULTLAB_PTE_DEVICE, FAULTLAB_PTE_MARKER, FAULTLAB_PTE_WC, FAULTLAB_PTE_UC_MINUS,
	FAULTLAB_PTE_UC, FAULTLAB_PTE_WT, FAULTLAB_PTE_WP,
};

_Static_assert(0 FAULTLAB_PTE_FLAGS(FAULTLAB_COUNT) == 34, "is the new flag's count shown?");

static void show_flags(const struct faultlab_walk_counts *c)
{
	const char *between = "  flags   ";
	char size[FIGURE_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		__u64 bytes = c->flag[__builtin_ctzll(flags[i])];

		if (!bytes)
			continue;
		printf("%s%s %s", between, faultlab_pte_flag_name(flags[i]),
		       figure_size(size, bytes));
		between = ", ";
	}
	if (*between == ',')
		putchar('\n');
}

static void show_leaves(const struct faultlab_walk_counts *c)
{
	char figure[WALK_TEXT_MAX], size[FIGURE_MAX];
	const char *between = "  mapped  ";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (!c->leaf[i])
			continue;
		printf("%s%s of %s (%s)", between, walk_number(c->leaf[i], "page", figure),
		       sizes[i], figure_size(size, c->leaf[i] * walk_span(i)));
		between = ", ";
	}
	puts(*between == ',' ? "" : "  mapped  nothing");
}

static void show_levels(const char *title, const __u64 *nr, const char *what)
{
	char figure[FIGURE_MAX];
	const char *between = title;
	unsigned int i;

	for (i = 0; i <= FAULTLAB_LEVEL_PGD; i++) {
		if (!nr[i])
			continue;
		printf("%s%s %s", between, figure_grouped(figure, nr[i]),
		       faultlab_level_name(i));
		between = ", ";
	}
	if (*between == ',')
		fputs(what, stdout);
}

/* A TABLE entry that is counted at a level stands for a table of the level below. */
static void show_tables(const struct faultlab_walk_counts *c, __u64 more)
{
	__u64 nr[5] = { 0 }, all = more;
	char size[FIGURE_MAX];
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(nr); i++) {
		nr[i - 1] = c->table[i];
		all += c->table[i];
	}
	nr[FAULTLAB_LEVEL_PGD] = more;
	if (!all)
		return;
	show_levels("  tables  ", nr, "");
	printf(" (%s)\n", figure_size(size, all * 4096));
}

static void show(const struct faultlab_walk_counts *c, __u64 more)
{
	show_leaves(c);
	show_flags(c);
	show_levels("  none    ", c->none, " entries\n");
	show_tables(c, more);
}

static int show_vma(const struct faultlab_walk_counts *c, void *arg)
{
	const __u64 flag = FAULTLAB_PTE_VMA_SOFT_DIRTY;

	walk_vmas_heading(arg, c->start, c->flag[__builtin_ctzll(flag)] ? flag : 0);
	show(c, 0);
	return 0;
}

/* The flags that occur, for the legend. TABLE is always set, as there is always a PGD. */
static __u64 flags_of(const struct faultlab_walk_counts *c)
{
	__u64 all = FAULTLAB_PTE_TABLE;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (c->flag[__builtin_ctzll(flags[i])])
			all |= flags[i];
	for (i = 0; i < ARRAY_SIZE(c->none); i++)
		if (c->none[i])
			all |= FAULTLAB_PTE_NONE;
	if (c->flag[__builtin_ctzll(FAULTLAB_PTE_VMA_SOFT_DIRTY)])
		all |= FAULTLAB_PTE_VMA_SOFT_DIRTY;
	return all | FAULTLAB_PTE_LEAF;
}

int walk_show_counts(const struct walk_query *q)
{
	char text[WALK_TEXT_MAX], pages[WALK_TEXT_MAX], tables[WALK_TEXT_MAX];
	char size[FIGURE_MAX], mapped[FIGURE_MAX];
	struct walk_vmas vmas;
	struct walk_sum sum;
	int err;

	walk_vmas_read(&vmas, q->pid);
	err = faultlab_walk_counts(q->fd, q->pid, q->start, q->end, show_vma, &vmas);
	walk_vmas_free(&vmas);
	if (!err)
		err = walk_sum(q, &sum);
	if (err)
		return walk_failed(err, q);
	printf("%sall mappings (%s)%s\n", style(STYLE_BOLD), figure_size(size, sum.counts.end),
	       style(STYLE_PLAIN));
	show(&sum.counts, 1);
	walk_legend(WALK_IN_COUNTS, flags_of(&sum.counts));
	printf("%s, %s (%s), %s (%s)\n", walk_number(sum.vmas, "mapping", text),
	       walk_number(walk_sum_pages(&sum), "page", pages),
	       figure_size(mapped, walk_sum_pages(&sum) * 4096),
	       walk_number(walk_sum_tables(&sum), "table", tables),
	       figure_size(size, walk_sum_tables(&sum) * 4096));
	return 0;
}
