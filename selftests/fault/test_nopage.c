// SPDX-License-Identifier: GPL-2.0-only
/*
 * No access repeats for ever. A callback that returns VM_FAULT_NOPAGE makes the access
 * fault again. In kernel mode nothing checks for signals between the two faults (x86
 * does so only after VM_FAULT_RETRY, fault_signal_pending()), and nothing reschedules.
 * So the module must ensure that the task can be killed and other tasks can run.
 *
 * The region counts what a killed process still does; the parent has it open as well.
 * When kill() returns, every task of the process has the signal. From then on the
 * counters grow at most by the fault that each task has under way and one more fault
 * with two callbacks (.fault and .page_mkwrite, or .map_pages and .fault). The time
 * that this takes does not matter.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/fault/kernel_mode.h"
#include "lib/fault/kill.h"
#include "lib/memory/memory.h"
#include "lib/walk/random_space.h"
#include "lib/record/record.h"
#include "lib/sys.h"

#define TOUCHED		64	/* pages that are accessed, spread over the region */
#define MAX_PATHS	16
#define CALLBACKS	3	/* per task after SIGKILL: the one in progress, and a fault */

static void nap(unsigned int us)
{
	const struct timespec ts = { .tv_nsec = us * 1000 };

	nanosleep(&ts, NULL);
}

/* A rule for the region's faults. */
struct judgement {
	const char *name;
	struct faultlab_rule rule;
	unsigned int copies;	/* how many times the rule is set, as `times` is limited */
	bool stops;		/* accesses may never end */
	bool none;		/* clear the rules instead */
};

#define RULE(v, ...)	.rule = { .length = FAULTLAB_TO_END,				\
				  .verdict = FAULTLAB_VERDICT_##v, ##__VA_ARGS__ }
#define FAULTS		(FAULTLAB_ACCESS_READ | FAULTLAB_ACCESS_WRITE | FAULTLAB_ACCESS_COW)
#define MKWRITES	(FAULTLAB_ACCESS_MKWRITE | FAULTLAB_ACCESS_PFN_MKWRITE)
#define UNLOCKED	FAULTLAB_RULE_UNLOCKED
#define HOLD_LOCK	FAULTLAB_RULE_HOLD_LOCK

/*
 * So many copies of a NOPAGE rule would keep a task in the access for minutes, if the
 * module did not check for signals.
 */
#define MANY		1000

static const struct judgement judgements[] = {
	{ "no rule", .none = true },
	{ "serve unlocked", RULE(SERVE, .access = FAULTS, .flags = UNLOCKED) },
	{ "serve reads unlocked",
	  RULE(SERVE, .access = FAULTLAB_ACCESS_READ, .flags = UNLOCKED) },
	{ "serve after a delay", RULE(SERVE, .delay_us = 100) },
	{ "serve after a delay, hold-lock", RULE(SERVE, .delay_us = 100, .flags = HOLD_LOCK) },
	{ "major", RULE(MAJOR, .access = FAULTS) },
	{ "major unlocked", RULE(MAJOR, .access = FAULTS, .flags = UNLOCKED) },
	{ "retry", RULE(RETRY, .access = FAULTS) },
	{ "sigbus", RULE(SIGBUS, .every = 2) },
	{ "sigsegv", RULE(SIGSEGV, .every = 2) },
	{ "hwpoison", RULE(HWPOISON, .every = 2) },
	{ "hwpoison-large", RULE(HWPOISON_LARGE, .every = 2) },
	{ "oom", RULE(OOM, .times = FAULTLAB_MAX_TIMES), .copies = MANY, .stops = true },
	{ "nopage", RULE(NOPAGE, .times = FAULTLAB_MAX_TIMES), .copies = MANY, .stops = true },
	{ "nopage after a delay, hold-lock",
	  RULE(NOPAGE, .times = FAULTLAB_MAX_TIMES, .delay_us = 100, .flags = HOLD_LOCK),
	  .copies = MANY, .stops = true },
	{ "nopage after a delay", RULE(NOPAGE, .times = FAULTLAB_MAX_TIMES, .delay_us = 100),
	  .copies = MANY, .stops = true },
	{ "nopage of mkwrite", RULE(NOPAGE, .access = MKWRITES, .times = FAULTLAB_MAX_TIMES),
	  .copies = MANY, .stops = true },
	{ "gate", RULE(SERVE, .access = FAULTS, .delay_kind = FAULTLAB_DELAY_GATE),
	  .stops = true },
	{ "gate, hold-lock",
	  RULE(SERVE, .delay_kind = FAULTLAB_DELAY_GATE, .flags = HOLD_LOCK), .stops = true },
	{ "fallback", RULE(FALLBACK, .access = FAULTLAB_ACCESS_AROUND | FAULTLAB_ACCESS_HUGE) },
	{ "unplug", RULE(UNPLUG, .skip = 200) },
};

