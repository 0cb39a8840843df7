// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs latency and region/ID/latency: histograms as text. Writing a boolean switches
 * measuring on or off.
 */
#include <linux/debugfs.h>
#include <linux/kstrtox.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "common/faultlab_names.h"
#include "debugfs/debugfs.h"
#include "may_see.h"
#include "observe/latency.h"

static u64 flab_buckets_sum(const u64 count[FAULTLAB_LATENCY_BUCKETS])
{
	u64 sum = 0;
	int i;

	for (i = 0; i < FAULTLAB_LATENCY_BUCKETS; i++)
		sum += count[i];
	return sum;
}

/* One line: access, result, count, total time, and the buckets that are not 0. */
static void flab_buckets_show(struct seq_file *m, const char *access, const char *result,
			      const u64 count[FAULTLAB_LATENCY_BUCKETS], u64 total_ns)
{
	u64 sum = flab_buckets_sum(count);
	int i;

	if (!sum)
		return;
	seq_printf(m, "%-11s %-8s %10llu %16llu", access, result, sum, total_ns);
	for (i = 0; i < FAULTLAB_LATENCY_BUCKETS; i++)
		if (count[i])
			seq_printf(m, " %llu:%llu", i ? BIT_ULL(i) : 0, count[i]);
	seq_putc(m, '\n');
}

static int flab_latency_show(struct seq_file *m, void *v)
{
	struct flab_latency_cell *sum;
	int access, result, err;
	bool runs;

	err = flab_debugfs_get(m->file);
	if (err)
		return err;
	sum = flab_latency_snapshot(m->private, false);
	runs = flab_latency_runs(m->private);
	flab_debugfs_put(m->file);
	if (!sum)
		return -ENOMEM;
	seq_printf(m, "%s\n", runs ? "on" : "off");
	seq_printf(m, "%-11s %-8s %10s %16s %s\n", "access", "result", "count", "total_ns",
		   "from_ns:count");
	for (access = 0; access < FLAB_NR_ACCESS; access++)
		for (result = 0; result < FLAB_NR_RESULT; result++)
			flab_buckets_show(m, faultlab_access_name(flab_access_mask[access]),
					  faultlab_result_name(result),
					  sum->count[access][result],
					  sum->total_ns[access][result]);
	kvfree(sum);
	return 0;
}

static int flab_latency_open(struct inode *inode, struct file *file)
{
	return single_open(file, flab_latency_show, inode->i_private);
}

static ssize_t flab_latency_write(struct file *file, const char __user *buf, size_t len,
				  loff_t *pos)
{
	struct flab_region *region = file_inode(file)->i_private;
	bool on;
	int err;

	if (!flab_may_see(file, FLAB_SECRET_TASKS))
		return -EPERM;
	err = kstrtobool_from_user(buf, len, &on);
	if (err)
		return err;
	err = flab_debugfs_get(file);
	if (err)
		return err;
	if (on)
		err = region ? flab_latency_start(region) : flab_latency_start_all();
	else if (region)
		flab_latency_stop(region);
	else
		flab_latency_stop_all();
	flab_debugfs_put(file);
	return err ?: len;
}

static ssize_t flab_latency_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	return flab_may_see(file, FLAB_SECRET_TASKS) ? seq_read(file, buf, len, pos) : -EPERM;
}

const struct file_operations flab_debugfs_latency_fops = {
	.owner		= THIS_MODULE,
	.open		= flab_latency_open,
	.read		= flab_latency_read,
	.write		= flab_latency_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};
