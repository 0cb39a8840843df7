// SPDX-License-Identifier: GPL-2.0-only
/*
 * One access to one byte; a signal that it causes is caught and reported.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>

#include "faultlab.h"
#include "util.h"

/*
 * Per thread: the signal handler runs in the thread that made the access. What touch()
 * reads after siglongjmp() is here and not in local variables: those could be in
 * registers, which siglongjmp() sets back.
 */
static __thread struct {
	sigjmp_buf env;
	bool armed;
	struct faultlab_touch touch;
	__u64 start;
} guard;

/*
 * Only this thread's signal handler reads guard.armed, so a signal fence (a compiler
 * barrier) is enough to order it against the access.
 */
static void arm(bool on)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&guard.armed, on, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static const int guarded[] = { SIGSEGV, SIGBUS };
static struct sigaction before[2];
static pthread_once_t installed = PTHREAD_ONCE_INIT;

/* Leaves a signal that no touch caused to the handler that was installed before ours. */
static void pass_on(int sig, siginfo_t *info, void *context)
{
	const struct sigaction *old = &before[sig == SIGBUS];

	if (old->sa_flags & SA_SIGINFO)
		old->sa_sigaction(sig, info, context);
	else if (old->sa_handler == SIG_DFL || old->sa_handler == SIG_IGN)
		sigaction(sig, old, NULL);	/* the access runs again, without us */
	else
		old->sa_handler(sig);
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	if (!guard.armed) {
		pass_on(sig, info, context);
		return;
	}
	arm(false);
	guard.touch.signal = sig;
	guard.touch.code = info->si_code;
	guard.touch.addr = (uintptr_t)info->si_addr;
	if (info->si_code == BUS_MCEERR_AR && sig == SIGBUS)
		guard.touch.lsb = info->si_addr_lsb;
	siglongjmp(guard.env, 1);
}

static void install(void)
{
	/*
	 * SA_NODEFER: the signal is not blocked in the handler, so sigsetjmp() need not
	 * save the mask, which would be a system call inside the measured time.
	 */
	struct sigaction action = {
		.sa_sigaction = on_signal,
		.sa_flags = SA_SIGINFO | SA_NODEFER,
	};
	unsigned int i;

	for (i = 0; i < 2; i++)
		sigaction(guarded[i], &action, &before[i]);
}

enum how { READ, WRITE, EXEC };

/* A relaxed atomic of a byte is one load or store, which the compiler does not remove. */
static int touch(__u8 *addr, enum how how, __u8 value, struct faultlab_touch *result)
{
	pthread_once(&installed, install);
	guard.touch = (struct faultlab_touch){ 0 };
	guard.start = monotonic_ns();
	if (!sigsetjmp(guard.env, 0)) {
		arm(true);
		if (how == READ)
			guard.touch.value = __atomic_load_n(addr, __ATOMIC_RELAXED);
		else if (how == WRITE)
			__atomic_store_n(addr, value, __ATOMIC_RELAXED);
		else
			((void (*)(void))(uintptr_t)addr)();
		arm(false);
	}
	guard.touch.ns = monotonic_ns() - guard.start;

	if (result)
		*result = guard.touch;
	return guard.touch.signal ? -EFAULT : 0;
}

int faultlab_touch_read(const void *addr, struct faultlab_touch *result)
{
	return touch((__u8 *)addr, READ, 0, result);
}

int faultlab_touch_write(void *addr, __u8 value, struct faultlab_touch *result)
{
	return touch(addr, WRITE, value, result);
}

int faultlab_touch_exec(const void *addr, struct faultlab_touch *result)
{
	return touch((__u8 *)addr, EXEC, 0, result);
}
