/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers, pages, times and probabilities in the text of rules and commands. */
#ifndef FLAB_RULE_VALUE_H
#define FLAB_RULE_VALUE_H

#include <linux/faultlab.h>
#include <linux/types.h>

struct seq_file;

/* Each moves *text past what it read, and returns 0 or -EINVAL. */
int flab_scan_number(char **text, u64 *number);
int flab_scan_time(char **text, u64 *us);
int flab_scan_probability(char **text, u32 *millionths);

/* Parses all of the text, FIRST[-[LAST]], to bytes. FIRST- leaves *length unchanged. */
int flab_scan_pages(char *text, u64 *offset, u64 *length);

void flab_show_time(struct seq_file *m, u64 us);
void flab_show_fraction(struct seq_file *m, u32 millionths);

#endif /* FLAB_RULE_VALUE_H */
