/* SPDX-License-Identifier: GPL-2.0-only */
/* FAULTLAB_IOC_CONFIG and INFO: kind, flags, order and size of a region. */
#ifndef FLAB_CONFIG_H
#define FLAB_CONFIG_H

#include "region/region.h"

int flab_region_config(struct flab_region *region,
		       const struct faultlab_config *config);
int flab_region_info(struct flab_region *region, struct faultlab_info *info);

#endif /* FLAB_CONFIG_H */
