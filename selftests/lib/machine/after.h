/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * After processes were refused something or were killed: whether anything of theirs is
 * left, and whether the device still serves another process.
 */
#ifndef TLIB_AFTER_H
#define TLIB_AFTER_H

#include "faultlab.h"

/*
 * Wait until there are as many regions, mappings and pages as in @before, since what was
 * killed takes a moment to go. A page that was mlocked stays referenced by a processor's list
 * until drop_caches drains it. *now: how many there are. 0, or -ETIMEDOUT after two minutes.
 */
int tlib_levels_return(const struct faultlab_stats *before, struct faultlab_stats *now);

/* Open, map and touch a region of its own, as anybody may: 0 or -errno. */
int tlib_use_device(void);

#endif /* TLIB_AFTER_H */
