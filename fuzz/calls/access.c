// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to memory: by instructions, and by the kernel on behalf of this process or
 * another. Memory holds 0 or the byte of the program, since it writes nothing else: anything
 * else was another's.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <liburing.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/calls/call.h"

#define COPY_MAX	8192

static bool is_expected(const struct fuzz_world *w, unsigned char byte)
{
	return !byte || byte == w->byte ||
	       (w->mixes && byte >= FUZZ_BYTES_FROM && byte < FUZZ_BYTES_FROM + FUZZ_BYTES);
}

static void check_bytes(struct fuzz_world *w, const char *what, const char *bytes, size_t nr)
{
	size_t i;

	for (i = 0; i < nr && !w->smudges; i++)
		if (!is_expected(w, bytes[i]))
			fuzz_fail(w, "%s: byte %zu is 0x%02x, and 0x%02x was written", what, i,
				  (unsigned char)bytes[i], w->byte);
}

static long call_read(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_touch touch;
	long err = faultlab_touch_read(fuzz_at(w, a[0], a[1]) + (a[1] & 63), &touch);

	if (!err)
		check_bytes(w, "read", (char *)&touch.value, 1);
	return err;
}

static long call_write(struct fuzz_world *w, const __u64 *a)
{
	return faultlab_touch_write(fuzz_at(w, a[0], a[1]) + (a[1] & 63), w->byte, NULL);
}

#define SWEEP_MAX	300

/* The first byte of each page, in order or the other way: so many reads or writes. */
static long call_sweep(struct fuzz_world *w, const __u64 *a)
{
	const __u64 pages = a[2] % SWEEP_MAX;
	long failed = 0;
	__u64 i;

	for (i = 0; i < pages; i++) {
		__u64 page = a[1] + (a[3] & 2 ? pages - 1 - i : i);
		__u64 args[2] = { a[0], page };

		if (a[3] & 1 ? call_write(w, args) : call_read(w, args))
			failed++;
	}
	fuzz_nested(w, a[3] & 1 ? "write" : "read", pages);
	return failed == (long)pages && pages ? -EFAULT : 0;
}

/* In a child, since the code may be anything by the time it runs. */
static long call_exec(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_touch touch;
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		alarm(1);
		_exit(faultlab_touch_exec(fuzz_at(w, a[0], a[1]), &touch) ? 1 : 0);
	}
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return status ? -EFAULT : 0;
}

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
			check_bytes(w, "write() to a pipe", buffer, ret);
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
		check_bytes(w, "/proc/self/mem", buffer, ret);
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
		check_bytes(w, "process_vm_readv()", buffer, ret);
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
			check_bytes(w, "vmsplice()", buffer, ret);
	}
	close(pipes[0]);
	close(pipes[1]);
	return ret;
}

/* O_DIRECT. The disk has what other programs wrote there: one of their bytes, or 0. */
static long call_direct(struct fuzz_world *w, const __u64 *a)
{
	char *at = fuzz_at(w, a[0], a[1]);
	size_t bytes = fuzz_bytes(w, a[1], 2);

	if (w->disk < 0 || w->smudges)
		return -ENODEV;
	return fuzz_result(a[2] & 1 ? pread(w->disk, at, bytes, 0) :
				      pwrite(w->disk, at, bytes, 0));
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

/* A process without a region reads or writes this one's memory. */
static long copy_ptrace(struct fuzz_world *w, char *at, size_t bytes, bool in)
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
			check_bytes(w, "another's process_vm_readv()", buffer, ret);
		_exit(ret < 0);
	}
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return status ? -EFAULT : 0;
}

/* By number, as the words below. */
static long (*const copies[])(struct fuzz_world *w, char *at, size_t bytes, bool in) = {
	copy_pipe, copy_mem, copy_vm, copy_vmsplice, copy_futex, copy_uring, copy_ptrace,
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

static const struct fuzz_word paths[] = {
	{ "pipe", 0 }, { "mem", 1 }, { "vm", 2 }, { "vmsplice", 3 }, { "futex", 4 },
	{ "uring", 5 }, { "other", 6 },
};

static const struct fuzz_word directions[] = { { "out", 0 }, { "in", 1 } };

static const struct fuzz_word sweeps[] = {
	{ "read", 0 }, { "write", 1 }, { "read-back", 2 }, { "write-back", 3 },
};

#define PAGE	{ "map", FUZZ_MAP }, { "at", FUZZ_PAGE }

static const struct fuzz_call calls[] = {
	{ "read", 100, false, false, false, false, call_read, { PAGE } },
	{ "write", 100, false, false, false, false, call_write, { PAGE } },
	{ "sweep", 50, false, false, false, false, call_sweep,
	  { PAGE, { "pages", FUZZ_PAGES }, { "how", FUZZ_ONE, FUZZ_WORDS(sweeps) } } },
	{ "exec", 4, false, true, false, false, call_exec, { PAGE } },
	{ "direct", 8, false, false, false, true, call_direct,
	  { PAGE, { "to", FUZZ_ONE, FUZZ_WORDS(directions) } } },
	{ "copy", 70, false, false, false, false, call_copy,
	  { PAGE, { "path", FUZZ_ONE, FUZZ_WORDS(paths) },
	    { "to", FUZZ_ONE, FUZZ_WORDS(directions) }, { "bytes", FUZZ_SMALL } } },
};

FUZZ_CALLS(access);
