// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs region/ID/rules: the rules of any region as text. A write() replaces all rules;
 * with O_APPEND (">>" in a shell) it adds rules after the existing ones.
 */
#include <linux/capability.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "common/text.h"
#include "debugfs/debugfs.h"
#include "may_see.h"
#include "region/rules.h"

/* Longest write(). One write() is one list of rules: either all are set, or none. */
#define FLAB_RULES_TEXT_MAX	(128 * 1024)

static void flab_rules_show_one(struct seq_file *m, const struct faultlab_rule *rule)
{
	flab_add_rule(m, rule);
	seq_printf(m, " # %llu hit%s\n", rule->hits, rule->hits == 1 ? "" : "s");
}

static int flab_rules_show_text(struct seq_file *m, void *v)
{
	struct faultlab_rule *rules;
	u32 i, nr;
	int err;

	err = flab_debugfs_get(m->file);
	if (err)
		return err;
	err = flab_region_get_rules(m->private, &rules, &nr);
	flab_debugfs_put(m->file);
	for (i = 0; i < nr; i++)
		flab_rules_show_one(m, &rules[i]);
	kvfree(rules);
	return err;
}

static int flab_rules_open(struct inode *inode, struct file *file)
{
	return single_open(file, flab_rules_show_text, inode->i_private);
}

/* Parse one rule a line. Returns how many there were, or -errno. */
static int flab_rules_from_text(struct file *file, char *text, struct flab_rule *rules)
{
	struct faultlab_rule spec;
	int nr = 0;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		int err = flab_rule_parse(line, &spec, NULL);

		if (err == -ENODATA)
			continue;
		if (err)
			return err;
		if (nr == FAULTLAB_MAX_RULES)
			return -ENOSPC;
		err = flab_region_rule_check(file, &spec, &rules[nr]);
		if (err)
			return err;
		/*
		 * A delay in faults that the kernel takes on behalf of a task needs CAP_SYS_PTRACE
		 * of both opener and writer: the descriptor may have been passed on.
		 */
		rules[nr].kernel_mode = flab_rule_waits(&rules[nr]) &&
					file_ns_capable(file, &init_user_ns, CAP_SYS_PTRACE) &&
					capable(CAP_SYS_PTRACE);
		nr++;
	}
	return nr;
}

static ssize_t flab_rules_write(struct file *file, const char __user *buf, size_t len,
				loff_t *pos)
{
	struct flab_region *region = file_inode(file)->i_private;
	struct flab_rule *rules;
	char *text;
	int ret;

	/* Rules can unplug the region of any program and delay its faults. */
	if (!flab_may_see(file, FLAB_SECRET_TASKS))
		return -EPERM;
	if (len > FLAB_RULES_TEXT_MAX)
		return -E2BIG;
	text = kvmalloc(len + 1, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	ret = -EFAULT;
	if (copy_from_user(text, buf, len))
		goto free_text;
	text[len] = '\0';
	/* Whole lines only: a part, as "sigbus" of "sigbus pages=3", may match more faults. */
	ret = -EINVAL;
	if (strlen(text) != len || (len && text[len - 1] != '\n'))
		goto free_text;
	rules = kvmalloc_array(FAULTLAB_MAX_RULES, sizeof(*rules), GFP_KERNEL);
	ret = -ENOMEM;
	if (!rules)
		goto free_text;
	ret = flab_debugfs_get(file);
	if (ret)
		goto free_rules;
	ret = flab_rules_from_text(file, text, rules);
	if (ret >= 0)
		ret = flab_region_set_rules(region, rules, ret, file->f_flags & O_APPEND);
	flab_debugfs_put(file);
free_rules:
	kvfree(rules);
free_text:
	kvfree(text);
	return ret ?: len;
}

const struct file_operations flab_debugfs_rules_fops = {
	.owner		= THIS_MODULE,
	.open		= flab_rules_open,
	.read		= seq_read,
	.write		= flab_rules_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};
