// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each wait can be killed; for that of a delayed fault see test_delay_waiting. A test
 * must not pass because the work was already done: a killed worker must leave its work
 * unfinished, and a killed waiter must be gone before the work that it waits for is
 * done. If the work was done too soon, the test tries again.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "lib/fault/kill.h"
#include "lib/sys.h"

#define TRIES	8
#define PAGES	65536UL		/* 256 MiB: an operation on all of it takes a while */
#define WINDOW	512U

static void nap_ms(unsigned int ms)
{
	const struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NSEC_PER_MS };

	nanosleep(&ts, NULL);
}

/*
 * A process that performs one operation on a region; its parent has the region open as
 * well.
 */
struct job {
	int fd;
	char *at;		/* a mapping of it, if there is one */
	struct faultlab_config config;
	pid_t pid;
	struct {
		bool begun;
		bool done;
		int err;
	} *seen;
};

typedef int (*job_fn)(struct job *job);

static int job_start(struct job *j, int fd, job_fn fn)
{
	j->fd = fd;
	if (!j->seen)
		j->seen = mmap(NULL, sizeof(*j->seen), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (j->seen == MAP_FAILED)
		return -errno;
	memset(j->seen, 0, sizeof(*j->seen));
	j->pid = fork();
	if (j->pid < 0)
		return -errno;
	if (!j->pid) {
		faultlab_touch_read(NULL, NULL);
		__atomic_store_n(&j->seen->begun, true, __ATOMIC_RELEASE);
		j->seen->err = fn(j);
		__atomic_store_n(&j->seen->done, true, __ATOMIC_RELEASE);
		_exit(0);
	}
	while (!__atomic_load_n(&j->seen->begun, __ATOMIC_ACQUIRE))
		nap_ms(1);
	return 0;
}

static bool job_done(const struct job *j)
{
	return __atomic_load_n(&j->seen->done, __ATOMIC_ACQUIRE);
}

/* The time that the process has spent in the kernel (stime), in clock ticks. */
static unsigned long kernel_ticks(pid_t pid)
{
	unsigned long ticks = 0;
	char path[32], text[512];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (tlib_read_text(path, text, sizeof(text)) > 0)
		sscanf(strrchr(text, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %lu",
		       &ticks);
	return ticks;
}

/*
 * job_start() for an operation that takes long: returns when the operation is in progress,
 * or done. Of three tries, the first waits until it has used two clock ticks, the second
 * one tick. A fast machine may be done by then, so the third does not wait.
 */
static int job_start_work(struct job *j, int fd, job_fn fn, unsigned int try)
{
	int err = job_start(j, fd, fn);
	unsigned long ticks;

	if (err)
		return err;
	ticks = kernel_ticks(j->pid) + 2 - try % 3;
	while (!job_done(j) && kernel_ticks(j->pid) < ticks)
		nap_ms(1);
	return 0;
}

/* Kill the job. Returns 0 if it was done, -SIGKILL, or -ETIMEDOUT if it cannot be killed. */
static int job_kill(struct job *j)
{
	return tlib_kill(j->pid, SIGKILL);
}

static int do_mmap(struct job *j)
{
	void *at = mmap(NULL, PAGES * tlib_page_size(), TLIB_RW, MAP_SHARED, j->fd, 0);

	return at == MAP_FAILED ? -errno : 0;
}

static int do_mmap_page(struct job *j)
{
	void *at = mmap(NULL, tlib_page_size(), TLIB_RW, MAP_SHARED, j->fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	munmap(at, tlib_page_size());
	return 0;
}

static int do_config(struct job *j)
{
	return faultlab_configure(j->fd, &j->config);
}

static int do_rule(struct job *j)
{
	struct faultlab_rule rule = tlib_rule(0, PAGES, FAULTLAB_VERDICT_MAJOR, 0);

	return faultlab_rule(j->fd, FAULTLAB_RULE_SET, &rule);
}

static int do_rules_read(struct job *j)
{
	struct faultlab_rule rule;
	size_t nr = 1;

	return faultlab_rules_read(j->fd, &rule, &nr);
}

static int do_evict(struct job *j)
{
	return faultlab_evict(j->fd, 0, FAULTLAB_TO_END, 0);
}

static int do_drop(struct job *j)
{
	return faultlab_evict(j->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP);
}

static int do_unplug(struct job *j)
{
	return faultlab_unplug(j->fd);
}

static int do_info(struct job *j)
{
	struct faultlab_info info;

	return faultlab_info(j->fd, &info);
}

static int do_stats(struct job *j)
{
	struct faultlab_stats stats;

	return faultlab_stats(j->fd, &stats);
}

static int do_record(struct job *j)
{
	return faultlab_records_start(j->fd, 64, 0);
}

static int do_touch(struct job *j)
{
	return faultlab_touch_read(j->at, NULL);
}

static int read_all(const char *path)
{
	static char text[1 << 20];
	ssize_t n = tlib_read_text(path, text, sizeof(text));

	return n < 0 ? n : 0;
}

static int do_read_regions(struct job *j)
{
	return read_all(FAULTLAB_DEBUGFS "/regions");
}

static int do_read_file(struct job *j, const char *name)
{
	char path[128];
	int err = tlib_region_dir(j->fd, path, sizeof(path));

	if (err)
		return err;
	strcat(path, name);
	return read_all(path);
}

static int do_read_rules(struct job *j)
{
	return do_read_file(j, "/rules");
}

static int do_read_vmas(struct job *j)
{
	return do_read_file(j, "/vmas");
}

static int do_read_pages(struct job *j)
{
	return do_read_file(j, "/stats");
}

struct operation {
	const char *name;
	job_fn fn;
};

#define OPERATION(name)	{ #name, do_##name }

/*
 * Operations to start while another task fills a large region of kind remap in mmap().
 */
static const struct operation beside_fill[] = {
	OPERATION(mmap_page), OPERATION(config), OPERATION(rule), OPERATION(rules_read),
	OPERATION(evict), OPERATION(unplug), OPERATION(info), OPERATION(stats),
	OPERATION(record), OPERATION(read_regions), OPERATION(read_rules),
	OPERATION(read_vmas), OPERATION(read_pages),
};

/*
 * Starts an operation while the worker is busy, and kills it. Returns 1 if it ended
 * before the worker was done, by itself or killed; 0 if the worker was done first, so that
 * the try shows nothing; -ETIMEDOUT if the operation could not be killed. If the operation
 * is an unplug, it also ends the worker's operation.
 */
static int ends_beside(struct job *worker, struct job *waiter, job_fn fn)
{
	int status;

	if (job_start(waiter, worker->fd, fn))
		return -errno;
	nap_ms(2);
	status = job_kill(waiter);
	if (status == -ETIMEDOUT)
		return status;
	return !job_done(worker) || (fn == do_unplug && worker->seen->err == -ENODEV);
}

TEST(operations_during_a_large_mmap_of_kind_remap_end_or_can_be_killed)
{
	struct job worker = { 0 }, waiter = { .config = { .kind = FAULTLAB_KIND_PAGE } };
	unsigned int i, try;
	int ended;

	for (i = 0; i < ARRAY_SIZE(beside_fill); i++) {
		for (try = 0, ended = 0; try < TRIES && !ended; try++) {
			int fd = tlib_region(FAULTLAB_KIND_REMAP, 0, PAGES);

			ASSERT_LE(0, fd);
			ASSERT_EQ(0, job_start_work(&worker, fd, do_mmap, try));
			ended = ends_beside(&worker, &waiter, beside_fill[i].fn);
			EXPECT_NE(-ETIMEDOUT, job_kill(&worker));
			if (ended == -ETIMEDOUT)
				tlib_reap_within(waiter.pid, TLIB_HANG_S);
			close(fd);
		}
		EXPECT_EQ(1, ended) {
			TH_LOG("%s", beside_fill[i].name);
		}
	}
}

/*
 * Operations on a region of its own, without those that wait for RCU: that can take longer
 * than what the worker does.
 */
static const struct operation on_another[] = {
	OPERATION(touch), OPERATION(mmap_page), OPERATION(info),
};

static int open_another(struct job *another)
{
	another->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 1);
	if (another->fd < 0)
		return another->fd;
	another->at = tlib_map(another->fd, TLIB_RW, MAP_SHARED, 0, 1);
	return another->at ? 0 : -errno;
}

/* Whether the operation succeeds before the worker, which is busy, is done. */
static bool succeeds_beside(struct job *worker, struct job *another, job_fn fn)
{
	bool first;

	if (job_start(another, another->fd, fn))
		return false;
	while (!job_done(another) && !job_done(worker))
		nap_ms(1);
	first = job_done(another) && !job_done(worker) && !another->seen->err;
	job_kill(another);
	return first;
}

TEST(operations_on_another_region_succeed_during_a_large_mmap_of_kind_remap)
{
	struct job worker = { 0 }, another = { 0 };
	unsigned int i, try;
	bool first;

	ASSERT_EQ(0, open_another(&another));
	for (i = 0; i < ARRAY_SIZE(on_another); i++) {
		for (try = 0, first = false; try < TRIES && !first; try++) {
			int fd = tlib_region(FAULTLAB_KIND_REMAP, 0, PAGES);

			ASSERT_LE(0, fd);
			ASSERT_EQ(0, job_start_work(&worker, fd, do_mmap, try));
			first = succeeds_beside(&worker, &another, on_another[i].fn);
			EXPECT_NE(-ETIMEDOUT, job_kill(&worker));
			close(fd);
		}
		EXPECT_TRUE(first) {
			TH_LOG("%s", on_another[i].name);
		}
	}
}

/* The first mmap() allocated the region's memory; when it fails, that is freed. */
TEST(a_killed_mmap_of_kind_remap_leaves_no_pages_and_no_vma)
{
	struct job worker = { 0 };
	unsigned int try;
	int status = 0;

	for (try = 0; try < TRIES && status != -SIGKILL; try++) {
		int fd = tlib_region(FAULTLAB_KIND_REMAP, 0, PAGES);

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, job_start_work(&worker, fd, do_mmap, try));
		status = job_kill(&worker);
		if (status == -SIGKILL) {
			EXPECT_EQ(0, tlib_stat(fd, FAULTLAB_STAT_PAGES));
			EXPECT_EQ(0, tlib_stat(fd, FAULTLAB_STAT_VMAS));
		}
		close(fd);
	}
	EXPECT_EQ(-SIGKILL, status);
}

/* A large region, all of whose pages are allocated. */
FIXTURE(large)
{
	int fd;
	size_t pages;
	char *at;
};

/* Returns 0, or -errno, as when there is not enough memory. */
static int open_large(struct _test_data_large *self, size_t pages)
{
	struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.bytes = pages * tlib_page_size(),
		.around = WINDOW,
	};

	self->pages = pages;
	self->fd = tlib_region_full(&config);
	if (self->fd < 0)
		return self->fd;
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, pages);
	return self->at ? 0 : -errno;
}

