/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workloads and the records of them, each as a line of text.
 */
#ifndef TLIB_RECORD_H
#define TLIB_RECORD_H

#include "lib/tlib.h"

/* A region whose descriptor is non-blocking for reads of records, or -errno. */
int tlib_record_region(enum faultlab_kind kind, __u64 flags, size_t pages);

/* Such a region of kind page, mapped at *at and being recorded. slots: as for RECORD_START. */
int tlib_recorded_region(size_t pages, __u32 slots, char **at);

/* Touch pages from at on. r, w: read or write the next page; R, W: page 0 again. */
void tlib_work(char *at, const char *ops);

/* Read nr pages, each for the first time. */
void tlib_touch_pages(char *at, size_t first, size_t nr);

/* Pin the calling thread to a CPU. 0 or -errno. */
int tlib_pin(int cpu);

/*
 * tlib_record_line(): the parts of a record that are equal in each run, as text: page,
 * access, callback, result, pages. tlib_record_lines(): the same of all waiting records,
 * separated by "; ", or the error as text.
 */
const char *tlib_record_line(const struct faultlab_record *record);
const char *tlib_record_lines(int fd);

#endif /* TLIB_RECORD_H */
