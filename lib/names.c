// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names for the numbers of the ABI.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "faultlab.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const char *const stat_names[] = {
#define FAULTLAB_STAT(NAME, name) \
	[FAULTLAB_STAT_##NAME] = #name
#include <linux/faultlab_stats.h>
#undef FAULTLAB_STAT
};

static const char *const kind_names[] = {
	[FAULTLAB_KIND_PAGE] = "page",
	[FAULTLAB_KIND_PFN] = "pfn",
	[FAULTLAB_KIND_REMAP] = "remap",
	[FAULTLAB_KIND_MIXED] = "mixed",
};

static const char *const verdict_names[] = {
#define FAULTLAB_VERDICT_NAME(NAME, name) \
	[FAULTLAB_VERDICT_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_VERDICT_NAME
};

struct bit_name {
	__u32 bit;
	const char *name;
};

static const char *const cache_names[] = {
	[FAULTLAB_CACHE_WB] = "wb",
	[FAULTLAB_CACHE_WC] = "wc",
	[FAULTLAB_CACHE_UC] = "uc",
};

static const struct bit_name region_names[] = {
#define FAULTLAB_REGION_NAME(NAME, name) \
	{ FAULTLAB_REGION_##NAME, name }
#include <linux/faultlab_names.h>
#undef FAULTLAB_REGION_NAME
};

static const struct bit_name access_names[] = {
#define FAULTLAB_ACCESS_NAME(NAME, name) \
	{ FAULTLAB_ACCESS_##NAME, name }
#include <linux/faultlab_names.h>
#undef FAULTLAB_ACCESS_NAME
};

static const struct bit_name flag_names[] = {
#define FAULTLAB_FLAG_NAME(NAME, name) \
	{ FAULTLAB_FLAG_##NAME, name }
#include <linux/faultlab_names.h>
#undef FAULTLAB_FLAG_NAME
};

static const char *const result_names[] = {
#define FAULTLAB_RESULT_NAME(NAME, name) \
	[FAULTLAB_RESULT_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_RESULT_NAME
};

static const char *const lock_names[] = {
#define FAULTLAB_LOCK_NAME(NAME, name) \
	[FAULTLAB_LOCK_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_LOCK_NAME
};

static const char *const vma_event_names[] = {
#define FAULTLAB_VMA_EVENT_NAME(NAME, name) \
	[FAULTLAB_VMA_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_VMA_EVENT_NAME
};

static const char *const why_names[] = {
#define FAULTLAB_WHY_NAME(NAME, name) \
	[FAULTLAB_WHY_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_WHY_NAME
};

static const char *const callback_names[] = {
#define FAULTLAB_CALLBACK_NAME(NAME, name) \
	[FAULTLAB_CALLBACK_##NAME] = name
#include <linux/faultlab_names.h>
#undef FAULTLAB_CALLBACK_NAME
};

static const char *const level_names[] = {
	[FAULTLAB_LEVEL_PTE] = "PTE",
	[FAULTLAB_LEVEL_PMD] = "PMD",
	[FAULTLAB_LEVEL_PUD] = "PUD",
	[FAULTLAB_LEVEL_P4D] = "P4D",
	[FAULTLAB_LEVEL_PGD] = "PGD",
};

static const char *pick(const char *const *names, size_t nr, unsigned int i)
{
	return i < nr && names[i] ? names[i] : "?";
}

static int find(const char *const *names, size_t nr, const char *name)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (names[i] && !strcmp(names[i], name))
			return i;
	return -ENOENT;
}

static const char *pick_bit(const struct bit_name *names, size_t nr, __u32 bit)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (names[i].bit == bit)
			return names[i].name;
	return "?";
}

static __u32 find_bit(const struct bit_name *names, size_t nr, const char *name)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(names[i].name, name))
			return names[i].bit;
	return 0;
}

const char *faultlab_stat_name(unsigned int stat)
{
	return pick(stat_names, ARRAY_SIZE(stat_names), stat);
}

int faultlab_stat_by_name(const char *name)
{
	return find(stat_names, ARRAY_SIZE(stat_names), name);
}

bool faultlab_stat_is_level(unsigned int stat)
{
	return stat == FAULTLAB_STAT_REGIONS || stat == FAULTLAB_STAT_VMAS ||
	       stat == FAULTLAB_STAT_PAGES || stat == FAULTLAB_STAT_PAGES_PEAK;
}

const char *faultlab_kind_name(unsigned int kind)
{
	return pick(kind_names, ARRAY_SIZE(kind_names), kind);
}

int faultlab_kind_by_name(const char *name)
{
	return find(kind_names, ARRAY_SIZE(kind_names), name);
}

const char *faultlab_region_flag_name(__u64 flag)
{
	return pick_bit(region_names, ARRAY_SIZE(region_names), flag);
}

__u64 faultlab_region_flag_by_name(const char *name)
{
	return find_bit(region_names, ARRAY_SIZE(region_names), name);
}

const char *faultlab_cache_name(unsigned int cache)
{
	return pick(cache_names, ARRAY_SIZE(cache_names), cache);
}

int faultlab_cache_by_name(const char *name)
{
	return find(cache_names, ARRAY_SIZE(cache_names), name);
}

const char *faultlab_verdict_name(unsigned int verdict)
{
	return pick(verdict_names, ARRAY_SIZE(verdict_names), verdict);
}

int faultlab_verdict_by_name(const char *name)
{
	return find(verdict_names, ARRAY_SIZE(verdict_names), name);
}

const char *faultlab_access_name(__u32 access)
{
	return pick_bit(access_names, ARRAY_SIZE(access_names), access);
}

__u32 faultlab_access_by_name(const char *name)
{
	return find_bit(access_names, ARRAY_SIZE(access_names), name);
}

const char *faultlab_result_name(unsigned int result)
{
	return pick(result_names, ARRAY_SIZE(result_names), result);
}

int faultlab_result_by_name(const char *name)
{
	return find(result_names, ARRAY_SIZE(result_names), name);
}

const char *faultlab_lock_name(unsigned int lock)
{
	return pick(lock_names, ARRAY_SIZE(lock_names), lock);
}

int faultlab_lock_by_name(const char *name)
{
	return find(lock_names, ARRAY_SIZE(lock_names), name);
}

const char *faultlab_callback_name(unsigned int callback)
{
	return pick(callback_names, ARRAY_SIZE(callback_names), callback);
}

int faultlab_callback_by_name(const char *name)
{
	return find(callback_names, ARRAY_SIZE(callback_names), name);
}

const char *faultlab_vma_event_name(unsigned int event)
{
	return pick(vma_event_names, ARRAY_SIZE(vma_event_names), event);
}

const char *faultlab_why_name(unsigned int why)
{
	return pick(why_names, ARRAY_SIZE(why_names), why);
}

const char *faultlab_flag_name(__u32 flag)
{
	return pick_bit(flag_names, ARRAY_SIZE(flag_names), flag);
}

const char *faultlab_level_name(unsigned int level)
{
	return pick(level_names, ARRAY_SIZE(level_names), level);
}
