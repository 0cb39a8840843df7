// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the address space that is to be walked, and computes an ID of it, by which the
 * next call for the same walk checks that it is still in the same address space.
 */
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/siphash.h>
#include "may_see.h"
#include "walk/walk.h"

static siphash_key_t flab_walk_key __ro_after_init;

void __init flab_walk_init(void)
{
	get_random_bytes(&flab_walk_key, sizeof(flab_walk_key));
}

/*
 * The ID of an address space. fork() and exec() make a new mm, but its struct can have the
 * address of a freed one, so the address alone does not identify it. The process's start
 * time and its count of exec() calls are hashed as well; all its threads have the same.
 * With the random key, user space cannot find the mm's address from the ID.
 */
static u64 flab_walk_id(struct task_struct *task, const struct mm_struct *mm)
{
	const struct task_struct *leader;
	u64 born = 0, execs = 0;

	rcu_read_lock();
	/*
	 * Of a task that is no longer alive, the group leader may have been freed. data_race():
	 * meanwhile the task may exit, or become the group leader by exec() (de_thread()), and the
	 * core writes both fields by plain stores.
	 */
	if (data_race(pid_alive(task))) {
		leader = data_race(READ_ONCE(task->group_leader)); /* see above */
		born = leader->start_time;
		execs = READ_ONCE(leader->self_exec_id);
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