static void close_large(struct _test_data_large *self)
{
	tlib_unmap(self->at, self->pages);
	close(self->fd);
}

FIXTURE_SETUP(large)
{
	ASSERT_EQ(0, open_large(self, PAGES));
}

FIXTURE_TEARDOWN(large)
{
	close_large(self);
}

static size_t populate(struct _test_data_large *self)
{
	size_t i;

	for (i = 0; i < self->pages; i += WINDOW)
		faultlab_touch_write(tlib_at(self->at, i), 1, NULL);
	return tlib_stat(self->fd, FAULTLAB_STAT_PAGES);
}

static const struct operation on_large[] = { OPERATION(drop), OPERATION(unplug) };

/* How long an operation takes that is not killed, in ms. */
static unsigned int time_large(struct _test_data_large *self, job_fn fn)
{
	struct job worker = { 0 };
	__u64 start;

	if (job_start(&worker, self->fd, fn))
		return 0;
	start = tlib_now();
	while (!job_done(&worker))
		nap_ms(1);
	job_kill(&worker);
	return (tlib_now() - start) / (NSEC_PER_SEC / 1000);
}

/*
 * Each try uses a new region, of one of four sizes in turn, so that with one of them the
 * kill comes in the middle of the operation: soon after it has begun or, in the second half
 * of the tries, after a part of the time that all of it takes. (It unmaps all pages before it
 * frees the first one, which takes most of the time where freeing is fast.)
 */
