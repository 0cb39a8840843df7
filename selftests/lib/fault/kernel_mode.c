// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths for a loop: see kernel_mode.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/fault/kernel_mode.h"
#include "util.h"

int tlib_tools_get(struct tlib_tools *t)
{
	t->word = 0;
	t->zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
	if (t->zero < 0 || pipe2(t->full, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	t->page = mmap(NULL, tlib_page_size(), TLIB_RW,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (t->page == MAP_FAILED)
		return -errno;
	t->page[0] = 'p';
	return 0;
}

static void by_load(struct tlib_tools *t, char *at)
{
	faultlab_touch_read(at, NULL);
}

static void by_store(struct tlib_tools *t, char *at)
{
	faultlab_touch_write(at, 1, NULL);
}

/* Drop a system call's result without a compiler warning. */
static void ignore(long ret)
{
	__asm__ volatile("" : : "r"(ret));
}

/* The kernel writes to the page by clear_user(), in by_pipe_read() by copy_to_user(). */
static void by_zero_read(struct tlib_tools *t, char *at)
{
	ignore(read(t->zero, at, 16));
}

static void by_pipe(struct tlib_tools *t, char *at)
{
	ignore(write(t->full[1], at, 16));
	ignore(read(t->full[0], at, 16));
}

static void by_pipe_read(struct tlib_tools *t, char *at)
{
	ignore(write(t->full[1], t->page, 16));
	ignore(read(t->full[0], at, 16));
	ignore(read(t->full[0], t->page, 16));
}

static void by_writev(struct tlib_tools *t, char *at)
{
	struct iovec from = { t->page, 16 }, to = { at, 16 };

	ignore(process_vm_writev(getpid(), &from, 1, &to, 1, 0));
}

static void by_readv(struct tlib_tools *t, char *at)
{
	struct iovec from = { at, 16 }, to = { t->page, 16 };

	ignore(process_vm_readv(getpid(), &to, 1, &from, 1, 0));
}

static void by_vmsplice(struct tlib_tools *t, char *at)
{
	struct iovec from = { at, 16 };

	ignore(vmsplice(t->full[1], &from, 1, SPLICE_F_NONBLOCK));
	ignore(read(t->full[0], t->page, 16));
}

/*
 * FUTEX_WAKE_OP: the kernel tries the atomic operation with page faults disabled. If that
 * fails, it faults the page in and tries again, until the operation succeeds.
 */
static long wake_op(struct tlib_tools *t, char *at, int flags)
{
	return syscall(SYS_futex, &t->word, FUTEX_WAKE_OP | flags, 1, 1, at,
		       FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0));
}

static void by_futex_private(struct tlib_tools *t, char *at)
{
	ignore(wake_op(t, at, FUTEX_PRIVATE_FLAG));
}

static void by_futex_shared(struct tlib_tools *t, char *at)
{
	ignore(wake_op(t, at, 0));
}

/* FUTEX_WAIT returns at once, as the word does not have the expected value -1. */
static void by_futex_wait(struct tlib_tools *t, char *at)
{
	ignore(syscall(SYS_futex, at, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, -1, NULL, NULL, 0));
}

const struct tlib_touch_path tlib_touch_paths[] = {
	{ "load", by_load, .kernel = false },
	{ "store", by_store, .write = true, .value = 1 },
	{ "read(/dev/zero)", by_zero_read, .kernel = true, .copies = true, .write = true },
	{ "write(pipe)", by_pipe, .kernel = true, .copies = true },
	{ "read(pipe)", by_pipe_read, .kernel = true, .copies = true, .write = true,
	  .value = 'p' },
	{ "process_vm_writev()", by_writev, .kernel = true, .write = true, .pins = true,
	  .value = 'p' },
	{ "process_vm_readv()", by_readv, .kernel = true, .pins = true },
	{ "vmsplice()", by_vmsplice, .kernel = true, .pins = true },
	{ "private futex operation", by_futex_private, .kernel = true, .write = true, .value = 1 },
	{ "shared futex operation", by_futex_shared, .kernel = true, .write = true,
	  .pins = true },
	{ "futex wait", by_futex_wait, .kernel = true, .copies = true },
};

const unsigned int tlib_nr_touch_paths = ARRAY_SIZE(tlib_touch_paths);

bool tlib_touch_path_faults(const struct tlib_touch_path *path,
			    const struct faultlab_memory *memory)
{
	if (!(memory->calls & FAULTLAB_CALLS_FAULT))
		return false;
	return !path->pins || memory->gup != FAULTLAB_GUP_NEVER;
}
