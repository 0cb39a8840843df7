/* SPDX-License-Identifier: GPL-2.0-only */
/* Records: writing one, and switching recording on and off. */
#ifndef FLAB_RECORD_H
#define FLAB_RECORD_H

#include "observe/reader.h"
#include "region/fault_state.h"

/*
 * The rings in which all regions are recorded, besides the rings that each region has.
 * NULL until first used, then kept until module exit.
 */
extern struct flab_rings *flab_all_rings;

void flab_record(const struct flab_fault *f, enum flab_result result, u64 ns);
void flab_record_vma(const struct flab_region *region, const struct faultlab_record_vma *vma);
void flab_record_with_stack(const struct flab_fault *f, enum flab_result result, u64 ns);

/* record_control.c: records of one region */
int flab_record_ioctl(struct flab_region *region, struct faultlab_recording *arg);
void flab_record_release(struct flab_region *region);

/* record_all.c: records of all regions */
int flab_observe_ioctl(const struct file *file, struct faultlab_recording *arg);
int flab_record_people(bool run);
struct flab_reader *flab_record_history(void);
void flab_record_forget(void);
void flab_record_exit(void);

/*
 * The reader that read() of a region's file uses: for the region's own records or, once
 * the file has used FAULTLAB_IOC_OBSERVE, for those of all regions (region->observer).
 * NULL if neither was ever started.
 */
static inline struct flab_reader *flab_record_reader(struct flab_region *region)
{
	return smp_load_acquire(&region->reader);	/* flab_observe_start() */
}

#endif /* FLAB_RECORD_H */
