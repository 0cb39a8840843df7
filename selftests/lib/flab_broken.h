/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Regions with a frame that memory_failure() has marked. The frame and its folio are
 * lost until the machine is rebooted, so mark few.
 */
#ifndef FLAB_BROKEN_H
#define FLAB_BROKEN_H

#include "lib/flab.h"
#include "faultlab_memory.h"

/* How to mark a frame. Only MADVISE takes a page reference, and never drops it. */
enum flab_mark_how {
	FLAB_MARK_OFFLINE,	/* /sys/devices/system/memory/hard_offline_page */
	FLAB_MARK_INJECT,	/* debugfs hwpoison/corrupt-pfn, of hwpoison-inject */
	FLAB_MARK_MADVISE,	/* MADV_HWPOISON, where get_user_pages() works */
	FLAB_NR_MARKS,
};

const char *flab_mark_name(enum flab_mark_how how);

/*
 * A region whose pages were all written through a mapping that is gone again. Page n
 * holds flab_broken_value(n); the frame of page bad is marked.
 */
struct flab_broken {
	const struct faultlab_memory *memory;
	int fd;
	size_t pages;
	size_t bad;
	__u64 pfn;	/* of bad */
};

__u8 flab_broken_value(size_t page);

/* Which page of a folio to mark. For order 0 it is always the same page. */
enum flab_broken_place {
	FLAB_BROKEN_FIRST,
	FLAB_BROKEN_MIDDLE,
	FLAB_BROKEN_LAST,
	FLAB_NR_PLACES,
};

size_t flab_broken_place(const struct faultlab_memory *memory, unsigned int place);

/* How many pages the tests use: at least two folios, and a fault-around window. */
size_t flab_broken_pages(const struct faultlab_memory *memory);

/*
 * 0; -ENOENT if the kernel cannot mark a frame like that or the kind refuses it;
 * another -errno if marking failed.
 */
int flab_broken_make(struct flab_broken *b, const struct faultlab_memory *memory,
		     enum flab_mark_how how, size_t bad);
void flab_broken_close(struct flab_broken *b);

/* Mark a frame. at: the caller's mapping of it, for MADVISE. Returns as above. */
int flab_mark(enum flab_mark_how how, __u64 pfn, void *at);
bool flab_is_marked(__u64 pfn);

/* How many of the pages from at on map the frame, by leaves of any size. */
size_t flab_nr_onto(int fd, const void *at, size_t pages, __u64 pfn);

#endif /* FLAB_BROKEN_H */
