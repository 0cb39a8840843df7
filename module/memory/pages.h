/* SPDX-License-Identifier: GPL-2.0-only */
/* The pages of a region's memory: look up, allocate, free. */
#ifndef FLAB_PAGES_H
#define FLAB_PAGES_H

#include <linux/mm.h>
#include "memory/broken.h"
#include "memory/memory.h"

void flab_pages_init(struct flab_memory *memory, struct address_space *mapping);
struct page *flab_page_add(struct flab_memory *memory, pgoff_t index, struct mm_struct *mm);
int flab_page_pfn(struct flab_memory *memory, pgoff_t index, struct mm_struct *mm,
		  unsigned long *pfn);
struct page **flab_pages_look(const struct flab_memory *memory, pgoff_t index, unsigned int nr,
			      struct page **room);
void flab_folio_free(struct folio *folio);
int flab_page_copy(struct flab_memory *memory, struct mm_struct *mm, loff_t offset,
		   void *buf, size_t len, bool write);
/* drain.c */
int flab_pages_drain(struct flab_memory *memory, pgoff_t first, pgoff_t last, bool killable);
void flab_pages_drop(struct flab_memory *memory, pgoff_t first, pgoff_t last);

/*
 * References that a region holds to a folio: one for each page, as the page cache does,
 * and one more. See flab_folio_adopt().
 */
static inline int flab_folio_refs(unsigned int order)
{
	return (1 << order) + 1;
}

static inline unsigned int flab_folio_order(struct folio *folio)
{
	/* memory_failure() may set a flag in the word that holds the order. */
	return data_race(folio_order(folio));
}

/*
 * Whether others than the region hold references to an unmapped folio, and are expected
 * to put them. False for a folio with a hwpoisoned page: memory_failure() may keep its
 * reference for ever, so the folio would count as pinned for ever.
 */
static inline bool flab_folio_is_pinned(struct folio *folio)
{
	return folio_ref_count(folio) > flab_folio_refs(flab_folio_order(folio)) &&
	       !flab_folio_is_broken(folio);
}

/* Page @index of the region, in the folio whose first page is @head. */
static __always_inline struct page *
flab_page_of(const struct flab_memory *memory, struct page *head, pgoff_t index)
{
	if (likely(!memory->order))
		return head;
	return nth_page(head, index & (BIT(memory->order) - 1));
}

/**
 * flab_page_peek - look up a page, without allocating it
 * @memory: the memory, its region's sem held for read
 * @index: which page
 *
 * Return: the page, without taking a reference, or NULL.
 */
static __always_inline struct page *
flab_page_peek(const struct flab_memory *memory, pgoff_t index)
{
	struct page *head = flab_page_index_load(&memory->pages, index >> memory->order);

	return likely(head) ? flab_page_of(memory, head, index) : NULL;
}

/**
 * flab_page_get - look up a page; allocate and zero it if it does not exist
 * @memory: the memory, its region's sem held for read
 * @index: which page
 * @mm: the mm of the VMA in which it is touched; a new page is charged to its memcg
 *
 * Return: the page, without taking a reference; ERR_PTR(-ENOMEM); or ERR_PTR(-ENOSPC)
 * past max_total_pages, or if no folio of a costly order can be allocated.
 */
static inline struct page *flab_page_get(struct flab_memory *memory, pgoff_t index,
					 struct mm_struct *mm)
{
	return flab_page_peek(memory, index) ?: flab_page_add(memory, index, mm);
}

/**
 * flab_pages_peek - look up consecutive pages, without allocating them
 * @memory: the memory, its region's sem held for read
 * @index: the first page
 * @nr: in: how many pages; out: how many were looked up, at least 1
 * @room: array of @nr pointers, which may be used for the result
 *
 * Return: an array of the pages, without taking references; an entry is NULL if its page
 * is not allocated. The array is a part of the page index where possible, else @room.
 */
static __always_inline struct page **
flab_pages_peek(const struct flab_memory *memory, pgoff_t index, unsigned int *nr,
		struct page **room)
{
	struct page **leaf = NULL;
	unsigned int at = index & FLAB_NODE_MASK;

	if (!memory->order)
		leaf = flab_page_index_leaf(&memory->pages, index);
	if (!leaf)
		return flab_pages_look(memory, index, *nr, room);
	*nr = min_t(unsigned int, *nr, FLAB_NODE_SIZE - at);
	return leaf + at;
}

long flab_pages_total(long *peak);
void flab_pages_reset_peak(void);

#endif /* FLAB_PAGES_H */
