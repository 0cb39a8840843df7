// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fork bombs, and storms of SIGKILL: many processes that use the device and are killed at
 * any time. Each is gone soon, nothing of theirs is left, and another user is served
 * meanwhile and after.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/machine/after.h"
#include "lib/fault/kill.h"
#include "lib/space.h"
#include "lib/sys.h"

#define PAGES		16UL
#define BESIDE		4	/* processes that run side by side, to be killed */
#define NR_USES		9	/* what they do */

/* What the processes tell the test. */
struct told {
	unsigned long forks;
	unsigned long refused;	/* fork() failed with EAGAIN */
	unsigned long other;	/* or with another error */
	unsigned long touches;
	unsigned long failed;	/* accesses that ended in a signal, mmap() that failed */
	unsigned long done[NR_USES];	/* each use: as a whole; those that wait: until there */
	unsigned long woken;	/* waits that ended */
};

static struct told *told;

FIXTURE(storm)
{
	struct faultlab_stats before;
	int fd;
	char *at;
	__u64 end;
};

FIXTURE_SETUP(storm)
{
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &self->before));
	told = mmap(NULL, sizeof(*told), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, told);
	/* Orphans are reaped here, so that none is left unseen. */
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
}

FIXTURE_TEARDOWN(storm)
{
}

static void add(unsigned long *to, unsigned long nr)
{
	__atomic_add_fetch(to, nr, __ATOMIC_RELAXED);
}

/* Write to the mapping that was inherited, and to one of its own. */
static void touch_both(int fd, char *inherited)
{
	char *own = mmap(NULL, PAGES * TLIB_PAGE, TLIB_RW, MAP_SHARED, fd, 0);
	unsigned long failed = own == MAP_FAILED;
	size_t i;

	for (i = 0; i < PAGES; i++)
		failed += !!faultlab_touch_write(inherited + i * TLIB_PAGE, 1, NULL);
	if (own != MAP_FAILED) {
		for (i = 0; i < PAGES; i++)
			failed += !!faultlab_touch_read(own + i * TLIB_PAGE, NULL);
		munmap(own, PAGES * TLIB_PAGE);
	}
	add(&told->touches, 2 * PAGES);
	add(&told->failed, failed);
}

/*
 * Every process forks as often as it can, and one of eight ends after each fork, but the
 * first never does. They have an unprivileged user, as RLIMIT_NPROC does not hold for root.
 */
__attribute__((noreturn))
static void explode(int fd, char *at, rlim_t processes)
{
	const struct rlimit limit = { processes, processes };
	bool first = true;

	if (setpgid(0, 0) || setrlimit(RLIMIT_NPROC, &limit) || tlib_become_nobody())
		_exit(1);
	/* The kernel reaps children of processes that ignore their end. */
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		pid_t pid = fork();

		if (pid < 0) {
			add(errno == EAGAIN ? &told->refused : &told->other, 1);
			usleep(1000);
		} else if (pid) {
			add(&told->forks, 1);
		} else {
			first = false;
			srand(getpid());
		}
		touch_both(fd, at);
		if (!first && !(rand() % 8))
			_exit(0);
	}
}

/* Reap those who have ended. Returns whether there are others. */
static bool some_are_left(void)
{
	int status;
	pid_t pid;

	do
		pid = waitpid(-1, &status, WNOHANG);
	while (pid > 0);
	return !pid;
}

