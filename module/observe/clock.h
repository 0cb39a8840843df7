/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The clock that callbacks are measured with: the cycle counter if it is reliable, else
 * ktime_get_ns().
 */
#ifndef FLAB_CLOCK_H
#define FLAB_CLOCK_H

#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>

DECLARE_STATIC_KEY_FALSE(flab_clock_is_cycles);
extern u32 flab_clock_mult;

#define FLAB_CLOCK_SHIFT	24

void flab_clock_choose(void);

/*
 * Return: the time now, in cycles or ns; only differences are meaningful. Never 0, as 0
 * in @start of struct flab_fault means that the clock was not read.
 */
static inline u64 flab_clock_read(void)
{
	u64 now;

	if (static_branch_likely(&flab_clock_is_cycles))
		now = get_cycles();
	else
		now = ktime_get_ns();
	return now | 1;
}

u64 flab_clock_ns_long(u64 delta);

/*
 * Nanoseconds between two readings. 0 if @to is before @from: the task may have moved to
 * another CPU, whose clock differs a little.
 */
static inline u64 flab_clock_ns(u64 from, u64 to)
{
	u64 delta = to - from;

	/* Negative, or about a second and more: the product below could overflow. */
	if (unlikely(delta >> 32))
		return flab_clock_ns_long(delta);
	if (static_branch_likely(&flab_clock_is_cycles))
		return delta * READ_ONCE(flab_clock_mult) >> FLAB_CLOCK_SHIFT;
	return delta;
}

#endif /* FLAB_CLOCK_H */
