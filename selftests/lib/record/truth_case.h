/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults to be counted by truth.h, one at a time: a region, its preparation, the
 * access, and the figures that all sources should show.
 */
#ifndef TLIB_TRUTH_CASE_H
#define TLIB_TRUTH_CASE_H

#include "lib/tlib.h"

#define TLIB_TRUTH_AROUND	16UL	/* pages of a region; 512 with large pages */

/* The region and mapping of one case; each case gets new ones. */
struct tlib_stage {
	int fd;
	char *at;
	size_t pages;
	int pipe[2];
};

struct tlib_case {
	/* the region and its mapping: shared unless private, read-write unless prot */
	struct faultlab_config config;
	bool private;
	int prot;
	struct faultlab_rule rule;	/* for page 0, if any field is set */
	struct faultlab_rule then;	/* a second rule, if any field is set */
	/* the preparation, the measured access, and its result */
	void (*before)(struct tlib_stage *stage);
	int (*act)(struct tlib_stage *stage);
	int err;
	const char *expect;
	/*
	 * The figures before 6.4 (or before 6.SINCE), if they differ. Before 6.4
	 * handle_mm_fault() counted PGFAULT when called, not when done; x86 had no
	 * per-VMA locks; after a fault in copy_to_user() x86 copied the rest byte by
	 * byte.
	 */
	const char *older;
	int since;
};

/* Set up a region and mapping for the case, with records started. 0 or -errno. */
int tlib_stage_set(struct tlib_stage *stage, const struct tlib_case *c);
void tlib_stage_clear(struct tlib_stage *stage);

/* Access page 0; read_behind accesses the hole after the mapping. 0 or -errno. */
int tlib_do_read(struct tlib_stage *stage);
int tlib_do_write(struct tlib_stage *stage);
int tlib_do_read_behind(struct tlib_stage *stage);	/* where nothing is mapped */
int tlib_do_populate(struct tlib_stage *stage);		/* MADV_POPULATE_READ */
int tlib_do_populate_write(struct tlib_stage *stage);
int tlib_do_process_vm_readv(struct tlib_stage *stage);
int tlib_do_read_into(struct tlib_stage *stage);	/* read() from a pipe writes the page */
int tlib_do_write_from(struct tlib_stage *stage);	/* write() to a pipe reads it */
int tlib_do_futex(struct tlib_stage *stage);

void tlib_first_read(struct tlib_stage *stage);
void tlib_first_others(struct tlib_stage *stage);	/* allocate all pages, map only the last */

#endif /* TLIB_TRUTH_CASE_H */
