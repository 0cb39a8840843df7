/* SPDX-License-Identifier: GPL-2.0-only */
/* The static keys of histograms and records, and the lock to switch them. */
#ifndef FLAB_SWITCH_H
#define FLAB_SWITCH_H

#include <linux/jump_label_ratelimit.h>
#include <linux/mutex.h>

/* Switched off some time after the last put, as users of the device can toggle them. */
extern struct static_key_false_deferred flab_timing;	/* histograms or records */
extern struct static_key_false_deferred flab_recording;	/* records */

/* Held to switch either on or off, for one region or for all. */
extern struct mutex flab_switch_lock;
void flab_timing_get(void);
void flab_timing_put(void);
void flab_switch_exit(void);

static __always_inline bool flab_is_timed(void)
{
	return static_branch_unlikely(&flab_timing.key);
}

static __always_inline bool flab_is_recorded(void)
{
	return static_branch_unlikely(&flab_recording.key);
}

#endif /* FLAB_SWITCH_H */
