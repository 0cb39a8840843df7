// SPDX-License-Identifier: GPL-2.0-only
/* debugfs region/ID/vmas: counters of each VMA of a region, and one sum of ended VMAs. */
#include <linux/mm.h>
#include <linux/seq_file.h>
#include "common/faultlab_names.h"
#include "debugfs/debugfs.h"
#include "may_see.h"
#include "region/counters.h"
#include "region/vmas.h"

/* Show only counters that are not 0, as most of them are 0. */
static void flab_show_counts(struct seq_file *m, const struct flab_cell *cell)
{
	u64 value[FAULTLAB_NR_STATS];
	int i;

	flab_cell_stats(cell, value);
	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		if (value[i])
			seq_printf(m, " %s %llu", faultlab_stat_name(i), value[i]);
	seq_putc(m, '\n');
}

static void flab_show_counters(struct seq_file *m, struct flab_counters *counters)
{
	struct flab_cell sum = { };

	flab_counters_sum(counters, &sum, false);
	flab_show_counts(m, &sum);
}

/* PID of the mm's owner; 0 without CONFIG_MEMCG, which mm->owner depends on. */
static pid_t flab_vma_pid(const struct vm_area_struct *vma)
{
	pid_t pid = 0;
#ifdef CONFIG_MEMCG
	struct task_struct *owner;

	rcu_read_lock();
	owner = rcu_dereference(vma->vm_mm->owner);
	if (owner)
		pid = task_tgid_nr(owner);
	rcu_read_unlock();
#endif
	return pid;
}

/*
 * region->counters_lock is held. .close takes it, too, so the VMA is not freed meanwhile. But
 * munmap() of a part may change its range, by plain stores of the core: data_race().
 */
static void flab_show_vma(struct seq_file *m, const struct vm_area_struct *vma)
{
	unsigned long start = data_race(vma->vm_start); /* see above */
	unsigned long end = data_race(vma->vm_end); /* see above */
	unsigned long page = data_race(vma->vm_pgoff); /* see above */

	seq_printf(m, "vma 0x%lx-0x%lx page %lu pid %d", start, end, page, flab_vma_pid(vma));
}

/* The number of VMAs without counters of their own, which use the region's @spare. */
struct flab_others {
	const struct flab_counters *spare;
	u32 nr;
};

static void flab_count_other(const struct vm_area_struct *vma, void *arg)
{
	struct flab_others *others = arg;

	others->nr += READ_ONCE(vma->vm_private_data) == others->spare;
}

static int flab_vmas_show(struct seq_file *m, void *v)
{
	struct flab_region *region = m->private;
	struct flab_others others = { .spare = &region->spare };
	struct flab_counters *counters;
	int err = flab_debugfs_get(m->file);

	if (err)
		return err;
	flab_vmas_visit(region->inode->i_mapping, flab_count_other, &others);
	mutex_lock(&region->counters_lock);
	list_for_each_entry(counters, &region->counters, node) {
		flab_show_vma(m, counters->vma);
		flab_show_counters(m, counters);
	}
	seq_printf(m, "others %u", others.nr);
	flab_show_counters(m, &region->spare);
	seq_puts(m, "ended");
	flab_show_counts(m, &region->folded);
	mutex_unlock(&region->counters_lock);
	flab_debugfs_put(m->file);
	return 0;
}

static int flab_vmas_open(struct inode *inode, struct file *file)
{
	return single_open(file, flab_vmas_show, inode->i_private);
}

static ssize_t flab_vmas_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	return flab_may_see(file, FLAB_SECRET_TASKS) ? seq_read(file, buf, len, pos) : -EPERM;
}

const struct file_operations flab_debugfs_vmas_fops = {
	.owner		= THIS_MODULE,
	.open		= flab_vmas_open,
	.read		= flab_vmas_read,
	.llseek		= seq_lseek,
	.release	= single_release,
};
