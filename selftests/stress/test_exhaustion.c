// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exhaustion: take one more of each resource until the module or the kernel refuses. The
 * refusal has a precise errno, what was taken before works on, another process is not
 * affected, and when the taker has ended all counters are what they were before.
 * Memory limits of cgroups: test_limits. Fork bombs: test_storm.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/machine/after.h"
#include "lib/space.h"
#include "lib/sys.h"
#include "lib/tlib.h"

#define TAKEN_MAX	200000

static int ready, go_on;	/* ends of two pipes, of the process that takes */

/* What a taker has: one region, and what each taking adds. */
struct taken {
	unsigned long nr;
	int fd;
	char *map;
	char *spare;		/* where single pages are mapped */
};

static int limit_files(unsigned long files)
{
	const struct rlimit limit = { files, files };

	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

static int take_region(struct taken *t)
{
	int fd = tlib_region(t->nr % 2 ? FAULTLAB_KIND_PFN : FAULTLAB_KIND_PAGE, 0, 16);

	(void)t;
	return fd < 0 ? fd : 0;
}

static int few_files(struct taken *t)
{
	(void)t;
	return limit_files(64);
}

static int many_files(struct taken *t)
{
	(void)t;
	return limit_files(tlib_scale(300, 10000) + 16);
}

/* Mappings of every other page, so that no two of them are one VMA. */
static int reserve(struct taken *t)
{
	const size_t bytes = 2 * TAKEN_MAX * TLIB_PAGE;

	t->spare = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (t->spare == MAP_FAILED)
		return -errno;
	return munmap(t->spare, bytes) ? -errno : 0;
}

static int take_mapping(struct taken *t)
{
	char *at = mmap(t->spare + 2 * t->nr * TLIB_PAGE, TLIB_PAGE, TLIB_RW,
			MAP_SHARED | MAP_FIXED_NOREPLACE, t->fd, 0);

	return at == MAP_FAILED ? -errno : 0;
}

static int take_rule(struct taken *t)
{
	struct faultlab_rule rule = tlib_rule(2 + t->nr, 1, FAULTLAB_VERDICT_SIGBUS, 0);

	return faultlab_rule(t->fd, FAULTLAB_RULE_ADD, &rule);
}

static int take_page(struct taken *t)
{
	return faultlab_touch_write(t->map + t->nr * TLIB_PAGE, 1, NULL);
}

/* Pages far apart: each needs tables of its own, here and in the index of the region. */
static int take_far_page(struct taken *t)
{
	return faultlab_touch_write(t->map + (t->nr << 30), 1, NULL);
}

static int map_tebibyte(struct taken *t)
{
	t->map = mmap(NULL, 1ULL << 40, TLIB_RW, MAP_SHARED | MAP_NORESERVE, t->fd, 0);
	return t->map == MAP_FAILED ? -errno : 0;
}

static int map_much(struct taken *t)
{
	t->map = tlib_map(t->fd, TLIB_RW, MAP_SHARED, 0, TAKEN_MAX);
	return t->map ? 0 : -errno;
}

/* Processes that inherit a mapping and write to it, and are all killed in the end. */
static int take_process(struct taken *t)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid)
		return 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(ready);
	memset(t->map, 1, 16 * TLIB_PAGE);
	pause();
	_exit(0);
}

/* RLIMIT_NPROC does not hold for root, and others cannot open the device. */
static int few_processes(struct taken *t)
{
	const struct rlimit limit = { 40, 40 };

	t->map = tlib_map(t->fd, TLIB_RW, MAP_SHARED, 16, 16);
	if (!t->map || setrlimit(RLIMIT_NPROC, &limit))
		return -errno;
	return tlib_become_nobody();
}

/* Recordings: a ring for each CPU and descriptor, that nobody reads. */
static int take_recording(struct taken *t)
{
	struct faultlab_recording recording = {
		.size = sizeof(recording), .op = FAULTLAB_RECORD_START, .slots = 64,
	};
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 16), err;
	char *map;

	if (fd < 0)
		return fd;
	err = ioctl(fd, FAULTLAB_IOC_RECORD, &recording) ? -errno : 0;
	map = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 16);
	if (map)
		memset(map, 1, 16 * TLIB_PAGE);
	return map ? err : -ENOMEM;
}

