// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs region/ID/{evict,unplug,gate,reset}: root can do to any region what the program
 * that opened it does by ioctl. One write() is one line with one command; docs/ABI has the
 * syntax.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "common/text.h"
#include "debugfs/debugfs.h"
#include "evict/evict.h"
#include "evict/unplug.h"
#include "may_see.h"
#include "observe/latency.h"
#include "region/counters.h"
#include "region/region.h"
#include "region/registry.h"

/* Enough for the longest command, with two numbers of 20 digits, and blanks. */
#define FLAB_CONTROL_MAX	128

/* Return: the next word of the line, or NULL at the end of the line. */
static char *flab_control_word(char **line)
{
	char *word;

	do
		word = strsep(line, " \t");
	while (word && !*word);
	return word;
}

static int flab_control_evict(struct flab_region *region, char *line)
{
	struct faultlab_evict evict = { .length = FAULTLAB_TO_END };
	bool ranged = false;
	char *word;

	while ((word = flab_control_word(&line))) {
		size_t len = str_has_prefix(word, "pages=");

		if (len && !ranged && flab_scan_pages(word + len, &evict.offset, &evict.length))
			ranged = true;
		else if (!strcmp(word, "drop"))
			evict.flags |= FAULTLAB_EVICT_DROP;
		else if (!strcmp(word, "cows"))
			evict.flags |= FAULTLAB_EVICT_COWS;
		else
			return -EINVAL;
	}
	return flab_region_evict(region, &evict);
}

/* Unplug cannot be undone, so only the line "1" is accepted: a blank one is -EINVAL. */
static int flab_control_unplug(struct flab_region *region, char *line)
{
	return strcmp(line, "1") ? -EINVAL : flab_region_unplug(region, true);
}

static int flab_control_gate(struct flab_region *region, char *line)
{
	struct faultlab_gate gate = { .op = FAULTLAB_GATE_PASS };
	char *word = flab_control_word(&line);
	u64 nr;

	if (!word)
		return -EINVAL;
	if (!strcmp(word, "open")) {
		gate.op = FAULTLAB_GATE_OPEN;
	} else if (!strcmp(word, "close")) {
		gate.op = FAULTLAB_GATE_CLOSE;
	} else if (!strcmp(word, "pass")) {
		word = flab_control_word(&line);
		if (!word || !flab_scan_number(&word, &nr) || *word || nr > U32_MAX)
			return -EINVAL;
		gate.nr = nr;
	} else {
		return -EINVAL;
	}
	if (flab_control_word(&line))
		return -EINVAL;
	if (READ_ONCE(region->dead))
		return -ENODEV;
	return flab_gate_ioctl(&region->gate, &gate);
}

static int flab_gate_show(struct seq_file *m, void *v)
{
	struct flab_region *region = m->private;
	struct flab_gate *gate = &region->gate;
	int err = flab_debugfs_get(m->file);
	u32 waiting;
	u64 passes;
	bool open;

	if (err)
		return err;
	spin_lock(&gate->lock);
	open = gate->open;
	waiting = gate->waiting;
	passes = gate->passes;
	spin_unlock(&gate->lock);
	flab_debugfs_put(m->file);
	seq_printf(m, "open %d\nwaiting %u\npasses %llu\n", open, waiting, passes);
	return 0;
}

static int flab_control_reset(struct flab_region *region, char *line)
{
	struct flab_latency_cell *latency = flab_latency_snapshot(region, true);
	u64 value[FAULTLAB_NR_STATS];

	/* If there is no memory, reset neither histograms nor counters. */
	if (!latency)
		return -ENOMEM;
	kvfree(latency);
	flab_region_stats(region, value, true);
	return 0;
}

static ssize_t flab_control_write(struct file *file, const char __user *buf, size_t len,
				  int (*act)(struct flab_region *region, char *line))
{
	char line[FLAB_CONTROL_MAX];
	int err;

	if (!flab_may_see(file, FLAB_SECRET_TASKS))
		return -EPERM;
	if (len >= sizeof(line))
		return -E2BIG;
	if (copy_from_user(line, buf, len))
		return -EFAULT;
	line[len] = '\0';
	/*
	 * Accept exactly one line that ends in a line feed. writev() may pass a line in parts,
	 * and the first part can be a command that does far more than the whole line:
	 * "pages=1-" of "pages=1-5".
	 */
	if (!len || strchr(line, '\n') != line + len - 1)
		return -EINVAL;
	line[len - 1] = '\0';
	err = flab_debugfs_get(file);
	if (err)
		return err;
	err = act(file_inode(file)->i_private, line);
	flab_debugfs_put(file);
	return err ?: len;
}

#define FLAB_CONTROL_WRITE(name)							\
	static ssize_t flab_##name##_write(struct file *file, const char __user *buf,	\
					   size_t len, loff_t *pos)			\
	{										\
		return flab_control_write(file, buf, len, flab_control_##name);		\
	}

#define FLAB_CONTROL(name)								\
	FLAB_CONTROL_WRITE(name)							\
	const struct file_operations flab_debugfs_##name##_fops = {			\
		.owner	= THIS_MODULE,							\
		.open	= simple_open,							\
		.write	= flab_##name##_write,						\
		.llseek	= noop_llseek,							\
	}

FLAB_CONTROL(evict);
FLAB_CONTROL(unplug);
FLAB_CONTROL(reset);
FLAB_CONTROL_WRITE(gate)

static int flab_gate_open(struct inode *inode, struct file *file)
{
	return single_open(file, flab_gate_show, inode->i_private);
}

const struct file_operations flab_debugfs_gate_fops = {
	.owner		= THIS_MODULE,
	.open		= flab_gate_open,
	.read		= seq_read,
	.write		= flab_gate_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};
