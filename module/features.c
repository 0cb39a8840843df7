// SPDX-License-Identifier: GPL-2.0-only
/* FAULTLAB_IOC_FEATURES: what this module can do on this kernel and machine. */
#include "features.h"
#include "kind/kind.h"
#include "kind/large_leaf.h"
#include "memory/phys.h"
#include "walk/ioctl.h"

#define FLAB_LOW_BITS(nr)	GENMASK_ULL((nr) - 1, 0)

/* The region flags of a kind that this kernel and machine support. */
static u64 flab_features_flags(const struct flab_kind *kind)
{
	u64 flags = kind->region_flags;

	if (!FLAB_CAN_HUGE)
		flags &= ~FAULTLAB_REGION_HUGE;
	if (!flab_phys_bytes())
		flags &= ~FAULTLAB_REGION_PHYS;
	return flags;
}

/**
 * flab_features - FAULTLAB_IOC_FEATURES: fill all fields but size and ioctls
 * @f: in: @f->kind, the kind that is asked about; out: the features
 *
 * Return: 0, or -EINVAL if there is no such kind.
 */
int flab_features(struct faultlab_features *f)
{
	const struct flab_kind *kind = flab_kind(f->kind);

	if (!kind)
		return -EINVAL;
	f->kinds = FLAB_LOW_BITS(FAULTLAB_NR_KINDS);
	f->region_flags = flab_features_flags(kind);
	f->access = FAULTLAB_ACCESS_ANY;
	f->verdicts = FLAB_LOW_BITS(FAULTLAB_NR_VERDICTS);
	f->delays = FLAB_LOW_BITS(FAULTLAB_NR_DELAYS);
	f->rule_flags = FAULTLAB_RULE_ANY;
	flab_walk_features(f);
	f->max_bytes = flab_region_max_pages() << PAGE_SHIFT;
	f->phys_bytes = flab_phys_bytes();
	f->stats = FAULTLAB_NR_STATS;
	f->caches = FLAB_LOW_BITS(FAULTLAB_NR_CACHES);
	f->max_order = FLAB_MAX_ORDER;
	f->max_around = kind->max_around;
	f->pmd_order = PMD_SHIFT - PAGE_SHIFT;
	f->pud_order = PUD_SHIFT - PAGE_SHIFT;
	f->pmd_needs = flab_leaf_needs(kind);
	return 0;
}
