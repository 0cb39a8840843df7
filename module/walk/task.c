// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks a task's address space, VMA by VMA, in chunks. Between two chunks no lock is
 * held, so the walk resumes at an address, not at a VMA.
 */
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/siphash.h>
#include "may_see.h"
#include "walk/walk.h"

/* Tell the form that the current VMA, if there is one, ends. */
static void flab_walk_leave(struct flab_walk *w, unsigned long end)
{
	if (w->in.vma && w->form->vma_end)
		w->form->vma_end(w, end);
	w->in.vma = NULL;
}

/* Make @vma the current VMA. Another one ends, the same one goes on after a pause. */
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
 * Holds mmap_lock for the chunk and not between chunks, so that it can be copied to
 * user space. The chunk ends before the buffer is full if others wait for the lock. The
 * address space may change between two chunks; each address is visited once.
 *
 * Return: 0, also if nothing was found: the walk is over when @w->done. -EINTR if
 * killed.
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
		/* A task can have 65530 VMAs too small for a pause between tables. */
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

static u32 flab_table_bit(unsigned int level)
{
	return BIT(level - FAULTLAB_LEVEL_PMD);
}

static u32 flab_hole_bit(unsigned int level)
{
	return BIT(level - FAULTLAB_LEVEL_PMD + FAULTLAB_LEVEL_PGD);
}

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
 * flab_walk_recall - restore which tables and holes over @w->start were reported
 * @w: the walk
 * @resume: 0, or what flab_walk_resume() returned when the walk stopped there
 *
 * A table or a hole that was reported is not reported again, although the table may be
 * another one by now. Anything else that took its place is reported.
 */
void flab_walk_recall(struct flab_walk *w, u32 resume)
{
	unsigned int level;

	for (level = FAULTLAB_LEVEL_PMD; level < FAULTLAB_NR_LEVELS; level++) {
		unsigned long first = w->start & ~(flab_level_size(level) - 1);

		w->tables[level] = resume & flab_table_bit(level) ? first : FLAB_WALK_NEVER;
		w->holes[level] = resume & flab_hole_bit(level) ? first : FLAB_WALK_NEVER;
	}
}

/* Which tables and holes over @addr have been reported: two bits a level. */
u32 flab_walk_resume_at(const struct flab_walk *w, unsigned long addr)
{
	unsigned int level;
	u32 resume = 0;

	for (level = FAULTLAB_LEVEL_PMD; level < FAULTLAB_NR_LEVELS; level++) {
		unsigned long first = addr & ~(flab_level_size(level) - 1);

		if (w->tables[level] == first)
			resume |= flab_table_bit(level);
		if (w->holes[level] == first)
			resume |= flab_hole_bit(level);
	}
	return resume;
}

/**
 * flab_walk_resume - the state besides the address that is needed to resume
 * @w: the walk
 *
 * Return: which tables and holes over the address have been reported, in
 * FLAB_WALK_RESUME_BITS bits.
 */
u32 flab_walk_resume(const struct flab_walk *w)
{
	return w->counts.end ? w->resume : flab_walk_resume_at(w, w->start);
}

static siphash_key_t flab_walk_key __ro_after_init;

void __init flab_walk_init(void)
{
	get_random_bytes(&flab_walk_key, sizeof(flab_walk_key));
}

/*
 * Identifies an address space. fork() and exec() make a new mm, but it can have the
 * address of a freed one. So the process's start time and its count of exec() are
 * hashed as well; its threads share both. The key keeps the mm's address secret.
 */
static u64 flab_walk_id(struct task_struct *task, const struct mm_struct *mm)
{
	u64 born = 0, execs = 0;

	rcu_read_lock();
	/* A task that is no longer alive may outlive its group leader. */
	if (pid_alive(task)) {
		born = task->group_leader->start_time;
		execs = READ_ONCE(task->group_leader->self_exec_id);
	}
	rcu_read_unlock();
	return siphash_3u64((uintptr_t)mm, born, execs, &flab_walk_key);
}

/**
 * flab_walk_target - get the address space of a task
 * @file: the open file through which the walk is requested
 * @pid: in the caller's PID namespace, 0 for the caller
 * @id: out: identifies this address space among those of all tasks, past and future
 *
 * Return: the mm, to be released by mmput() with no lock held; ERR_PTR(-EPERM) for
 * another task that the caller may not see, ERR_PTR(-ESRCH) if there is no such task or
 * it has no mm.
 */
struct mm_struct *flab_walk_target(const struct file *file, pid_t pid, u64 *id)
{
	struct task_struct *task = NULL;
	struct mm_struct *mm = NULL;
	struct pid *ref;

	if (!pid || pid == task_tgid_vnr(current)) {
		mm = get_task_mm(current);
		*id = flab_walk_id(current, mm);
		return mm ?: ERR_PTR(-ESRCH);
	}
	if (!flab_may_see(file, FLAB_SECRET_TASKS))
		return ERR_PTR(-EPERM);

	ref = find_get_pid(pid);
	if (ref)
		task = get_pid_task(ref, PIDTYPE_PID);
	put_pid(ref);
	if (task) {
		mm = get_task_mm(task);
		*id = flab_walk_id(task, mm);
		put_task_struct(task);
	}
	return mm ?: ERR_PTR(-ESRCH);
}