#define NR_JUDGEMENTS	ARRAY_SIZE(judgements)

static const struct judgement *judgement(const char *name)
{
	unsigned int i = 0;

	while (strcmp(judgements[i].name, name))
		i++;
	return &judgements[i];
}

static int judge(int fd, const struct judgement *j)
{
	static struct faultlab_rule rules[MANY];
	unsigned int i, nr = j->copies ?: 1;

	for (i = 0; i < nr; i++)
		rules[i] = j->rule;
	return faultlab_rules(fd, FAULTLAB_RULE_SET, rules, j->none ? 0 : nr);
}

/*
 * A process that accesses a region by all access paths at once, while its parent
 * evicts.
 */
struct storm {
	const struct faultlab_memory *memory;
	int fd;
	size_t pages;
	int map_flags;
	char *at;
	pid_t pid;
	struct faces {		/* shared with the child */
		pid_t tids[MAX_PATHS];
		unsigned long touched[MAX_PATHS];
		bool failed;
		bool go;
		bool stale;		/* a stale page is mapped: see write_to_stale() */
	} *seen;
	bool stop;		/* stop evicting */
	unsigned int evicts;	/* most evicts that each thread makes */
	unsigned int evicted;	/* evicts that were made */
	int error;		/* error of an evict */
};

static int storm_open(struct storm *s, const struct faultlab_memory *memory, int map_flags)
{
	const size_t pages = memory->leaf || memory->along > TOUCHED || memory->order > 2 ?
			     1024 : TOUCHED;

	*s = (struct storm) { .memory = memory, .pages = pages, .map_flags = map_flags };
	s->seen = mmap(NULL, sizeof(*s->seen), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	s->fd = faultlab_memory_open(memory, pages * tlib_page_size());
	return s->seen == MAP_FAILED ? -errno : s->fd;
}

static void storm_close(struct storm *s)
{
	close(s->fd);
	munmap(s->seen, sizeof(*s->seen));
}

/* A thread of the child: one access path. */
struct toucher {
	struct storm *s;
	unsigned int path;
};

static void *touch_for_ever(void *arg)
{
	struct toucher *me = arg;
	struct storm *s = me->s;
	const struct tlib_touch_path *path = &tlib_touch_paths[me->path];
	struct tlib_tools tools;
	size_t i;

	if (tlib_tools_get(&tools)) {
		s->seen->failed = true;
		return NULL;
	}
	__atomic_store_n(&s->seen->tids[me->path], syscall(SYS_gettid), __ATOMIC_RELEASE);
	while (!__atomic_load_n(&s->seen->go, __ATOMIC_ACQUIRE))
		nap(1000);
	for (i = me->path;; i++) {
		path->touch(&tools, tlib_at(s->at, i * (s->pages / TOUCHED) % s->pages));
		__atomic_add_fetch(&s->seen->touched[me->path], 1, __ATOMIC_RELAXED);
	}
}

/* The child: accesses by the paths of the mask. Does not return. */
static void storm_child(struct storm *s, __u32 paths)
{
	const int prot = s->map_flags == MAP_SHARED ||
			 (s->memory->maps & FAULTLAB_MAPS_PRIVATE_WRITE) ? TLIB_RW : PROT_READ;
	static struct toucher touchers[MAX_PATHS];
	pthread_t thread;
	unsigned int i;

	s->at = tlib_map(s->fd, prot, s->map_flags, 0, s->pages);
	if (!s->at)
		_exit(1);
	faultlab_touch_read(NULL, NULL);
	for (i = 0; i < tlib_nr_touch_paths; i++) {
		touchers[i] = (struct toucher) { s, i };
		if ((paths >> i & 1) &&
		    pthread_create(&thread, NULL, touch_for_ever, &touchers[i]))
			_exit(1);
	}
	/*
	 * get_user_pages() may repeat a fault while it holds mmap_lock, which the mmap() of
	 * other threads would wait for. So let all threads map before any access begins.
	 */
	for (i = 0; i < tlib_nr_touch_paths; i++)
		while ((paths >> i & 1) &&
		       !__atomic_load_n(&s->seen->failed, __ATOMIC_RELAXED) &&
		       !__atomic_load_n(&s->seen->tids[i], __ATOMIC_ACQUIRE))
			nap(1000);
	__atomic_store_n(&s->seen->go, true, __ATOMIC_RELEASE);
	for (;;)
		pause();
}

static int storm_fork(struct storm *s, __u32 paths)
{
	s->pid = fork();
	if (!s->pid)
		storm_child(s, paths);
	return s->pid < 0 ? -errno : 0;
}

/*
 * Wait until each access path of the mask has made an access. If the rule may block
 * accesses (stops), wait only until the path's thread has started. Returns NULL, or what
 * did not happen.
 */
static const char *storm_await(struct storm *s, __u32 paths, bool stops)
{
	const __u64 end = tlib_now() + 4 * TLIB_HANG_S * 1000 * NSEC_PER_MS;
	unsigned int i = 0;

	while (!__atomic_load_n(&s->seen->go, __ATOMIC_ACQUIRE) && tlib_now() < end)
		nap(1000);
	if (!s->seen->go)
		return "the start of all threads";
	while (i < tlib_nr_touch_paths) {
		if (!(paths >> i & 1) ||
		    (stops ? !!__atomic_load_n(&s->seen->tids[i], __ATOMIC_RELAXED) :
			     !!__atomic_load_n(&s->seen->touched[i], __ATOMIC_RELAXED))) {
			i++;
			continue;
		}
		if (tlib_now() > end)
			return tlib_touch_paths[i].name;
		nap(1000);
	}
	return NULL;
}

static void *evict_in_storm(void *arg)
{
	static const __u32 flags[] = {
		0, FAULTLAB_EVICT_DROP, FAULTLAB_EVICT_COWS,
		FAULTLAB_EVICT_DROP | FAULTLAB_EVICT_COWS,
	};
	const bool drops = !((struct storm *)arg)->memory->at_mmap &&
			   !(((struct storm *)arg)->memory->flags & FAULTLAB_REGION_PHYS);
	struct storm *s = arg;
	unsigned int i = 0;
	int err = 0;

	while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED) && !err && i < s->evicts) {
		__u32 f = flags[i++ % 4];

		err = faultlab_evict(s->fd, 0, FAULTLAB_TO_END,
				     drops ? f : f & ~FAULTLAB_EVICT_DROP);
		__atomic_add_fetch(&s->evicted, 1, __ATOMIC_RELAXED);
		nap(200);
	}
	/* A rule with the verdict unplug may have applied. */
	if (err && err != -ENODEV)
		__atomic_store_n(&s->error, err, __ATOMIC_RELAXED);
	return NULL;
}

