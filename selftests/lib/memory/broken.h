/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Regions with a frame that memory_failure() has poisoned. The frame and its folio are
 * lost until the machine is rebooted, so poison few.
 */
#ifndef TLIB_BROKEN_H
#define TLIB_BROKEN_H

#include "lib/tlib.h"
#include "faultlab_memory.h"

/* How to poison a frame. Only MADVISE takes a page reference, and never drops it. */
enum tlib_poison_how {
	TLIB_POISON_OFFLINE,	/* /sys/devices/system/memory/hard_offline_page */
	TLIB_POISON_INJECT,	/* debugfs hwpoison/corrupt-pfn, of hwpoison-inject */
	TLIB_POISON_MADVISE,	/* MADV_HWPOISON, where get_user_pages() works */
	TLIB_NR_POISONS,
};

const char *tlib_poison_name(enum tlib_poison_how how);

/*
 * A region with one poisoned frame: that of page bad. Page n holds tlib_broken_value(n),
 * written through a mapping that has been unmapped since.
 */
struct tlib_broken {
	const struct faultlab_memory *memory;
	int fd;
	size_t pages;
	size_t bad;
	__u64 pfn;	/* of page bad */
};

__u8 tlib_broken_value(size_t page);

/* Which page of a folio to poison. For order 0 it is always the same page. */
enum tlib_broken_place {
	TLIB_BROKEN_FIRST,
	TLIB_BROKEN_MIDDLE,
	TLIB_BROKEN_LAST,
	TLIB_NR_PLACES,
};

size_t tlib_broken_place(const struct faultlab_memory *memory, unsigned int place);

/* How many pages the tests use: at least two folios, and a fault-around window. */
size_t tlib_broken_pages(const struct faultlab_memory *memory);

/*
 * 0; -ENOENT if the kernel cannot poison a frame like that or the kind refuses it;
 * another -errno if it failed.
 */
int tlib_broken_make(struct tlib_broken *b, const struct faultlab_memory *memory,
		     enum tlib_poison_how how, size_t bad);
void tlib_broken_close(struct tlib_broken *b);

/*
 * Poison a frame. at: the caller's mapping of it, for MADVISE. Returns the same values as
 * tlib_broken_make().
 */
int tlib_poison(enum tlib_poison_how how, __u64 pfn, void *at);
bool tlib_is_poisoned(__u64 pfn);

/* How many of the pages from at on are mapped to frame pfn, by leaves of any size. */
size_t tlib_nr_onto(int fd, const void *at, size_t pages, __u64 pfn);

#endif /* TLIB_BROKEN_H */
