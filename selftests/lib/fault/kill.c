// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that are killed: see kill.h.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/fault/kill.h"
#include "lib/sys.h"
#include "util.h"

int tlib_reap_within(pid_t pid, unsigned int seconds)
{
	const struct timespec nap = { .tv_nsec = 2 * NSEC_PER_MS };
	const __u64 end = tlib_now() + seconds * 1000 * NSEC_PER_MS;
	int status;
	pid_t got;

	for (;;) {
		bool late = tlib_now() > end;

		got = waitpid(pid, &status, WNOHANG);
		if (got)
			break;
		if (late)
			return -ETIMEDOUT;
		nanosleep(&nap, NULL);
	}
	if (got != pid)
		return -ECHILD;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int tlib_kill(pid_t pid, int signal)
{
	/* If fork() failed, pid is -1, and kill(-1) would signal every process. */
	if (pid <= 0)
		return -ESRCH;
	if (kill(pid, signal))
		return -errno;
	return tlib_reap_within(pid, TLIB_HANG_S);
}

/* The first word of a file in /proc/PID/task/TID. */
static void task_word(char *to, size_t size, pid_t pid, const char *tid, const char *file)
{
	char path[64], text[256];

	snprintf(to, size, "?");
	snprintf(path, sizeof(path), "/proc/%d/task/%s/%s", pid, tid, file);
	if (tlib_read_text(path, text, sizeof(text)) > 0)
		snprintf(to, size, "%s", strtok(text, "\n "));
}

const char *tlib_tasks(pid_t pid)
{
	char path[32], all[240] = "", syscall[32], wchan[48];
	size_t n = 0;
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir)) && n < sizeof(all)) {
		if (e->d_name[0] == '.')
			continue;
		task_word(syscall, sizeof(syscall), pid, e->d_name, "syscall");
		task_word(wchan, sizeof(wchan), pid, e->d_name, "wchan");
		n += snprintf(all + n, sizeof(all) - n, "%s%s: syscall %s, %s", n ? "; " : "",
			      e->d_name, syscall, wchan);
	}
	if (dir)
		closedir(dir);
	return tlib_text("%s", all);
}

__u64 tlib_callbacks(int fd)
{
	static const enum faultlab_stat called[] = {
		FAULTLAB_STAT_FAULT_READ, FAULTLAB_STAT_FAULT_WRITE, FAULTLAB_STAT_FAULT_COW,
		FAULTLAB_STAT_FAULT_MKWRITE, FAULTLAB_STAT_FAULT_PFN_MKWRITE,
		FAULTLAB_STAT_FAULT_AROUND,
	};
	struct faultlab_stats stats;
	__u64 sum = 0;
	unsigned int i;

	if (faultlab_stats(fd, &stats))
		return ~0ULL;
	for (i = 0; i < ARRAY_SIZE(called); i++)
		sum += stats.value[called[i]];
	return sum;
}