TEST_F_TIMEOUT(large, a_killed_evict_or_unplug_stops_midway_and_unplug_can_finish_it, 800)
{
	unsigned int i, try;

	for (i = 0; i < ARRAY_SIZE(on_large); i++) {
		const job_fn fn = on_large[i].fn;
		unsigned int all_ms = 0;
		bool in_part = false;

		for (try = 0; try < 2 * TRIES && !in_part; try++) {
			struct job worker = { 0 };
			__u64 left;

			close_large(self);
			ASSERT_EQ(0, open_large(self, PAGES + try % 4 * (PAGES / 4)));
			ASSERT_EQ(self->pages, populate(self));
			if (try == TRIES) {
				all_ms = time_large(self, fn);
				continue;
			}
			if (try < TRIES) {
				ASSERT_EQ(0, job_start_work(&worker, self->fd, fn, try));
			} else {
				ASSERT_EQ(0, job_start(&worker, self->fd, fn));
				nap_ms(all_ms * (try - TRIES) / TRIES);
			}
			EXPECT_NE(-ETIMEDOUT, job_kill(&worker));
			left = tlib_stat(self->fd, FAULTLAB_STAT_PAGES);
			in_part = left && left < self->pages;
		}
		EXPECT_TRUE(in_part) {
			TH_LOG("%s", on_large[i].name);
		}
		/* An unplug removes the translations that the killed operation left. */
		faultlab_unplug(self->fd);
		EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, self->pages));
	}
}

