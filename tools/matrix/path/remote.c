// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: ptrace(), process_vm_*() and /proc/PID/mem, by another process, the remote
 * process. It has its own address space. At the addresses of the mapping, it has nothing
 * or other memory, on which the result must not depend. The kernel counts the faults for
 * the remote process, which makes the calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "matrix/path/tools.h"

/* Fills the memory that the remote process has at the addresses of the mapping. */
#define OTHER	0x53

/* A call and its results, in memory that both processes share. */
struct matrix_remote {
	sem_t begin, ended;
	enum matrix_path_id path;
	char *first, *second;
	bool other;
	ssize_t ret;
	long minflt, majflt;
	char buffer[];		/* two pages: data to write, or data that was read */
};

/* State of the remote process. */
struct remote_task {
	size_t page;
	pid_t target;
	int mem;		/* the target's /proc/PID/mem */
};

static ssize_t transfer(const struct remote_task *task, struct matrix_remote *remote)
{
	const size_t page = task->page;
	struct iovec local = { remote->buffer, 2 * page }, far = { remote->first, 2 * page };
	const size_t part = page + page / 2;
	__u64 *word = (__u64 *)remote->buffer;
	long read;

	switch (remote->path) {
	case PATH(VM_READV):
		return matrix_result(process_vm_readv(task->target, &local, 1, &far, 1, 0));
	case PATH(VM_WRITEV):
		local.iov_len = part;
		far.iov_len = part;
		return matrix_result(process_vm_writev(task->target, &local, 1, &far, 1, 0));
	case PATH(PEEK):
		errno = 0;
		read = ptrace(PTRACE_PEEKDATA, task->target, remote->second, NULL);
		if (errno)
			return -errno;
		*word = read;
		return 0;
	case PATH(POKE):
		return matrix_result(ptrace(PTRACE_POKEDATA, task->target, remote->second,
					    (void *)*word));
	case PATH(MEM_READ):
		return matrix_result(pread(task->mem, remote->buffer, 2 * page,
					   (off_t)remote->first));
	case PATH(MEM_WRITE):
		return matrix_result(pwrite(task->mem, remote->buffer, part,
					    (off_t)remote->first));
	default:
		return -EINVAL;
	}
}

/* Maps other memory, or nothing, at the addresses that the mapping has in the target. */
static void put_other(const struct remote_task *task, const struct matrix_remote *remote)
{
	const size_t bytes = 2 * task->page;

	munmap(remote->first, bytes);
	if (remote->other &&
	    mmap(remote->first, bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == remote->first)
		memset(remote->first, OTHER, bytes);
}

static void serve(const struct remote_task *task, struct matrix_remote *remote)
{
	static struct rusage was, is;

	while (sem_wait(&remote->begin))
		;
	put_other(task, remote);
	memset(remote->buffer, MATRIX_WRITTEN, 2 * task->page);
	/* Fault them in now: faults of getrusage()'s own writes to them would be counted. */
	was = (struct rusage){ 0 };
	is = was;
	getrusage(RUSAGE_SELF, &was);
	remote->ret = transfer(task, remote);
	getrusage(RUSAGE_SELF, &is);
	remote->minflt = is.ru_minflt - was.ru_minflt;
	remote->majflt = is.ru_majflt - was.ru_majflt;
	sem_post(&remote->ended);
}

static int attach(struct remote_task *task)
{
	char name[32];
	int status;

	if (ptrace(PTRACE_SEIZE, task->target, NULL, PTRACE_O_EXITKILL) ||
	    ptrace(PTRACE_INTERRUPT, task->target, NULL, NULL) ||
	    waitpid(task->target, &status, __WALL) != task->target)
		return -errno;
	snprintf(name, sizeof(name), "/proc/%d/mem", task->target);
	task->mem = open(name, O_RDWR | O_CLOEXEC);
	return task->mem < 0 ? -errno : 0;
}

int matrix_remote_start(struct matrix_tools *tools)
{
	const size_t bytes = sizeof(*tools->remote) + 2 * tools->page;
	struct remote_task task = { .page = tools->page, .target = tools->target };
	struct matrix_remote *remote;

	remote = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (remote == MAP_FAILED)
		return -errno;
	sem_init(&remote->begin, 1, 0);
	sem_init(&remote->ended, 1, 0);
	tools->remote = remote;
	tools->remote_pid = fork();
	if (tools->remote_pid < 0)
		return -errno;
	if (!tools->remote_pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		remote->ret = attach(&task);
		sem_post(&remote->ended);
		for (;;)
			serve(&task, remote);
	}
	while (sem_wait(&remote->ended))
		;
	return remote->ret;
}

const char *matrix_remote_buffer(const struct matrix_tools *tools)
{
	return tools->remote->buffer;
}

static ssize_t call_remote(struct matrix_call *call, enum matrix_path_id path)
{
	struct matrix_remote *remote = call->tools->remote;

	remote->path = path;
	remote->first = call->first;
	remote->second = call->second;
	remote->other = call->other;
	sem_post(&remote->begin);
	while (sem_wait(&remote->ended))
		;
	call->remote = true;
	call->counted = true;
	call->minflt = remote->minflt;
	call->majflt = remote->majflt;
	return remote->ret;
}

ssize_t matrix_path_vm_readv(struct matrix_call *call)
{
	return call_remote(call, PATH(VM_READV));
}

ssize_t matrix_path_vm_writev(struct matrix_call *call)
{
	return call_remote(call, PATH(VM_WRITEV));
}

ssize_t matrix_path_peek(struct matrix_call *call)
{
	return call_remote(call, PATH(PEEK));
}

ssize_t matrix_path_poke(struct matrix_call *call)
{
	return call_remote(call, PATH(POKE));
}

ssize_t matrix_path_mem_read(struct matrix_call *call)
{
	return call_remote(call, PATH(MEM_READ));
}

ssize_t matrix_path_mem_write(struct matrix_call *call)
{
	return call_remote(call, PATH(MEM_WRITE));
}
