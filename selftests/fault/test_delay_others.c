// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user's rules delay that user's own accesses, and nobody else's: root looks at a process
 * all of whose memory is behind a gate that never opens. The capabilities that a user has in a
 * user namespace of its own do not count. Nor does it help to set the rules again and again.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <linux/prctl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fault/kill.h"
#include "lib/sys.h"
#include "lib/secret/viewer.h"

/* What the pages of the region are for: each is looked at in another way. */
enum { OWN, CMDLINE, ENVIRON, MEM, READV, WRITEV, PEEK, EACH, NR_PAGES = EACH + 64 };

struct shared {
	char *at;
	pid_t idle;	/* a thread that does not wait in a fault, so that ptrace can stop it */
};

FIXTURE(others)
{
	struct shared *shared;
	char node[64];
	pid_t pid;
};

FIXTURE_VARIANT(others)
{
	enum tlib_viewer viewer;
	enum faultlab_kind kind;
	bool gup;	/* get_user_pages() gets the pages; else .access does */
	enum faultlab_verdict verdict;
	bool restless;	/* two threads keep setting the rules */
};

FIXTURE_VARIANT_ADD(others, served_by_changing_rules)
{
	.viewer = TLIB_VIEWER_USER, .kind = FAULTLAB_KIND_PAGE, .gup = true,
	.verdict = FAULTLAB_VERDICT_SERVE, .restless = true,
};

FIXTURE_VARIANT_ADD(others, retried_by_changing_rules)
{
	.viewer = TLIB_VIEWER_USER, .kind = FAULTLAB_KIND_PAGE, .gup = true,
	.verdict = FAULTLAB_VERDICT_RETRY, .restless = true,
};

#define DELAYED_BY(v, k, g) FIXTURE_VARIANT_ADD(others, delayed_by_##v##_in_kind_##k) \
	{ .viewer = TLIB_VIEWER_##v, .kind = FAULTLAB_KIND_##k, .gup = g }

DELAYED_BY(BARE, PAGE, true);
DELAYED_BY(USER, PAGE, true);
DELAYED_BY(USER, PFN, false);
DELAYED_BY(USER, MIXED, false);
DELAYED_BY(CONTAINED, PAGE, true);

#define SHOWN	16	/* bytes of /proc/PID/cmdline and environ */

/* Let /proc/PID/cmdline and environ show pages of the region. */
static int show_pages(char *at)
{
	const __u64 top = (uintptr_t)sbrk(0);
	struct prctl_mm_map map = {
		.start_code = (uintptr_t)at, .end_code = (uintptr_t)at + 1,
		.start_data = (uintptr_t)at, .end_data = (uintptr_t)at + 1,
		.start_brk = top, .brk = top, .start_stack = (uintptr_t)&top,
		.arg_start = (uintptr_t)tlib_at(at, CMDLINE),
		.arg_end = (uintptr_t)tlib_at(at, CMDLINE) + SHOWN,
		.env_start = (uintptr_t)tlib_at(at, ENVIRON),
		.env_end = (uintptr_t)tlib_at(at, ENVIRON) + SHOWN,
		.exe_fd = (__u32)-1,
	};

	return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0) ? -errno : 0;
}

struct rule_setter {
	int fd;
	struct faultlab_rule rule;
};

static void *keep_setting(void *arg)
{
	const struct rule_setter *setter = arg;

	while (!faultlab_rule(setter->fd, FAULTLAB_RULE_SET, &setter->rule))
		;
	return NULL;
}

static void *idle(void *arg)
{
	struct shared *shared = arg;

	__atomic_store_n(&shared->idle, syscall(SYS_gettid), __ATOMIC_RELEASE);
	for (;;)
		pause();
	return NULL;
}

/* The user: ends in a wait at the gate, which nothing ends but a signal. */
static int wait_for_ever(struct shared *shared, const char *node,
			 FIXTURE_VARIANT(others) const *variant)
{
	struct faultlab_rule rule = tlib_rule(0, NR_PAGES, variant->verdict, 0);
	struct rule_setter setter;
	pthread_t thread[2], idler;
	unsigned int i;
	char *at;
	int fd;

	rule.delay_kind = FAULTLAB_DELAY_GATE;
	if (tlib_become(variant->viewer))
		return 1;
	fd = open(node, O_RDWR | O_CLOEXEC);
	if (fd < 0 || faultlab_config(fd, variant->kind, 0, NR_PAGES * tlib_page_size()))
		return 2;
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, NR_PAGES);
	if (!at || faultlab_rule(fd, FAULTLAB_RULE_SET, &rule) || show_pages(at))
		return 3;
	setter = (struct rule_setter){ fd, rule };
	for (i = 0; variant->restless && i < ARRAY_SIZE(thread); i++)
		if (pthread_create(&thread[i], NULL, keep_setting, &setter))
			return 4;
	if (pthread_create(&idler, NULL, idle, shared))
		return 5;
	while (!__atomic_load_n(&shared->idle, __ATOMIC_ACQUIRE))
		sched_yield();
	__atomic_store_n(&shared->at, at, __ATOMIC_RELEASE);
	faultlab_touch_read(tlib_at(at, OWN), NULL);
	return 6;
}

FIXTURE_SETUP(others)
{
	if (!tlib_viewer_exists(variant->viewer))
		SKIP(return, TLIB_NO_USER_NS);
	self->shared = mmap(NULL, sizeof(*self->shared), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->shared);
	ASSERT_EQ(0, tlib_node_add(self->node, sizeof(self->node)));
	self->pid = fork();
	ASSERT_LE(0, self->pid);
	if (!self->pid)
		_exit(wait_for_ever(self->shared, self->node, variant));
	ASSERT_EQ(0, tlib_wait_delayed(self->pid));
	ASSERT_NE(NULL, self->shared->at);
}

