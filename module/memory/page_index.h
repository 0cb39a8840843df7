/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages by number: a tree of plain arrays, like a page table, as high as the largest
 * number needs. A lookup is a few loads, and writes nothing.
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
 * @root: the node on top, a page of pointers, with the number of bits that it
 *	leaves to those below (a multiple of FLAB_NODE_SHIFT) in its low bits; 0 if
 *	there is none. One word, or a lookup could see one of them without the other
 * @lock: who stores a page holds it, and looks again
 *
 * Lookups and flab_page_index_slot() may run side by side, nodes only come then.
 * flab_page_index_trim() wants nobody else there.
 */
struct flab_page_index {
	unsigned long root;
	spinlock_t lock;	/* of stores */
};

struct page **flab_page_index_slot(struct flab_page_index *index, unsigned long nr);
struct page **flab_page_index_next(const struct flab_page_index *index,
				   unsigned long *nr, unsigned long last);
void flab_page_index_trim(struct flab_page_index *index, unsigned long first,
			  unsigned long last);

/**
 * flab_page_index_leaf - the array that has a page
 * @index: the index
 * @nr: number of the page
 *
 * Return: the FLAB_NODE_SIZE pages around it, of which it is number
 * @nr & FLAB_NODE_MASK; NULL if none of them is there.
 */
static __always_inline struct page **
flab_page_index_leaf(const struct flab_page_index *index, unsigned long nr)
{
	unsigned long root = READ_ONCE(index->root);
	unsigned int shift = root & ~PAGE_MASK;
	void **node = (void **)(root & PAGE_MASK);

	/* Past what the top can tell apart. */
	if (unlikely(nr >> shift >> FLAB_NODE_SHIFT))
		return NULL;
	while (shift && node) {
		node = READ_ONCE(node[(nr >> shift) & FLAB_NODE_MASK]);
		shift -= FLAB_NODE_SHIFT;
	}
	return (struct page **)node;
}

/* Return: the page, or NULL. All levels in one loop, and what is past the top on the way. */
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
