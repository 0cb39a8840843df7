/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults to be counted by flab_truth.h, one at a time: a region, its preparation, the
 * access, and the figures that all sources should show.
 */
#ifndef FLAB_TRUTH_CASE_H
#define FLAB_TRUTH_CASE_H

#include "lib/flab.h"

#define FLAB_TRUTH_AROUND	16UL	/* pages of a region; 512 with large pages */

/* The region and mapping of one case; each case gets new ones. */
struct flab_stage {
	int fd;
	char *at;
	size_t pages;
	int pipe[2];
};

struct flab_case {
	/* the region and its mapping: shared unless private, read-write unless prot */
	struct faultlab_config config;
	bool private;
	int prot;
	struct faultlab_rule rule;	/* for page 0, if any field is set */
	struct faultlab_rule then;	/* after the first rule, if any field is set */
	/* the preparation, the measured access, and its result */
	void (*before)(struct flab_stage *stage);
	int (*act)(struct flab_stage *stage);
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
int flab_stage_set(struct flab_stage *stage, const struct flab_case *c);
void flab_stage_clear(struct flab_stage *stage);

/* Access page 0; read_behind accesses the hole after the mapping. 0 or -errno. */
int flab_do_read(struct flab_stage *stage);
int flab_do_write(struct flab_stage *stage);
int flab_do_read_behind(struct flab_stage *stage);	/* where nothing is mapped */
int flab_do_populate(struct flab_stage *stage);		/* MADV_POPULATE_READ */
int flab_do_populate_write(struct flab_stage *stage);
int flab_do_process_vm_readv(struct flab_stage *stage);
int flab_do_read_into(struct flab_stage *stage);	/* read() from a pipe writes the page */
int flab_do_write_from(struct flab_stage *stage);	/* write() to a pipe reads it */
int flab_do_futex(struct flab_stage *stage);

void flab_first_read(struct flab_stage *stage);
void flab_first_others(struct flab_stage *stage);	/* pages without entries */

#endif /* FLAB_TRUTH_CASE_H */
