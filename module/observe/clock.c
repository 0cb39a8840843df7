// SPDX-License-Identifier: GPL-2.0-only
/* Chooses the clock that callbacks are measured with. */
#include <linux/time64.h>
#include "observe/clock.h"
#include "observe/clock_arch.h"

DEFINE_STATIC_KEY_FALSE(flab_clock_is_cycles);
u32 flab_clock_mult;

/**
 * flab_clock_choose - use the cycle counter if the kernel considers it reliable now
 *
 * Called when nothing is being measured. If the counter becomes unreliable later,
 * durations are wrong until measuring is switched off and on again. The order of
 * records does not depend on it.
 */
void flab_clock_choose(void)
{
	u32 khz = flab_cycles_khz();
	u64 mult = 0;

	if (khz)
		mult = div_u64((u64)NSEC_PER_MSEC << FLAB_CLOCK_SHIFT, khz);
	/* Below about 4 MHz it is too coarse for nanoseconds, and mult overflows. */
	if (!mult || mult > U32_MAX) {
		static_branch_disable(&flab_clock_is_cycles);
		return;
	}
	flab_clock_mult = mult;
	static_branch_enable(&flab_clock_is_cycles);
}

/* flab_clock_ns() for a difference of any length, or a negative one. */
u64 flab_clock_ns_long(u64 delta)
{
	if ((s64)delta < 0)
		return 0;
	if (static_branch_likely(&flab_clock_is_cycles))
		return mul_u64_u32_shr(delta, flab_clock_mult, FLAB_CLOCK_SHIFT);
	return delta;
}
