/* SPDX-License-Identifier: GPL-2.0-only */
/* The static keys of histograms and records, and the lock to switch them. */
#ifndef FLAB_SWITCH_H
#define FLAB_SWITCH_H

#include <linux/jump_label_ratelimit.h>
#include <linux/mutex.h>

/* Switched off some time after the last put, as users of the device can toggle them. */
extern struct static_key_false_deferred flab_observing;	/* histograms or records */
extern struct static_key_false_deferred flab_recording;	/* records */

/* Held to switch either on or off, for one region or for all. */
extern struct mutex flab_observe_lock;
void flab_observe_get(void);
void flab_observe_put(void);
void flab_observe_exit(void);

static __always_inline bool flab_is_observed(void)
{
	return static_branch_unlikely(&flab_observing.key);
}

static __always_inline bool flab_is_recorded(void)
{
	return static_branch_unlikely(&flab_recording.key);
}

#endif /* FLAB_SWITCH_H */