static const struct operation beside_evict[] = {
	OPERATION(touch), OPERATION(mmap_page), OPERATION(rule), OPERATION(evict),
	OPERATION(drop), OPERATION(rules_read), OPERATION(info), OPERATION(stats),
};

TEST_F_TIMEOUT(large, operations_during_an_evict_end_or_can_be_killed, 300)
{
	struct job worker = { .at = self->at }, waiter = { .at = self->at };
	unsigned int i, try;
	int ended;

	/*
	 * In the short form: a fault, an mmap(), and two operations that change the
	 * region.
	 */
	for (i = 0; i < tlib_scale(4, ARRAY_SIZE(beside_evict)); i++) {
		for (try = 0, ended = 0; try < TRIES && !ended; try++) {
			faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0);
			ASSERT_EQ(PAGES, populate(self));
			ASSERT_EQ(0, job_start_work(&worker, self->fd, do_drop, try));
			ended = ends_beside(&worker, &waiter, beside_evict[i].fn);
			EXPECT_NE(-ETIMEDOUT, job_kill(&worker));
			if (ended == -ETIMEDOUT)
				tlib_reap_within(waiter.pid, TLIB_HANG_S);
		}
		EXPECT_EQ(1, ended) {
			TH_LOG("%s", beside_evict[i].name);
		}
	}
}

TEST_F_TIMEOUT(large, operations_on_another_region_succeed_during_a_drop, 300)
{
	struct job worker = { .at = self->at }, another = { 0 };
	unsigned int i, try;
	bool first;

	ASSERT_EQ(0, open_another(&another));
	for (i = 0; i < ARRAY_SIZE(on_another); i++) {
		for (try = 0, first = false; try < TRIES && !first; try++) {
			ASSERT_EQ(PAGES, populate(self));
			ASSERT_EQ(0, job_start_work(&worker, self->fd, do_drop, try));
			first = succeeds_beside(&worker, &another, on_another[i].fn);
			EXPECT_NE(-ETIMEDOUT, job_kill(&worker));
		}
		EXPECT_TRUE(first) {
			TH_LOG("%s", on_another[i].name);
		}
	}
}

