// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/faultlab. Errors of debugfs are ignored, as is usual in the kernel:
 * without debugfs the module works, and only these files are missing.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "common/text.h"
#include "debugfs/debugfs.h"
#include "kind/kind.h"
#include "may_see.h"
#include "observe/latency.h"
#include "observe/record.h"
#include "region/counters.h"
#include "region/registry.h"
#include "walk/walk.h"

static struct dentry *flab_dir;
static struct dentry *flab_region_dir;

static void flab_show_stats(struct seq_file *m, const u64 value[FAULTLAB_NR_STATS])
{
	int i;

	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		seq_printf(m, "%s %llu\n", faultlab_stat_name(i), value[i]);
}

static int flab_stats_show(struct seq_file *m, void *v)
{
	u64 value[FAULTLAB_NR_STATS];

	flab_global_stats(value, false);
	flab_show_stats(m, value);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(flab_stats);

int flab_debugfs_get(const struct file *file)
{
	return debugfs_file_get(file->f_path.dentry);
}

void flab_debugfs_put(const struct file *file)
{
	debugfs_file_put(file->f_path.dentry);
}

static int flab_region_stats_show(struct seq_file *m, void *v)
{
	u64 value[FAULTLAB_NR_STATS];
	int err = flab_debugfs_get(m->file);

	if (err)
		return err;
	flab_region_stats(m->private, value, false);
	flab_debugfs_put(m->file);
	flab_show_stats(m, value);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(flab_region_stats);

static int flab_region_cpus_show(struct seq_file *m, void *v)
{
	int cpu, err = flab_debugfs_get(m->file);

	if (err)
		return err;
	for_each_possible_cpu(cpu)
		seq_printf(m, "cpu%d %llu\n", cpu, flab_region_count_on(m->private, cpu));
	flab_debugfs_put(m->file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(flab_region_cpus);

static void flab_show_region_flags(struct seq_file *m, const struct flab_region *region)
{
	/* FAULTLAB_IOC_CONFIG may be changing the flags: read them once. */
	u64 flags = READ_ONCE(region->flags);

	flab_add_bits(m, flags, &flab_region_bits, ",");
	if (READ_ONCE(region->dead))
		seq_printf(m, "%sunplugged", flags ? "," : "");
	else if (!flags)
		seq_putc(m, '-');
}

static void flab_regions_show_one(struct flab_region *region, const u64 *value, void *arg)
{
	struct seq_file *m = arg;

	seq_printf(m, "%-6u %-5s %12llu %8llu %5llu %8d ", region->id,
		   faultlab_kind_name(flab_kind_nr(READ_ONCE(region->kind))),
		   (u64)READ_ONCE(region->nr_pages) << PAGE_SHIFT,
		   value[FAULTLAB_STAT_PAGES], value[FAULTLAB_STAT_VMAS],
		   region->owner);
	flab_show_region_flags(m, region);
	/* The task that opened the region may have a comm with line feeds or escape sequences. */
	seq_putc(m, ' ');
	seq_escape_str(m, region->comm, ESCAPE_OCTAL | ESCAPE_NAP | ESCAPE_APPEND, "\\");
	seq_putc(m, '\n');
}

static int flab_regions_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%-6s %-5s %12s %8s %5s %8s %s %s\n", "id", "kind",
		   "bytes", "pages", "vmas", "pid", "flags", "comm");
	flab_regions_list(flab_regions_show_one, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(flab_regions);

static ssize_t flab_reset_write(struct file *file, const char __user *buf,
				size_t len, loff_t *pos)
{
	struct flab_latency_cell *latency;
	u64 value[FAULTLAB_NR_STATS];

	if (!flab_may_see(file, FLAB_SECRET_TASKS))
		return -EPERM;
	latency = flab_latency_snapshot(NULL, true);
	/* If there is no memory, reset none of histograms, counters and records. */
	if (!latency)
		return -ENOMEM;
	kvfree(latency);
	flab_global_stats(value, true);
	flab_record_forget();
	return len;
}

static const struct file_operations flab_reset_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= flab_reset_write,
	.llseek	= noop_llseek,
};

/* The files in the directory of each region. */
static const struct {
	const char *name;
	umode_t mode;
	const struct file_operations *fops;
} flab_region_files[] = {
	{ "stats", 0400, &flab_region_stats_fops },
	{ "cpus", 0400, &flab_region_cpus_fops },
	{ "rules", 0600, &flab_debugfs_rules_fops },
	{ "latency", 0600, &flab_debugfs_latency_fops },
	{ "vmas", 0400, &flab_debugfs_vmas_fops },
	{ "evict", 0200, &flab_debugfs_evict_fops },
	{ "unplug", 0200, &flab_debugfs_unplug_fops },
	{ "gate", 0600, &flab_debugfs_gate_fops },
	{ "reset", 0200, &flab_debugfs_reset_fops },
};

void flab_debugfs_add_region(struct flab_region *region)
{
	char name[12];
	size_t i;

	snprintf(name, sizeof(name), "%u", region->id);
	region->debugfs = debugfs_create_dir(name, flab_region_dir);
	for (i = 0; i < ARRAY_SIZE(flab_region_files); i++)
		debugfs_create_file_unsafe(flab_region_files[i].name,
					   flab_region_files[i].mode, region->debugfs,
					   region, flab_region_files[i].fops);
}

/* debugfs_remove() waits for tasks between flab_debugfs_get() and flab_debugfs_put(). */
void flab_debugfs_remove_region(struct flab_region *region)
{
	debugfs_remove(region->debugfs);
}

void flab_debugfs_init(void)
{
	flab_dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	flab_region_dir = debugfs_create_dir("region", flab_dir);
	debugfs_create_file("stats", 0400, flab_dir, NULL, &flab_stats_fops);
	debugfs_create_file("regions", 0400, flab_dir, NULL, &flab_regions_fops);
	debugfs_create_file("reset", 0200, flab_dir, NULL, &flab_reset_fops);
	debugfs_create_file("walk", 0600, flab_dir, NULL, &flab_debugfs_walk_fops);
	if (IS_ENABLED(CONFIG_PROVE_LOCKING))
		debugfs_create_atomic_t("walk_retries", 0400, flab_dir, &flab_walk_retries);
	debugfs_create_file("records", 0600, flab_dir, NULL, &flab_debugfs_records_fops);
	debugfs_create_file("latency", 0600, flab_dir, NULL, &flab_debugfs_latency_fops);
}

void flab_debugfs_exit(void)
{
	debugfs_remove(flab_dir);
}
