/* SPDX-License-Identifier: GPL-2.0-only */
/* Ending a region for good, as when a device is unplugged. */
#ifndef FLAB_UNPLUG_H
#define FLAB_UNPLUG_H

#include "region/region.h"

int flab_region_unplug(struct flab_region *region, bool killable);

#endif /* FLAB_UNPLUG_H */