/* Single pages, each further on in the region, which grows. */
static int take_offset(struct taken *t)
{
	char *at = mmap(t->spare + 2 * t->nr * TLIB_PAGE, TLIB_PAGE, TLIB_RW,
			MAP_SHARED | MAP_FIXED_NOREPLACE, t->fd, t->nr * TLIB_PAGE);

	return at == MAP_FAILED ? -errno : 0;
}

#define LIMITS	2

/* How many are given: at least and at most. */
struct amount {
	unsigned long least, most;
};

/**
 * struct resource - what is taken until it is refused
 * @name: of the variant
 * @limit: files of limits, and the values that are set meanwhile, in the short form and,
 *	if @full is set, in the long form
 * @prepare: called in the process that takes; may be NULL
 * @take: takes one more: 0 or -errno
 * @refused: the errno of the refusal
 * @given: how many are given
 * @for_all: the limit is for all processes together, so others are refused meanwhile, too
 * @full: how many are given in the long form, if that is another number
 */
struct resource {
	const char *name;
	struct {
		const char *path;
		__u64 value, full;
	} limit[LIMITS];
	int (*prepare)(struct taken *t);
	int (*take)(struct taken *t);
	int refused;
	struct amount given;
	bool for_all;
	struct amount full;
};

#define MAX_PAGES	TLIB_PARAMETERS "max_pages"
#define MAX_MAPPINGS	"/proc/sys/vm/max_map_count"
#define EXACTLY(nr)	{ nr, nr }

static const struct resource resources[] = {
	{ "descriptors", {}, few_files, take_region, EMFILE, { 50, 64 }, false, {} },
	{ "regions", {}, many_files, take_region, EMFILE, { 300, 316 }, false, { 10000, 10016 } },
	{ "mappings", { { MAX_MAPPINGS, 1000, 100100 } }, reserve, take_mapping, ENOMEM,
	  { 900, 1000 }, false, { 100000, 100100 } },
	{ "rules", {}, NULL, take_rule, ENOSPC, EXACTLY(FAULTLAB_MAX_RULES), false, {} },
	{ "offsets", { { MAX_PAGES, 300, 0 } }, reserve, take_offset, ENOMEM, EXACTLY(300), false,
	  {} },
	{ "pages", { { TLIB_MAX_TOTAL, 500, 0 } }, map_much, take_page, EFAULT, EXACTLY(500), true,
	  {} },
	/* In the long form the pages are spread over nearly all of a tebibyte. */
	{ "pages_1_gib_apart", { { TLIB_MAX_TOTAL, 100, 1000 }, { MAX_PAGES, 1ULL << 28, 0 } },
	  map_tebibyte, take_far_page, EFAULT, EXACTLY(100), true, EXACTLY(1000) },
	{ "processes", {}, few_processes, take_process, EAGAIN, { 10, 40 }, false, {} },
	{ "recordings", {}, few_files, take_recording, EMFILE, { 40, 64 }, false, {} },
};

static __u64 limit_of(const struct resource *r, unsigned int i)
{
	return tlib_full() && r->limit[i].full ? r->limit[i].full : r->limit[i].value;
}

static const struct amount *given_by(const struct resource *r)
{
	return tlib_full() && r->full.most ? &r->full : &r->given;
}

FIXTURE(exhaustion)
{
	struct faultlab_stats before;
	__u64 limit[LIMITS];
};

FIXTURE_VARIANT(exhaustion)
{
	const struct resource *resource;
};

/* A variant for each row. */
static struct __fixture_variant_metadata variants[ARRAY_SIZE(resources)];
static FIXTURE_VARIANT(exhaustion) data[ARRAY_SIZE(resources)];

static void __attribute__((constructor(KSELFTEST_PRIO_TEST))) add_variants(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(resources); i++) {
		data[i].resource = &resources[i];
		variants[i].name = resources[i].name;
		variants[i].data = &data[i];
		__register_fixture_variant(&_exhaustion_fixture_object, &variants[i]);
	}
}

