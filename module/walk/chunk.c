// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks a task's address space, VMA by VMA, in chunks. Between two chunks no lock is
 * held, so the walk resumes at an address, not at a VMA.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include "walk/walk.h"

/**
 * flab_walk_set_range - set a walk's range
 * @w: the walk, its mm set
 * @start: where to begin
 * @end: exclusive; clamped to user space
 * @resume: 0, or what flab_walk_resume() returned when the walk stopped at @start
 */
void flab_walk_set_range(struct flab_walk *w, u64 start, u64 end, u32 resume)
{
	end = min_t(u64, end, w->mm->task_size);
	w->end = PAGE_ALIGN(end);
	w->start = min_t(u64, start & PAGE_MASK, w->end);
	w->done = false;
	w->run.to = NULL;
	w->run.step = 0;
	w->run.stride = 0;
	w->run.expect = FLAB_RUN_UNFORESEEN;
	w->counts.end = 0;
	w->counted = false;
	w->in.vma = NULL;
	flab_walk_recall(w, resume);
}

/**
 * flab_walk_pause - end the chunk early if others wait for mmap_lock or the CPU
 * @w: the walk
 * @addr: the address that the walk has reached, between two tables or two VMAs
 *
 * Return: 0 to go on, FLAB_WALK_FULL if the chunk must end, -EINTR if killed.
 */
int flab_walk_pause(struct flab_walk *w, unsigned long addr)
{
	if (fatal_signal_pending(current))
		return -EINTR;
	if (!need_resched() && !mmap_lock_is_contended(w->mm))
		return 0;
	w->start = addr;
	return FLAB_WALK_FULL;
}

/* Tell the form that the current VMA, if there is one, ends at @end. */
static void flab_walk_leave(struct flab_walk *w, unsigned long end)
{
	if (w->in.vma && w->form->vma_end)
		w->form->vma_end(w, end);
	w->in.vma = NULL;
}

/*
 * Make @vma the current VMA. If it is the same VMA as before a pause, and unchanged, the
 * form goes on with it. Otherwise the VMA that was current, if any, ends for the form.
 */
static void flab_walk_enter(struct flab_walk *w, const struct vm_area_struct *vma,
			    unsigned long addr)
{
	const struct flab_walk_in in = {
		.vma = vma,
		.file = vma->vm_file,
		.start = vma->vm_start,
		.end = vma->vm_end,
		.flags = vma->vm_flags,
		.pgoff = vma->vm_pgoff,
	};

	if (memcmp(&w->in, &in, sizeof(in)))
		flab_walk_leave(w, addr);
	w->in = in;
}

/* Walk the part of a VMA that is in the walk's range. */
static int flab_walk_part(struct flab_walk *w, struct vm_area_struct *vma,
			  unsigned long addr, unsigned long end)
{
	int err = 0;

	flab_walk_enter(w, vma, addr);
	if (w->form->vma)
		err = w->form->vma(w, vma, addr, end);
	if (!err)
		err = flab_walk_vma(w, vma, addr, end);
	if (!err)
		flab_walk_leave(w, end);
	return err;
}

/* A range in no VMA is not walked: munmap() may be freeing its tables. */
static int flab_walk_gap(struct flab_walk *w, unsigned long addr, unsigned long end)
{
	flab_walk_leave(w, addr);
	return w->form->no_vma ? w->form->no_vma(w, addr, end) : 0;
}

/**
 * flab_walk_chunk - fill @w->buf from @w->start on
 * @w: the walk
 *
 * mmap_lock is held while the chunk is filled. It is released before the caller copies
 * the chunk to user space, which can fault. The chunk ends before the buffer is full if
 * other tasks wait for the lock. The address space may change between two chunks, but
 * each address is visited only once.
 *
 * Return: 0, even if the chunk is empty: @w->done tells whether the walk is over. -EINTR
 * if killed.
 */
int flab_walk_chunk(struct flab_walk *w)
{
	unsigned long addr = w->start, next;
	struct vm_area_struct *vma;
	int err;

	err = mmap_read_lock_killable(w->mm);
	if (err)
		return err;
	w->used = 0;
	if (w->form->chunk_begin)
		w->form->chunk_begin(w);

	while (!err && addr < w->end) {
		vma = find_vma(w->mm, addr);
		if (vma && vma->vm_start <= addr) {
			next = min(vma->vm_end, w->end);
			err = flab_walk_part(w, vma, addr, next);
		} else {
			next = vma ? min(vma->vm_start, w->end) : w->end;
			err = flab_walk_gap(w, addr, next);
		}
		addr = next;
		/*
		 * flab_walk_vma() pauses only between the tables of one VMA, and a task
		 * can have 65530 VMAs that are smaller than a table covers.
		 */
		if (!err && addr < w->end)
			err = flab_walk_pause(w, addr);
	}
	mmap_read_unlock(w->mm);
	cond_resched();

	if (!err) {
		w->start = w->end;
		err = w->form->walk_end ? w->form->walk_end(w) : 0;
		w->done = !err;
	}
	if (w->form->chunk_end)
		w->form->chunk_end(w);
	return err == FLAB_WALK_FULL ? 0 : err;
}
