/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declarations shared by the files of faultlab rule.
 */
#ifndef FAULTLAB_TOOL_RULE_H
#define FAULTLAB_TOOL_RULE_H

#include "util/tool.h"

/* list.c: the path of a region's rules in debugfs, and the listing of rules. */
#define RULES_PATH_LEN	96
void rules_path(char path[RULES_PATH_LEN], __u64 region);

/* Lists the rules of one region; NULL: of all. Returns the exit status. */
int rule_list(const __u64 *region, bool json);

#endif /* FAULTLAB_TOOL_RULE_H */
