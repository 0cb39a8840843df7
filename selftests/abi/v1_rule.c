// SPDX-License-Identifier: GPL-2.0-only
/* Rules: verdicts, accesses, conditions, flags, and the ioctls that set and read them. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "v1.h"

#define ANY	0xff

static const struct {
	__u32 verdict;
	__u32 stat;		/* that it counts in */
	__u8 result;		/* in the record of the fault */
	__u64 times;
	int sig, code;		/* that the access ends in */
} verdicts[] = {
	{ FAULTLAB_VERDICT_SERVE, FAULTLAB_STAT_MINOR, FAULTLAB_RESULT_MINOR, 0, 0, 0 },
	{ FAULTLAB_VERDICT_MAJOR, FAULTLAB_STAT_MAJOR, FAULTLAB_RESULT_MAJOR, 0, 0, 0 },
	{ FAULTLAB_VERDICT_RETRY, FAULTLAB_STAT_RETRY, FAULTLAB_RESULT_RETRY, 0, 0, 0 },
	{ FAULTLAB_VERDICT_SIGBUS, FAULTLAB_STAT_SIGBUS, FAULTLAB_RESULT_SIGBUS, 0,
	  SIGBUS, BUS_ADRERR },
	{ FAULTLAB_VERDICT_OOM, FAULTLAB_STAT_OOM, FAULTLAB_RESULT_OOM, 1, 0, 0 },
	{ FAULTLAB_VERDICT_HWPOISON, FAULTLAB_STAT_HWPOISON, FAULTLAB_RESULT_HWPOISON, 0,
	  SIGBUS, BUS_MCEERR_AR },
	{ FAULTLAB_VERDICT_HWPOISON_LARGE, FAULTLAB_STAT_HWPOISON, FAULTLAB_RESULT_HWPOISON, 0,
	  SIGBUS, BUS_MCEERR_AR },
	{ FAULTLAB_VERDICT_SIGSEGV, FAULTLAB_STAT_SIGSEGV, FAULTLAB_RESULT_SIGSEGV, 0,
	  SIGSEGV, SEGV_MAPERR },
	{ FAULTLAB_VERDICT_NOPAGE, FAULTLAB_STAT_NOPAGE, ANY, 1, 0, 0 },
	{ FAULTLAB_VERDICT_UNPLUG, FAULTLAB_STAT_SIGBUS, FAULTLAB_RESULT_SIGBUS, 0,
	  SIGBUS, BUS_ADRERR },
};

static void verdict(unsigned int i)
{
	struct faultlab_recording start = { .size = sizeof(start), .op = FAULTLAB_RECORD_START };
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 2);
	char *at = v1_map(fd, RW, MAP_SHARED, 2);
	struct faultlab_record record;
	struct v1_end end;

	v1_set_rule(fd, (struct faultlab_rule) {
		.length = PAGE,
		.verdict = verdicts[i].verdict,
		.times = verdicts[i].times,
	});
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_RECORD, &start));
	end = v1_touch(at, true);
	CHECK(verdicts[i].sig, end.sig);
	if (end.sig)
		CHECK(verdicts[i].code, end.code);
	if (verdicts[i].verdict == FAULTLAB_VERDICT_HWPOISON)
		CHECK(PAGE, 1ULL << end.lsb);
	if (verdicts[i].verdict == FAULTLAB_VERDICT_HWPOISON_LARGE)
		CHECK_TRUE(1ULL << end.lsb > PAGE);
	CHECK(1, v1_stat(fd, verdicts[i].stat));
	CHECK_TRUE(v1_hits(fd) >= 1);
	CHECK(sizeof(record), read(fd, &record, sizeof(record)));
	CHECK(verdicts[i].verdict, record.fault.verdict);
	if (verdicts[i].result != ANY)
		CHECK(verdicts[i].result, record.fault.result);
	if (!end.sig)
		CHECK('t', v1_get(at));
	/* The other page has no rule. */
	CHECK(verdicts[i].verdict == FAULTLAB_VERDICT_UNPLUG ? SIGBUS : 0,
	      v1_touch(at + PAGE, true).sig);
}

