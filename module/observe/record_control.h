/* SPDX-License-Identifier: GPL-2.0-only */
/* What record_control.c (records of one region) and record_all.c (of all) share. */
#ifndef FLAB_RECORD_CONTROL_H
#define FLAB_RECORD_CONTROL_H

#include "observe/record.h"

/* Switch writing records to @rings on (get) and off (put); under flab_switch_lock. */
void flab_recording_get(struct flab_rings *rings);
void flab_recording_put(struct flab_rings *rings);

/*
 * Wake tasks in read() and poll() of the region's file: recording has started, and its
 * reader or watermark may have changed, so they must check again.
 */
void flab_record_stir(struct flab_region *region);

/* Whether the fields of @arg are valid: only START may set slots, watermark and flags. */
bool flab_recording_is_sane(const struct faultlab_recording *arg);

/* Fill in the state of @r, all 0 if @r is NULL; under flab_switch_lock. */
void flab_record_state(const struct flab_reader *r, struct faultlab_recording *arg);

/* record_all.c; under flab_switch_lock */
void flab_observe_release(struct flab_region *region);

#endif /* FLAB_RECORD_CONTROL_H */
