/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters of one region: the sum of its cells. */
#ifndef FLAB_COUNTERS_H
#define FLAB_COUNTERS_H

#include "region/region.h"

void flab_counters_sum(struct flab_counters *counters, struct flab_cell *sum, bool reset);
void flab_region_counters(struct flab_region *region, u64 value[FAULTLAB_NR_STATS],
			  bool reset);
void flab_region_stats(struct flab_region *region, u64 value[FAULTLAB_NR_STATS],
		       bool reset);
u64 flab_region_count_on(struct flab_region *region, int cpu);

#endif /* FLAB_COUNTERS_H */
