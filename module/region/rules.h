/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks rules, replaces the rules of a region while faults match them, and copies them. */
#ifndef FLAB_REGION_RULES_H
#define FLAB_REGION_RULES_H

#include "region/region.h"

int flab_region_set_rules(struct flab_region *region,
			  const struct flab_rule *rules, u32 nr, bool add);
int flab_region_get_rules(struct flab_region *region, struct faultlab_rule **rules,
			  u32 *nr);
int flab_region_rule_check(const struct file *file, const struct faultlab_rule *from,
			   struct flab_rule *to);

#endif /* FLAB_REGION_RULES_H */
