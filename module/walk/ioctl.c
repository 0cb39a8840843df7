// SPDX-License-Identifier: GPL-2.0-only
/* FAULTLAB_IOC_WALK: checks the request, and copies chunks of records to user space. */
#include <linux/nospec.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "may_see.h"
#include "walk/ioctl.h"
#include "walk/walk.h"

/* Buffer for one chunk, filled under mmap_lock and copied out without it. */
#define FLAB_WALK_BOUNCE SZ_16K

/* Indexed by enum faultlab_walk_form. */
static const struct flab_walk_form * const flab_forms[] = {
	[FAULTLAB_WALK_ENTRIES] = &flab_walk_entries,
	[FAULTLAB_WALK_RUNS] = &flab_walk_runs,
	[FAULTLAB_WALK_RAW] = &flab_walk_raw,
	[FAULTLAB_WALK_COUNTS] = &flab_walk_counts,
};

static_assert(ARRAY_SIZE(flab_forms) == FAULTLAB_NR_WALK_FORMS, "add the new form");

/*
 * Copy @nr records of @size bytes to user space, @step bytes apart. If @step is smaller,
 * each record is cut to @step bytes; if it is larger, the rest is filled with zeros.
 */
static int flab_walk_copy_records(char __user *to, u32 step, const char *from, u32 size, u32 nr)
{
	u32 known = min(step, size);

	if (step == size)
		return copy_to_user(to, from, (size_t)nr * size) ? -EFAULT : 0;
	for (; nr; nr--, to += step, from += size)
		if (copy_to_user(to, from, known) || clear_user(to + known, step - known))
			return -EFAULT;
	return 0;
}

/* Size of the first version of struct faultlab_walk_page. */
#define FLAB_WALK_PAGE_FIRST	offsetofend(struct faultlab_walk_page, pad)

static int flab_walk_copy_out(struct flab_walk *w, const struct faultlab_walk *arg, u64 done)
{
	char __user *records = u64_to_user_ptr(arg->entries);
	char __user *pages = u64_to_user_ptr(arg->pages);
	u32 step = arg->record_size ?: w->form->first;
	u32 page_step = arg->page_size ?: FLAB_WALK_PAGE_FIRST;
	u32 nr = w->used / w->form->record;
	int err;

	err = flab_walk_copy_records(records + done * step, step, w->buf, w->form->record, nr);
	if (!err && w->pages)
		err = flab_walk_copy_records(pages + done * page_step, page_step,
					     (const char *)w->pages, sizeof(*w->pages), nr);
	return err;
}

static int flab_walk_run(struct flab_walk *w, const struct file *file, struct faultlab_walk *arg)
{
	bool hide = w->form->hide && !flab_may_see(file, FLAB_SECRET_KERNEL);
	u64 done = 0;
	int err = 0;

	while (!w->done && arg->nr - done >= w->form->least / w->form->record) {
		w->room = min_t(u64, arg->nr - done, FLAB_WALK_BOUNCE / w->form->record) *
			  w->form->record;
		if (arg->flags & FAULTLAB_WALK_KERNEL)
			err = flab_walk_kernel_chunk(w);
		else
			err = flab_walk_chunk(w);
		if (err)
			break;
		if (hide)
			w->form->hide(w);
		err = flab_walk_copy_out(w, arg, done);
		if (err)
			break;
		done += w->used / w->form->record;
	}
	arg->nr = done;
	return err;
}

/*
 * The member resume of struct faultlab_walk: the low bits say which tables and holes were
 * reported (flab_walk_resume()). The bits above them are a tag of the address space,
 * which is never 0: see flab_walk_check_resume().
 */
#define FLAB_RESUME_LEVELS	GENMASK(FLAB_WALK_RESUME_BITS - 1, 0)
#define FLAB_RESUME_TAGS	(U32_MAX >> FLAB_WALK_RESUME_BITS)

static u32 flab_walk_tag(const struct flab_walk *w)
{
	return (u32)(w->id % FLAB_RESUME_TAGS + 1) << FLAB_WALK_RESUME_BITS;
}

/*
 * A walk that is resumed must still be in the same address space: the task may have
 * called exec(), or the PID may belong to another task by now (-ESTALE). The kernel half
 * is the same in all address spaces, so its walks have no tag.
 */
static int flab_walk_check_resume(const struct flab_walk *w, u32 resume)
{
	u32 tag = resume & ~(u32)FLAB_RESUME_LEVELS;

	if (w->flags & FAULTLAB_WALK_KERNEL)
		return tag ? -EINVAL : 0;
	return tag && tag != flab_walk_tag(w) ? -ESTALE : 0;
}

/*
 * Whether @step is a valid distance in bytes between the caller's records. 0 means @first,
 * the size of a record in the first version of the ABI. A @step that differs from the
 * module's own record size is valid: the caller may know a later or an earlier version.
 */
static bool flab_walk_steps(u32 step, u32 first)
{
	return !step || (step >= first && step <= PAGE_SIZE);
}

