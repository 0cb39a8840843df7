/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc/PID/pagemap: its words (Documentation/admin-guide/mm/pagemap.rst), and its
 * ioctl(PAGEMAP_SCAN).
 */
#ifndef FAULTLAB_PAGEMAP_H
#define FAULTLAB_PAGEMAP_H

#include <sys/ioctl.h>
#include <linux/const.h>
#include <linux/types.h>

#define PM_PFN		(_BITULL(55) - 1)
#define PM_SOFT_DIRTY	_BITULL(55)
#define PM_EXCLUSIVE	_BITULL(56)
#define PM_UFFD_WP	_BITULL(57)
#define PM_FILE		_BITULL(61)
#define PM_SWAP		_BITULL(62)
#define PM_PRESENT	_BITULL(63)

/*
 * <linux/fs.h> has PAGEMAP_SCAN since 6.7. The headers that this is built with may be
 * older or newer, so its structs and constants are repeated here under other names.
 */
struct scan_region {
	__u64 start, end, categories;
};

struct scan {
	__u64 size, flags, start, end, walk_end, vec, vec_len, max_pages;
	__u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define SCAN		_IOWR('f', 16, struct scan)

/* Categories of a page, for the masks of struct scan: PAGE_IS_* in <linux/fs.h>. */
#define IS_WRITTEN	(1 << 1)
#define IS_FILE		(1 << 2)
#define IS_PRESENT	(1 << 3)
#define IS_SWAPPED	(1 << 4)
#define IS_ZERO		(1 << 5)
#define IS_HUGE		(1 << 6)
#define IS_SOFT_DIRTY	(1 << 7)
#define IS_ALL		0xfeULL

#endif /* FAULTLAB_PAGEMAP_H */
