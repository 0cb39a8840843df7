/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a rule and a region may be. For the module, which refuses all else by the same
 * functions, and, through <faultlab.h>, for user space, which also gets the reason.
 *
 * *why is set to a sentence, in user space only; why may be NULL.
 */
#ifndef FAULTLAB_CHECK_H
#define FAULTLAB_CHECK_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#endif
#include <linux/faultlab.h>

/*
 * rule_check.c: 0, or -EINVAL for a rule that is not valid. Only the module knows
 * whether the rule's range exceeds max_pages.
 */
int faultlab_rule_check(const struct faultlab_rule *rule, const char **why);

/* Whether it does not apply to each fault that it matches: skip, every, times, ... */
bool faultlab_rule_has_condition(const struct faultlab_rule *rule);

/* FAULTLAB_ACCESS_* that the rule could have in `access`; what 0 there stands for. */
__u32 faultlab_rule_accesses(const struct faultlab_rule *rule);

/*
 * config_check.c: 0, or the -errno of a region that cannot be. features are those of
 * config->kind; if there is no such kind, of any. Only the module knows whether another
 * region has the range of PHYS.
 */
int faultlab_config_check(const struct faultlab_config *config,
			  const struct faultlab_features *features, const char **why);

#endif /* FAULTLAB_CHECK_H */
