// SPDX-License-Identifier: GPL-2.0-only
/* Which configurations of a region are refused, and with which errno. */
#include "unit.h"
#ifdef __KERNEL__
/* Not in kunit.c: rule_check.c, which is there, has some names as well. */
#include "common/config_check.c"
#else
#include "common/faultlab_check.h"
#endif

#define PAGES(nr)	((u64)(nr) << 12)
#define LEAF_ORDER	9
#define MAX_PAGES	BIT(20)
#define PHYS_PAGES	BIT(18)

#define INSERT		FAULTLAB_REGION_INSERT
#define MKWRITE		FAULTLAB_REGION_MKWRITE
#define PHYS		FAULTLAB_REGION_PHYS
#define HUGE		FAULTLAB_REGION_HUGE
#define WHOLE		FAULTLAB_REGION_WHOLE

/* Flags of a kind on a machine that has all. */
static const u64 flags_of[] = {
	[FAULTLAB_KIND_PAGE]	= INSERT | MKWRITE | WHOLE,
	[FAULTLAB_KIND_PFN]	= MKWRITE | PHYS | HUGE | WHOLE,
	[FAULTLAB_KIND_REMAP]	= PHYS,
	[FAULTLAB_KIND_MIXED]	= MKWRITE | PHYS | WHOLE,
};

/* A machine that lacks some flags, or whose PMD leaves need others (pmd_needs). */
struct machine {
	u64 lacks;
	u64 pmd_needs;
};

static int check(const struct machine *machine, const struct faultlab_config *config)
{
	const bool known = config->kind < ARRAY_SIZE(flags_of);
	const struct faultlab_features features = {
		.kinds = BIT(FAULTLAB_NR_KINDS) - 1,
		.region_flags = known ? flags_of[config->kind] & ~machine->lacks : 0,
		.max_bytes = PAGES(MAX_PAGES),
		.phys_bytes = machine->lacks & PHYS ? 0 : PAGES(PHYS_PAGES),
		.caches = BIT(FAULTLAB_NR_CACHES) - 1,
		.max_order = LEAF_ORDER,
		.max_around = config->kind == FAULTLAB_KIND_PFN ? FAULTLAB_MAX_AROUND : 1,
		.pmd_order = LEAF_ORDER,
		.pud_order = 18,
		.pmd_needs = machine->pmd_needs,
	};
	const char *why = NULL;
	int err = faultlab_config_check(config, &features, &why);

	/* The caller need not want a sentence. */
	if (err != faultlab_config_check(config, &features, NULL))
		return 1;
#ifndef __KERNEL__
	/* A sentence says why, if and only if it is refused. The module has no sentences. */
	if (!err != !why)
		return 2;
#endif
	return err;
}

struct row {
	const char *what;
	int err;
	struct faultlab_config config;
	struct machine machine;
};

#define KIND(name)	.kind = FAULTLAB_KIND_##name

TEST(each_kind_can_have_its_flags_alone_and_together)
{
	static const struct machine all;
	u32 kind;
	u64 flags;

	for (kind = 0; kind < ARRAY_SIZE(flags_of); kind++) {
		for (flags = 0; flags <= FAULTLAB_REGION_ANY; flags++) {
			const struct faultlab_config config = { .kind = kind, .flags = flags };
			const bool right = !(flags & ~flags_of[kind]) &&
					   (~flags & (HUGE | MKWRITE));

			EXPECT_EQ(right ? 0 : -EINVAL, check(&all, &config));
		}
	}
}

