/* SPDX-License-Identifier: GPL-2.0-only */
/* The files below /sys/kernel/debug/faultlab. See docs/ABI. */
#ifndef FLAB_DEBUGFS_H
#define FLAB_DEBUGFS_H

#include <linux/fs.h>

struct flab_region;

extern const struct file_operations flab_debugfs_rules_fops;
extern const struct file_operations flab_debugfs_walk_fops;
extern const struct file_operations flab_debugfs_records_fops;
extern const struct file_operations flab_debugfs_latency_fops;
extern const struct file_operations flab_debugfs_vmas_fops;
extern const struct file_operations flab_debugfs_evict_fops;
extern const struct file_operations flab_debugfs_unplug_fops;
extern const struct file_operations flab_debugfs_gate_fops;
extern const struct file_operations flab_debugfs_reset_fops;

/*
 * Whoever uses a region through one of its files says for how long, 0 or -EIO if it has
 * ended: its end waits for no other user of a file. Memory that is read into or written
 * from may take for ever to come, so not while it is copied.
 */
int flab_debugfs_get(const struct file *file);
void flab_debugfs_put(const struct file *file);

void flab_debugfs_add_region(struct flab_region *region);
void flab_debugfs_remove_region(struct flab_region *region);

void flab_debugfs_init(void);
void flab_debugfs_exit(void);

#endif /* FLAB_DEBUGFS_H */