/*
 * Kill the child. *callbacks: how many callbacks it made after that. -ETIMEDOUT: it
 * hangs.
 */
static int storm_kill(struct storm *s, __u64 *callbacks)
{
	__u64 before;
	int status;

	if (s->pid <= 0 || kill(s->pid, SIGKILL))
		return -ESRCH;
	before = tlib_callbacks(s->fd);
	status = tlib_reap_within(s->pid, TLIB_HANG_S);
	*callbacks = tlib_callbacks(s->fd) - before;
	return status;
}

/*
 * A task that hangs keeps the module loaded: unplug, so that its fault ends in SIGBUS.
 */
static void storm_rescue(struct storm *s)
{
	faultlab_unplug(s->fd);
	tlib_reap_within(s->pid, TLIB_HANG_S);
}

FIXTURE(fault_storm)
{
	struct storm s;
	struct tlib_random random;
};

FIXTURE_VARIANT(fault_storm)
{
	const struct faultlab_memory *memory;
};

/* The short form tests every other row here, and the remaining rows in nopage_rule. */
static bool is_stormed(const struct faultlab_memory *memory)
{
	return tlib_memory_sample(memory) &&
	       (tlib_full() || (memory - faultlab_memories) % 2 == 0);
}

TLIB_MEMORIES(fault_storm, is_stormed)

