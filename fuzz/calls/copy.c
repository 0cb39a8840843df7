// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses by the kernel: on behalf of this process or of another, by copies, get_user_pages(),
 * O_DIRECT, ptrace and io_uring.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <liburing.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/calls/call.h"

#define COPY_MAX	8192

static long copy_pipe(struct fuzz_world *w, char *at, size_t bytes, bool in)
{
	char buffer[COPY_MAX];
	int pipes[2];
	long ret;

	if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	memset(buffer, w->byte, sizeof(buffer));
	if (in) {
		ret = fuzz_result(write(pipes[1], buffer, bytes));
		if (ret > 0)
			ret = fuzz_result(read(pipes[0], at, ret));
	} else {
		ret = fuzz_result(write(pipes[1], at, bytes));
		if (ret > 0 && read(pipes[0], buffer, ret) == ret)
			fuzz_check_bytes(w, "write() to a pipe", buffer, ret);
	}
	close(pipes[0]);
	close(pipes[1]);
	return ret;
}

static long copy_mem(struct fuzz_world *w, char *at, size_t bytes, bool in)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	char buffer[COPY_MAX];
	long ret;

	if (fd < 0)
		return -errno;
	memset(buffer, w->byte, sizeof(buffer));
	ret = fuzz_result(in ? pwrite(fd, buffer, bytes, (uintptr_t)at) :
				  pread(fd, buffer, bytes, (uintptr_t)at));
	if (!in && ret > 0)
		fuzz_check_bytes(w, "/proc/self/mem", buffer, ret);
	close(fd);
	return ret;
}

static long copy_vm(struct fuzz_world *w, char *at, size_t bytes, bool in)
{
	char buffer[COPY_MAX];
	struct iovec here = { buffer, bytes }, there = { at, bytes };
	long ret;

	memset(buffer, w->byte, sizeof(buffer));
	ret = fuzz_result(in ? process_vm_writev(getpid(), &here, 1, &there, 1, 0) :
				  process_vm_readv(getpid(), &here, 1, &there, 1, 0));
	if (!in && ret > 0)
		fuzz_check_bytes(w, "process_vm_readv()", buffer, ret);
	return ret;
}

/* Pages of the region are in the pipe, and outlive what is done to the mapping. */
static long copy_vmsplice(struct fuzz_world *w, char *at, size_t bytes, bool in)
{
	struct iovec iov = { at, bytes };
	char buffer[COPY_MAX];
	int pipes[2];
	long ret;

	if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	ret = fuzz_result(vmsplice(pipes[1], &iov, 1, in ? SPLICE_F_GIFT : 0));
	if (ret > 0) {
		ret = fuzz_result(read(pipes[0], buffer, ret));
		if (ret > 0)
			fuzz_check_bytes(w, "vmsplice()", buffer, ret);
	}
	close(pipes[0]);
	close(pipes[1]);
	return ret;
}

static long copy_futex(struct fuzz_world *w, char *at, size_t bytes, bool in)
{
	struct timespec soon = { .tv_nsec = 1000 };
	long ret = syscall(__NR_futex, at, in ? FUTEX_WAIT : FUTEX_WAKE, in ? 0 : 1, &soon,
			   NULL, 0);

	(void)w;
	(void)bytes;
	return ret < 0 && (errno == ETIMEDOUT || errno == EAGAIN) ? 0 : fuzz_result(ret);
}

static long copy_uring(struct fuzz_world *w, char *at, size_t bytes, bool in)
{
	struct iovec iov = { at, bytes };
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	struct io_uring ring;
	int fd, err;

	(void)w;
	err = io_uring_queue_init(2, &ring, 0);
	if (err)
		return err;
	fd = open(in ? "/dev/zero" : "/dev/null", O_RDWR | O_CLOEXEC);
	err = fd < 0 ? -errno : io_uring_register_buffers(&ring, &iov, 1);
	if (err)
		goto out;
	sqe = io_uring_get_sqe(&ring);
	if (in)
		io_uring_prep_read_fixed(sqe, fd, at, bytes, 0, 0);
	else
		io_uring_prep_write_fixed(sqe, fd, at, bytes, 0, 0);
	err = io_uring_submit(&ring);
	if (err < 0)
		goto out;
	err = io_uring_wait_cqe(&ring, &cqe);
	if (!err)
		err = cqe->res;
out:
	if (fd >= 0)
		close(fd);
	io_uring_queue_exit(&ring);
	return err;
}