FIXTURE_TEARDOWN(others)
{
	unlink(self->node);
}

/* A look at the process. Returns how many bytes were read or written, or one of these. */
#define ERROR	100
#define MANY	101	/* as many as there are, more than SHOWN */

struct look {
	pid_t pid, idle;
	char *at;
};

static int result(ssize_t nr)
{
	if (nr < 0)
		return ERROR;
	return nr > SHOWN ? MANY : nr;
}

static int read_proc(pid_t pid, const char *name)
{
	char path[32], text[TLIB_TEXT_MAX];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return result(tlib_read_text(path, text, sizeof(text)));
}

static int by_cmdline(void *arg)
{
	return read_proc(((struct look *)arg)->pid, "cmdline");
}

static int by_environ(void *arg)
{
	return read_proc(((struct look *)arg)->pid, "environ");
}

static int by_maps(void *arg)
{
	return read_proc(((struct look *)arg)->pid, "maps");
}

static int by_smaps(void *arg)
{
	return read_proc(((struct look *)arg)->pid, "smaps_rollup");
}

static int by_mem(void *arg)
{
	const struct look *look = arg;
	char path[32], byte;

	snprintf(path, sizeof(path), "/proc/%d/mem", look->pid);
	return result(pread(open(path, O_RDONLY | O_CLOEXEC), &byte, 1,
			    (uintptr_t)tlib_at(look->at, MEM)));
}

/* Together they would take longer than TLIB_HANG_S, if each took a second. */
static int by_mem_each(void *arg)
{
	const struct look *look = arg;
	char path[32], byte;
	int fd, i, nr = 0;

	snprintf(path, sizeof(path), "/proc/%d/mem", look->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	for (i = EACH; i < NR_PAGES; i++)
		nr += pread(fd, &byte, 1, (uintptr_t)tlib_at(look->at, i)) == 1;
	return result(nr);
}

static int by_readv(void *arg)
{
	const struct look *look = arg;
	char byte;
	struct iovec from = { tlib_at(look->at, READV), 1 }, to = { &byte, 1 };

	return result(process_vm_readv(look->pid, &to, 1, &from, 1, 0));
}

static int by_writev(void *arg)
{
	const struct look *look = arg;
	char byte = 'w';
	struct iovec from = { &byte, 1 }, to = { tlib_at(look->at, WRITEV), 1 };

	return result(process_vm_writev(look->pid, &from, 1, &to, 1, 0));
}

static int by_ptrace(void *arg)
{
	const struct look *look = arg;
	int err;

	if (ptrace(PTRACE_SEIZE, look->idle, NULL, NULL) ||
	    ptrace(PTRACE_INTERRUPT, look->idle, NULL, NULL) ||
	    waitpid(look->idle, NULL, __WALL) != look->idle)
		return ERROR;
	errno = 0;
	ptrace(PTRACE_PEEKDATA, look->idle, tlib_at(look->at, PEEK), NULL);
	err = errno;
	ptrace(PTRACE_DETACH, look->idle, NULL, NULL);
	return result(err ? -err : 1);
}

/*
 * cmdline and environ ask for anonymous memory only (FOLL_ANON): check_vma_flags() refuses
 * every VMA that has vm_ops. What is left to access_remote_vm() is .access, which serves
 * special entries only (flab_vm_access()), and has no rules. So of kind page nothing is read.
 */
static const struct {
	const char *name;
	int (*look)(void *arg);
	int by_gup;	/* what it returns where get_user_pages() gets the pages */
	int by_access;	/* and where only .access does */
} looks[] = {
	{ "/proc/PID/cmdline", by_cmdline, 0, SHOWN },
	{ "/proc/PID/environ", by_environ, 0, SHOWN },
	{ "/proc/PID/maps", by_maps, MANY, MANY },
	{ "/proc/PID/smaps_rollup", by_smaps, MANY, MANY },
	{ "/proc/PID/mem", by_mem, 1, 1 },
	{ "/proc/PID/mem, each page", by_mem_each, MANY, MANY },
	{ "process_vm_readv()", by_readv, 1, ERROR },
	{ "process_vm_writev()", by_writev, 1, ERROR },
	{ "PTRACE_PEEKDATA", by_ptrace, 1, 1 },
};

TEST_F_TIMEOUT(others, who_look_at_a_process_do_not_wait_for_its_delays, 600)
{
	struct look look = { self->pid, self->shared->idle, self->shared->at };
	unsigned int i;
	pid_t pid;

	for (i = 0; i < ARRAY_SIZE(looks); i++) {
		const int want = variant->gup ? looks[i].by_gup : looks[i].by_access;

		pid = tlib_spawn(looks[i].look, &look);
		EXPECT_EQ(want, tlib_reap_within(pid, TLIB_HANG_S)) {
			TH_LOG("%s: %s", looks[i].name, tlib_tasks(pid));
			tlib_kill(pid, SIGKILL);
		}
	}
	/* The user's own access has waited all the time, and can be killed. */
	if (!variant->restless) {
		EXPECT_EQ(0, tlib_wait_delayed(self->pid));
	}
	EXPECT_EQ(-SIGKILL, tlib_kill(self->pid, SIGKILL));
}

TEST_HARNESS_MAIN
