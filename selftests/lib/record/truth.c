// SPDX-License-Identifier: GPL-2.0-only
/*
 * All sources that count faults: see truth.h.
 */
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/sys.h"
#include "lib/record/truth.h"
#include "util.h"

#define TRACEFS		"/sys/kernel/tracing"
#define KPROBE_TYPE	"/sys/bus/event_source/devices/kprobe/type"

struct source {
	const char *name;
	__u64 (*read)(const struct tlib_truth *truth, enum tlib_figure figure);
	int arg;			/* for read(): which counter or field */
	/* Only for perf events: opens the event that the next three fields describe. */
	int (*open)(const struct source *source);
	unsigned long event;		/* PERF_COUNT_SW_* */
	bool exclude_kernel;
	const char *trace;		/* path below tracefs' events/, or a function */
	const char *needs;		/* what the kernel lacks if open() fails */
	bool shared;			/* see tlib_figure_is_shared() */
};

static const struct source sources[];

/*
 * The region
 */

static __u64 read_stat(const struct tlib_truth *truth, enum tlib_figure figure)
{
	return tlib_stat(truth->fd, sources[figure].arg);
}

/* All callbacks of the region that ended. */
static __u64 read_calls(const struct tlib_truth *truth, enum tlib_figure figure)
{
	static const enum faultlab_stat calls[] = {
		FAULTLAB_STAT_FAULT_READ, FAULTLAB_STAT_FAULT_WRITE, FAULTLAB_STAT_FAULT_COW,
		FAULTLAB_STAT_FAULT_MKWRITE, FAULTLAB_STAT_FAULT_PFN_MKWRITE,
		FAULTLAB_STAT_FAULT_AROUND, FAULTLAB_STAT_RETRY,
	};
	struct faultlab_stats stats;
	unsigned int i;
	__u64 sum = 0;

	if (faultlab_stats(truth->fd, &stats))
		return 0;
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		sum += stats.value[calls[i]];
	return sum;
}

static __u64 read_records(const struct tlib_truth *truth, enum tlib_figure figure)
{
	struct faultlab_recording state;

	return faultlab_records_state(truth->fd, &state) ? 0 : state.waiting;
}

/*
 * The kernel
 */

static __u64 read_rusage(const struct tlib_truth *truth, enum tlib_figure figure)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return sources[figure].arg ? usage.ru_majflt : usage.ru_minflt;
}

/* Fields 10 (minflt) and 12 (majflt) in proc(5). The task's name may contain blanks. */
static __u64 read_proc_stat(const struct tlib_truth *truth, enum tlib_figure figure)
{
	unsigned long long minflt, majflt;
	char text[1024];

	if (tlib_read_text("/proc/thread-self/stat", text, sizeof(text)) < 0 ||
	    sscanf(strrchr(text, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %llu %*u %llu",
		   &minflt, &majflt) != 2)
		return 0;
	return sources[figure].arg ? majflt : minflt;
}

static __u64 read_vmstat(const struct tlib_truth *truth, enum tlib_figure figure)
{
	__u64 value = 0;

	tlib_read_field("/proc/vmstat", sources[figure].arg ? "pgmajfault" : "pgfault",
			&value);
	return value;
}

static __u64 read_perf(const struct tlib_truth *truth, enum tlib_figure figure)
{
	__u64 value = 0;

	if (truth->perf[figure] >= 0 &&
	    read(truth->perf[figure], &value, sizeof(value)) != sizeof(value))
		return 0;
	return value;
}

static int open_event(struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	return syscall(SYS_perf_event_open, attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static int open_software(const struct source *source)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = source->event,
		.exclude_kernel = source->exclude_kernel,
	};

	return open_event(&attr);
}

static int open_tracepoint(const struct source *source)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT };
	__u64 id;

	if (access(TRACEFS "/events", F_OK))
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	if (tlib_read_number(tlib_text(TRACEFS "/events/%s/id", source->trace), &id))
		return -1;
	attr.config = id;
	return open_event(&attr);
}

static int open_kprobe(const struct source *source)
{
	struct perf_event_attr attr = { .kprobe_func = (uintptr_t)source->trace };
	__u64 type;

	if (tlib_read_number(KPROBE_TYPE, &type))
		return -1;
	attr.type = type;
	return open_event(&attr);
}

#define STAT(NAME)	.read = read_stat, .arg = FAULTLAB_STAT_##NAME
#define SOFTWARE(EVENT)	.read = read_perf, .open = open_software, .needs = "CONFIG_PERF_EVENTS",\
			.event = PERF_COUNT_SW_##EVENT
#define TRACEPOINT(at)	.read = read_perf, .open = open_tracepoint,			\
			.needs = "CONFIG_PERF_EVENTS and CONFIG_EVENT_TRACING", .trace = at

