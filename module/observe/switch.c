// SPDX-License-Identifier: GPL-2.0-only
/* The static keys of histograms and records, and the lock to switch them. */
#include "observe/clock.h"
#include "observe/switch.h"

/* Patching code involves all CPUs: a key is switched off at most this often. */
#define FLAB_SWITCH_OFF	(HZ / 10)

DEFINE_STATIC_KEY_DEFERRED_FALSE(flab_timing, FLAB_SWITCH_OFF);
DEFINE_STATIC_KEY_DEFERRED_FALSE(flab_recording, FLAB_SWITCH_OFF);
DEFINE_MUTEX(flab_switch_lock); /* protects what is on, and its memory */

/* Patches code: must not be called under a lock that a fault may take. */
void flab_timing_get(void)
{
	lockdep_assert_held(&flab_switch_lock);
	if (!static_key_enabled(&flab_timing.key))
		flab_clock_choose();
	static_branch_deferred_inc(&flab_timing);
}

void flab_timing_put(void)
{
	lockdep_assert_held(&flab_switch_lock);
	static_branch_slow_dec_deferred(&flab_timing);
}

/* Both keys are off: do pending patching now, before the module is gone. */
void flab_switch_exit(void)
{
	static_key_deferred_flush(&flab_recording);
	static_key_deferred_flush(&flab_timing);
}
