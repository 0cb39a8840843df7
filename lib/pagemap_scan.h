/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ioctl(PAGEMAP_SCAN) of /proc/PID/pagemap, in <linux/fs.h> since 6.7. The headers that
 * we build with may be older or newer, so the names here are our own.
 */
#ifndef FAULTLAB_PAGEMAP_SCAN_H
#define FAULTLAB_PAGEMAP_SCAN_H

#include <sys/ioctl.h>
#include <linux/types.h>

struct scan_region {
	__u64 start, end, categories;
};

struct scan {
	__u64 size, flags, start, end, walk_end, vec, vec_len, max_pages;
	__u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define SCAN		_IOWR('f', 16, struct scan)

/* Categories. */
#define IS_WRITTEN	(1 << 1)
#define IS_FILE		(1 << 2)
#define IS_PRESENT	(1 << 3)
#define IS_SWAPPED	(1 << 4)
#define IS_ZERO		(1 << 5)
#define IS_HUGE		(1 << 6)
#define IS_SOFT_DIRTY	(1 << 7)
#define IS_ALL		0xfeULL

#endif /* FAULTLAB_PAGEMAP_SCAN_H */