TEST_F_TIMEOUT(storm, a_fork_bomb_is_bounded_by_its_limit_and_leaves_nothing, 300)
{
	const rlim_t processes = tlib_scale(40, 300);
	struct faultlab_stats now;
	unsigned int uses = 0;
	pid_t bomb;

	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
	bomb = fork();
	ASSERT_LE(0, bomb);
	if (!bomb)
		explode(self->fd, self->at, processes);

	/* Until the limit was met often, with other users beside it. */
	self->end = tlib_now() + 120 * NSEC_PER_SEC;
	while (__atomic_load_n(&told->refused, __ATOMIC_RELAXED) < tlib_scale(100, 2000) &&
	       tlib_now() < self->end) {
		ASSERT_TRUE(some_are_left());
		EXPECT_EQ(0, tlib_use_device());
		uses++;
		usleep(10000);
	}
	self->end = tlib_now() + TLIB_HANG_S * NSEC_PER_SEC;
	do {
		kill(-bomb, SIGKILL);
		usleep(1000);
	} while (some_are_left() && tlib_now() < self->end);
	EXPECT_FALSE(some_are_left());

	TH_LOG("%lu forks, %lu refused, %lu touches, %u uses beside", told->forks, told->refused,
	       told->touches, uses);
	EXPECT_LE(processes - 1, told->forks);
	EXPECT_LE(tlib_scale(100, 2000), told->refused);
	EXPECT_EQ(0, told->other);
	EXPECT_EQ(0, told->failed);
	EXPECT_EQ(PAGES, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(1, tlib_stat(self->fd, FAULTLAB_STAT_VMAS));
	tlib_unmap(self->at, PAGES);
	close(self->fd);
	EXPECT_EQ(0, tlib_levels_return(&self->before, &now));
	EXPECT_EQ(0, tlib_use_device());
}

/*
 * What a process does when it is killed. Each use opens a region and maps it, and counts if
 * all of it succeeded. The last two wait in a fault until they are killed, and count before.
 */
static char *open_and_map(int *fd, enum faultlab_kind kind, __u64 flags)
{
	*fd = tlib_region(kind, flags, PAGES);
	return tlib_map(*fd, TLIB_RW, MAP_SHARED, 0, PAGES);
}

static bool write_all(char *at)
{
	size_t i;

	for (i = 0; i < PAGES; i++)
		if (faultlab_touch_write(at + i * TLIB_PAGE, 1, NULL))
			return false;
	return true;
}

static bool read_private(int fd)
{
	char *at = tlib_map(fd, PROT_READ, MAP_PRIVATE, 0, PAGES);

	return at && !faultlab_touch_read(at, NULL);
}

static void use_memory(enum faultlab_kind kind, __u64 flags, unsigned long *done)
{
	struct faultlab_walk_entry e;
	char *at;
	int fd;

	at = open_and_map(&fd, kind, flags);
	if (at && write_all(at) && !faultlab_walk_page(fd, 0, at, &e) && read_private(fd) &&
	    !faultlab_evict(fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP) && write_all(at))
		add(done, 1);
	close(fd);
}

static void use_page(unsigned long *done)
{
	use_memory(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, done);
}

static void use_inserted(unsigned long *done)
{
	use_memory(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, done);
}

static void use_pfn(unsigned long *done)
{
	use_memory(FAULTLAB_KIND_PFN, 0, done);
}

static void use_mixed(unsigned long *done)
{
	use_memory(FAULTLAB_KIND_MIXED, 0, done);
}

/* A child that has the region and its mapping, too, and ends with its parent. */
static void use_fork(unsigned long *done)
{
	pid_t parent = getpid(), pid;
	bool written = false;
	char *at;
	int fd;

	at = open_and_map(&fd, FAULTLAB_KIND_PFN, 0);
	pid = at ? fork() : -1;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		write_all(at);
		pause();
	}
	if (at)
		written = write_all(at);
	if (pid > 0) {
		kill(pid, SIGKILL);
		if (tlib_reap(pid) == -SIGKILL && written)
			add(done, 1);
	}
	close(fd);
}

static void use_records(unsigned long *done)
{
	struct faultlab_record seen[8];
	struct faultlab_latency l;
	char *at;
	int fd;

	at = open_and_map(&fd, FAULTLAB_KIND_PAGE, 0);
	if (at && !faultlab_records_start(fd, 64, 0) && !faultlab_latency_start(fd, 0) &&
	    write_all(at) && !fcntl(fd, F_SETFL, O_NONBLOCK) &&
	    faultlab_records_read(fd, seen, ARRAY_SIZE(seen)) > 0 &&
	    !faultlab_latency(fd, 0, 0, 0, &l))
		add(done, 1);
	close(fd);
}

static void use_unplug(unsigned long *done)
{
	char *at;
	int fd;

	at = open_and_map(&fd, FAULTLAB_KIND_PAGE, 0);
	if (at && write_all(at) && !faultlab_unplug(fd) && faultlab_touch_read(at, NULL))
		add(done, 1);
	close(fd);
}

