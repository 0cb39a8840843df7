/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers for the unit tests, and their memory. */
#ifndef UNIT_H
#define UNIT_H

#include "kernel.h"

long unit_allocs_until_failure = -1, unit_allocs;

static u64 unit_state = 0x9e3779b97f4a7c15ULL;

/* xorshift64: the same numbers in each run. */
static inline u64 unit_random(u64 below)
{
	unit_state ^= unit_state << 13;
	unit_state ^= unit_state >> 7;
	unit_state ^= unit_state << 17;
	return unit_state % below;
}

#endif /* UNIT_H */
