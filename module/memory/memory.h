/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory of a region: folios of its own, or the range of the module parameter phys=. */
#ifndef FLAB_MEMORY_H
#define FLAB_MEMORY_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include "memory/page_index.h"

struct address_space;

/**
 * struct flab_memory - the memory of a region
 * @order: folios have 2^order pages
 * @cache: enum faultlab_cache
 * @is_phys: FAULTLAB_REGION_PHYS: the memory is the range of phys=, without folios
 * @pages: first page of each folio, by index >> @order
 * @mapping: i_mapping of the region's inode. The folios' ->mapping points to it, as it
 *	would for folios in the page cache of a file
 * @nr_populated: pages allocated
 * @peak: highest @nr_populated since the last reset
 *
 * The first three are written under the region's lock, before the first mmap only. Code that
 * may read @order before that without the lock uses READ_ONCE(): evict, .get_unmapped_area.
 * Looking up and adding pages needs the region's sem for read, dropping them for write.
 */
struct flab_memory {
	u32 order;
	u32 cache;
	bool is_phys;
	struct flab_page_index pages;
	struct address_space *mapping;

	/* Not used by a fault on populated memory, so in another cache line. */
	atomic_long_t nr_populated ____cacheline_aligned_in_smp;
	atomic_long_t peak;
};

#endif /* FLAB_MEMORY_H */
