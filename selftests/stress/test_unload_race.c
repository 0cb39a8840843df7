// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module is unloaded and loaded again, as often as nobody uses it, while processes use
 * all that it offers: a table of uses, each in a loop in a process of its own. The kernel
 * log must stay clean, and in the end no region, mapping or page may be left.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/machine/image.h"
#include "lib/space.h"
#include "lib/sys.h"
#include "lib/tlib.h"

/* Each use returns whether all of it succeeded: not while the module is away. */
static bool use_memory(unsigned long kind)
{
	int fd = tlib_region(kind, FAULTLAB_REGION_MKWRITE, 16);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 16);
	struct faultlab_walk_entry e;
	bool done = false;

	if (at) {
		done = !faultlab_touch_write(at, 1, NULL) &&
		       !faultlab_evict(fd, 0, FAULTLAB_TO_END, 0) &&
		       !faultlab_touch_read(at, NULL) && !faultlab_walk_page(fd, 0, at, &e) &&
		       !faultlab_unplug(fd);
		tlib_unmap(at, 16);
	}
	close(fd);
	return done;
}

static bool use_rules(unsigned long unused)
{
	bool done;
	const struct faultlab_rule rules[] = {
		tlib_rule(0, 4, FAULTLAB_VERDICT_RETRY, 100),
		tlib_rule(4, 4, FAULTLAB_VERDICT_SIGBUS, 0),
	};
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 16);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 16);

	done = !faultlab_rules(fd, FAULTLAB_RULE_SET, rules, ARRAY_SIZE(rules));
	/* The mapping outlives the descriptor. */
	close(fd);
	if (!at)
		return false;
	done = !faultlab_touch_read(at, NULL) && done;
	done = faultlab_touch_read(at + 5 * TLIB_PAGE, NULL) && done;
	tlib_unmap(at, 16);
	return done;
}

static bool use_recording(unsigned long request)
{
	struct faultlab_recording recording = {
		.size = sizeof(recording), .op = FAULTLAB_RECORD_START,
	};
	struct faultlab_record records[8];
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 16);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 16);
	bool done = false;

	if (at && !ioctl(fd, request, &recording))
		done = !faultlab_touch_write(at, 1, NULL) && !fcntl(fd, F_SETFL, O_NONBLOCK) &&
		       read(fd, records, sizeof(records)) > 0;
	if (at)
		tlib_unmap(at, 16);
	close(fd);
	return done;
}

static bool use_latency(unsigned long unused)
{
	struct faultlab_latency latency = {
		.size = sizeof(latency), .op = FAULTLAB_LATENCY_START,
		.flags = FAULTLAB_LATENCY_ALL,
	};
	int fd = faultlab_open();
	bool done = !ioctl(fd, FAULTLAB_IOC_LATENCY, &latency);

	latency = (struct faultlab_latency){
		.size = sizeof(latency), .op = FAULTLAB_LATENCY_STOP, .flags = FAULTLAB_LATENCY_ALL,
	};
	done = !ioctl(fd, FAULTLAB_IOC_LATENCY, &latency) && done;
	close(fd);
	return done;
}

/* Files of debugfs are opened before the module goes, and read after. */
static bool use_debugfs(unsigned long unused)
{
	static const char *const names[] = { "stats", "regions", "latency" };
	char text[TLIB_TEXT_MAX];
	int fd[ARRAY_SIZE(names)];
	bool done = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		fd[i] = open(tlib_text(FAULTLAB_DEBUGFS "/%s", names[i]), O_RDONLY | O_CLOEXEC);
	usleep(1000);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		done = done && fd[i] >= 0 && read(fd[i], text, sizeof(text)) > 0;
		if (fd[i] >= 0)
			close(fd[i]);
	}
	return done;
}

/* Parameters are read and written in sysfs, which waits for the module. */
static bool use_parameters(unsigned long unused)
{
	__u64 pages;

	return !tlib_read_number(TLIB_MAX_TOTAL, &pages) &&
	       !tlib_write_number(TLIB_MAX_TOTAL, pages);
}

