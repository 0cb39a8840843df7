/* SPDX-License-Identifier: GPL-2.0-only */
/* Free memory of the machine, without what is only kept for later: see testing.md. */
#ifndef TLIB_FREE_PAGES_H
#define TLIB_FREE_PAGES_H

#include <linux/types.h>

/*
 * The number of free pages, or 0 if it cannot be read. Other tasks allocate pages meanwhile
 * and free them again: while fewer than @enough are free, it is read again for up to 3 s, and
 * the highest number is returned. Drops caches and empties KASAN's quarantine first, which
 * takes seconds on a slow machine.
 */
__u64 tlib_free_pages(__u64 enough);

#endif /* TLIB_FREE_PAGES_H */
