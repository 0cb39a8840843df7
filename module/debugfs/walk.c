// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs `walk`: after a write() of "PID START [LENGTH]", read() returns the entries of
 * that range, including entries that point to page tables, and holes. Later opens begin
 * with the range that was written last, so that a shell can write and read in two commands.
 */
#include <linux/debugfs.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "common/text.h"
#include "debugfs/debugfs.h"
#include "may_see.h"
#include "walk/walk.h"

#define FLAB_WALK_VIEW_CHUNK 64

struct flab_walk_request {
	u32 pid;
	u64 start;
	u64 length;
};

static DEFINE_MUTEX(flab_walk_lock);	/* protects flab_walk_last */
static struct flab_walk_request flab_walk_last = { .length = PAGE_SIZE };

/* The state of one open of the file; seq_file's lock (m->lock) protects it. */
struct flab_walk_view {
	struct flab_walk_request request;
	struct flab_walk walk;
	u32 at;				/* index in entries of the next to show */
	struct faultlab_walk_entry entries[FLAB_WALK_VIEW_CHUNK];
};

static void *flab_walk_view_get(struct flab_walk_view *view)
{
	struct flab_walk *w = &view->walk;
	int err;

	while (view->at == w->used / sizeof(*view->entries)) {
		if (w->done)
			return NULL;
		view->at = 0;
		err = flab_walk_chunk(w);
		if (err)
			return ERR_PTR(err);
	}
	return &view->entries[view->at];
}

static void *flab_walk_seq_start(struct seq_file *m, loff_t *pos)
{
	struct flab_walk_view *view = m->private;
	struct flab_walk_request *r = &view->request;
	struct flab_walk *w = &view->walk;
	struct mm_struct *mm;
	u64 id;

	mm = flab_walk_target(m->file, r->pid, &id);
	if (IS_ERR(mm))
		return mm;
	w->mm = mm;
	/*
	 * A read() that continues a walk fails if PID now has another address space, as after
	 * exec(). FAULTLAB_IOC_WALK does the same.
	 */
	if (*pos)
		return id == w->id ? flab_walk_view_get(view) : ERR_PTR(-ESTALE);
	w->id = id;

	w->flags = FAULTLAB_WALK_TABLES | FAULTLAB_WALK_HOLES;
	w->form = &flab_walk_entries;
	w->buf = view->entries;
	w->room = sizeof(view->entries);
	w->used = 0;
	view->at = 0;
	flab_walk_set_range(w, r->start, r->start + r->length, 0);
	return SEQ_START_TOKEN;
}

static void *flab_walk_seq_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct flab_walk_view *view = m->private;

	if (v != SEQ_START_TOKEN)
		view->at++;
	++*pos;
	return flab_walk_view_get(view);
}

/*
 * mmput_async(), since seq_file's lock (m->lock) is held: the last reference to an mm runs
 * exit_mmap(), which takes long and calls .close of all VMAs. It runs in a worker instead, so
 * that no lock of a driver's .close is ever taken inside m->lock.
 */
static void flab_walk_seq_stop(struct seq_file *m, void *v)
{
	struct flab_walk_view *view = m->private;

	if (view->walk.mm)
		mmput_async(view->walk.mm);
	view->walk.mm = NULL;
}

static int flab_walk_seq_show(struct seq_file *m, void *v)
{
	const struct faultlab_walk_entry *e = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "level index address            bytes           pfn          raw                flags\n");
		return 0;
	}
	seq_printf(m, "%-5s %5u 0x%016llx %-15llu 0x%-10llx 0x%016llx ",
		   faultlab_level_name(e->level), e->index, e->addr, e->bytes,
		   e->pfn, e->raw);
	flab_add_bits(m, e->flags, &flab_pte_bits, ",");
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations flab_walk_seq_ops = {
	.start	= flab_walk_seq_start,
	.next	= flab_walk_seq_next,
	.stop	= flab_walk_seq_stop,
	.show	= flab_walk_seq_show,
};

static int flab_walk_open(struct inode *inode, struct file *file)
{
	struct flab_walk_view *view;

	view = __seq_open_private(file, &flab_walk_seq_ops, sizeof(*view));
	if (!view)
		return -ENOMEM;
	mutex_lock(&flab_walk_lock);
	view->request = flab_walk_last;
	mutex_unlock(&flab_walk_lock);
	return 0;
}

static ssize_t flab_walk_write(struct file *file, const char __user *buf,
			       size_t len, loff_t *pos)
{
	struct seq_file *m = file->private_data;
	struct flab_walk_view *view = m->private;
	struct flab_walk_request r = { .length = PAGE_SIZE };
	bool valid;
	char *text;

	if (!flab_may_see(file, FLAB_SECRET_TASKS))
		return -EPERM;
	if (len > PAGE_SIZE)
		return -EINVAL;
	text = memdup_user_nul(buf, len);
	if (IS_ERR(text))
		return PTR_ERR(text);
	valid = flab_scan_walk(strim(text), &r.pid, &r.start, &r.length);
	kfree(text);
	if (!valid)
		return -EINVAL;

	mutex_lock(&m->lock);
	view->request = r;
	m->index = 0;
	m->count = 0;
	m->read_pos = 0;
	*pos = 0;
	mutex_unlock(&m->lock);

	mutex_lock(&flab_walk_lock);
	flab_walk_last = r;
	mutex_unlock(&flab_walk_lock);
	return len;
}

/*
 * Check at every read(), not only when the walk is done: seq_file's buffer may hold text
 * that a read() by a privileged task has left.
 */
static ssize_t flab_walk_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	return flab_may_see(file, FLAB_SECRET_KERNEL) ? seq_read(file, buf, len, pos) : -EPERM;
}

const struct file_operations flab_debugfs_walk_fops = {
	.owner		= THIS_MODULE,
	.open		= flab_walk_open,
	.read		= flab_walk_read,
	.write		= flab_walk_write,
	.llseek		= seq_lseek,
	.release	= seq_release_private,
};