/* CONFIG with PHYS takes long, as it zeroes the whole range. */
FIXTURE(phys)
{
	int fd;
	struct job worker;
	struct job other;
};

FIXTURE_VARIANT(phys)
{
	enum faultlab_cache cache;
};

FIXTURE_VARIANT_ADD(phys, write_back) { .cache = FAULTLAB_CACHE_WB };
FIXTURE_VARIANT_ADD(phys, write_combining) { .cache = FAULTLAB_CACHE_WC };
FIXTURE_VARIANT_ADD(phys, uncached) { .cache = FAULTLAB_CACHE_UC };

FIXTURE_SETUP(phys)
{
	struct faultlab_config page = {
		.kind = FAULTLAB_KIND_PFN, .flags = FAULTLAB_REGION_PHYS,
		.bytes = tlib_page_size(),
	};
	int fd = tlib_region_full(&page);

	if (fd == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	ASSERT_LE(0, fd);
	close(fd);
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	self->worker.config = (struct faultlab_config) {
		.kind = FAULTLAB_KIND_PFN, .flags = FAULTLAB_REGION_PHYS,
		.cache = variant->cache,
	};
	self->other.config = (struct faultlab_config) { .kind = FAULTLAB_KIND_PAGE };
}

FIXTURE_TEARDOWN(phys)
{
	close(self->fd);
}

static __u64 region_flags(int fd)
{
	struct faultlab_info info;

	return faultlab_info(fd, &info) ? ~0ULL : info.flags;
}

/* Start CONFIG in the worker, on a new region except in the first try. */
static int begin_config(struct _test_data_phys *self, unsigned int try)
{
	if (try) {
		close(self->fd);
		self->fd = faultlab_open();
	}
	return job_start_work(&self->worker, self->fd, do_config, try);
}

/*
 * Kill the worker. Returns false if CONFIG was done by then, so that the try shows nothing.
 */
static bool end_config(struct _test_data_phys *self)
{
	return job_kill(&self->worker) == -SIGKILL;
}

TEST_F(phys, a_killed_config_leaves_the_region_unconfigured_and_the_range_free)
{
	struct faultlab_config next = {
		.kind = FAULTLAB_KIND_PFN, .flags = FAULTLAB_REGION_PHYS,
		.bytes = tlib_page_size(), .cache = (variant->cache + 1) % 3,
	};
	bool killed = false;
	unsigned int try;
	int fd;

	for (try = 0; try < TRIES && !killed; try++) {
		ASSERT_EQ(0, begin_config(self, try));
		killed = end_config(self) && !job_done(&self->worker);
	}
	ASSERT_TRUE(killed);
	EXPECT_EQ(0, region_flags(self->fd));

	/*
	 * The region exists, but does not own the range of phys=: CONFIG can give it to
	 * another region.
	 */
	fd = tlib_region_full(&next);
	EXPECT_LE(0, fd);
	close(fd);
	/* And then to the first region. */
	next.cache = variant->cache;
	EXPECT_EQ(0, faultlab_configure(self->fd, &next));
	EXPECT_EQ(FAULTLAB_REGION_PHYS, region_flags(self->fd));
}

/*
 * The error of operation fn while CONFIG is in progress in the worker; 1 if in every try
 * CONFIG was done too soon.
 */
static int beside(struct __test_metadata *_metadata, struct _test_data_phys *self, job_fn fn)
{
	struct job job = { .config = self->other.config };
	unsigned int try;
	int err;

	for (try = 0; try < TRIES; try++) {
		ASSERT_EQ(0, begin_config(self, try));
		job.fd = self->fd;
		/* Wait until the worker has entered CONFIG. */
		while (!job_done(&self->worker) && !kernel_ticks(self->worker.pid))
			nap_ms(1);
		err = fn(&job);
		if (end_config(self) && !job_done(&self->worker))
			return err;
	}
	return 1;
}

TEST_F(phys, mmap_during_config_is_ebusy_without_waiting)
{
	EXPECT_EQ(-EBUSY, beside(_metadata, self, do_mmap_page));
}

TEST_F(phys, config_during_config_is_ebusy_without_waiting)
{
	EXPECT_EQ(-EBUSY, beside(_metadata, self, do_config));
	EXPECT_EQ(0, faultlab_configure(self->fd, &self->other.config));
}

static const struct operation beside_config[] = {
	OPERATION(mmap_page), OPERATION(rule), OPERATION(rules_read), OPERATION(evict),
	OPERATION(info), OPERATION(stats), OPERATION(record), OPERATION(read_regions),
	OPERATION(read_rules), OPERATION(unplug),
};

/*
 * Read /proc/PID/maps of a process that calls mmap() of the region. The read waits for
 * that process' mmap_lock, so it would hang if mmap() waited for CONFIG.
 */
static int do_maps_of_mapper(struct job *j)
{
	struct job mapper = { 0 };
	char path[32];
	int err = job_start(&mapper, j->fd, do_mmap_page);

	if (err)
		return err;
	nap_ms(2);
	snprintf(path, sizeof(path), "/proc/%d/maps", mapper.pid);
	err = read_all(path);
	job_kill(&mapper);
	return err;
}

static int comes_beside(struct __test_metadata *_metadata, struct _test_data_phys *self, job_fn fn)
{
	unsigned int try;
	int ended = 0;

	for (try = 0; try < TRIES && !ended; try++) {
		/* A new region for each try: that of the last try may be configured by now. */
		ASSERT_EQ(0, begin_config(self, try + 1));
		ended = ends_beside(&self->worker, &self->other, fn);
		EXPECT_NE(-ETIMEDOUT, job_kill(&self->worker));
		if (ended == -ETIMEDOUT)
			tlib_reap_within(self->other.pid, TLIB_HANG_S);
	}
	return ended;
}

TEST_F_TIMEOUT(phys, operations_during_config_end_or_can_be_killed, 300)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(beside_config); i++) {
		EXPECT_EQ(1, comes_beside(_metadata, self, beside_config[i].fn)) {
			TH_LOG("%s", beside_config[i].name);
		}
	}
	EXPECT_EQ(1, comes_beside(_metadata, self, do_maps_of_mapper)) {
		TH_LOG("/proc/PID/maps of a process in mmap()");
	}
}

