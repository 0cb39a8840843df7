/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults to be counted by flab_truth.h, one at a time: a region, what comes before, the
 * access, and what all who count say of it.
 */
#ifndef FLAB_TRUTH_CASE_H
#define FLAB_TRUTH_CASE_H

#include "flab.h"

#define FLAB_TRUTH_AROUND	16UL	/* pages of a region, 512 where they are large */

/* Where it happens: a new region for each time. */
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
	struct faultlab_rule rule;	/* of page 0, if any of these is set */
	struct faultlab_rule then;	/* asked behind it, if any of these is set, too */
	/* what comes before, what is counted, and what it returns */
	void (*before)(struct flab_stage *stage);
	int (*act)(struct flab_stage *stage);
	int err;
	const char *expect;
	/*
	 * Before 6.4, if that made a difference: handle_mm_fault() used to count PGFAULT
	 * when it was called, not when it was done; x86 had no VMA locks, and copied the
	 * rest byte by byte after a fault of copy_to_user(). Or before 6.SINCE.
	 */
	const char *older;
	int since;
};

/* A region in the state that the case wants, with records on: 0 or -errno. */
int flab_stage_set(struct flab_stage *stage, const struct flab_case *c);
void flab_stage_clear(struct flab_stage *stage);

/* Of page 0, but for read_behind: 0 or -errno. */
int flab_do_read(struct flab_stage *stage);
int flab_do_write(struct flab_stage *stage);
int flab_do_read_behind(struct flab_stage *stage);	/* where nothing is mapped */
int flab_do_populate(struct flab_stage *stage);		/* MADV_POPULATE_READ */
int flab_do_populate_write(struct flab_stage *stage);
int flab_do_process_vm_readv(struct flab_stage *stage);
int flab_do_read_into(struct flab_stage *stage);	/* read() of a pipe writes the page */
int flab_do_write_from(struct flab_stage *stage);	/* write() to a pipe reads it */
int flab_do_futex(struct flab_stage *stage);

void flab_first_read(struct flab_stage *stage);
void flab_first_others(struct flab_stage *stage);	/* pages are there, entries are not */

#endif /* FLAB_TRUTH_CASE_H */