static void wait_in_fault(enum faultlab_kind kind, const struct faultlab_rule *rule,
			  unsigned long *done)
{
	char *at;
	int fd;

	at = open_and_map(&fd, kind, 0);
	if (at && !faultlab_rule(fd, FAULTLAB_RULE_SET, rule)) {
		add(done, 1);
		faultlab_touch_write(at, 1, NULL);
		add(&told->woken, 1);
	}
	close(fd);
}

static void use_delay(unsigned long *done)
{
	const struct faultlab_rule rule = tlib_rule(0, PAGES, FAULTLAB_VERDICT_SERVE,
						    FAULTLAB_MAX_DELAY_US);

	wait_in_fault(FAULTLAB_KIND_PAGE, &rule, done);
}

static void use_gate(unsigned long *done)
{
	struct faultlab_rule rule = tlib_rule(0, PAGES, FAULTLAB_VERDICT_SERVE, 0);

	rule.delay_kind = FAULTLAB_DELAY_GATE;
	wait_in_fault(FAULTLAB_KIND_PFN, &rule, done);
}

static const struct {
	const char *name;
	void (*run)(unsigned long *done);
	bool waits;
} uses[NR_USES] = {
	{ "page", use_page, false },
	{ "page, inserted", use_inserted, false },
	{ "pfn", use_pfn, false },
	{ "mixed", use_mixed, false },
	{ "fork", use_fork, false },
	{ "records", use_records, false },
	{ "unplug", use_unplug, false },
	{ "delay", use_delay, true },
	{ "gate", use_gate, true },
};

static pid_t start_victim(unsigned int first)
{
	pid_t parent = getpid(), pid = fork();
	unsigned int i;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	for (i = first % NR_USES; ; i = (i + 1) % NR_USES)
		uses[i].run(&told->done[i]);
}

/* Waits until a use has succeeded, or the victim that began with it waits in its fault. */
static bool use_works(unsigned int use, pid_t victim)
{
	const __u64 end = tlib_now() + TLIB_HANG_S * NSEC_PER_SEC;

	while (!__atomic_load_n(&told->done[use], __ATOMIC_RELAXED)) {
		if (tlib_now() > end)
			return false;
		usleep(1000);
	}
	return !uses[use].waits || !tlib_wait_delayed(victim);
}

/* The first victims are not killed before the use that they begin with has worked once. */
TEST_F_TIMEOUT(storm, processes_killed_at_any_time_are_gone_soon_and_leave_nothing, 900)
{
	const unsigned int kills = tlib_scale(90, 4500);
	pid_t victim[BESIDE] = { 0 };
	struct faultlab_stats now;
	unsigned int i;

	srand(1);
	for (i = 0; i < kills + BESIDE; i++) {
		pid_t *v = &victim[i % BESIDE];

		if (*v) {
			const unsigned int use = i - BESIDE;

			ASSERT_TRUE(use >= NR_USES || use_works(use, *v)) {
				TH_LOG("%s: %s", uses[use].name, tlib_tasks(*v));
			}
			usleep(rand() % (tlib_debug() ? 100000 : 5000));
			ASSERT_EQ(-SIGKILL, tlib_kill(*v, SIGKILL)) {
				TH_LOG("kill %u: %s", i, tlib_tasks(*v));
			}
		}
		*v = i < kills ? start_victim(i) : 0;
		ASSERT_LE(0, *v);
		/* Orphans of those who were killed. */
		some_are_left();
		if (!(i % 16)) {
			EXPECT_EQ(0, tlib_use_device());
		}
	}
	self->end = tlib_now() + TLIB_HANG_S * NSEC_PER_SEC;
	while (some_are_left() && tlib_now() < self->end)
		usleep(1000);
	EXPECT_FALSE(some_are_left());
	for (i = 0; i < NR_USES; i++) {
		TH_LOG("%s: %lu times", uses[i].name, told->done[i]);
		EXPECT_LT(0, told->done[i]);
	}
	EXPECT_EQ(0, told->woken);
	EXPECT_EQ(0, tlib_levels_return(&self->before, &now));
	EXPECT_EQ(0, tlib_use_device());
}

TEST_HARNESS_MAIN
