/* SPDX-License-Identifier: GPL-2.0-only */
/* Evict: zap the entries of a range in all processes; unplug: of all, for good. */
#ifndef FLAB_EVICT_H
#define FLAB_EVICT_H

#include "region/region.h"

int flab_region_evict(struct flab_region *region,
		      const struct faultlab_evict *evict);
int flab_region_unplug(struct flab_region *region, bool killable);

#endif /* FLAB_EVICT_H */
