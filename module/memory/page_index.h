/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages by number: a tree of plain arrays, like a page table, with as many levels as the
 * largest number needs. A lookup is a few loads, and writes nothing.
 */
#ifndef FLAB_PAGE_INDEX_H
#define FLAB_PAGE_INDEX_H

#include <linux/compiler.h>
#include <linux/mm.h>
#include <linux/spinlock.h>

#define FLAB_NODE_SHIFT	(PAGE_SHIFT - ilog2(sizeof(void *)))
#define FLAB_NODE_SIZE	BIT(FLAB_NODE_SHIFT)
#define FLAB_NODE_MASK	(FLAB_NODE_SIZE - 1)

/**
 * struct flab_page_index - pages by number
 * @root: address of the top node, a page of pointers. Its low bits hold the number of
 *	bits that the nodes below decode (a multiple of FLAB_NODE_SHIFT). 0 if there is
 *	no node. Address and number are in one word, so that a lookup cannot see the new
 *	value of one and the old value of the other
 * @lock: held to store a page; check under it that the slot is still empty
 *
 * Lookups and flab_page_index_slot() may run concurrently, since nodes are only added.
 * The caller of flab_page_index_trim() must exclude all of these.
 */
struct flab_page_index {
	unsigned long root;
	spinlock_t lock;	/* held to store a page */
};

struct page **flab_page_index_slot(struct flab_page_index *index, unsigned long nr);
struct page **flab_page_index_next(const struct flab_page_index *index,
				   unsigned long *nr, unsigned long last);
void flab_page_index_trim(struct flab_page_index *index, unsigned long first,
			  unsigned long last);

/**
 * flab_page_index_leaf - find the lowest-level node, which has the slot of a page
 * @index: the index
 * @nr: number of the page
 *
 * Return: an array of FLAB_NODE_SIZE pages, with page @nr at @nr & FLAB_NODE_MASK; NULL
 * if there is no such node, and so none of these pages.
 */
static __always_inline struct page **
flab_page_index_leaf(const struct flab_page_index *index, unsigned long nr)
{
	unsigned long root = READ_ONCE(index->root);
	unsigned int shift = root & ~PAGE_MASK;
	void **node = (void **)(root & PAGE_MASK);

	/* @nr is higher than all numbers that the tree covers. */
	if (unlikely(nr >> shift >> FLAB_NODE_SHIFT))
		return NULL;
	while (shift && node) {
		node = READ_ONCE(node[(nr >> shift) & FLAB_NODE_MASK]);
		shift -= FLAB_NODE_SHIFT;
	}
	return (struct page **)node;
}

/* Return: page @nr, or NULL, also if @nr is higher than all numbers that the tree covers. */
static __always_inline struct page *
flab_page_index_load(const struct flab_page_index *index, unsigned long nr)
{
	unsigned long root = READ_ONCE(index->root);
	unsigned int shift = root & ~PAGE_MASK;
	void **node = (void **)(root & PAGE_MASK);
	unsigned long i = nr >> shift;

	if (unlikely(!node || i >= FLAB_NODE_SIZE))
		return NULL;
	for (;;) {
		node = READ_ONCE(node[i]);
		if (!shift || !node)
			return (struct page *)node;
		shift -= FLAB_NODE_SHIFT;
		i = (nr >> shift) & FLAB_NODE_MASK;
	}
}

#endif /* FLAB_PAGE_INDEX_H */