/* The page of a fault is mapped alone, without its neighbours. */
static void fallback(unsigned int arg)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.bytes = 16 * PAGE,
		.around = 16,
	};
	int fd = v1_region_of(&config);
	char *at = v1_map(fd, RW, MAP_SHARED, 16);

	v1_set_rule(fd, (struct faultlab_rule) {
		.access = FAULTLAB_ACCESS_AROUND,
		.verdict = FAULTLAB_VERDICT_FALLBACK,
	});
	CHECK(0, v1_get(at));
	CHECK(0, v1_stat(fd, FAULTLAB_STAT_PAGES_BATCH));
	CHECK_TRUE(v1_hits(fd) >= 1);
}

static const struct {
	__u32 access;
	__u32 kind;
	__u64 flags;
	int share;
} accesses[] = {
	{ FAULTLAB_ACCESS_READ, FAULTLAB_KIND_PAGE, 0, MAP_SHARED },
	{ FAULTLAB_ACCESS_WRITE, FAULTLAB_KIND_PAGE, 0, MAP_SHARED },
	{ FAULTLAB_ACCESS_COW, FAULTLAB_KIND_PAGE, 0, MAP_PRIVATE },
	{ FAULTLAB_ACCESS_MKWRITE, FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, MAP_SHARED },
	{ FAULTLAB_ACCESS_PFN_MKWRITE, FAULTLAB_KIND_PFN, FAULTLAB_REGION_MKWRITE, MAP_SHARED },
};

/* Reads a page, then writes to that page or another one. */
static void access_of(unsigned int i)
{
	const __u32 mkwrites = FAULTLAB_ACCESS_MKWRITE | FAULTLAB_ACCESS_PFN_MKWRITE;
	int fd = v1_region(accesses[i].kind, accesses[i].flags, 2);
	char *at = v1_map(fd, RW, accesses[i].share, 2);

	v1_set_rule(fd, (struct faultlab_rule) { .access = accesses[i].access });
	v1_get(at);
	CHECK(accesses[i].access == FAULTLAB_ACCESS_READ, v1_hits(fd));
	v1_put(accesses[i].access & mkwrites ? at : at + PAGE, 'w');
	CHECK(1, v1_hits(fd));
}

/* A function that returns at once. */
static const struct {
	const char *machine;
	size_t bytes;
	unsigned char code[4];
} machines[] = {
	{ "x86_64", 1, { 0xc3 } },
	{ "aarch64", 4, { 0xc0, 0x03, 0x5f, 0xd6 } },
};

static bool put_code(char *at)
{
	struct utsname name;
	unsigned int i, j;

	CHECK(0, uname(&name));
	for (i = 0; i < ARRAY_SIZE(machines); i++) {
		if (strcmp(name.machine, machines[i].machine))
			continue;
		for (j = 0; j < machines[i].bytes; j++)
			v1_put(at + j, machines[i].code[j]);
		__builtin___clear_cache(at, at + PAGE);
		return true;
	}
	return false;
}

static void access_exec(unsigned int arg)
{
	char *at;
	void *run;
	int fd;

	/* Systems mount /dev with noexec. Here it is mounted without, for this process. */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/dev", NULL, MS_REMOUNT | MS_BIND, NULL))
		v1_skip("/dev cannot be mounted without noexec");
	fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1);
	at = v1_map(fd, RW, MAP_SHARED, 1);
	run = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	CHECK_TRUE(run != MAP_FAILED);
	if (!put_code(at))
		v1_skip("no code for this machine in machines[]");
	v1_set_rule(fd, (struct faultlab_rule) { .access = FAULTLAB_ACCESS_EXEC });
	((void (*)(void))run)();
	CHECK(1, v1_hits(fd));
	CHECK_TRUE(v1_entry(fd, run).flags & FAULTLAB_PTE_EXEC);
}

/* Another process reads the memory of this one. */
static void access_remote(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1);
	char *at = v1_map(fd, RW, MAP_SHARED, 1), byte;
	const struct iovec local = { &byte, 1 }, remote = { at, 1 };
	ssize_t done;
	pid_t pid;

	v1_set_rule(fd, (struct faultlab_rule) { .access = FAULTLAB_ACCESS_REMOTE });
	pid = fork();
	CHECK_TRUE(pid >= 0);
	if (!pid) {
		alarm(100);
		pause();
	}
	done = process_vm_readv(pid, &local, 1, &remote, 1, 0);
	kill(pid, SIGKILL);
	if (done < 0 && errno == EPERM)
		v1_skip("no right to read the memory of a child");
	CHECK(1, done);
	CHECK(1, v1_hits(fd));
}

