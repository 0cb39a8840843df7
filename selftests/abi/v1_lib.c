// SPDX-License-Identifier: GPL-2.0-only
/* Regions, mappings and accesses for the tests. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "v1.h"

#define TABLE		(2UL << 20)	/* what a table of PTEs maps, or a multiple of it */
#define TIME_LIMIT	100		/* seconds, for a child that hangs */

int v1_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) ? -errno : 0;
}

/* Without waiting, read() gives EAGAIN if there is no record. */
int v1_open(void)
{
	int fd = open("/dev/faultlab", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	CHECK_TRUE(fd >= 0);
	return fd;
}

int v1_region(__u32 kind, __u64 flags, unsigned int pages)
{
	struct faultlab_config config = {
		.size = sizeof(config),
		.kind = kind,
		.flags = flags,
		.bytes = pages * PAGE,
	};
	int fd = v1_open();

	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_CONFIG, &config));
	return fd;
}

int v1_region_of(const struct faultlab_config *config)
{
	struct faultlab_config arg = *config;
	int fd = v1_open(), err;

	arg.size = sizeof(arg);
	err = v1_ioctl(fd, FAULTLAB_IOC_CONFIG, &arg);
	if (arg.flags & FAULTLAB_REGION_PHYS) {
		CHECK(!v1_features(fd, arg.kind).phys_bytes, err == -ENXIO);
		if (err == -ENXIO)
			v1_skip(NO_PHYS);
		if (err == -EBUSY)
			v1_skip(PHYS_BUSY);
	}
	if (arg.flags & FAULTLAB_REGION_HUGE) {
		CHECK(!(v1_features(fd, arg.kind).region_flags & FAULTLAB_REGION_HUGE),
		      err == -EOPNOTSUPP);
		if (err == -EOPNOTSUPP)
			v1_skip(NO_HUGE);
	}
	CHECK(0, err);
	return fd;
}

struct faultlab_info v1_info(int fd)
{
	struct faultlab_info info = { .size = sizeof(info) };

	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_INFO, &info));
	return info;
}

struct faultlab_features v1_features(int fd, __u32 kind)
{
	struct faultlab_features features = { .size = sizeof(features), .kind = kind };

	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_FEATURES, &features));
	return features;
}

__u64 v1_stat(int fd, unsigned int stat)
{
	struct faultlab_stats stats = { .size = sizeof(stats) };

	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_STATS, &stats));
	return stats.value[stat];
}

int v1_evict(int fd, __u32 flags)
{
	struct faultlab_evict evict = {
		.size = sizeof(evict),
		.flags = flags,
		.length = FAULTLAB_TO_END,
	};

	return v1_ioctl(fd, FAULTLAB_IOC_EVICT, &evict);
}

int v1_unplug(int fd)
{
	struct faultlab_unplug unplug = { .size = sizeof(unplug) };

	return v1_ioctl(fd, FAULTLAB_IOC_UNPLUG, &unplug);
}

int v1_try_rule(int fd, struct faultlab_rule rule)
{
	struct faultlab_rules rules = {
		.size = sizeof(rules),
		.op = FAULTLAB_RULE_SET,
		.nr = 1,
		.rule_size = sizeof(rule),
		.rules = (uintptr_t)&rule,
	};

	if (!rule.length)
		rule.length = FAULTLAB_TO_END;
	return v1_ioctl(fd, FAULTLAB_IOC_RULE, &rules);
}

void v1_set_rule(int fd, struct faultlab_rule rule)
{
	CHECK(0, v1_try_rule(fd, rule));
}

/* How often the first rule applied. */
__u64 v1_hits(int fd)
{
	struct faultlab_rule rule;
	struct faultlab_rules rules = {
		.size = sizeof(rules),
		.nr = 1,
		.rule_size = sizeof(rule),
		.rules = (uintptr_t)&rule,
	};

	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_RULES_READ, &rules));
	CHECK(1, rules.nr);
	return rule.hits;
}

char *v1_room(void)
{
	char *room = mmap(NULL, 3 * TABLE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK_TRUE(room != MAP_FAILED);
	return room + TABLE + (-(uintptr_t)room & (TABLE - 1));
}

char *v1_map(int fd, int prot, int flags, unsigned int pages)
{
	char *at = v1_room();

	CHECK_TRUE(mmap(at, pages * PAGE, prot, flags | MAP_FIXED, fd, 0) == at);
	return at;
}

struct faultlab_walk_entry v1_entry(int fd, const char *at)
{
	struct faultlab_walk_entry entry = { .flags = 0 };
	struct faultlab_walk walk = {
		.size = sizeof(walk),
		.flags = FAULTLAB_WALK_HOLES,
		.start = (uintptr_t)at,
		.end = (uintptr_t)at + PAGE,
		.entries = (uintptr_t)&entry,
		.nr = 1,
		.form = FAULTLAB_WALK_ENTRIES,
		.record_size = sizeof(entry),
	};

	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_WALK, &walk));
	CHECK(1, walk.nr);
	return entry;
}

int v1_get(const char *at)
{
	return *(const volatile char *)at;
}

void v1_put(char *at, char value)
{
	*(volatile char *)at = value;
}

static struct v1_end *ended;	/* in memory shared with the child */

static void on_signal(int sig, siginfo_t *info, void *context)
{
	*ended = (struct v1_end){ sig, info->si_code, info->si_addr_lsb };
	_exit(0);
}

struct v1_end v1_touch(char *at, bool write)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	pid_t pid;

	ended = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK_TRUE(ended != MAP_FAILED);
	pid = fork();
	if (!pid) {
		alarm(TIME_LIMIT);
		CHECK(0, sigaction(SIGBUS, &action, NULL));
		CHECK(0, sigaction(SIGSEGV, &action, NULL));
		if (write)
			v1_put(at, 't');
		else
			v1_get(at);
		_exit(0);
	}
	CHECK(0, v1_wait(pid));
	return *ended;
}

pid_t v1_start_read(char *at)
{
	pid_t pid = fork();

	if (!pid) {
		alarm(TIME_LIMIT);
		v1_get(at);
		_exit(0);
	}
	CHECK_TRUE(pid > 0);
	return pid;
}

bool v1_is_running(pid_t pid)
{
	return !waitpid(pid, NULL, WNOHANG);
}

void v1_await_stop(pid_t pid)
{
	int status = 0;

	CHECK(pid, waitpid(pid, &status, WUNTRACED));
	CHECK_TRUE(WIFSTOPPED(status));
}

int v1_wait(pid_t pid)
{
	int status = 0;

	CHECK_TRUE(pid > 0);
	CHECK(pid, waitpid(pid, &status, 0));
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}
