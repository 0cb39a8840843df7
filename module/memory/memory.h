/* SPDX-License-Identifier: GPL-2.0-only */
/* What a region holds: folios of its own, or the range of phys=. */
#ifndef FLAB_MEMORY_H
#define FLAB_MEMORY_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include "memory/page_index.h"

struct address_space;

/**
 * struct flab_memory - the memory of a region
 * @order: folios are of so many pages, as a logarithm
 * @cache: enum faultlab_cache
 * @is_phys: it is the range of phys=, and has no folios: FAULTLAB_REGION_PHYS
 * @pages: first page of a folio by index >> @order
 * @mapping: of the region; its folios are its as those of the page cache are a file's
 * @nr_populated: pages that are there
 * @peak: the most that were there since the last reset
 *
 * The first three are written under the region's lock, before the first mmap only. Who
 * looks up or adds pages holds the region's sem for read, who drops some for write.
 */
struct flab_memory {
	u32 order;
	u32 cache;
	bool is_phys;
	struct flab_page_index pages;
	struct address_space *mapping;

	/* Nothing that a fault on populated memory touches. */
	atomic_long_t nr_populated ____cacheline_aligned_in_smp;
	atomic_long_t peak;
};

#endif /* FLAB_MEMORY_H */
