// SPDX-License-Identifier: GPL-2.0-only
/*
 * For tests only: a debugfs file for the kernel's own page table dumper, to which the
 * walker is compared. Kernels without CONFIG_PTDUMP_DEBUGFS export the dumper, but have
 * no such file (page_tables/current_kernel).
 */
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>

/*
 * Room for most dumps. seq_file repeats a dump that does not fit, with twice the room.
 */
#define FLAB_PTDUMP_ROOM SZ_1M

static struct dentry *flab_ptdump_file;

static int flab_ptdump_show(struct seq_file *m, void *v)
{
	ptdump_walk_pgd_level_debugfs(m, current->mm, false);
	return 0;
}

static int flab_ptdump_open(struct inode *inode, struct file *file)
{
	return single_open_size(file, flab_ptdump_show, NULL, FLAB_PTDUMP_ROOM);
}

static const struct file_operations flab_ptdump_fops = {
	.owner		= THIS_MODULE,
	.open		= flab_ptdump_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= single_release,
};

static int __init flab_ptdump_init(void)
{
	flab_ptdump_file = debugfs_create_file("flab_ptdump", 0400, NULL, NULL,
					       &flab_ptdump_fops);
	return 0;
}

static void __exit flab_ptdump_exit(void)
{
	debugfs_remove(flab_ptdump_file);
}

module_init(flab_ptdump_init);
module_exit(flab_ptdump_exit);

MODULE_DESCRIPTION("The page tables of who reads, by the kernel's ptdump");
MODULE_AUTHOR("The faultlab authors");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