/* Waits that nothing ends but a signal. */
static int do_await(struct job *j)
{
	return faultlab_gate(j->fd, FAULTLAB_GATE_AWAIT, 1, FAULTLAB_MAX_DELAY_US, NULL);
}

static int do_read(struct job *j)
{
	char room[sizeof(struct faultlab_record)];

	return read(j->fd, room, sizeof(room)) < 0 ? -errno : 0;
}

static int do_poll(struct job *j)
{
	struct pollfd p = { .fd = j->fd, .events = POLLIN };

	return poll(&p, 1, -1) < 0 ? -errno : 0;
}

static void nothing(int signal)
{
}

/* With a handler installed, a signal ends the wait, and the call returns -EINTR. */
static int catch(struct job *j, job_fn fn)
{
	const struct sigaction action = { .sa_handler = nothing };

	sigaction(SIGINT, &action, NULL);
	return fn(j);
}

static int catch_await(struct job *j)
{
	return catch(j, do_await);
}

static int catch_read(struct job *j)
{
	return catch(j, do_read);
}

static int catch_poll(struct job *j)
{
	return catch(j, do_poll);
}

static const struct {
	const char *name;
	job_fn fn, catch;
} waits[] = {
	{ "GATE AWAIT", do_await, catch_await },
	{ "read()", do_read, catch_read },
	{ "poll()", do_poll, catch_poll },
};

