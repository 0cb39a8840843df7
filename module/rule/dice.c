// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reproducible random numbers: a hash of a rule's seed and of @n, the number of faults
 * that the rule has matched before. There is no generator state, so besides that count
 * CPUs share nothing.
 */
#include <linux/log2.h>
#include <linux/math64.h>
#include "rule/dice.h"

/* Makes numbers drawn for one fault for different uses independent of each other. */
enum flab_dice_use { FLAB_DICE_CHANCE = 1, FLAB_DICE_UNIFORM, FLAB_DICE_EXPONENTIAL };

/* The finalizer of splitmix64: each input bit affects each output bit. */
static u64 flab_dice(u64 seed, u64 n, enum flab_dice_use use)
{
	u64 x = seed + (4 * n + use) * 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

/* Uniformly distributed in 0 to 999999. */
u32 flab_dice_millionths(u64 seed, u64 n)
{
	return mul_u64_u32_shr(1000000, flab_dice(seed, n, FLAB_DICE_CHANCE) >> 32, 32);
}

/* Uniformly distributed in min to max; max - min must be below 2^32. */
u64 flab_dice_uniform(u64 seed, u64 n, u64 min, u64 max)
{
	u32 x = flab_dice(seed, n, FLAB_DICE_UNIFORM) >> 32;

	return min + mul_u64_u32_shr(max - min + 1, x, 32);
}

/* log2 of x > 0 in units of 1/65536; computes the fraction bit by bit. */
static u32 flab_log2_fixed(u32 x)
{
	u32 log = ilog2(x) << 16;
	u64 m = (u64)x << (31 - ilog2(x));	/* x scaled to 1..2, in units of 1/2^31 */
	u32 bit;

	for (bit = 1U << 15; bit; bit >>= 1) {
		m = (m * m) >> 31;
		if (m >> 32) {
			m >>= 1;
			log |= bit;
		}
	}
	return log;
}

/* Exponentially distributed: -ln(x / 2^32) * mean, for a uniformly distributed x. */
u64 flab_dice_exponential(u64 seed, u64 n, u64 mean)
{
	u32 x = (flab_dice(seed, n, FLAB_DICE_EXPONENTIAL) >> 32) | 1;
	u32 log = (32U << 16) - flab_log2_fixed(x);
	const u32 ln2 = 45426;			/* in units of 1/65536 */

	return mul_u64_u32_shr(mean, mul_u64_u32_shr(log, ln2, 16), 16);
}
