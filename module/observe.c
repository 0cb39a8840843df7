// SPDX-License-Identifier: GPL-2.0-only
/* Where a callback goes to be recorded and measured, if somebody wants it to. */
#include "latency.h"
#include "observe.h"
#include "record.h"

DEFINE_STATIC_KEY_FALSE(flab_observing);
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

void __flab_observe_end(struct flab_fault *f, enum flab_result result)
{
	u64 ns;

	/* It began before somebody wanted to know. */
	if (!f->start)
		return;
	ns = flab_clock_ns(f->start, flab_clock_read());
	flab_latency_count(f, result, ns);
	flab_record(f, result, ns);
}
