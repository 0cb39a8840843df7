// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs records: the records in the rings for all regions, oldest first, a line each.
 * Writing a boolean switches recording of all regions on or off.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/seq_file.h>
#include <linux/time64.h>
#include <linux/uaccess.h>
#include "debugfs/debugfs.h"
#include "debugfs/names.h"
#include "may_see.h"
#include "observe/record.h"

/**
 * struct flab_records_show - one open of the file
 * @reader: of the rings; NULL if there are no rings
 * @record: the record at @pos
 * @pos: the number of records before it
 * @there: whether @record is valid
 */
struct flab_records_show {
	struct flab_reader *reader;
	struct faultlab_record record;
	loff_t pos;
	bool there;
};

static void flab_show_fault(struct seq_file *m, const struct faultlab_record_fault *f)
{
	seq_printf(m, " page %llu ", f->index);
	flab_show_bits(m, f->access, flab_access_names, ARRAY_SIZE(flab_access_names), ',');
	seq_printf(m, " %s %s addr 0x%llx vma 0x%llx lock %s",
		   flab_callback_names[f->callback], flab_result_names[f->result],
		   f->address, f->vma_start, flab_lock_names[f->lock]);
	seq_printf(m, " order %u pages %u took %llu waited %llu verdict %s rule %u flags ",
		   f->order, f->pages, f->duration_ns, f->wait_ns,
		   flab_verdict_names[f->verdict], f->rule);
	flab_show_bits(m, f->flags, flab_flag_names, ARRAY_SIZE(flab_flag_names), ' ');
}

static void flab_show_vma(struct seq_file *m, const struct faultlab_record_vma *vma)
{
	seq_printf(m, " vma %s %s 0x%llx-0x%llx page %llu vm_flags 0x%llx at 0x%llx err %d",
		   flab_vma_event_names[vma->event],
		   vma->why ? flab_why_names[vma->why] : "-", vma->start, vma->end,
		   vma->index, vma->vm_flags, vma->at, vma->err);
}

static int flab_records_show(struct seq_file *m, void *v)
{
	const struct faultlab_record *r = v;
	u32 ns;
	u64 s = div_u64_rem(r->time, NSEC_PER_SEC, &ns);
	int i;

	seq_printf(m, "%llu.%09u cpu %u region %u pid %u tid %u", s, ns, r->cpu, r->region,
		   r->pid, r->tid);
	if (r->type == FAULTLAB_RECORD_FAULT)
		flab_show_fault(m, &r->fault);
	if (r->type == FAULTLAB_RECORD_VMA)
		flab_show_vma(m, &r->vma);
	if (r->type == FAULTLAB_RECORD_LOST)
		seq_printf(m, " lost %llu", r->lost.records);
	if (r->type == FAULTLAB_RECORD_STACK) {
		seq_puts(m, " stack");
		for (i = 0; i < r->nr; i++)
			seq_printf(m, " 0x%llx", r->stack.entry[i]);
	}
	seq_putc(m, '\n');
	return 0;
}

/* Records made after open are left out, or the file might never end. */
static void *flab_records_get(struct flab_records_show *show)
{
	struct flab_reader *r = show->reader;

	if (show->there)
		return &show->record;
	mutex_lock(&r->lock);
	show->there = flab_reader_peek(r, &show->record);
	if (show->there)
		flab_reader_take(r, &show->record);
	mutex_unlock(&r->lock);
	return show->there ? &show->record : NULL;
}

static void *flab_records_start(struct seq_file *m, loff_t *pos)
{
	struct flab_records_show *show = m->private;

	if (!show->reader)
		return NULL;
	/* seq_file went back: rewind, and step forward to *pos record by record. */
	if (*pos < show->pos) {
		mutex_lock(&show->reader->lock);
		flab_reader_rewind(show->reader);
		flab_reader_look(show->reader);
		mutex_unlock(&show->reader->lock);
		show->pos = 0;
		show->there = false;
	}
	while (show->pos < *pos && flab_records_get(show)) {
		show->there = false;
		show->pos++;
	}
	return show->pos == *pos ? flab_records_get(show) : NULL;
}

static void *flab_records_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct flab_records_show *show = m->private;

	show->there = false;
	show->pos++;
	*pos = show->pos;
	return flab_records_get(show);
}

static void flab_records_stop(struct seq_file *m, void *v)
{
}

static const struct seq_operations flab_records_seq = {
	.start	= flab_records_start,
	.next	= flab_records_next,
	.stop	= flab_records_stop,
	.show	= flab_records_show,
};

static int flab_records_open(struct inode *inode, struct file *file)
{
	struct flab_records_show *show;

	show = __seq_open_private(file, &flab_records_seq, sizeof(*show));
	if (!show)
		return -ENOMEM;
	show->reader = flab_record_history();
	if (IS_ERR(show->reader)) {
		show->reader = NULL;
		seq_release_private(inode, file);
		return -ENOMEM;
	}
	if (show->reader) {
		mutex_lock(&show->reader->lock);
		flab_reader_look(show->reader);
		mutex_unlock(&show->reader->lock);
	}
	return 0;
}

static int flab_records_release(struct inode *inode, struct file *file)
{
	struct flab_records_show *show = ((struct seq_file *)file->private_data)->private;

	flab_reader_free(show->reader);
	return seq_release_private(inode, file);
}

/*
 * Records may have kernel stacks, also those left in seq_file's buffer by another
 * caller's read: check every read.
 */
static ssize_t flab_records_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	return flab_may_see(file, FLAB_SECRET_KERNEL) ? seq_read(file, buf, len, pos) : -EPERM;
}

static ssize_t flab_records_write(struct file *file, const char __user *buf, size_t len,
				  loff_t *pos)
{
	bool on;
	int err;

	if (!flab_may_see(file, FLAB_SECRET_TASKS))
		return -EPERM;
	err = kstrtobool_from_user(buf, len, &on);
	if (!err)
		err = flab_record_people(on);
	return err ?: len;
}

const struct file_operations flab_debugfs_records_fops = {
	.owner		= THIS_MODULE,
	.open		= flab_records_open,
	.read		= flab_records_read,
	.write		= flab_records_write,
	.llseek		= seq_lseek,
	.release	= flab_records_release,
};
