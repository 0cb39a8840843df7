/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers, pages, times and probabilities in the text of rules and commands. */
#ifndef FLAB_RULE_VALUE_H
#define FLAB_RULE_VALUE_H

#include <linux/faultlab.h>
#include <linux/types.h>

struct seq_file;

/* Each moves the text on behind what it read. 0 or -EINVAL. */
int flab_scan_number(char **text, u64 *number);
int flab_scan_time(char **text, u64 *us);
int flab_scan_probability(char **text, u32 *millionths);

/* All of the text, FIRST[-[LAST]], as bytes; without LAST the length is left alone. */
int flab_scan_pages(char *text, u64 *offset, u64 *length);

void flab_show_time(struct seq_file *m, u64 us);
void flab_show_fraction(struct seq_file *m, u32 millionths);

#endif /* FLAB_RULE_VALUE_H */
