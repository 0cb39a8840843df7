/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting for mmaps under way, which unplug must not miss. */
#ifndef FLAB_MAPPERS_H
#define FLAB_MAPPERS_H

#include "region/region.h"

int flab_mapper_note(struct flab_region *region, struct mm_struct *mm);
int flab_mappers_settle(struct flab_region *region);
void flab_mappers_free(struct flab_region *region);

#endif /* FLAB_MAPPERS_H */
