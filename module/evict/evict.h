/* SPDX-License-Identifier: GPL-2.0-only */
/* Zapping the entries of a range in all processes, on request. */
#ifndef FLAB_EVICT_H
#define FLAB_EVICT_H

#include "region/region.h"

int flab_region_evict(struct flab_region *region,
		      const struct faultlab_evict *evict);

#endif /* FLAB_EVICT_H */
