/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers, times and probabilities in the text of rules. Not for users of the
 * library.
 */
#ifndef LIBFAULTLAB_RULE_VALUE_H
#define LIBFAULTLAB_RULE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* Each moves *text past what it read; false if it is not there or not valid. */
bool text_scan_number(char **text, __u64 *number);
bool text_scan_time(char **text, __u64 *us);
bool text_scan_probability(char **text, __u32 *millionths);
bool text_skip_word(char **text, const char *word);

/* A buffer that text is appended to. Text that does not fit is cut. */
struct text {
	char *at;
	size_t room;
};

__attribute__((format(printf, 2, 3)))
void text_add(struct text *to, const char *format, ...);
void text_add_time(struct text *to, __u64 us);
void text_add_fraction(struct text *to, __u32 millionths);

#endif /* LIBFAULTLAB_RULE_VALUE_H */
