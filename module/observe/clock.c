// SPDX-License-Identifier: GPL-2.0-only
/* Chooses the clock that callbacks are measured with. */
#include <linux/time64.h>
#include "observe/clock.h"
#include "observe/clock_arch.h"

DEFINE_STATIC_KEY_FALSE(flab_clock_is_cycles);
u32 flab_clock_mult;

/**
 * flab_clock_choose - use the cycle counter if it is reliable now, else ktime_get_ns()
 *
 * Called while neither histograms nor records are on, but a callback that began before they
 * were switched off may still read flab_clock_mult. If the kernel marks the TSC unstable
 * later, durations are wrong until all histograms and records are switched off and on again.
 * The order of records does not depend on the cycle counter: they have the time of
 * ktime_get_ns().
 */
void flab_clock_choose(void)
{
	u32 khz = flab_cycles_khz();
	u64 mult = 0;

	if (khz)
		mult = div_u64((u64)NSEC_PER_MSEC << FLAB_CLOCK_SHIFT, khz);
	/* Below about 4 MHz the counter is too coarse for nanoseconds, and mult exceeds u32. */
	if (!mult || mult > U32_MAX) {
		static_branch_disable(&flab_clock_is_cycles);
		return;
	}
	WRITE_ONCE(flab_clock_mult, mult);
	static_branch_enable(&flab_clock_is_cycles);
}

/* Slow path of flab_clock_ns(): @delta is negative, or 2^32 or more. */
u64 flab_clock_ns_long(u64 delta)
{
	if ((s64)delta < 0)
		return 0;
	if (static_branch_likely(&flab_clock_is_cycles))
		return mul_u64_u32_shr(delta, READ_ONCE(flab_clock_mult), FLAB_CLOCK_SHIFT);
	return delta;
}
