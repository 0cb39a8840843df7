// SPDX-License-Identifier: GPL-2.0-only
/* Pages by number: nodes are allocated, iterated over, and freed. */
#include <linux/gfp.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "memory/page_index.h"

static void **flab_node_alloc(void)
{
	return (void **)get_zeroed_page(GFP_KERNEL_ACCOUNT);
}

static void flab_node_free(void **node)
{
	free_page((unsigned long)node);
}

/* A node on top of what is there, or the first one. Somebody else's will do. */
static int flab_page_index_raise(struct flab_page_index *index, unsigned long root)
{
	void **node = flab_node_alloc();
	unsigned int shift = 0;

	if (!node)
		return -ENOMEM;
	if (root) {
		shift = (root & ~PAGE_MASK) + FLAB_NODE_SHIFT;
		node[0] = (void *)(root & PAGE_MASK);
	}
	if (cmpxchg(&index->root, root, (unsigned long)node | shift) != root)
		flab_node_free(node);
	return 0;
}

/* The node below an entry, made if it is not there. */
static void **flab_node_below(void **entry)
{
	void **old, **node = READ_ONCE(*entry);

	if (node)
		return node;
	node = flab_node_alloc();
	if (!node)
		return NULL;
	old = cmpxchg(entry, NULL, (void *)node);
	if (!old)
		return node;
	flab_node_free(node);
	return old;
}

/**
 * flab_page_index_slot - where a page goes
 * @index: the index
 * @nr: number of the page
 *
 * Return: the slot, which holds NULL until somebody stores there under index->lock;
 * NULL for want of memory. Nodes that were made for it stay until they are trimmed.
 */
struct page **flab_page_index_slot(struct flab_page_index *index, unsigned long nr)
{
	unsigned long root;
	unsigned int shift;
	void **node;

	for (;;) {
		root = READ_ONCE(index->root);
		shift = root & ~PAGE_MASK;
		if (root && !(nr >> shift >> FLAB_NODE_SHIFT))
			break;
		if (flab_page_index_raise(index, root))
			return NULL;
	}
	node = (void **)(root & PAGE_MASK);
	for (; shift && node; shift -= FLAB_NODE_SHIFT)
		node = flab_node_below(&node[(nr >> shift) & FLAB_NODE_MASK]);
	return node ? (struct page **)&node[nr & FLAB_NODE_MASK] : NULL;
}

/* The slot of @nr; or NULL, and @shift says how much the empty entry over it covers. */
static struct page **flab_page_index_look(const struct flab_page_index *index,
					  unsigned long *nr, unsigned int *shift)
{
	unsigned long root = READ_ONCE(index->root);
	void **node = (void **)(root & PAGE_MASK), **entry;

	for (*shift = root & ~PAGE_MASK;; *shift -= FLAB_NODE_SHIFT) {
		entry = &node[(*nr >> *shift) & FLAB_NODE_MASK];
		node = READ_ONCE(*entry);
		if (!node || !*shift)
			return node ? (struct page **)entry : NULL;
	}
}

/**
 * flab_page_index_next - go through the pages that are there
 * @index: the index
 * @nr: where to begin; set to the number of the page that was found
 * @last: where to end, inclusive
 *
 * Return: its slot, or NULL if there is no other.
 */
struct page **flab_page_index_next(const struct flab_page_index *index,
				   unsigned long *nr, unsigned long last)
{
	unsigned long root = READ_ONCE(index->root);
	unsigned int shift = root & ~PAGE_MASK;
	struct page **slot;

	if (!root)
		return NULL;
	while (*nr <= last && !(*nr >> (root & ~PAGE_MASK) >> FLAB_NODE_SHIFT)) {
		slot = flab_page_index_look(index, nr, &shift);
		if (slot)
			return slot;
		/* Step over all that an empty entry stands for. */
		*nr = ((*nr >> shift) + 1) << shift;
		if (!*nr)
			break;
		if (!(*nr & FLAB_NODE_MASK))
			cond_resched();
	}
	return NULL;
}

/* Free what is empty in a range below a node. Return: whether the node is empty now. */
static bool flab_node_trim(void **node, unsigned int shift, unsigned long first,
			   unsigned long last)
{
	unsigned long i;

	for (i = first >> shift; shift && i <= last >> shift; i++) {
		unsigned long from = i << shift, to = from + BIT(shift) - 1;

		if (!node[i] || !flab_node_trim(node[i], shift - FLAB_NODE_SHIFT,
						max(first, from) - from,
						min(last, to) - from))
			continue;
		flab_node_free(node[i]);
		node[i] = NULL;
	}
	cond_resched();
	return !memchr_inv(node, 0, PAGE_SIZE);
}

/**
 * flab_page_index_trim - free the nodes that have nothing left in them
 * @index: the index; nobody else uses it
 * @first: first number of a range whose pages were taken out
 * @last: the last one
 */
void flab_page_index_trim(struct flab_page_index *index, unsigned long first,
			  unsigned long last)
{
	unsigned int shift = index->root & ~PAGE_MASK;
	void **node = (void **)(index->root & PAGE_MASK);

	if (!node || first >> shift >> FLAB_NODE_SHIFT)
		return;
	if (last >> shift >> FLAB_NODE_SHIFT)
		last = (FLAB_NODE_SIZE << shift) - 1;
	if (flab_node_trim(node, shift, first, last)) {
		index->root = 0;
		flab_node_free(node);
	}
}
