// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the frozen programs need of a C library, so that they do not contain one: system
 * calls, and the entry point. For scripts/parts/build/abi only.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define SA_RESTORER	0x04000000

static int error;

int *__errno_location(void)
{
	return &error;
}

static long call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 asm("r10") = d;
	register long r8 asm("r8") = e;
	register long r9 asm("r9") = f;
	long ret;

	asm volatile("syscall"
		     : "=a" (ret)
		     : "a" (nr), "D" (a), "S" (b), "d" (c), "r" (r10), "r" (r8), "r" (r9)
		     : "rcx", "r11", "memory");
	if (ret >= 0 || ret < -4095)
		return ret;
	error = -ret;
	return -1;
}

#define CALL3(nr, a, b, c)	call(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)

int open(const char *path, int flags, ...)
{
	return CALL3(SYS_open, path, flags, 0);
}

int close(int fd)
{
	return CALL3(SYS_close, fd, 0, 0);
}

ssize_t read(int fd, void *to, size_t bytes)
{
	return CALL3(SYS_read, fd, to, bytes);
}

ssize_t pread(int fd, void *to, size_t bytes, off_t at)
{
	return call(SYS_pread64, fd, (long)to, bytes, at, 0, 0);
}

ssize_t write(int fd, const void *from, size_t bytes)
{
	return CALL3(SYS_write, fd, from, bytes);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	return CALL3(SYS_ioctl, fd, request, arg);
}

int poll(struct pollfd *fds, nfds_t nr, int timeout)
{
	return CALL3(SYS_poll, fds, nr, timeout);
}

void *mmap(void *at, size_t bytes, int prot, int flags, int fd, off_t offset)
{
	return (void *)call(SYS_mmap, (long)at, bytes, prot, flags, fd, offset);
}

int munmap(void *at, size_t bytes)
{
	return CALL3(SYS_munmap, at, bytes, 0);
}

void *mremap(void *at, size_t old, size_t bytes, int flags, ...)
{
	va_list args;
	void *to;

	va_start(args, flags);
	to = va_arg(args, void *);
	va_end(args);
	return (void *)call(SYS_mremap, (long)at, old, bytes, flags, (long)to, 0);
}

int mount(const char *from, const char *at, const char *type, unsigned long flags,
	  const void *data)
{
	return call(SYS_mount, (long)from, (long)at, (long)type, flags, (long)data, 0);
}

int unshare(int flags)
{
	return CALL3(SYS_unshare, flags, 0, 0);
}

int getpagesize(void)
{
	return 4096;
}

pid_t getpid(void)
{
	return CALL3(SYS_getpid, 0, 0, 0);
}

pid_t fork(void)
{
	return CALL3(SYS_fork, 0, 0, 0);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	return call(SYS_wait4, pid, (long)status, options, 0, 0, 0);
}

void _exit(int status)
{
	for (;;)
		CALL3(SYS_exit_group, status, 0, 0);
}

int kill(pid_t pid, int sig)
{
	return CALL3(SYS_kill, pid, sig, 0);
}

unsigned int alarm(unsigned int seconds)
{
	return CALL3(SYS_alarm, seconds, 0, 0);
}

int pause(void)
{
	return CALL3(SYS_pause, 0, 0, 0);
}

ssize_t process_vm_readv(pid_t pid, const struct iovec *local, unsigned long nr_local,
			 const struct iovec *remote, unsigned long nr_remote,
			 unsigned long flags)
{
	return call(SYS_process_vm_readv, pid, (long)local, nr_local, (long)remote, nr_remote,
		    flags);
}

/* The handlers never return, so there is nothing to restore. */
int sigaction(int sig, const struct sigaction *action, struct sigaction *old)
{
	const struct {
		void (*handler)(int sig, siginfo_t *info, void *context);
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} kernel = { action->sa_sigaction, action->sa_flags | SA_RESTORER, NULL, 0 };

	return call(SYS_rt_sigaction, sig, (long)&kernel, 0, sizeof(kernel.mask), 0, 0);
}

int uname(struct utsname *name)
{
	return CALL3(SYS_uname, name, 0, 0);
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

void *memset(void *to, int byte, size_t bytes)
{
	void *at = to;

	asm volatile("rep stosb" : "+D" (at), "+c" (bytes) : "a" (byte) : "memory");
	return to;
}

void *memcpy(void *to, const void *from, size_t bytes)
{
	void *at = to;

	asm volatile("rep movsb" : "+D" (at), "+S" (from), "+c" (bytes) : : "memory");
	return to;
}

/* main() is called with the stack aligned as the ABI of x86-64 says. */
__attribute__((naked, noreturn, used)) void _start(void);
void _start(void)
{
	asm("xor %ebp, %ebp\n\t"
	    "and $-16, %rsp\n\t"
	    "call main\n\t"
	    "mov %eax, %edi\n\t"
	    "call _exit");
}
