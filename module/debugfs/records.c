// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs records: the records in the rings for all regions, oldest first, a line each.
 * Writing a boolean switches recording of all regions on or off.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include "common/text.h"
#include "debugfs/debugfs.h"
#include "may_see.h"
#include "observe/record.h"

/**
 * struct flab_records_show - one open of the file
 * @reader: reader of the rings of all regions; NULL if these did not exist at open
 * @record: the record at @pos
 * @pos: the number of records before @record
 * @there: whether @record is valid
 */
struct flab_records_show {
	struct flab_reader *reader;
	struct faultlab_record record;
	loff_t pos;
	bool there;
};

static int flab_records_show(struct seq_file *m, void *v)
{
	flab_add_record(m, v);
	seq_putc(m, '\n');
	return 0;
}

/*
 * Return: the record at @pos, or NULL at the end. Records written after open (or after the
 * last rewind) are left out, or the file might never end.
 */
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
	/* seq_file wants an earlier position: rewind, then step to *pos record by record. */
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
 * Records may contain kernel stacks. Check at every read(), not at open: another task may
 * read from the descriptor, and seq_file's buffer may hold text of an earlier read().
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
