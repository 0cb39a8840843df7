/* SPDX-License-Identifier: GPL-2.0-only */
/* The form of the tests that scripts/test wants, by the environment's FAULTLAB_TIER. */
#ifndef TLIB_TIER_H
#define TLIB_TIER_H

#include <stdbool.h>

/* "full": the long form of heavy tests; "debug": the slow kernel. */
bool tlib_full(void);
bool tlib_debug(void);

/* How often to do something: brief in the short form, full in the long form. */
unsigned long tlib_scale(unsigned long brief, unsigned long full);

#endif /* TLIB_TIER_H */
