// SPDX-License-Identifier: GPL-2.0-only
/* Which clock callbacks are measured with. */
#include <linux/time64.h>
#include "observe/clock.h"
#include "observe/clock_arch.h"

DEFINE_STATIC_KEY_FALSE(flab_clock_is_cycles);
u32 flab_clock_mult;

/**
 * flab_clock_choose - decide by what the kernel thinks of its cycle counter now
 *
 * Called when nothing is being measured. A counter that turns bad later makes
 * wrong durations, until somebody begins to measure anew; the order of records
 * does not depend on it.
 */
void flab_clock_choose(void)
{
	u32 khz = flab_cycles_khz();
	u64 mult = 0;

	if (khz)
		mult = div_u64((u64)NSEC_PER_MSEC << FLAB_CLOCK_SHIFT, khz);
	/* Slower than 4 MHz is no clock for nanoseconds. */
	if (!mult || mult > U32_MAX) {
		static_branch_disable(&flab_clock_is_cycles);
		return;
	}
	flab_clock_mult = mult;
	static_branch_enable(&flab_clock_is_cycles);
}

/* See flab_clock_ns(); of any length. */
u64 flab_clock_ns_long(u64 delta)
{
	if ((s64)delta < 0)
		return 0;
	if (static_branch_likely(&flab_clock_is_cycles))
		return mul_u64_u32_shr(delta, flab_clock_mult, FLAB_CLOCK_SHIFT);
	return delta;
}