FIXTURE_SETUP(fault_storm)
{
	int fd = faultlab_memory_open(variant->memory, 1024 * tlib_page_size());

	if (fd < 0 && faultlab_memory_lacks(fd))
		SKIP(return, "%s", faultlab_memory_lacks(fd));
	ASSERT_LE(0, fd);
	close(fd);
	self->random.state = tlib_first_seed() + (variant->memory - faultlab_memories);
}

FIXTURE_TEARDOWN(fault_storm)
{
}

/*
 * Evict while the child runs. Kill it during the evicts (in_the_midst), or after the last
 * one. *evicts: with in_the_midst, how many evicts ended between the kill and the child's
 * end, plus two that may be in progress.
 */
static int storm_run(struct storm *s, bool in_the_midst, __u64 *callbacks,
		     unsigned int *evicts)
{
	pthread_t evictors[2];
	int i, status;

	s->evicts = in_the_midst ? ~0U : tlib_scale(4, 10);
	for (i = 0; i < 2; i++)
		pthread_create(&evictors[i], NULL, evict_in_storm, s);
	if (in_the_midst) {
		for (i = 0; i < 20; i++)
			nap(1000);
		*evicts = __atomic_load_n(&s->evicted, __ATOMIC_RELAXED);
		status = storm_kill(s, callbacks);
		*evicts = __atomic_load_n(&s->evicted, __ATOMIC_RELAXED) - *evicts + 2;
		__atomic_store_n(&s->stop, true, __ATOMIC_RELAXED);
	}
	for (i = 0; i < 2; i++)
		pthread_join(evictors[i], NULL);
	return in_the_midst ? status : storm_kill(s, callbacks);
}

TEST_F_TIMEOUT(fault_storm, after_sigkill_a_faulting_process_ends_within_a_few_callbacks, 600)
{
	const unsigned int draws = tlib_scale(1, 6);
	const __u32 all = (1U << tlib_nr_touch_paths) - 1;
	unsigned int i;

	for (i = 0; i < draws && !_metadata->exit_code; i++) {
		const struct judgement *j;
		unsigned int evicts = 0;
		bool private, midst;
		__u64 callbacks = 0;
		const char *missing;
		__u32 paths = all;
		int status;

		j = &judgements[tlib_random(&self->random, NR_JUDGEMENTS)];
		private = tlib_random(&self->random, 4) == 0;
		midst = tlib_random(&self->random, 2);
		/*
		 * The short form uses every other path, since all of them share the
		 * processors.
		 */
		if (!tlib_full())
			paths = (0x55555555U << tlib_random(&self->random, 2)) & all;

		status = storm_open(&self->s, variant->memory,
				    private ? MAP_PRIVATE : MAP_SHARED);
		ASSERT_LE(0, status);
		ASSERT_EQ(0, judge(self->s.fd, j));
		ASSERT_EQ(0, storm_fork(&self->s, paths));
		missing = storm_await(&self->s, paths,
				      j->stops && (variant->memory->calls & FAULTLAB_CALLS_FAULT));
		EXPECT_EQ(NULL, missing) {
			TH_LOG("%s, %s: timed out waiting for %s: %s", j->name,
			       private ? "private" : "shared", missing, tlib_tasks(self->s.pid));
		}
		status = storm_run(&self->s, midst, &callbacks, &evicts);
		EXPECT_EQ(-SIGKILL, status) {
			TH_LOG("%s, %s%s: %s", j->name, private ? "private" : "shared",
			       midst ? ", killed during evicts" : "", tlib_tasks(self->s.pid));
			storm_rescue(&self->s);
		}
		/*
		 * Each evict may make a fault under way start anew, if it waits for a page
		 * that the evict removes.
		 */
		EXPECT_LE(callbacks, CALLBACKS * (__builtin_popcount(paths) + 1) * (1 + evicts)) {
			TH_LOG("%s, %s", j->name, private ? "private" : "shared");
		}
		EXPECT_FALSE(self->s.seen->failed);
		EXPECT_EQ(0, self->s.error);
		storm_close(&self->s);
	}
}

