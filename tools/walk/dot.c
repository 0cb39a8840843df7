// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk --dot: the page tables as a graph. A box is a table. Each of its rows is an
 * entry that points to a table below, or one or several other entries of one VMA, with
 * equal flags and only holes between them. Neighbouring tables that are equal down to the
 * leaves are merged.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "walk/walk.h"

/* Most rows shown of a table, not counting rows that point to tables. */
#define MAX_ROWS	40

struct node;

struct row {
	struct row *next;
	unsigned int first, last;	/* indices */
	unsigned int nr;		/* entries; fewer than first..last if there are holes */
	__u64 flags;
	unsigned int pkey;
	const struct faultlab_vma *vma;
	struct node *below;		/* NULL: the row is pages */
};

struct node {
	unsigned int level;	/* of the table's entries */
	__u64 addr;
	struct row *rows, *tail;
};

struct graph {
	struct walk_vmas vmas;
	struct node *root;
	struct node *at[6];	/* the current table, by level of its entries */
	unsigned int ids;
	__u64 tables, pages;
};

static struct node *new_node(unsigned int level, __u64 addr)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	node->level = level;
	node->addr = addr;
	return node;
}

static struct row *add_row(struct node *node, const struct faultlab_walk_entry *e,
			   const struct faultlab_vma *vma)
{
	struct row *row = calloc(1, sizeof(*row));

	if (!row)
		return NULL;
	*row = (struct row) {
		.first = e->index, .last = e->index, .nr = 1, .flags = e->flags, .pkey = e->pkey,
		.vma = vma,
	};
	if (node->tail)
		node->tail->next = row;
	else
		node->rows = row;
	node->tail = row;
	return row;
}

static int add_leaf(struct graph *graph, struct node *node, const struct faultlab_walk_entry *e)
{
	const struct faultlab_vma *vma = walk_vmas_find(&graph->vmas, e->addr);
	struct row *tail = node->tail;

	if (e->flags & FAULTLAB_PTE_LEAF)
		graph->pages += e->bytes / 4096;
	if (tail && !tail->below && tail->flags == e->flags && tail->pkey == e->pkey &&
	    tail->vma == vma) {
		tail->last = e->index;
		tail->nr++;
		return 0;
	}
	return add_row(node, e, vma) ? 0 : -ENOMEM;
}

static int add_table(struct graph *graph, struct node *node, const struct faultlab_walk_entry *e)
{
	struct row *row = add_row(node, e, NULL);

	if (row)
		row->below = new_node(e->level - 1, e->addr);
	if (!row || !row->below)
		return -ENOMEM;
	graph->at[e->level - 1] = row->below;
	graph->tables++;
	return 0;
}

static int on_entry(const struct faultlab_walk_entry *e, void *arg)
{
	struct graph *graph = arg;
	struct node *node = graph->at[e->level];

	/*
	 * A folded level has no table of its own. The node that add_table() made for it
	 * becomes that of the level below.
	 */
	if (e->flags & FAULTLAB_PTE_FOLDED) {
		graph->at[e->level - 1] = graph->at[e->level];
		graph->at[e->level - 1]->level = e->level - 1;
		return 0;
	}
	if (!node)
		return -EIO;
	return e->flags & FAULTLAB_PTE_TABLE ? add_table(graph, node, e) :
					       add_leaf(graph, node, e);
}

static bool same(const struct node *x, const struct node *y)
{
	const struct row *a, *b;

	if (!x || !y)
		return x == y;
	for (a = x->rows, b = y->rows; a && b; a = a->next, b = b->next)
		if (a->first != b->first || a->last != b->last || a->nr != b->nr ||
		    a->flags != b->flags ||
		    a->pkey != b->pkey || a->vma != b->vma || !same(a->below, b->below))
			return false;
	return a == b;
}

static void release(struct node *node)
{
	struct row *row, *next;

	for (row = node ? node->rows : NULL; row; row = next) {
		next = row->next;
		release(row->below);
		free(row);
	}
	free(node);
}

/* Merges bottom-up: the tables below are merged before the tables above are compared. */
static void collapse(struct node *node)
{
	struct row *row, *next;

	for (row = node->rows; row; row = row->next)
		if (row->below)
			collapse(row->below);
	for (row = node->rows; row; row = row->next) {
		while ((next = row->next) && row->below && next->below &&
		       next->first == row->last + 1 && next->flags == row->flags &&
		       same(row->below, next->below)) {
			row->last = next->last;
			row->nr += next->nr;
			row->next = next->next;
			release(next->below);
			free(next);
		}
	}
}

static void print_escaped(const char *text)
{
	for (; *text; text++)
		if (strchr("&<>\"", *text))
			printf("&#%d;", *text);
		else
			putchar(*text);
}