TEST(gate_await_read_and_poll_end_at_a_signal)
{
	struct job j = { 0 };
	unsigned int i;
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 1);

	ASSERT_EQ(0, faultlab_records_start(fd, 64, 0));
	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		ASSERT_EQ(0, job_start(&j, fd, waits[i].fn));
		ASSERT_EQ(0, tlib_wait_asleep(j.pid));
		EXPECT_EQ(-SIGKILL, job_kill(&j)) {
			TH_LOG("%s", waits[i].name);
		}
		ASSERT_EQ(0, job_start(&j, fd, waits[i].fn));
		ASSERT_EQ(0, tlib_wait_asleep(j.pid));
		EXPECT_EQ(-SIGINT, tlib_kill(j.pid, SIGINT)) {
			TH_LOG("%s", waits[i].name);
		}
		ASSERT_EQ(0, job_start(&j, fd, waits[i].catch));
		ASSERT_EQ(0, tlib_wait_asleep(j.pid));
		EXPECT_EQ(0, tlib_kill(j.pid, SIGINT));
		EXPECT_EQ(-EINTR, j.seen->err) {
			TH_LOG("%s", waits[i].name);
		}
	}
	close(fd);
}

/* A reader of records whose buffer faults at a gate, so that it hangs in read(). */
FIXTURE(reader)
{
	int fd;			/* recorded, gated */
	char *at;
	struct job reader;
	struct job other;
};

static int do_read_into_gate(struct job *j)
{
	return read(j->fd, j->at, sizeof(struct faultlab_record)) < 0 ? -errno : 0;
}

FIXTURE_SETUP(reader)
{
	struct faultlab_rule gate = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 0);

	gate.delay_kind = FAULTLAB_DELAY_GATE;
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 16);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 16);
	ASSERT_NE(NULL, self->at);
	ASSERT_EQ(0, faultlab_records_start(self->fd, 64, 0));
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &gate));
	tlib_write(tlib_at(self->at, 1), 15);
	self->reader.at = self->at;
	ASSERT_EQ(0, job_start(&self->reader, self->fd, do_read_into_gate));
	ASSERT_EQ(0, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 1, FAULTLAB_MAX_DELAY_US,
				   NULL));
}

FIXTURE_TEARDOWN(reader)
{
	/* Opens the gate, so that all waiters end. */
	faultlab_gate(self->fd, FAULTLAB_GATE_OPEN, 0, 0, NULL);
	job_kill(&self->reader);
	close(self->fd);
}

static int do_read_nonblock(struct job *j)
{
	fcntl(j->fd, F_SETFL, O_NONBLOCK);
	return do_read(j);
}

static int do_read_nowait(struct job *j)
{
	char room[sizeof(struct faultlab_record)];
	struct iovec to = { room, sizeof(room) };

	return preadv2(j->fd, &to, 1, -1, RWF_NOWAIT) < 0 ? -errno : 0;
}

static const struct operation nonblocking[] = {
	OPERATION(read_nonblock), OPERATION(read_nowait),
};

TEST_F_TIMEOUT(reader, a_nonblocking_read_is_eagain_while_another_reader_is_at_a_gate, 300)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, job_start(&self->other, self->fd, nonblocking[i].fn));
		EXPECT_EQ(0, tlib_reap_within(self->other.pid, TLIB_HANG_S)) {
			TH_LOG("%s: %s", nonblocking[i].name, tlib_tasks(self->other.pid));
			job_kill(&self->other);
		}
		EXPECT_EQ(-EAGAIN, self->other.seen->err) {
			TH_LOG("%s", nonblocking[i].name);
		}
	}
	EXPECT_FALSE(job_done(&self->reader));
}

TEST_F(reader, a_reader_at_a_gate_and_one_waiting_for_it_can_be_killed)
{
	ASSERT_EQ(0, job_start(&self->other, self->fd, do_read));
	ASSERT_EQ(0, tlib_wait_asleep(self->other.pid));
	EXPECT_EQ(-SIGKILL, job_kill(&self->other));
	EXPECT_FALSE(job_done(&self->reader));
	EXPECT_EQ(-SIGKILL, job_kill(&self->reader));
}

