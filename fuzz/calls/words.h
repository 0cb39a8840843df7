/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of words, from the lists of the ABI: a new row there is fuzzed at once. */
#ifndef FUZZ_WORDS_H
#define FUZZ_WORDS_H

#include "fuzz/calls/call.h"

#define FUZZ_ROW_KIND(NAME, name, ...)		{ name, FAULTLAB_KIND_##NAME },
#define FUZZ_ROW_REGION(NAME, bit, name)	{ name, FAULTLAB_REGION_##NAME },
#define FUZZ_ROW_CACHE(NAME, name)		{ name, FAULTLAB_CACHE_##NAME },
#define FUZZ_ROW_ACCESS(NAME, bit, name, ...)	{ name, FAULTLAB_ACCESS_##NAME },
#define FUZZ_ROW_VERDICT(NAME, name, ...)	{ name, FAULTLAB_VERDICT_##NAME },
#define FUZZ_ROW_RULE(NAME, bit, name)		{ name, FAULTLAB_RULE_##NAME },
#define FUZZ_ROW_PTE(NAME, bit, name)		{ name, FAULTLAB_PTE_##NAME },

#endif /* FUZZ_WORDS_H */