TEST(what_a_region_cannot_have_is_einval)
{
	static const struct row rows[] = {
		{ "no such kind", -EINVAL, { .kind = FAULTLAB_NR_KINDS } },
		{ "kind past 64 bits", -EINVAL, { .kind = 64 } },
		{ "the last kind of 32 bits", -EINVAL, { .kind = ~0U } },
		{ "a part of a page", -EINVAL, { KIND(PAGE), .bytes = 1 } },
		{ "no such flag", -EINVAL, { KIND(PAGE), .flags = FAULTLAB_REGION_ANY + 1 } },
		{ "the last flag", -EINVAL, { KIND(PAGE), .flags = 1ULL << 63 } },
		{ "pad", -EINVAL, { KIND(PAGE), .pad = 1 } },
		{ "order 9", 0, { KIND(PAGE), .order = LEAF_ORDER } },
		{ "order 10", -EINVAL, { KIND(PAGE), .order = LEAF_ORDER + 1 } },
		{ "order past 64 bits", -EINVAL, { KIND(PAGE), .order = ~0U } },
		{ "order with phys", -EINVAL, { KIND(PFN), .flags = PHYS, .order = 1 } },
		{ "whole folios", 0, { KIND(PAGE), .order = 2, .bytes = PAGES(8) } },
		{ "a part of a folio", -EINVAL, { KIND(PAGE), .order = 2, .bytes = PAGES(6) } },
		{ "around 512", 0, { KIND(PFN), .around = FAULTLAB_MAX_AROUND } },
		{ "around 1024", -EINVAL, { KIND(PFN), .around = 2 * FAULTLAB_MAX_AROUND } },
		{ "around 3", -EINVAL, { KIND(PFN), .around = 3 } },
		{ "around 1 of page", 0, { KIND(PAGE), .around = 1 } },
		{ "around 2 of page", -EINVAL, { KIND(PAGE), .around = 2 } },
		{ "wc with phys", 0, { KIND(PFN), .flags = PHYS, .cache = FAULTLAB_CACHE_WC } },
		{ "wc without", -EINVAL, { KIND(PFN), .cache = FAULTLAB_CACHE_WC } },
		{ "no such cache", -EINVAL,
		  { KIND(PFN), .flags = PHYS, .cache = FAULTLAB_NR_CACHES } },
		{ "cache past 32 bits", -EINVAL, { KIND(PFN), .flags = PHYS, .cache = 32 } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ_OF(rows[i].what, rows[i].err, check(&rows[i].machine, &rows[i].config));
}

TEST(what_only_this_machine_lacks_has_other_errors)
{
	static const struct row rows[] = {
		{ "all of max_pages", 0, { KIND(PAGE), .bytes = PAGES(MAX_PAGES) } },
		{ "more", -ENOSPC, { KIND(PAGE), .bytes = PAGES(MAX_PAGES + 1) } },
		{ "the largest size", -ENOSPC, { KIND(PAGE), .bytes = ~0ULL << 12 } },
		{ "all of phys", 0, { KIND(PFN), .flags = PHYS, .bytes = PAGES(PHYS_PAGES) } },
		{ "more of phys", -ENOSPC,
		  { KIND(PFN), .flags = PHYS, .bytes = PAGES(PHYS_PAGES + 1) } },
		{ "no phys", -ENXIO, { KIND(REMAP), .flags = PHYS }, { .lacks = PHYS } },
		{ "no huge", -EOPNOTSUPP, { KIND(PFN), .flags = HUGE }, { .lacks = HUGE } },
		/* What is always wrong comes before what is wrong here. */
		{ "huge of mixed, no huge", -EINVAL, { KIND(MIXED), .flags = HUGE },
		  { .lacks = HUGE } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ_OF(rows[i].what, rows[i].err, check(&rows[i].machine, &rows[i].config));
}

TEST(pmd_leaves_that_may_not_move_need_a_flag_if_the_size_is_fixed)
{
	static const struct machine old = { .pmd_needs = INSERT | MKWRITE | WHOLE };
	static const struct row rows[] = {
		{ "fixed", -EOPNOTSUPP, { KIND(PAGE), .order = LEAF_ORDER, .bytes = PAGES(512) } },
		{ "growing", 0, { KIND(PAGE), .order = LEAF_ORDER } },
		{ "smaller folios", 0,
		  { KIND(PAGE), .order = LEAF_ORDER - 1, .bytes = PAGES(512) } },
		{ "insert", 0,
		  { KIND(PAGE), .flags = INSERT, .order = LEAF_ORDER, .bytes = PAGES(512) } },
		{ "mkwrite", 0,
		  { KIND(PAGE), .flags = MKWRITE, .order = LEAF_ORDER, .bytes = PAGES(512) } },
		{ "whole", 0,
		  { KIND(PAGE), .flags = WHOLE, .order = LEAF_ORDER, .bytes = PAGES(512) } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ_OF(rows[i].what, rows[i].err, check(&old, &rows[i].config));
}

UNIT_SUITE(config,
	   UNIT_CASE(each_kind_can_have_its_flags_alone_and_together),
	   UNIT_CASE(what_a_region_cannot_have_is_einval),
	   UNIT_CASE(what_only_this_machine_lacks_has_other_errors),
	   UNIT_CASE(pmd_leaves_that_may_not_move_need_a_flag_if_the_size_is_fixed))