static bool use_by_killed_process(unsigned long unused)
{
	const pid_t parent = getpid();
	pid_t pid = fork();

	if (!pid) {
		int fd;
		char *at;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 16);
		at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 16);
		if (at)
			memset(at, 1, 16 * TLIB_PAGE);
		pause();
		_exit(0);
	}
	if (pid < 0)
		return false;
	usleep(rand() % 2000);
	kill(pid, SIGKILL);
	return tlib_reap(pid) == -SIGKILL;
}

static const struct {
	const char *name;
	bool (*run)(unsigned long arg);
	unsigned long arg;
} uses[] = {
	{ "page", use_memory, FAULTLAB_KIND_PAGE },
	{ "pfn", use_memory, FAULTLAB_KIND_PFN },
	{ "rules", use_rules, 0 },
	{ "record", use_recording, FAULTLAB_IOC_RECORD },
	{ "observe", use_recording, FAULTLAB_IOC_OBSERVE },
	{ "latency", use_latency, 0 },
	{ "debugfs", use_debugfs, 0 },
	{ "parameters", use_parameters, 0 },
	{ "killed process", use_by_killed_process, 0 },
};

FIXTURE(unload)
{
	struct tlib_module kept;
};

FIXTURE_SETUP(unload)
{
	ASSERT_EQ(0, tlib_module_keep(&self->kept));
}

FIXTURE_TEARDOWN_PARENT(unload)
{
	tlib_module_restore(&self->kept);
}

#define BUSY_US		100000

/*
 * A module in use is not unloaded (EWOULDBLOCK, or EBUSY while it is being loaded). While it
 * is to be unloaded, users mostly rest, so that now and then none has it; else they do not.
 * The short form makes as many cycles as there is time for. The long form makes all of them,
 * and its time ends only a module that is never free.
 */
TEST_F_TIMEOUT(unload, is_clean_at_any_time_of_use, 1150)
{
	const unsigned int cycles = tlib_scale(15, 100), least = tlib_scale(1, cycles);
	const time_t end = time(NULL) + tlib_scale(60, 1000);
	unsigned long *done = mmap(NULL, TLIB_PAGE, TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned long *rests = done + ARRAY_SIZE(uses);
	const pid_t test = getpid();
	struct faultlab_stats stats;
	pid_t user[ARRAY_SIZE(uses)];
	unsigned long busy = 0;
	unsigned int i, n = 0;

	ASSERT_NE(MAP_FAILED, done);
	for (i = 0; i < ARRAY_SIZE(uses); i++) {
		user[i] = fork();
		ASSERT_LE(0, user[i]);
		if (user[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		srand(getpid());
		while (getppid() == test) {
			if (!*rests || !(rand() % 100))
				done[i] += uses[i].run(uses[i].arg);
			usleep(rand() % 20000);
		}
		_exit(0);
	}
	while (n < cycles && time(NULL) < end) {
		int err = tlib_module_unload();

		*rests = 1;
		if (err) {
			ASSERT_TRUE(err == -EWOULDBLOCK || err == -EBUSY) {
				TH_LOG("delete_module: %s", strerror(-err));
			}
			busy++;
			usleep(500);
			continue;
		}
		n++;
		ASSERT_EQ(0, tlib_module_reload(&self->kept));
		*rests = 0;
		usleep(BUSY_US);
	}
	for (i = 0; i < ARRAY_SIZE(uses); i++) {
		kill(user[i], SIGKILL);
		EXPECT_EQ(-SIGKILL, tlib_reap(user[i]));
		EXPECT_LT(0, done[i]) {
			TH_LOG("%s never succeeded", uses[i].name);
		}
	}
	TH_LOG("%lu times it was in use", busy);
	TH_LOG("unloads: %u", n);
	/* Both happened: else the uses are too few, or so many that it is never unloaded. */
	EXPECT_LE(least, n);
	EXPECT_LT(0, busy);
	for (i = 0; i < 3000; i++) {
		ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &stats));
		if (!stats.value[FAULTLAB_STAT_REGIONS])
			break;
		usleep(10000);
	}
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_REGIONS]);
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_VMAS]);
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_PAGES]);
}

TEST_HARNESS_MAIN
