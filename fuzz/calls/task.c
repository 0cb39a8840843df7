// SPDX-License-Identifier: GPL-2.0-only
/* Processes that share a mapping, and end in the middle of a fault. */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/calls/call.h"

static void touch_all(struct fuzz_world *w, const __u64 *a, bool write)
{
	__u64 i;

	for (i = 0; i < a[2] % 64; i++) {
		if (write)
			faultlab_touch_write(fuzz_at(w, a[0], a[1] + i), w->byte, NULL);
		else
			faultlab_touch_read(fuzz_at(w, a[0], a[1] + i), NULL);
	}
}

/* A child that does not end is found by who waits for the program (run.c). */
static long reap(pid_t pid)
{
	return waitpid(pid, NULL, 0) < 0 ? -errno : 0;
}

/* The child has copies of the VMAs, and of the descriptors unless it executes. */
static long call_fork(struct fuzz_world *w, const __u64 *a)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(2);
		touch_all(w, a, a[3] & 1);
		if (a[3] & 2)
			faultlab_evict(fuzz_fd(w, a[0]), 0, FAULTLAB_TO_END, 0);
		if (a[3] & 4)
			execl("/bin/true", "true", NULL);
		_exit(0);
	}
	return reap(pid);
}

/* Threads of a process that is killed while they fault. */
static long call_kill(struct fuzz_world *w, const __u64 *a)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		touch_all(w, a, a[3] & 1);
		pause();
	}
	usleep(a[4] % 50 * 1000);
	kill(pid, SIGKILL);
	return reap(pid);
}

/* The address space stays until the child ends, as of any vfork(). */
static long call_vfork(struct fuzz_world *w, const __u64 *a)
{
	pid_t pid = vfork();

	if (!pid)
		_exit(0);
	if (pid < 0)
		return -errno;
	touch_all(w, a, false);
	return reap(pid);
}

static const struct fuzz_word does[] = {
	{ "reads", 0 }, { "writes", 1 }, { "evicts", 2 }, { "executes", 4 },
	{ "writes-evicts", 3 }, { "writes-executes", 5 },
};

#define RANGE	{ "map", FUZZ_MAP }, { "at", FUZZ_PAGE }, { "pages", FUZZ_PAGES }

static const struct fuzz_call calls[] = {
	{ "fork", 10, FUZZ_HELPED, call_fork,
	  { RANGE, { "child", FUZZ_ONE, FUZZ_WORDS(does) } } },
	{ "kill", 10, FUZZ_HELPED, call_kill,
	  { RANGE, { "child", FUZZ_ONE, FUZZ_WORDS(does) }, { "ms", FUZZ_SMALL } } },
	{ "vfork", 2, 0, call_vfork, { RANGE } },
};

FUZZ_CALLS(task);