/*
 * A task that ends still writes to user memory: to the word of clear_child_tid
 * (mm_release()) and to robust futexes (exit_robust_list()). By then it has no pending
 * signal and none can wake it, so such a fault must not wait.
 */
static int end_with_tid(char *page)
{
	return syscall(SYS_set_tid_address, page) < 0;
}

static struct robust_list_head robust;

static int end_with_robust_head(char *page)
{
	return syscall(SYS_set_robust_list, page, sizeof(robust));
}

/* The kernel marks a held lock when its owner dies. */
static int end_with_robust_lock(char *page)
{
	robust.list.next = (struct robust_list *)page;
	robust.futex_offset = 64;
	return syscall(SYS_set_robust_list, &robust, sizeof(robust));
}

static const struct {
	const char *name;
	int (*prepare)(char *page);
} ends[] = {
	{ "clear_child_tid", end_with_tid },
	{ "robust list", end_with_robust_head },
	{ "robust lock", end_with_robust_lock },
};

struct ending {
	int (*prepare)(char *page);
	char *page;
};

static void *end_thread(void *arg)
{
	struct ending *e = arg;

	/* SYS_exit ends this thread only, not the process. */
	if (!e->prepare(e->page))
		syscall(SYS_exit, 0);
	exit(1);
}

/* The child: one of its threads ends, then the process. */
static int end_in_page(int fd, int (*prepare)(char *page))
{
	struct ending e = { prepare, tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 1) };
	pthread_t thread;
	__u64 threads;

	if (!e.page || pthread_create(&thread, NULL, end_thread, &e))
		return 1;
	for (;;) {
		if (tlib_read_field("/proc/self/status", "Threads:", &threads) || threads == 1)
			return 0;
		nap_ms(1);
	}
}

FIXTURE(exiting_task)
{
	int fd;
};

FIXTURE_VARIANT(exiting_task)
{
	enum faultlab_verdict verdict;
	enum faultlab_delay delay_kind;
	__u64 delay_us;
	__u32 flags;
	__u64 times;
	unsigned int copies;
};

FIXTURE_VARIANT_ADD(exiting_task, gate)
{
	.delay_kind = FAULTLAB_DELAY_GATE, .copies = 1,
};

FIXTURE_VARIANT_ADD(exiting_task, delay)
{
	.delay_us = FAULTLAB_MAX_DELAY_US, .copies = 1,
};

FIXTURE_VARIANT_ADD(exiting_task, nopage)
{
	.verdict = FAULTLAB_VERDICT_NOPAGE, .times = FAULTLAB_MAX_TIMES, .copies = 1000,
};

FIXTURE_SETUP(exiting_task)
{
	static struct faultlab_rule rules[1000];
	unsigned int i;

	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 1);
	ASSERT_LE(0, self->fd);
	for (i = 0; i < variant->copies; i++) {
		rules[i] = tlib_rule(0, 1, variant->verdict, variant->delay_us);
		rules[i].delay_kind = variant->delay_kind;
		rules[i].times = variant->times;
	}
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, variant->copies));
}

FIXTURE_TEARDOWN(exiting_task)
{
	close(self->fd);
}

TEST_F_TIMEOUT(exiting_task, an_exiting_task_does_not_wait_in_a_fault, 300)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ends) && !_metadata->exit_code; i++) {
		pid_t pid = fork();

		ASSERT_LE(0, pid);
		if (!pid)
			_exit(end_in_page(self->fd, ends[i].prepare));
		EXPECT_EQ(0, tlib_reap_within(pid, TLIB_HANG_S)) {
			TH_LOG("%s: %s", ends[i].name, tlib_tasks(pid));
			EXPECT_EQ(-SIGKILL, tlib_kill(pid, SIGKILL)) {
				TH_LOG("SIGKILL does not end it either");
			}
			faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0);
			tlib_reap_within(pid, TLIB_HANG_S);
		}
	}
}

TEST_HARNESS_MAIN
