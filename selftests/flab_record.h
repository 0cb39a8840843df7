/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workloads and the records of them, each as a line of text.
 */
#ifndef FLAB_RECORD_H
#define FLAB_RECORD_H

#include "flab.h"

/* A region whose descriptor does not wait for records, or -errno. */
int flab_record_region(enum faultlab_kind kind, __u64 flags, size_t pages);

/* The same, mapped at *at and recorded from now on; slots as START has them. */
int flab_recorded_region(size_t pages, __u32 slots, char **at);

/* From a mapping's first page on. r, w: touch the next page; R, W: page 0 again. */
void flab_work(char *at, const char *ops);

/* First accesses that read, to so many pages. */
void flab_touch_pages(char *at, size_t first, size_t nr);

/* The calling thread stays there: 0 or -errno. */
int flab_pin(int cpu);

/*
 * What a record says of a fault, without what differs from run to run: page, access,
 * callback, result, pages. And all records there are, with "; " between, or the error.
 */
const char *flab_record_line(const struct faultlab_record *record);
const char *flab_record_lines(int fd);

#endif /* FLAB_RECORD_H */
