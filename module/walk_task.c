// SPDX-License-Identifier: GPL-2.0-only
/*
 * A task's address space, VMA by VMA, in batches: between two of them no lock is
 * held, and the walk goes on at an address, not at a VMA.
 */
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/siphash.h>
#include "may_see.h"
#include "walk.h"

/* The part of a VMA that is to be walked. */
static int flab_walk_part(struct flab_walk *w, struct vm_area_struct *vma,
			  unsigned long addr, unsigned long end)
{
	int err = 0;

	if (w->form->vma)
		err = w->form->vma(w, vma, addr, end);
	if (!err)
		err = flab_walk_vma(w, vma, addr, end);
	if (!err && w->form->vma_end)
		err = w->form->vma_end(w, end);
	return err;
}

/* In no VMA: whatever tables there are may be about to go. */
static int flab_walk_gap(struct flab_walk *w, unsigned long addr, unsigned long end)
{
	return w->form->no_vma ? w->form->no_vma(w, addr, end) : 0;
}

/**
 * flab_walk_batch - fill @w->buf from @w->start on
 * @w: the walk
 *
 * Takes mmap_lock and gives it back, so that the batch can be copied to user
 * space; it ends before the buffer is full if others wait for the lock. The address
 * space may change between two batches; each address is passed once, whatever comes
 * and goes.
 *
 * Return: 0, also where nothing was found: the walk is over when @w->done. -EINTR
 * if killed.
 */
int flab_walk_batch(struct flab_walk *w)
{
	unsigned long addr = w->start, next;
	struct vm_area_struct *vma;
	int err;

	err = mmap_read_lock_killable(w->mm);
	if (err)
		return err;
	w->used = 0;
	if (w->form->begin)
		w->form->begin(w);

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
		/* Small ones have no tables to pause between, and a task has 65530. */
		if (!err && addr < w->end)
			err = flab_walk_pause(w, addr);
	}
	mmap_read_unlock(w->mm);
	cond_resched();

	if (!err) {
		w->start = w->end;
		err = w->form->end ? w->form->end(w) : 0;
		w->done = !err;
	}
	if (w->form->pause)
		w->form->pause(w);
	return err == FLAB_WALK_FULL ? 0 : err;
}

/**
 * flab_walk_begin - set a walk's range
 * @w: the walk, its mm set
 * @start: where to begin
 * @end: exclusive; clamped to user space
 * @resume: 0, or what flab_walk_resume() said when the walk came to @start
 */
void flab_walk_begin(struct flab_walk *w, u64 start, u64 end, u32 resume)
{
	unsigned int level;

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
	for (level = 0; level < FLAB_NR_LEVELS; level++)
		w->last[level] = resume & BIT(level) ?
			w->start & ~(flab_level_size(level) - 1) : FLAB_WALK_NEVER;
}

/* A bit for each level whose entry over @addr has been reported. */
u32 flab_walk_resume_at(const struct flab_walk *w, unsigned long addr)
{
	unsigned int level;
	u32 resume = 0;

	for (level = 0; level < FLAB_NR_LEVELS; level++)
		if (w->last[level] == (addr & ~(flab_level_size(level) - 1)))
			resume |= BIT(level);
	return resume;
}

/**
 * flab_walk_resume - what must be known besides the address to go on later
 * @w: the walk
 *
 * Return: a bit for each level whose entry over the address has been reported.
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
 * A fork and an exec get a new mm, but it may lie where one was that is gone: so it
 * counts as well when the process began, and how often it has called exec(). All of
 * its threads have these in common. The key is for the mm's address to stay secret.
 */
static u64 flab_walk_id(struct task_struct *task, const struct mm_struct *mm)
{
	u64 born = 0, execs = 0;

	rcu_read_lock();
	/* A task that is not may outlive its leader. */
	if (pid_alive(task)) {
		born = task->group_leader->start_time;
		execs = READ_ONCE(task->group_leader->self_exec_id);
	}
	rcu_read_unlock();
	return siphash_3u64((uintptr_t)mm, born, execs, &flab_walk_key);
}

/**
 * flab_walk_target - the address space of a task
 * @file: that the walk is asked for through
 * @pid: in the caller's namespace, 0 for the caller
 * @id: out: tells it from all others that this task or another one had or will have
 *
 * Return: the mm, to be given back by mmput() with no lock held; ERR_PTR(-EPERM)
 * for another task that may not be seen, ERR_PTR(-ESRCH) for none.
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
