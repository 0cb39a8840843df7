// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets up resources for access paths.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "matrix/path/tools.h"

#define STACK_BYTES	(64 * 1024)

/* Copied to pages for path exec: a function that does nothing can run at any address. */
static void __attribute__((noinline, aligned(64))) code_that_returns(void)
{
	__asm__ volatile("");
}

static int target_main(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return 0;
}

/*
 * Starts the target, a process that shares this address space (CLONE_VM). So each mapping
 * that is made here is in the target as well, without a fork() for each cell.
 */
static int target_start(struct matrix_tools *tools)
{
	char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (stack == MAP_FAILED)
		return -errno;
	tools->target = clone(target_main, stack + STACK_BYTES, CLONE_VM | SIGCHLD, NULL);
	return tools->target < 0 ? -errno : matrix_remote_start(tools);
}

static int files_open(struct matrix_tools *tools)
{
	tools->file = memfd_create("faultlab-matrix", MFD_CLOEXEC);
	tools->zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (tools->file < 0 || tools->zero < 0 || pipe2(tools->pipe, O_CLOEXEC | O_NONBLOCK) ||
	    pwrite(tools->file, tools->buffer, 2 * tools->page, 0) < 0)
		return -errno;
	return 0;
}

void matrix_tools_drain(struct matrix_tools *tools)
{
	while (read(tools->pipe[0], tools->room, 2 * tools->page) > 0)
		;
}

void matrix_tools_refill(struct matrix_tools *tools, enum matrix_path_id path)
{
	const bool direct = path == PATH(DIRECT_READ) || path == PATH(URING_DIRECT_READ);
	int fd = path == PATH(READ) ? tools->file : direct ? tools->direct : -1;

	if (fd >= 0 && pwrite(fd, tools->buffer, 2 * tools->page, 0) < 0)
		failed("cannot write to a file to read from: %s.", strerror(errno));
}

static void run_each(struct matrix_call *call)
{
	struct matrix_tools *tools = call->tools;
	unsigned int i;

	for (i = 0; i < MATRIX_NR_PATHS; i++) {
		if (i == PATH(MMAP) || i == PATH(POPULATE))
			continue;
		/* An earlier access path may have overwritten the code. */
		if (i == PATH(EXEC))
			pwrite(call->fd, tools->code, tools->code_bytes, call->offset);
		matrix_paths[i].run(call);
		matrix_tools_drain(tools);
	}
}

/*
 * Runs each access path once on accessible pages of a memfd, and once on the same pages
 * with PROT_NONE. This faults in the code and data of this process and its libraries that
 * access paths use, so that those faults are not counted in a cell.
 */
static int warm_up(struct matrix_tools *tools)
{
	static const struct matrix_mapping mapping = {
		"", PROT_READ | PROT_WRITE, MAP_SHARED, 0
	};
	int fd = memfd_create("faultlab-matrix", MFD_CLOEXEC);
	char *addr = mmap(NULL, 2 * tools->page, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_SHARED, fd, 0);
	struct matrix_call call = {
		.tools = tools, .first = addr, .second = addr + tools->page, .fd = fd,
		.offset = tools->page, .step = tools->page, .mapping = &mapping,
	};

	if (fd < 0 || addr == MAP_FAILED || ftruncate(fd, 2 * tools->page))
		return -errno;
	run_each(&call);
	mprotect(addr, 2 * tools->page, PROT_NONE);
	run_each(&call);
	munmap(addr, 2 * tools->page);
	close(fd);
	return 0;
}

int matrix_tools_open(struct matrix_tools *tools)
{
	int err;

	memset(tools, 0, sizeof(*tools));
	tools->page = sysconf(_SC_PAGESIZE);
	tools->code = (char *)(uintptr_t)code_that_returns;
	tools->code_bytes = 32;
	tools->buffer = mmap(NULL, 4 * tools->page, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (tools->buffer == MAP_FAILED)
		return failed("no memory: %s.", strerror(errno));
	tools->room = tools->buffer + 2 * tools->page;
	memset(tools->buffer, MATRIX_WRITTEN, 2 * tools->page);

	tools->node = matrix_node_open();
	if (tools->node < 0)
		return failed("no node for the device in /tmp: %s.", strerror(-tools->node));
	err = files_open(tools);
	if (err)
		return failed("no files in memory: %s.", strerror(-err));
	/* If it fails, missing_paths() has removed the cells that need it. */
	tools->direct = matrix_direct_open();
	err = io_uring_queue_init(2, &tools->ring, 0);
	if (err)
		return failed("no io_uring: %s.", strerror(-err));
	err = target_start(tools);
	if (err)
		return failed("no process to trace: %s.", strerror(-err));
	err = warm_up(tools);
	return err ? failed("no memory to warm up with: %s.", strerror(-err)) : 0;
}

void matrix_tools_close(struct matrix_tools *tools)
{
	/*
	 * Kill the tracer (remote_pid) first: while it lives, the target's exit is
	 * reported to it, and waitpid() here would not return.
	 */
	if (tools->remote_pid > 0) {
		kill(tools->remote_pid, SIGKILL);
		waitpid(tools->remote_pid, NULL, 0);
	}
	if (tools->target > 0) {
		kill(tools->target, SIGKILL);
		waitpid(tools->target, NULL, 0);
	}
}