/* Wait until the rule has applied to the child. */
static bool await_nopage(struct storm *s)
{
	const __u64 end = tlib_now() + TLIB_HANG_S * 1000 * NSEC_PER_MS;

	while (!tlib_stat(s->fd, FAULTLAB_STAT_NOPAGE)) {
		if (tlib_now() > end)
			return false;
		nap(1000);
	}
	return true;
}

/* Rows whose memory has a .fault. */
FIXTURE(nopage_rule)
{
	struct storm s;
	struct tlib_random random;
};

FIXTURE_VARIANT(nopage_rule)
{
	const struct faultlab_memory *memory;
};

static bool is_asked(const struct faultlab_memory *memory)
{
	return (memory->calls & FAULTLAB_CALLS_FAULT) && tlib_memory_sample(memory) &&
	       (tlib_full() || (memory - faultlab_memories) % 2);
}

TLIB_MEMORIES(nopage_rule, is_asked)

FIXTURE_SETUP(nopage_rule)
{
	int fd = faultlab_memory_open(variant->memory, 1024 * tlib_page_size());

	if (faultlab_memory_lacks(fd))
		SKIP(return, "%s", faultlab_memory_lacks(fd));
	ASSERT_LE(0, fd);
	close(fd);
	self->random.state = tlib_first_seed() + (variant->memory - faultlab_memories);
}

FIXTURE_TEARDOWN(nopage_rule)
{
}

/*
 * The child: prepares a page table for its page and, if @entry is set, an entry. Then it
 * stops itself. So the access that it makes when it is continued allocates no page table,
 * and does not yield the processor by an allocation.
 */
static int repeat_child(struct storm *s, const struct tlib_touch_path *path, bool entry, int cpu)
{
	struct tlib_tools tools;
	char *at;

	at = tlib_map(s->fd, TLIB_RW, MAP_SHARED, 0, s->pages);
	if (!at || tlib_tools_get(&tools) || tlib_pin(cpu))
		return 1;
	faultlab_touch_read(at, NULL);
	if (!entry && faultlab_evict(s->fd, 0, FAULTLAB_TO_END, 0))
		return 1;
	raise(SIGSTOP);
	path->touch(&tools, at);
	return 0;
}

/* Whether the path is one of kernel mode whose accesses the rule matches. */
static bool is_about(const struct judgement *j, const struct tlib_touch_path *path,
		     const struct faultlab_memory *memory)
{
	const __u32 mkwrites = FAULTLAB_CALLS_PAGE_MKWRITE | FAULTLAB_CALLS_PFN_MKWRITE;

	if (!path->kernel || !tlib_touch_path_faults(path, memory))
		return false;
	return !j->rule.access || (path->write && (memory->calls & mkwrites));
}

/*
 * Test each access path of kernel mode that the rule matches; in the short form only one
 * of the paths that do not reschedule by themselves.
 */
