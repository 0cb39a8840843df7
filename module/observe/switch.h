/* SPDX-License-Identifier: GPL-2.0-only */
/* The static keys of histograms and records, and the lock to switch them. */
#ifndef FLAB_SWITCH_H
#define FLAB_SWITCH_H

#include <linux/jump_label_ratelimit.h>
#include <linux/mutex.h>

/*
 * Static keys. A key is switched off only some time after its last user is gone: any user
 * of the device can switch histograms and records on and off, and each switch of a key
 * patches code.
 */
extern struct static_key_false_deferred flab_timing;	/* histograms or records are on */
extern struct static_key_false_deferred flab_recording;	/* records are on */

/* Held to switch histograms or records on or off, for one region or for all. */
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
