// SPDX-License-Identifier: GPL-2.0-only
/* Processes that share a mapping, and end in the middle of a fault. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
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

enum { WRITES = 1, EVICTS = 2, EXECUTES = 4, COPIES = 8 };

/* read() of some bytes into each page: a fault in kernel mode, which no signal ends. */
static void copy_all(struct fuzz_world *w, const __u64 *a)
{
	char bytes[64];
	int pipes[2];
	__u64 i;

	if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK))
		return;
	memset(bytes, w->byte, sizeof(bytes));
	for (i = 0; i < a[2] % 64; i++)
		if (write(pipes[1], bytes, sizeof(bytes)) > 0 &&
		    read(pipes[0], fuzz_at(w, a[0], a[1] + i), sizeof(bytes)) < 0)
			/* The bytes are still in the pipe. */
			while (read(pipes[0], bytes, sizeof(bytes)) > 0)
				;
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
		if (a[3] & COPIES)
			copy_all(w, a);
		else
			touch_all(w, a, a[3] & WRITES);
		if (a[3] & EVICTS)
			faultlab_evict(fuzz_fd(w, a[0]), 0, FAULTLAB_TO_END, 0);
		if (a[3] & EXECUTES)
			execl("/bin/true", "true", NULL);
		_exit(0);
	}
	return reap(pid);
}

static void callbacks(const struct fuzz_world *w, __u64 nr[FUZZ_FDS])
{
	unsigned int i;

	for (i = 0; i < FUZZ_FDS; i++)
		nr[i] = w->fd[i] < 0 ? 0 : fuzz_callbacks(w->fd[i]);
}

/* Only the child that was killed can have called back meanwhile. */
static void check_callbacks(struct fuzz_world *w, const __u64 nr[FUZZ_FDS])
{
	__u64 now[FUZZ_FDS];
	unsigned int i;

	if (w->lanes > 1 || fuzz_is_sharing(w->traits))
		return;
	callbacks(w, now);
	for (i = 0; i < FUZZ_FDS; i++)
		if (now[i] > nr[i] + FUZZ_LAST_CALLBACKS)
			fuzz_fail(w, "a killed child made %llu more callbacks, not at most %u",
				  now[i] - nr[i], FUZZ_LAST_CALLBACKS);
}

/* A process that is killed while it faults. */
static long call_kill(struct fuzz_world *w, const __u64 *a)
{
	__u64 nr[FUZZ_FDS];
	pid_t pid = fork();
	long ret;

	if (pid < 0)
		return -errno;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (a[3] & COPIES)
			copy_all(w, a);
		else
			touch_all(w, a, a[3] & WRITES);
		pause();
	}
	usleep(a[4] % 50 * 1000);
	kill(pid, SIGKILL);
	callbacks(w, nr);
	ret = reap(pid);
	check_callbacks(w, nr);
	return ret;
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
	{ "reads", 0 }, { "writes", WRITES }, { "copies", COPIES }, { "evicts", EVICTS },
	{ "executes", EXECUTES }, { "writes-evicts", WRITES | EVICTS },
	{ "writes-executes", WRITES | EXECUTES },
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