/* Without registered buffers, and in a worker of io_uring, a task that has the same mm. */
static long copy_worker(struct fuzz_world *w, char *at, size_t bytes, bool in)
{
	char buffer[COPY_MAX];
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	struct io_uring ring;
	int pipes[2];
	long ret;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	ret = io_uring_queue_init(2, &ring, 0);
	if (ret)
		goto close_pipes;
	memset(buffer, w->byte, sizeof(buffer));
	/* Both fit into a pipe, so nobody waits for another. */
	if (in && write(pipes[1], buffer, bytes) != (ssize_t)bytes) {
		ret = -EIO;
		goto exit_ring;
	}
	sqe = io_uring_get_sqe(&ring);
	if (in)
		io_uring_prep_read(sqe, pipes[0], at, bytes, 0);
	else
		io_uring_prep_write(sqe, pipes[1], at, bytes, 0);
	sqe->flags |= IOSQE_ASYNC;
	ret = io_uring_submit(&ring);
	if (ret >= 0)
		ret = io_uring_wait_cqe(&ring, &cqe);
	if (!ret)
		ret = cqe->res;
	if (ret > 0 && !in && read(pipes[0], buffer, ret) == ret)
		fuzz_check_bytes(w, "write by a worker of io_uring", buffer, ret);
exit_ring:
	io_uring_queue_exit(&ring);
close_pipes:
	close(pipes[0]);
	close(pipes[1]);
	return ret;
}

/* A process without a region reads or writes this one's memory. */
static long copy_other(struct fuzz_world *w, char *at, size_t bytes, bool in)
{
	const pid_t target = getpid();
	int status;
	pid_t pid = fork();

	(void)bytes;
	if (pid < 0)
		return -errno;
	if (!pid) {
		char buffer[64];
		struct iovec here = { buffer, sizeof(buffer) }, there = { at, sizeof(buffer) };
		long ret;

		munmap(w->window, FUZZ_MAPS * FUZZ_WINDOW * w->page);
		memset(buffer, w->byte, sizeof(buffer));
		ret = in ? process_vm_writev(target, &here, 1, &there, 1, 0) :
			      process_vm_readv(target, &here, 1, &there, 1, 0);
		if (!in && ret > 0)
			fuzz_check_bytes(w, "another's process_vm_readv()", buffer, ret);
		_exit(ret < 0);
	}
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return status ? -EFAULT : 0;
}

/* PTRACE_PEEKDATA and POKEDATA of a child, whose mappings are copies of this process's. */
static long copy_ptrace(struct fuzz_world *w, char *at, size_t bytes, bool in)
{
	long word, ret = -EFAULT;
	int status;
	pid_t pid;

	(void)bytes;
	memset(&word, w->byte, sizeof(word));
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		if (!ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			kill(getpid(), SIGSTOP);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		errno = 0;
		if (in)
			word = ptrace(PTRACE_POKEDATA, pid, at, word);
		else
			word = ptrace(PTRACE_PEEKDATA, pid, at, NULL);
		ret = -errno;
		if (!ret && !in)
			fuzz_check_bytes(w, "PTRACE_PEEKDATA", (char *)&word, sizeof(word));
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	return ret;
}

/* By number, as the words below. */
static long (*const copies[])(struct fuzz_world *w, char *at, size_t bytes, bool in) = {
	copy_pipe, copy_mem, copy_vm, copy_vmsplice, copy_futex, copy_uring, copy_other,
	copy_worker, copy_ptrace,
};

static long call_copy(struct fuzz_world *w, const __u64 *a)
{
	const size_t room = fuzz_bytes(w, a[1], 3), want = 1 + a[4] * 700 % COPY_MAX;
	char *at = fuzz_at(w, a[0], a[1]);

	/* Futexes need alignment, the others begin anywhere. */
	if (copies[a[2] % ARRAY_SIZE(copies)] != copy_futex)
		at += a[4] * 8 % w->page;
	return copies[a[2] % ARRAY_SIZE(copies)](w, at, want < room ? want : room, a[3] & 1);
}

/* O_DIRECT. The disk has what other programs wrote there: one of their bytes, or 0. */
static long call_direct(struct fuzz_world *w, const __u64 *a)
{
	char *at = fuzz_at(w, a[0], a[1]);
	size_t bytes = fuzz_bytes(w, a[1], 2);

	if (w->disk < 0 || (w->traits & FUZZ_SMUDGES))
		return -ENODEV;
	return fuzz_result(a[2] & 1 ? pread(w->disk, at, bytes, 0) :
				      pwrite(w->disk, at, bytes, 0));
}

static const struct fuzz_word paths[] = {
	{ "pipe", 0 }, { "mem", 1 }, { "vm", 2 }, { "vmsplice", 3 }, { "futex", 4 },
	{ "uring", 5 }, { "other", 6 }, { "worker", 7 }, { "ptrace", 8 },
};

_Static_assert(ARRAY_SIZE(paths) == ARRAY_SIZE(copies), "a name for each");

static const struct fuzz_word directions[] = { { "out", 0 }, { "in", 1 } };

#define PAGE	{ "map", FUZZ_MAP }, { "at", FUZZ_PAGE }

static const struct fuzz_call calls[] = {
	{ "copy", 70, FUZZ_HELPED, call_copy,
	  { PAGE, { "path", FUZZ_ONE, FUZZ_WORDS(paths) },
	    { "to", FUZZ_ONE, FUZZ_WORDS(directions) }, { "bytes", FUZZ_SMALL } } },
	{ "direct", 8, FUZZ_MIXES, call_direct,
	  { PAGE, { "to", FUZZ_ONE, FUZZ_WORDS(directions) } } },
};

FUZZ_CALLS(copy);
