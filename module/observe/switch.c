// SPDX-License-Identifier: GPL-2.0-only
/* The static keys of histograms and records, and the lock to switch them. */
#include "observe/clock.h"
#include "observe/switch.h"

/*
 * How long, in jiffies, a key stays on after its last user: switching a key patches code,
 * which involves all CPUs, so this limits how often it is done.
 */
#define FLAB_SWITCH_OFF	(HZ / 10)

DEFINE_STATIC_KEY_DEFERRED_FALSE(flab_timing, FLAB_SWITCH_OFF);
DEFINE_STATIC_KEY_DEFERRED_FALSE(flab_recording, FLAB_SWITCH_OFF);
DEFINE_MUTEX(flab_switch_lock); /* histograms and records: which are on, and their memory */

/*
 * Must not be called under a lock that a fault may take: this patches code, which takes
 * cpu_hotplug_lock and jump_label_mutex (static_key_slow_inc()), and the fault would wait
 * for these, too.
 */
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

/*
 * Called at module exit, when no user of the keys is left. Switches them off now, if that is
 * still pending, since the delayed work must not run once the module is unloaded.
 */
void flab_switch_exit(void)
{
	static_key_deferred_flush(&flab_recording);
	static_key_deferred_flush(&flab_timing);
}
