// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of the enumerators and flag bits of the ABI, from the lists of <linux/faultlab.h>.
 */
#include "text.h"

/* The enums are made from the same lists, so a name's array index is its enumerator. */
#define NAME_ROW(NAME, name, ...)	name,
#define BIT_ROW(NAME, bit, name, ...)	{ 1ULL << (bit), name },

static const char *const stat_names[] = { FAULTLAB_STATS(NAME_ROW) };
static const char *const kind_names[] = { FAULTLAB_KINDS(NAME_ROW) };
static const char *const cache_names[] = { FAULTLAB_CACHES(NAME_ROW) };
static const char *const verdict_names[] = { FAULTLAB_VERDICTS(NAME_ROW) };
static const char *const result_names[] = { FAULTLAB_RESULTS(NAME_ROW) };
static const char *const lock_names[] = { FAULTLAB_LOCKS(NAME_ROW) };
static const char *const callback_names[] = { FAULTLAB_CALLBACKS(NAME_ROW) };
static const char *const vma_event_names[] = { FAULTLAB_VMA_EVENTS(NAME_ROW) };
static const char *const why_names[] = { FAULTLAB_WHYS(NAME_ROW) };
static const char *const level_names[] = { FAULTLAB_LEVELS(NAME_ROW) };

static const struct flab_bit region_bits[] = { FAULTLAB_REGION_FLAGS(BIT_ROW) };
static const struct flab_bit access_bits[] = { FAULTLAB_ACCESSES(BIT_ROW) };
static const struct flab_bit fault_flag_bits[] = { FAULTLAB_FAULT_FLAGS(BIT_ROW) };
static const struct flab_bit pte_bits[] = { FAULTLAB_PTE_FLAGS(BIT_ROW) };

const struct flab_bits flab_region_bits = { region_bits, ARRAY_SIZE(region_bits) };
const struct flab_bits flab_access_bits = { access_bits, ARRAY_SIZE(access_bits) };
const struct flab_bits flab_fault_flag_bits = { fault_flag_bits, ARRAY_SIZE(fault_flag_bits) };
const struct flab_bits flab_pte_bits = { pte_bits, ARRAY_SIZE(pte_bits) };

static const char *pick(const char *const *names, size_t nr, unsigned int i)
{
	return i < nr ? names[i] : "?";
}

static int find(const char *const *names, size_t nr, const char *name)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(names[i], name))
			return i;
	return -ENOENT;
}

static const char *pick_bit(const struct flab_bits *bits, u64 bit)
{
	unsigned int i;

	for (i = 0; i < bits->nr; i++)
		if (bits->bit[i].bit == bit)
			return bits->bit[i].name;
	return "?";
}

static u64 find_bit_named(const struct flab_bits *bits, const char *name)
{
	unsigned int i;

	for (i = 0; i < bits->nr; i++)
		if (!strcmp(bits->bit[i].name, name))
			return bits->bit[i].bit;
	return 0;
}

void flab_add_bits(struct flab_text *to, u64 mask, const struct flab_bits *bits,
		   const char *between)
{
	const char *before = "";
	unsigned int i;

	for (i = 0; i < bits->nr; i++) {
		if (!(mask & bits->bit[i].bit))
			continue;
		flab_text_add(to, "%s%s", before, bits->bit[i].name);
		before = between;
	}
}

const char *faultlab_stat_name(unsigned int stat)
{
	return pick(stat_names, ARRAY_SIZE(stat_names), stat);
}

int faultlab_stat_by_name(const char *name)
{
	return find(stat_names, ARRAY_SIZE(stat_names), name);
}

const char *faultlab_kind_name(unsigned int kind)
{
	return pick(kind_names, ARRAY_SIZE(kind_names), kind);
}

int faultlab_kind_by_name(const char *name)
{
	return find(kind_names, ARRAY_SIZE(kind_names), name);
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

const char *faultlab_level_name(unsigned int level)
{
	return pick(level_names, ARRAY_SIZE(level_names), level);
}

const char *faultlab_region_flag_name(__u64 flag)
{
	return pick_bit(&flab_region_bits, flag);
}

__u64 faultlab_region_flag_by_name(const char *name)
{
	return find_bit_named(&flab_region_bits, name);
}

const char *faultlab_access_name(__u32 access)
{
	return pick_bit(&flab_access_bits, access);
}

__u32 faultlab_access_by_name(const char *name)
{
	return find_bit_named(&flab_access_bits, name);
}

const char *faultlab_fault_flag_name(__u32 flag)
{
	return pick_bit(&flab_fault_flag_bits, flag);
}

const char *faultlab_pte_flag_name(__u64 flag)
{
	return pick_bit(&flab_pte_bits, flag);
}