static const char *colour_of(__u64 flags)
{
	if (!(flags & FAULTLAB_PTE_LEAF) || (flags & FAULTLAB_PTE_PROTNONE))
		return "#eeeeee";
	return flags & FAULTLAB_PTE_EXEC ? "#d9ead3" :
	       flags & FAULTLAB_PTE_WRITE ? "#fce5cd" : "#cfe2f3";
}

static const char *short_name(const struct faultlab_vma *vma)
{
	const char *name = vma ? walk_vma_name(vma) : "";
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

static void print_row(const struct row *row, unsigned int nr, unsigned int level)
{
	char flags[WALK_TEXT_MAX], what[WALK_TEXT_MAX];

	printf("<TR><TD ALIGN=\"RIGHT\">%u", row->first);
	if (row->last != row->first)
		printf("-%u", row->last);
	if (row->below) {
		walk_number(row->nr, "table", what);
		printf("</TD><TD COLSPAN=\"2\" ALIGN=\"LEFT\" PORT=\"r%u\">%s</TD></TR>\n", nr,
		       row->nr == 1 ? "table" : what);
		return;
	}
	if (row->flags & FAULTLAB_PTE_LEAF)
		walk_number(row->nr, walk_what(row->flags, level), what);
	else
		snprintf(what, sizeof(what), "%u %s", row->nr, walk_what(row->flags, level));
	printf("</TD><TD ALIGN=\"LEFT\" BGCOLOR=\"%s\">%s %s</TD><TD ALIGN=\"LEFT\">",
	       colour_of(row->flags), what, walk_flags(row->flags, row->pkey, flags));
	print_escaped(short_name(row->vma));
	puts("</TD></TR>");
}

static unsigned int print_node(struct graph *graph, const struct node *node)
{
	unsigned int id = graph->ids++, to, nr, pages = 0;
	char size[FIGURE_MAX];
	const struct row *row;

	printf("\tt%u [label=<<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\">\n", id);
	printf("<TR><TD COLSPAN=\"3\" BGCOLOR=\"#dddddd\" PORT=\"top\"><B>%s table</B>: ",
	       faultlab_level_name(node->level));
	printf("%s from 0x%llx</TD></TR>\n", figure_size(size, 512 * walk_span(node->level)),
	       node->addr);
	for (row = node->rows, nr = 0; row; row = row->next, nr++)
		if (row->below || pages++ < MAX_ROWS)
			print_row(row, nr, node->level);
	if (pages > MAX_ROWS)
		printf("<TR><TD COLSPAN=\"3\">and %u more rows</TD></TR>\n", pages - MAX_ROWS);
	puts("</TABLE>>];");
	for (row = node->rows, nr = 0; row; row = row->next, nr++) {
		if (!row->below)
			continue;
		to = print_node(graph, row->below);
		printf("\tt%u:r%u:e -> t%u:top:w;\n", id, nr, to);
	}
	return id;
}

static void print_graph(struct graph *graph, const struct walk_query *q)
{
	char pages[WALK_TEXT_MAX], tables[WALK_TEXT_MAX], size[FIGURE_MAX];

	puts("digraph faultlab {\n\trankdir=LR; nodesep=0.15; ranksep=0.6;");
	puts("\tfontname=\"sans-serif\"; fontsize=12;");
	puts("\tnode [shape=plaintext, fontname=\"sans-serif\", fontsize=11];");
	print_node(graph, graph->root);
	printf("\tlabel=\"Process %d: %s, %s (%s).\\n", (int)q->pid,
	       walk_number(graph->pages, "page", pages),
	       walk_number(graph->tables, "table", tables),
	       figure_size(size, graph->tables * 4096));
	puts("A box is a page table; a row is an entry, or equal entries of one mapping.\\n"
	     "Green: executable; orange: writable; blue: read-only; grey: not accessible.\";\n}");
}

int walk_dot(const struct walk_query *q)
{
	struct graph graph = { .tables = 1 };
	int err;

	graph.root = new_node(FAULTLAB_LEVEL_PGD, 0);
	if (!graph.root)
		return walk_failed(-ENOMEM, q);
	graph.at[FAULTLAB_LEVEL_PGD] = graph.root;
	walk_vmas_read(&graph.vmas, q->pid);
	err = faultlab_walk_each(q->fd, q->pid, q->start, q->end, FAULTLAB_WALK_TABLES, on_entry,
				 &graph);
	if (!err) {
		collapse(graph.root);
		print_graph(&graph, q);
	}
	release(graph.root);
	walk_vmas_free(&graph.vmas);
	return err ? walk_failed(err, q) : 0;
}
