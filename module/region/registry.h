/* SPDX-License-Identifier: GPL-2.0-only */
/* All regions by id, and the counters of all of them. */
#ifndef FLAB_REGISTRY_H
#define FLAB_REGISTRY_H

#include "region/region.h"

typedef int (*flab_region_fn)(struct flab_region *region, void *arg);

int flab_registry_add(struct flab_region *region);
void flab_registry_remove(struct flab_region *region);
int flab_regions_visit(flab_region_fn fn, void *arg);
typedef void (*flab_region_list_fn)(struct flab_region *region, const u64 *value, void *arg);
void flab_regions_list(flab_region_list_fn fn, void *arg);

void flab_global_stats(u64 value[FAULTLAB_NR_STATS], bool reset);

#endif /* FLAB_REGISTRY_H */
