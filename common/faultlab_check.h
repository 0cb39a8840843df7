/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks whether a rule or the configuration of a region is valid. The module and, through
 * <faultlab.h>, user space use the same functions.
 *
 * If the check fails, *why is set to a sentence that says why; in the module, which has no
 * such sentences, to NULL. why may be NULL.
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
 * rule_check.c: 0, or -EINVAL for a rule that is not valid, or -ENOSPC for one that begins at
 * the last page of 2^64 bytes. Not checked here, since only
 * the module knows it: whether the rule's range exceeds the module parameter max_pages.
 */
int faultlab_rule_check(const struct faultlab_rule *rule, const char **why);

/*
 * Whether the rule does not apply to every fault that it matches, because of skip, every,
 * times or probability.
 */
bool faultlab_rule_has_condition(const struct faultlab_rule *rule);

/*
 * The FAULTLAB_ACCESS_* bits that would be valid in rule->access, with the other fields as
 * they are. If rule->access is 0, the rule matches all of these.
 */
__u32 faultlab_rule_accesses(const struct faultlab_rule *rule);

/*
 * config_check.c: 0, or the -errno with which FAULTLAB_IOC_CONFIG refuses the region.
 * features must be those of config->kind, or of any kind if config->kind does not exist.
 * Not checked here, since only the module knows it: whether another region already uses
 * the physical range that PHYS needs.
 */
int faultlab_config_check(const struct faultlab_config *config,
			  const struct faultlab_features *features, const char **why);

#endif /* FAULTLAB_CHECK_H */
