// SPDX-License-Identifier: GPL-2.0-only
/* Switches observers of faults on and off: histogram, records, trace events. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/bench.h"

#define TRACEFS		"/sys/kernel/tracing"
#define INSTANCE	TRACEFS "/instances/faultlab_bench"

static int set_latency(int fd, const char *event, bool on)
{
	(void)event;
	return on ? faultlab_latency_start(fd, 0) : faultlab_latency_stop(fd, 0);
}

static int set_records(int fd, const char *event, bool on)
{
	(void)event;
	return on ? faultlab_records_start(fd, 0, 0) : faultlab_records_stop(fd);
}

/*
 * Enables the event in a trace instance of its own, whose ring buffer is never read, so
 * other users of tracing are not disturbed. Removing the instance disables the event.
 */
static int set_event(int fd, const char *event, bool on)
{
	char path[128];
	int file, err = 0;

	(void)fd;
	if (!on)
		return rmdir(INSTANCE) && errno != ENOENT ? -errno : 0;
	if (access(TRACEFS "/instances", F_OK))
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		return errno == ENOENT ? -EOPNOTSUPP : -errno;
	snprintf(path, sizeof(path), INSTANCE "/events/%s/enable", event);
	file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0)
		return errno == ENOENT ? -EOPNOTSUPP : -errno;
	if (write(file, "1", 1) != 1)
		err = -errno;
	close(file);
	return err;
}

static const struct watcher {
	__u32 watch;
	int (*set)(int fd, const char *event, bool on);
	const char *event;
} watchers[] = {
	{ BENCH_WATCH_LATENCY, set_latency, NULL },
	{ BENCH_WATCH_RECORDS, set_records, NULL },
	{ BENCH_WATCH_ENTER, set_event, "faultlab/flab_fault_enter" },
	{ BENCH_WATCH_EXIT, set_event, "faultlab/flab_fault_exit" },
	{ BENCH_WATCH_PAGE_FAULT_USER, set_event, "exceptions/page_fault_user" },
};

int bench_watch(int fd, __u32 watch, bool on)
{
	const struct watcher *w;
	int first = 0;

	for (w = watchers; w < watchers + ARRAY_SIZE(watchers); w++) {
		int err = watch & w->watch ? w->set(fd, w->event, on) : 0;

		if (!first)
			first = err;
	}
	return first;
}
