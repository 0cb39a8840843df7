/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules as text, one a line. */
#ifndef FLAB_RULE_TEXT_H
#define FLAB_RULE_TEXT_H

#include <linux/faultlab.h>
#include <linux/types.h>

struct seq_file;

int flab_rule_text_parse(char *line, struct faultlab_rule *rule, bool *empty);
void flab_rule_text_show(struct seq_file *m, const struct faultlab_rule *rule);

#endif /* FLAB_RULE_TEXT_H */
