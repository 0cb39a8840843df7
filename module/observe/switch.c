// SPDX-License-Identifier: GPL-2.0-only
/* The static keys of histograms and records, and the lock of who switches them. */
#include "observe/clock.h"
#include "observe/switch.h"

/* Code is patched on all processors, so not more often than that. */
#define FLAB_OBSERVE_OFF	(HZ / 10)

DEFINE_STATIC_KEY_DEFERRED_FALSE(flab_observing, FLAB_OBSERVE_OFF);
DEFINE_STATIC_KEY_DEFERRED_FALSE(flab_recording, FLAB_OBSERVE_OFF);
DEFINE_MUTEX(flab_observe_lock); /* of what is on, and of its memory */

/* Patches code, so not under a lock that a fault may want. */
void flab_observe_get(void)
{
	lockdep_assert_held(&flab_observe_lock);
	if (!static_key_enabled(&flab_observing.key))
		flab_clock_choose();
	static_branch_deferred_inc(&flab_observing);
}

void flab_observe_put(void)
{
	lockdep_assert_held(&flab_observe_lock);
	static_branch_slow_dec_deferred(&flab_observing);
}

/* All are off: nothing is patched when the module is gone. */
void flab_observe_exit(void)
{
	static_key_deferred_flush(&flab_recording);
	static_key_deferred_flush(&flab_observing);
}
