/* SPDX-License-Identifier: GPL-2.0-only */
/* What must hold for the records of walks. */
#ifndef FUZZ_WALK_H
#define FUZZ_WALK_H

#include "fuzz/calls/call.h"

/* The bits of `resume` above these identify the address space: module/walk/ioctl.c. */
#define FUZZ_RESUME_LEVELS	0xffU

/**
 * struct fuzz_part - one call of a walk
 * @start: where it began
 * @resume: with which it began
 * @asked: for how many records
 * @stays: how many calls up to this one have ended where they began
 */
struct fuzz_part {
	__u64 start;
	__u32 resume;
	__u64 asked;
	unsigned int stays;
};

/* @walk has been returned. */
void fuzz_check_part(struct fuzz_world *w, const struct faultlab_walk *walk,
		     struct fuzz_part *part);

/* Whether the walk did not get further, and may yet do so. */
bool fuzz_part_stays(const struct fuzz_part *part);

/* That the records are in order, and in the range; they must have the size of this version. */
void fuzz_check_records(struct fuzz_world *w, const struct faultlab_walk *walk,
			const struct fuzz_part *part);

/**
 * struct fuzz_rest - what a walk must report after its first part
 * @from: where the first part ended
 * @end: where the walk ends
 * @before: bytes that were mapped in this range when the first part ended
 * @seen: bytes of it that the later parts have reported as mapped
 * @known: whether the rest is set
 */
struct fuzz_rest {
	__u64 from, end;
	__u64 before, seen;
	bool known;
};

void fuzz_rest_begin(struct fuzz_world *w, struct fuzz_rest *rest, __u64 from, __u64 end);
/* Adds the entries of a part. */
void fuzz_rest_add(struct fuzz_rest *rest, const struct faultlab_walk *walk);
/* When the walk has come to its end: memory that stays mapped is reported. */
void fuzz_rest_check(struct fuzz_world *w, const struct fuzz_rest *rest);

#endif /* FUZZ_WALK_H */
