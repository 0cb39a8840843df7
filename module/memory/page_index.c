// SPDX-License-Identifier: GPL-2.0-only
/* Pages by number: allocates nodes, iterates over pages, and frees nodes. */
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

/*
 * Make a new root node with the old root below it, or the first node if @root is 0. If
 * another task has changed the root meanwhile, leave that and free the new node. Return:
 * 0 or -ENOMEM.
 */
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

/* The node that an entry points to, allocated if there is none; NULL if out of memory. */
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
 * flab_page_index_slot - find the slot of a page, and allocate the nodes above it
 * @index: the index
 * @nr: number of the page
 *
 * Return: the slot, which holds NULL until a page is stored in it under index->lock;
 * NULL if out of memory. The new nodes stay until flab_page_index_trim().
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

/*
 * Return: the slot of @nr if it holds a page. Else NULL, and the empty entry that ended
 * the lookup covers 2^@shift numbers.
 */
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
 * flab_page_index_next - find the next page in a range
 * @index: the index
 * @nr: in: first number of the range; out: number of the page found
 * @last: last number of the range
 *
 * Return: the slot of the page, or NULL if there is none.
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
		/* Step over all numbers that the empty entry covers. */
		*nr = ((*nr >> shift) + 1) << shift;
		if (!*nr)
			break;
		if (!(*nr & FLAB_NODE_MASK))
			cond_resched();
	}
	return NULL;
}

/* Free the empty nodes of a range below @node. Return: whether @node is empty now. */
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
 * flab_page_index_trim - free the empty nodes of a range
 * @index: the index; the caller excludes all other users
 * @first: first number of the range, whose pages were removed
 * @last: last number of the range
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