static unsigned int check_repeats(struct __test_metadata *_metadata, struct storm *s,
				  const struct faultlab_memory *memory,
				  const struct judgement *j, unsigned int first)
{
	const unsigned int draws = tlib_scale(1, tlib_nr_touch_paths);
	const int cpu = sched_getcpu();
	unsigned int i, done = 0;

	for (i = 0; i < tlib_nr_touch_paths && done < draws && !_metadata->exit_code; i++) {
		const unsigned int nr = (first + i) % tlib_nr_touch_paths;
		const struct tlib_touch_path *path = &tlib_touch_paths[nr];
		__u64 callbacks = 0, repeated;
		int status;

		if (!is_about(j, path, memory) || (!tlib_full() && !path->copies))
			continue;
		done++;
		ASSERT_LE(0, storm_open(s, memory, MAP_SHARED));
		s->pid = fork();
		ASSERT_LE(0, s->pid);
		if (!s->pid)
			_exit(repeat_child(s, path, j->rule.access, cpu));
		ASSERT_EQ(s->pid, waitpid(s->pid, &status, WUNTRACED));
		ASSERT_TRUE(WIFSTOPPED(status));
		ASSERT_EQ(0, judge(s->fd, j));
		ASSERT_EQ(0, tlib_pin(cpu));
		ASSERT_EQ(0, kill(s->pid, SIGCONT));
		EXPECT_TRUE(await_nopage(s)) {
			TH_LOG("%s, %s", j->name, path->name);
		}
		/*
		 * This process is pinned to the child's processor. As it runs here, the
		 * child has yielded the processor.
		 */
		repeated = tlib_stat(s->fd, FAULTLAB_STAT_NOPAGE);
		EXPECT_GT((__u64)MANY * FAULTLAB_MAX_TIMES, repeated) {
			TH_LOG("%s, %s", j->name, path->name);
		}
		EXPECT_EQ(-SIGKILL, storm_kill(s, &callbacks)) {
			TH_LOG("%s, %s: %s", j->name, path->name, tlib_tasks(s->pid));
			storm_rescue(s);
		}
		EXPECT_LE(callbacks, CALLBACKS) {
			TH_LOG("%s, %s", j->name, path->name);
		}
		storm_close(s);
	}
	return done;
}

TEST_F_TIMEOUT(nopage_rule, a_repeated_nopage_yields_the_cpu_and_its_task_can_be_killed, 600)
{
	const unsigned int first = tlib_random(&self->random, tlib_nr_touch_paths);

	EXPECT_LT(0, check_repeats(_metadata, &self->s, variant->memory, judgement("nopage"),
				   first));
	check_repeats(_metadata, &self->s, variant->memory, judgement("nopage of mkwrite"), first);
}

/*
 * How to map a stale page, one that the region does not own any more: with UNLOCKED .fault
 * returns the page unlocked. An evict that comes before the core has locked the page does
 * not wait for it, and the core maps the dropped page. The core's lock_page() begins with
 * might_sleep(), so there a thread of higher priority on the same processor can preempt
 * the faulting thread, and evict.
 */
struct stale {
	int fd;
	char *at;
	bool stop;
	bool stopped;
};

static void *fault_for_ever(void *arg)
{
	struct stale *st = arg;

	while (st->fd >= 0) {
		madvise(st->at, tlib_page_size(), MADV_DONTNEED);
		faultlab_touch_read(st->at, NULL);
		while (__atomic_load_n(&st->stop, __ATOMIC_ACQUIRE)) {
			__atomic_store_n(&st->stopped, true, __ATOMIC_RELEASE);
			nap(50);
		}
	}
	return NULL;
}

/* One try. Returns whether a page is mapped that the region does not own any more. */
static bool make_stale(struct stale *st, unsigned int us)
{
	st->stopped = false;
	__atomic_store_n(&st->stop, false, __ATOMIC_RELEASE);
	nap(us);
	__atomic_store_n(&st->stop, true, __ATOMIC_RELEASE);
	faultlab_evict(st->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP);
	while (!__atomic_load_n(&st->stopped, __ATOMIC_ACQUIRE))
		nap(50);
	return !tlib_stat(st->fd, FAULTLAB_STAT_PAGES) && tlib_mapped(st->fd, st->at);
}

/* Seconds to try to map a stale page: it works soon, or the machine is too busy. */
#define STALE_S		tlib_scale(2, 10)
#define NEVER_STALE	77	/* exit status of the child if no page became stale */

