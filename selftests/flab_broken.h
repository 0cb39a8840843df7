/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Regions with a frame that memory_failure() has marked. Such a frame is lost until the
 * machine is booted again, and with it the folio that it is in: mark few.
 */
#ifndef FLAB_BROKEN_H
#define FLAB_BROKEN_H

#include "flab.h"
#include "faultlab_memory.h"

/* Who asks for it. Only MADVISE has a reference of its own, and never gives it back. */
enum flab_mark_how {
	FLAB_MARK_OFFLINE,	/* /sys/devices/system/memory/hard_offline_page */
	FLAB_MARK_INJECT,	/* debugfs hwpoison/corrupt-pfn, of hwpoison-inject */
	FLAB_MARK_MADVISE,	/* MADV_HWPOISON, where get_user_pages() can */
	FLAB_NR_MARKS,
};

const char *flab_mark_name(enum flab_mark_how how);

/*
 * A region with all pages written to by a mapping that is gone again: page n holds
 * flab_broken_value(n). bad is marked.
 */
struct flab_broken {
	const struct faultlab_memory *memory;
	int fd;
	size_t pages;
	size_t bad;
	__u64 pfn;	/* of bad */
};

__u8 flab_broken_value(size_t page);

/* Which page of a folio; of single pages always the same. */
enum flab_broken_place {
	FLAB_BROKEN_FIRST,
	FLAB_BROKEN_MIDDLE,
	FLAB_BROKEN_LAST,
	FLAB_NR_PLACES,
};

size_t flab_broken_place(const struct faultlab_memory *memory, unsigned int place);

/* How many pages of a region the tests look at: two folios at least, and a window. */
size_t flab_broken_pages(const struct faultlab_memory *memory);

/*
 * 0; -ENOENT if the kernel lacks that way to mark or the kind refuses it; another -errno
 * if a frame was not marked that should be.
 */
int flab_broken_make(struct flab_broken *b, const struct faultlab_memory *memory,
		     enum flab_mark_how how, size_t bad);
void flab_broken_close(struct flab_broken *b);

/* Mark a frame; at: where the caller has it mapped, for MADVISE. As above. */
int flab_mark(enum flab_mark_how how, __u64 pfn, void *at);
bool flab_is_marked(__u64 pfn);

/* How many pages of [at, at + pages) are mapped onto the frame, by leaves of any size. */
size_t flab_nr_onto(int fd, const void *at, size_t pages, __u64 pfn);

#endif /* FLAB_BROKEN_H */
