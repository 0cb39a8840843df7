/* SPDX-License-Identifier: GPL-2.0-only */
/* What switching records on and off has in common for one region and for all. */
#ifndef FLAB_RECORD_CONTROL_H
#define FLAB_RECORD_CONTROL_H

#include "observe/record.h"

/* Switch the writing of records to @rings on and off; under flab_switch_lock. */
void flab_recording_get(struct flab_rings *rings);
void flab_recording_put(struct flab_rings *rings);

/* Wake tasks in read() and poll() to check again: other records are to be read now. */
void flab_record_stir(struct flab_region *region);

/* Only START may set slots, watermark and flags. */
bool flab_recording_is_sane(const struct faultlab_recording *arg);

/* @r: NULL if there is none; under flab_switch_lock */
void flab_record_state(const struct flab_reader *r, struct faultlab_recording *arg);

/* record_all.c; under flab_switch_lock */
void flab_observe_release(struct flab_region *region);

#endif /* FLAB_RECORD_CONTROL_H */
