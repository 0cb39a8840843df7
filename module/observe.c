// SPDX-License-Identifier: GPL-2.0-only
/* Whether somebody wants callbacks measured and recorded. */
#include "observe.h"

DEFINE_STATIC_KEY_FALSE(flab_observing);
DEFINE_STATIC_KEY_FALSE(flab_recording);
DEFINE_MUTEX(flab_observe_lock); /* of what is on, and of its memory */

/* Patches code, so not under a lock that a fault may want. */
void flab_observe_get(void)
{
	lockdep_assert_held(&flab_observe_lock);
	if (!static_key_enabled(&flab_observing))
		flab_clock_choose();
	static_branch_inc(&flab_observing);
}

void flab_observe_put(void)
{
	lockdep_assert_held(&flab_observe_lock);
	static_branch_dec(&flab_observing);
}