FIXTURE_SETUP(exhaustion)
{
	const struct resource *r = variant->resource;
	unsigned int i;

	/* The teardown runs only after a setup that has not failed: change limits last. */
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &self->before));
	for (i = 0; i < LIMITS && r->limit[i].path; i++)
		ASSERT_EQ(0, tlib_read_number(r->limit[i].path, &self->limit[i]));
	for (i = 0; i < LIMITS && r->limit[i].path; i++)
		EXPECT_EQ(0, tlib_write_number(r->limit[i].path, limit_of(r, i)));
}

FIXTURE_TEARDOWN_PARENT(exhaustion)
{
	const struct resource *r = variant->resource;
	unsigned int i;

	for (i = 0; i < LIMITS && r->limit[i].path; i++)
		tlib_write_number(r->limit[i].path, self->limit[i]);
}

/* What the process that takes tells the test. */
struct outcome {
	unsigned long given;
	int refused, works;
};

static struct outcome *outcome;

/* Keeps what it took until the test has looked. */
__attribute__((noreturn))
static void take_all(const struct resource *r)
{
	struct taken t = { .fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 0) };
	char *first = tlib_map(t.fd, TLIB_RW, MAP_SHARED, 0, 1), byte;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	err = t.fd < 0 ? t.fd : first ? faultlab_touch_write(first, 7, NULL) : -errno;
	err = err ?: r->prepare ? r->prepare(&t) : 0;
	/* The page that was touched above counts among the pages. */
	t.nr = r->for_all ? 1 : 0;
	while (!err && t.nr < TAKEN_MAX) {
		err = r->take(&t);
		t.nr += !err;
	}
	outcome->given = t.nr;
	outcome->refused = -err;
	/* What it had before goes on working: 7 is there, once evicted as well. */
	outcome->works = faultlab_evict(t.fd, 0, TLIB_PAGE, 0) ?: first[0] == 7 ? 0 : -EIO;
	if (write(ready, "", 1) != 1)
		_exit(1);
	/* Until it is killed, or the test has ended. */
	_exit(read(go_on, &byte, 1));
}

TEST_F_TIMEOUT(exhaustion, is_refused_with_a_precise_errno_and_leaves_nothing, 600)
{
	const struct resource *r = variant->resource;
	struct faultlab_stats now;
	int out[2], in[2];
	pid_t pid;
	char byte;

	outcome = mmap(NULL, sizeof(*outcome), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, outcome);
	ASSERT_EQ(0, pipe(out));
	ASSERT_EQ(0, pipe(in));
	ready = out[1];
	go_on = in[0];
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(out[0]);
		close(in[1]);
		take_all(r);
	}
	close(out[1]);
	ASSERT_EQ(1, read(out[0], &byte, 1));
	EXPECT_EQ(r->refused, outcome->refused) {
		TH_LOG("after %lu: %s", outcome->given, strerror(outcome->refused));
	}
	EXPECT_LE(given_by(r)->least, outcome->given);
	EXPECT_GE(given_by(r)->most, outcome->given);
	EXPECT_EQ(0, outcome->works);
	/* Another process is only affected by a limit of all. */
	EXPECT_EQ(r->for_all ? -EFAULT : 0, tlib_use_device());
	kill(-pid, SIGKILL);
	EXPECT_EQ(-SIGKILL, tlib_reap(pid));
	EXPECT_EQ(0, tlib_levels_return(&self->before, &now));
	EXPECT_EQ(self->before.value[FAULTLAB_STAT_REGIONS], now.value[FAULTLAB_STAT_REGIONS]);
	EXPECT_EQ(self->before.value[FAULTLAB_STAT_VMAS], now.value[FAULTLAB_STAT_VMAS]);
	EXPECT_EQ(self->before.value[FAULTLAB_STAT_PAGES], now.value[FAULTLAB_STAT_PAGES]);
	EXPECT_EQ(0, tlib_use_device());
}

TEST_HARNESS_MAIN
