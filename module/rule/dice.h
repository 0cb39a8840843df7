/* SPDX-License-Identifier: GPL-2.0-only */
/* Reproducible random numbers: the Nth number of a seed is always the same. */
#ifndef FLAB_DICE_H
#define FLAB_DICE_H

#include <linux/types.h>

u32 flab_dice_millionths(u64 seed, u64 n);
u64 flab_dice_uniform(u64 seed, u64 n, u64 min, u64 max);
u64 flab_dice_exponential(u64 seed, u64 n, u64 mean);

#endif /* FLAB_DICE_H */