static const struct source sources[] = {
	/* callbacks that ended, including those whose fault is retried */
	[TLIB_CALLS] = { "calls", read_calls },
	[TLIB_MINOR] = { "minor", STAT(MINOR) },
	[TLIB_MAJOR] = { "major", STAT(MAJOR) },
	[TLIB_RETRY] = { "retry", STAT(RETRY) },
	[TLIB_SIGBUS] = { "sigbus", STAT(SIGBUS) },
	[TLIB_OOM] = { "oom", STAT(OOM) },
	[TLIB_HWPOISON] = { "hwpoison", STAT(HWPOISON) },
	[TLIB_SIGSEGV] = { "sigsegv", STAT(SIGSEGV) },
	[TLIB_NOPAGE] = { "nopage", STAT(NOPAGE) },
	[TLIB_RECORDS] = { "records", read_records },
	/* faultlab:flab_fault_enter and flab_fault_exit */
	[TLIB_ENTER] = { "enter", TRACEPOINT("faultlab/flab_fault_enter") },
	[TLIB_EXIT] = { "exit", TRACEPOINT("faultlab/flab_fault_exit") },
	/* getrusage(RUSAGE_THREAD) */
	[TLIB_MINFLT] = { "minflt", read_rusage, 0 },
	[TLIB_MAJFLT] = { "majflt", read_rusage, 1 },
	/* /proc/PID/stat */
	[TLIB_STAT_MIN] = { "min_flt", read_proc_stat, 0 },
	[TLIB_STAT_MAJ] = { "maj_flt", read_proc_stat, 1 },
	/* /proc/vmstat, of the whole machine */
	[TLIB_PGFAULT] = { "pgfault", read_vmstat, 0, .shared = true },
	[TLIB_PGMAJFAULT] = { "pgmajfault", read_vmstat, 1, .shared = true },
	/* perf's page-faults, page-faults:u, minor-faults, major-faults */
	[TLIB_PERF] = { "perf", SOFTWARE(PAGE_FAULTS) },
	[TLIB_PERF_U] = { "perf:u", SOFTWARE(PAGE_FAULTS), .exclude_kernel = true },
	[TLIB_PERF_MIN] = { "perf-minor", SOFTWARE(PAGE_FAULTS_MIN) },
	[TLIB_PERF_MAJ] = { "perf-major", SOFTWARE(PAGE_FAULTS_MAJ) },
	/* exceptions:page_fault_user and page_fault_kernel */
	[TLIB_USER] = { "user", TRACEPOINT("exceptions/page_fault_user") },
	[TLIB_KERNEL] = { "kernel", TRACEPOINT("exceptions/page_fault_kernel") },
	/* calls of handle_mm_fault(), by a kprobe */
	[TLIB_HMF] = { "hmf", read_perf, .open = open_kprobe, .trace = "handle_mm_fault",
		       .needs = "CONFIG_KPROBE_EVENTS" },
};

void tlib_truth_open(struct tlib_truth *truth)
{
	unsigned int i;

	for (i = 0; i < TLIB_NR_FIGURES; i++)
		truth->perf[i] = sources[i].open ? sources[i].open(&sources[i]) : -1;
}

void tlib_truth_close(struct tlib_truth *truth)
{
	unsigned int i;

	for (i = 0; i < TLIB_NR_FIGURES; i++)
		if (truth->perf[i] >= 0)
			close(truth->perf[i]);
}

const char *tlib_figure_name(enum tlib_figure figure)
{
	return sources[figure].name;
}

const char *tlib_truth_lacks(const struct tlib_truth *truth, enum tlib_figure figure)
{
	return truth->perf[figure] < 0 ? sources[figure].needs : NULL;
}

bool tlib_figure_is_shared(enum tlib_figure figure)
{
	return sources[figure].shared;
}

static void read_all(const struct tlib_truth *truth, __u64 *value)
{
	unsigned int i;

	for (i = 0; i < TLIB_NR_FIGURES; i++)
		value[i] = sources[i].read(truth, i);
}

void tlib_truth_begin(struct tlib_truth *truth, int fd)
{
	struct faultlab_touch touch;

	truth->fd = fd;
	/* Run a signal handler and read_all() once before: the first run may fault. */
	faultlab_touch_read(NULL, &touch);
	read_all(truth, truth->value);
	tlib_settle();
	read_all(truth, truth->value);
}

void tlib_truth_end(struct tlib_truth *truth)
{
	__u64 now[TLIB_NR_FIGURES];
	unsigned int i;

	read_all(truth, now);
	for (i = 0; i < TLIB_NR_FIGURES; i++)
		truth->value[i] = now[i] - truth->value[i];
}
