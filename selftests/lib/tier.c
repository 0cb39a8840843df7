// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "lib/tier.h"

static bool tier_is(const char *name)
{
	const char *tier = getenv("FAULTLAB_TIER");

	return tier && !strcmp(tier, name);
}

bool tlib_full(void)
{
	return tier_is("full");
}

bool tlib_debug(void)
{
	return tier_is("debug");
}

unsigned long tlib_scale(unsigned long brief, unsigned long full)
{
	return tlib_full() ? full : brief;
}
