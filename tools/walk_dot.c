// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk --dot: the tables as a graph. A node is a table, with what it holds
 * itself; an edge leads to a table below, and has its index. Neighbours that hold the
 * same, all the way down, are one node.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "walk.h"

#define TEXT_MAX	2048

struct node {
	unsigned int level;	/* of the table's entries */
	unsigned int index;	/* in the table above */
	unsigned int times;	/* neighbours like this one */
	__u64 addr;
	struct node *below;	/* the first table that an entry points to */
	struct node *next;	/* the next one of the same table */
	struct node **end;	/* where a table below is to be added */
	/* What it holds, as text; the row that may go on is apart. */
	char text[TEXT_MAX];
	__u64 flags;
	unsigned int first, last;
	bool open;
};

struct graph {
	struct node *root;
	struct node *at[6];	/* by level of its entries: the table that is under way */
	unsigned int ids;
	__u64 tables;
};

static struct node *new_node(unsigned int level, unsigned int index, __u64 addr)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	node->level = level;
	node->index = index;
	node->addr = addr;
	node->times = 1;
	node->end = &node->below;
	return node;
}

static void end_row(struct node *node)
{
	char flags[WALK_TEXT_MAX];
	size_t used = strlen(node->text);

	if (!node->open)
		return;
	node->open = false;
	walk_flags(node->flags, 0, flags);
	if (node->first == node->last)
		snprintf(node->text + used, TEXT_MAX - used, "%u: %s %s\\l", node->first,
			 walk_what(node->flags, node->level), flags);
	else
		snprintf(node->text + used, TEXT_MAX - used, "%u-%u: %u %s %s\\l", node->first,
			 node->last, node->last - node->first + 1,
			 walk_what(node->flags, node->level), flags);
	/* A table of which everything differs: what was left out is said. */
	if (strlen(node->text) > TEXT_MAX - 200)
		snprintf(node->text + TEXT_MAX - 200, 200, "...\\l");
}

static void add_row(struct node *node, const struct faultlab_walk_entry *e)
{
	if (node->open && node->flags == e->flags && node->last + 1 == e->index) {
		node->last++;
		return;
	}
	end_row(node);
	node->flags = e->flags;
	node->first = e->index;
	node->last = e->index;
	node->open = true;
}

static int on_entry(const struct faultlab_walk_entry *e, void *arg)
{
	struct graph *graph = arg;
	struct node *node = graph->at[e->level], *below;

	/* The entry of a folded level is the one above: the node stands for both. */
	if (e->flags & FAULTLAB_PTE_FOLDED) {
		graph->at[e->level - 1] = graph->at[e->level];
		graph->at[e->level - 1]->level = e->level - 1;
		return 0;
	}
	if (!node)
		return -EIO;
	if (!(e->flags & FAULTLAB_PTE_TABLE)) {
		add_row(node, e);
		return 0;
	}
	below = new_node(e->level - 1, e->index, e->addr);
	if (!below)
		return -ENOMEM;
	*node->end = below;
	node->end = &below->next;
	graph->at[e->level - 1] = below;
	graph->tables++;
	return 0;
}

static bool same(const struct node *a, const struct node *b)
{
	for (; a && b; a = a->next, b = b->next)
		if (strcmp(a->text, b->text) || a->index != b->index || a->times != b->times ||
		    !same(a->below, b->below))
			return false;
	return a == b;
}

static void release(struct node *node)
{
	struct node *next;

	for (; node; node = next) {
		next = node->next;
		release(node->below);
		free(node);
	}
}

/* From below: what is alike there is one before its tables are compared. */
static void collapse(struct node *node)
{
	struct node *one, *other;

	end_row(node);
	for (one = node->below; one; one = one->next)
		collapse(one);
	for (one = node->below; one; one = one->next) {
		while ((other = one->next) && other->index == one->index + one->times &&
		       !strcmp(one->text, other->text) && same(one->below, other->below)) {
			one->next = other->next;
			one->times++;
			other->next = NULL;
			release(other);
		}
	}
}

static unsigned int print_node(struct graph *graph, const struct node *node)
{
	unsigned int id = graph->ids++, to;
	const struct node *below;

	printf("\tt%u [label=\"%s table%s\\n0x%llx\\n%s\"];\n", id,
	       faultlab_level_name(node->level), node->times > 1 ? "s" : "", node->addr,
	       node->text);
	for (below = node->below; below; below = below->next) {
		to = print_node(graph, below);
		if (below->times > 1)
			printf("\tt%u -> t%u [label=\"%u-%u\"];\n", id, to, below->index,
			       below->index + below->times - 1);
		else
			printf("\tt%u -> t%u [label=\"%u\"];\n", id, to, below->index);
	}
	return id;
}

int walk_dot(const struct walk_query *q)
{
	struct graph graph = { .tables = 1 };
	int err;

	graph.root = new_node(FAULTLAB_LEVEL_PGD, 0, 0);
	if (!graph.root)
		return walk_failed(-ENOMEM, q);
	graph.at[FAULTLAB_LEVEL_PGD] = graph.root;
	err = faultlab_walk_each(q->fd, q->pid, q->start, q->end, FAULTLAB_WALK_TABLES, on_entry,
				 &graph);
	if (!err) {
		collapse(graph.root);
		puts("digraph faultlab {\n\trankdir=LR;");
		puts("\tnode [shape=box, fontname=monospace];");
		print_node(&graph, graph.root);
		printf("\tlabel=\"%llu tables\";\n}\n", graph.tables);
	}
	release(graph.root);
	return err ? walk_failed(err, q) : 0;
}