static bool flab_walk_sizes_fit(const struct faultlab_walk *arg,
				const struct flab_walk_form *form)
{
	u32 page_size = arg->flags & FAULTLAB_WALK_PAGES ? arg->page_size : 0;

	/* RAW is one array of u64: headers and entries, without gaps. */
	if (form == &flab_walk_raw && arg->record_size > form->record)
		return false;
	return flab_walk_steps(arg->record_size, form->first) &&
	       flab_walk_steps(page_size, FLAB_WALK_PAGE_FIRST) &&
	       page_size == arg->page_size;
}

static int flab_walk_check(const struct file *file, const struct faultlab_walk *arg)
{
	const u32 privileged = FAULTLAB_WALK_PAGES | FAULTLAB_WALK_KERNEL;
	const struct flab_walk_form *form;

	if (arg->form >= ARRAY_SIZE(flab_forms))
		return -EINVAL;
	form = flab_forms[array_index_nospec(arg->form, ARRAY_SIZE(flab_forms))];
	if ((arg->flags & ~form->flags) || arg->pad || !flab_walk_sizes_fit(arg, form) ||
	    (!form->filter && (arg->require || arg->exclude)) ||
	    /* No filter by CONTIG: it is known only when a run ends, and it is a secret. */
	    ((arg->require | arg->exclude) & FAULTLAB_PTE_CONTIG) ||
	    (!(arg->flags & FAULTLAB_WALK_PAGES) && arg->pages) ||
	    (arg->pid && (arg->flags & FAULTLAB_WALK_KERNEL)) ||
	    arg->pid < 0 || arg->nr > U64_MAX / PAGE_SIZE ||
	    arg->nr < form->least / form->record)
		return -EINVAL;
	/* In the kernel half, an end of 0 means the top of the address space. */
	if (arg->start >= arg->end && (arg->end || !(arg->flags & FAULTLAB_WALK_KERNEL)))
		return -EINVAL;
	if ((arg->flags & FAULTLAB_WALK_KERNEL) && !flab_has_kernel_half())
		return -EOPNOTSUPP;
	if (((arg->flags & privileged) || !(form->open || form->hide)) &&
	    !flab_may_see(file, FLAB_SECRET_KERNEL))
		return -EPERM;
	return 0;
}

/* Fill in the fields of FAULTLAB_IOC_FEATURES that are about walks: forms and flags. */
void flab_walk_features(struct faultlab_features *f)
{
	unsigned int i;

	f->forms = GENMASK_ULL(ARRAY_SIZE(flab_forms) - 1, 0);
	f->walk_flags = 0;
	for (i = 0; i < ARRAY_SIZE(flab_forms); i++)
		f->walk_flags |= flab_forms[i]->flags;
	if (!flab_has_kernel_half())
		f->walk_flags &= ~(u64)FAULTLAB_WALK_KERNEL;
}

static int flab_walk_alloc(struct flab_walk *w)
{
	w->buf = kmalloc(FLAB_WALK_BOUNCE, GFP_KERNEL_ACCOUNT);
	if (!w->buf)
		return -ENOMEM;
	if (!(w->flags & FAULTLAB_WALK_PAGES))
		return 0;
	w->pages = kmalloc_array(FLAB_WALK_BOUNCE / w->form->record, sizeof(*w->pages),
				 GFP_KERNEL_ACCOUNT);
	return w->pages ? 0 : -ENOMEM;
}

/**
 * flab_walk_ioctl - walk a range of an address space (FAULTLAB_IOC_WALK)
 * @file: the open file that the ioctl was called on
 * @arg: in: the request, of which only the size has been checked; out: nr, next, resume
 *
 * Return: 0, or the errno that uapi/linux/faultlab.h documents.
 */
int flab_walk_ioctl(const struct file *file, struct faultlab_walk *arg)
{
	struct flab_walk *w;
	int err;

	err = flab_walk_check(file, arg);
	if (err)
		return err;
	w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);
	if (!w)
		return -ENOMEM;
	w->form = flab_forms[array_index_nospec(arg->form, ARRAY_SIZE(flab_forms))];
	w->flags = arg->flags;
	w->require = arg->require;
	w->exclude = arg->exclude;
	w->mm = flab_walk_target(file, arg->pid, &w->id);
	if (IS_ERR(w->mm)) {
		err = PTR_ERR(w->mm);
		goto free_walk;
	}
	err = flab_walk_check_resume(w, arg->resume) ?: flab_walk_alloc(w);
	if (err)
		goto free_buf;

	if (arg->flags & FAULTLAB_WALK_KERNEL)
		err = flab_walk_kernel_set_range(w, arg->start, arg->end, arg->resume);
	else
		flab_walk_set_range(w, arg->start, arg->end, arg->resume & FLAB_RESUME_LEVELS);
	if (!err)
		err = flab_walk_run(w, file, arg);
	arg->resume = flab_walk_resume(w);
	if (!(arg->flags & FAULTLAB_WALK_KERNEL))
		arg->resume |= flab_walk_tag(w);
	/*
	 * w->end may be below arg->end: it was clamped to the end of user space, past
	 * which nothing is mapped. So the whole range is done.
	 */
	if (w->done)
		arg->next = arg->end;
	else
		arg->next = w->form->behind ? w->form->behind(w) : w->start;
free_buf:
	kfree(w->pages);
	kfree(w->buf);
	mmput(w->mm);
free_walk:
	kfree(w);
	return err;
}