static const struct {
	struct faultlab_rule rule;
	__u64 least, most;	/* hits of 64 faults */
} conditions[] = {
	{ { .skip = 10 }, 54, 54 },
	{ { .every = 4 }, 16, 16 },
	{ { .times = 3 }, 3, 3 },
	{ { .probability = FAULTLAB_ALWAYS }, 64, 64 },
	{ { .probability = FAULTLAB_ALWAYS / 2, .seed = 1 }, 1, 63 },
};

static void condition(unsigned int i)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 64), page;
	char *at = v1_map(fd, RW, MAP_SHARED, 64);

	v1_set_rule(fd, conditions[i].rule);
	for (page = 0; page < 64; page++)
		v1_get(at + page * PAGE);
	CHECK_TRUE(v1_hits(fd) >= conditions[i].least);
	CHECK_TRUE(v1_hits(fd) <= conditions[i].most);
}

static void set_and_add(unsigned int arg)
{
	struct faultlab_rule one = { .length = PAGE, .verdict = FAULTLAB_VERDICT_SIGBUS };
	struct faultlab_rule many[3];
	struct faultlab_rules rules = {
		.size = sizeof(rules),
		.op = FAULTLAB_RULE_SET,
		.nr = 1,
		.rule_size = sizeof(one),
		.rules = (uintptr_t)&one,
	};
	struct faultlab_rules read = {
		.size = sizeof(read),
		.nr = ARRAY_SIZE(many),
		.rule_size = sizeof(one),
		.rules = (uintptr_t)many,
	};
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 2);
	char *at = v1_map(fd, RW, MAP_SHARED, 2);

	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_RULE, &rules));
	CHECK(SIGBUS, v1_touch(at, false).sig);
	one = (struct faultlab_rule){ .length = FAULTLAB_TO_END, .times = 9 };
	rules.op = FAULTLAB_RULE_ADD;
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_RULE, &rules));
	CHECK(0, v1_touch(at + PAGE, false).sig);
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_RULES_READ, &read));
	CHECK(2, read.nr);
	CHECK(FAULTLAB_VERDICT_SIGBUS, many[0].verdict);
	CHECK(1, many[0].hits);
	CHECK_TRUE(many[1].length == FAULTLAB_TO_END && many[1].times == 9);
	CHECK(1, many[1].hits);

	rules.op = FAULTLAB_RULE_SET;
	rules.nr = 0;
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_RULE, &rules));
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_RULES_READ, &read));
	CHECK(0, read.nr);
	CHECK(0, v1_touch(at, false).sig);
}

/* The kernel locks the page itself; to the task nothing changes. */
static void unlocked(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1);
	char *at = v1_map(fd, RW, MAP_SHARED, 1);

	v1_set_rule(fd, (struct faultlab_rule) { .flags = FAULTLAB_RULE_UNLOCKED });
	v1_put(at, 'u');
	CHECK('u', v1_get(at));
	CHECK(1, v1_hits(fd));
}

const struct v1_test v1_rule_tests[] = {
	{ "rules", "set, add and read", set_and_add, 0 },
	{ "verdict", "serve", verdict, 0 },
	{ "verdict", "major", verdict, 1 },
	{ "verdict", "retry", verdict, 2 },
	{ "verdict", "sigbus", verdict, 3 },
	{ "verdict", "oom", verdict, 4 },
	{ "verdict", "hwpoison", verdict, 5 },
	{ "verdict", "hwpoison-large", verdict, 6 },
	{ "verdict", "sigsegv", verdict, 7 },
	{ "verdict", "nopage", verdict, 8 },
	{ "verdict", "unplug", verdict, 9 },
	{ "verdict", "fallback", fallback, 0 },
	{ "access", "read", access_of, 0 },
	{ "access", "write", access_of, 1 },
	{ "access", "cow", access_of, 2 },
	{ "access", "mkwrite", access_of, 3 },
	{ "access", "pfn_mkwrite", access_of, 4 },
	{ "access", "exec", access_exec, 0 },
	{ "access", "remote", access_remote, 0 },
	{ "condition", "skip", condition, 0 },
	{ "condition", "every", condition, 1 },
	{ "condition", "times", condition, 2 },
	{ "condition", "always", condition, 3 },
	{ "condition", "probability", condition, 4 },
	{ "rule flag", "unlocked", unlocked, 0 },
	{ },
};