/* The child: makes the page stale, tells the parent, and writes to it by one path. */
static int write_to_stale(struct storm *s, const struct tlib_touch_path *path)
{
	const struct sched_param fifo = { .sched_priority = 10 }, other = { 0 };
	struct stale st = { .fd = s->fd };
	const __u64 end = tlib_now() + STALE_S * 1000 * NSEC_PER_MS;
	struct tlib_tools tools;
	pthread_t thread;
	unsigned int i;

	st.at = tlib_map(s->fd, TLIB_RW, MAP_SHARED, 0, faultlab_memory_step(s->memory));
	st.stop = true;
	if (!st.at || tlib_tools_get(&tools) || tlib_pin(sched_getcpu()) ||
	    pthread_create(&thread, NULL, fault_for_ever, &st) ||
	    sched_setscheduler(0, SCHED_FIFO, &fifo))
		return 1;
	for (i = 0; !make_stale(&st, 50 + i % 97); i++)
		if (tlib_now() > end)
			return NEVER_STALE;
	s->seen->touched[0] = i + 1;
	__atomic_store_n(&s->seen->stale, true, __ATOMIC_RELEASE);
	sched_setscheduler(0, SCHED_OTHER, &other);
	path->touch(&tools, st.at);
	return 0;
}

/* Returns how the child ended. It may take TLIB_HANG_S from when the page is stale. */
static int reap_stale(const struct storm *s)
{
	const __u64 end = tlib_now() + (STALE_S + TLIB_HANG_S) * 1000 * NSEC_PER_MS;
	int status;

	do {
		nap(1000);
		status = tlib_reap_within(s->pid, 0);
	} while (status == -ETIMEDOUT && tlib_now() < end &&
		 !__atomic_load_n(&s->seen->stale, __ATOMIC_ACQUIRE));
	return status == -ETIMEDOUT ? tlib_reap_within(s->pid, TLIB_HANG_S) : status;
}

/* One sort of memory, one path. Returns whether the page was ever stale. */
static bool check_stale(struct __test_metadata *_metadata, const struct faultlab_memory *m,
			const struct tlib_touch_path *path)
{
	struct storm s;
	char *other;
	int status;

	ASSERT_LE(0, storm_open(&s, m, MAP_SHARED));
	ASSERT_EQ(0, judge(s.fd, judgement("serve reads unlocked")));
	s.pid = fork();
	ASSERT_LE(0, s.pid);
	if (!s.pid)
		_exit(write_to_stale(&s, path));
	status = reap_stale(&s);
	if (status == NEVER_STALE) {
		storm_close(&s);
		return false;
	}
	if (status == -ETIMEDOUT) {
		EXPECT_EQ(-SIGKILL, tlib_kill(s.pid, SIGKILL)) {
			TH_LOG("SIGKILL does not end it: %s", tlib_tasks(s.pid));
			storm_rescue(&s);
		}
	}
	EXPECT_EQ(0, status);
	/* The write reached the region's page, not the stale one. */
	EXPECT_EQ(1, tlib_stat(s.fd, FAULTLAB_STAT_PAGES) >> m->order);
	other = tlib_map(s.fd, PROT_READ, MAP_SHARED, 0, faultlab_memory_step(m));
	ASSERT_NE(NULL, other);
	if (path->value) {
		EXPECT_EQ(path->value, *other);
	}
	if (_metadata->exit_code)
		TH_LOG("%s, %s, stale after %lu tries", m->name, path->name, s.seen->touched[0]);
	tlib_unmap(other, faultlab_memory_step(m));
	storm_close(&s);
	return true;
}

/* The short form tests every fourth access path, and other paths for the next row. */
static bool is_tried(const struct faultlab_memory *m, unsigned int path)
{
	static unsigned int nr;

	if (!tlib_touch_paths[path].write)
		return false;
	return tlib_full() || nr++ % 4 == (m - faultlab_memories) % 4;
}

TEST(a_write_to_a_page_dropped_before_it_was_mapped_reaches_the_region)
{
	const struct faultlab_memory *m = faultlab_memories;
	unsigned int i, tried = 0, met = 0;

	for (; m < faultlab_memories + faultlab_nr_memories; m++) {
		if (!(m->calls & FAULTLAB_CALLS_PAGE_MKWRITE) || m->inserts)
			continue;
		for (i = 0; i < tlib_nr_touch_paths && !_metadata->exit_code; i++) {
			if (!is_tried(m, i))
				continue;
			tried++;
			met += check_stale(_metadata, m, &tlib_touch_paths[i]);
		}
	}
	/* On a slow machine some tries may fail, but not all. */
	EXPECT_LT(0, met);
	if (met < tried)
		TH_LOG("the page became stale in %u of %u attempts", met, tried);
}

TEST_HARNESS_MAIN
