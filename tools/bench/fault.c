// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures faults and munmap() on regions and, as their peer, on shmem. The pages are
 * allocated before the measurement, so the cost is that of mapping them, not of allocation
 * (except for the copies that a write to MAP_PRIVATE makes).
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/bench.h"

#define PAGE	4096ULL
#define TIB	(1ULL << 40)

/* Memory to fault on. */
struct subject {
	bool shmem;		/* shmem instead of a region */
	struct faultlab_config config;	/* bytes 0: as many as the accesses span */
	bool private;		/* MAP_PRIVATE, not MAP_SHARED */
	bool read;		/* read access; else write */
	__u64 step;		/* bytes from one access to the next; 0: a page */
	__u32 pages;		/* number of accesses; 0: NR_PAGES */
	__u32 rules;		/* number of rules, each for an equal part of the pages: serve */
	bool kept;		/* stays mapped for all rounds; evicted before each */
	__u64 times;		/* times= of a rule, which then has to count its faults */
	bool nopage;		/* that rule maps nothing (verdict nopage), else it serves */
	__u32 watch;		/* how faults are watched: BENCH_WATCH_* */
	bool unwatched;		/* observers are switched off again before measuring */
};

#define NR_PAGES	(bench_tiny ? 256 : 16384)

struct stage {
	const struct subject *what;
	int fd;
	char *at;	/* where the subject is mapped in each round, PMD-aligned */
	char *slot;	/* PROT_NONE mapping that reserves the address space around at */
	size_t reserved;
	size_t step;
	size_t bytes;
};

static int map(void *state)
{
	struct stage *s = state;
	void *at = mmap(s->at, s->bytes, PROT_READ | (s->what->read ? 0 : PROT_WRITE),
			(s->what->private ? MAP_PRIVATE : MAP_SHARED) | MAP_FIXED,
			s->fd, 0);

	return at == MAP_FAILED ? -errno : 0;
}

static int touch(void *state)
{
	struct stage *s = state;
	char *at = s->at, *end = at + s->bytes;

	if (s->what->read)
		for (; at < end; at += s->step)
			(void)*(volatile char *)at;
	else
		for (; at < end; at += s->step)
			*(volatile char *)at = 1;
	return 0;
}

/* Replaces the mapping by one with PROT_NONE, so that no other mmap() gets its addresses. */
static int reserve(void *state)
{
	struct stage *s = state;
	void *at = mmap(s->at, s->bytes, PROT_NONE,
			MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? -errno : 0;
}

static int unmap(void *state)
{
	struct stage *s = state;

	return munmap(s->at, s->bytes) ? -errno : 0;
}

static int map_and_touch(void *state)
{
	int err = map(state);

	return err ? err : touch(state);
}

static int evict(void *state)
{
	struct stage *s = state;

	return faultlab_evict(s->fd, 0, FAULTLAB_TO_END, 0);
}

static int set_rules(const struct stage *s)
{
	struct faultlab_rule *rules = calloc(s->what->rules, sizeof(*rules));
	__u64 part = s->bytes / s->what->rules;
	unsigned int i;
	int err;

	if (!rules)
		return -ENOMEM;
	for (i = 0; i < s->what->rules; i++)
		rules[i] = (struct faultlab_rule) {
			.offset = i * part,
			.length = part,
			.verdict = FAULTLAB_VERDICT_SERVE,
		};
	err = faultlab_rules(s->fd, FAULTLAB_RULE_SET, rules, s->what->rules);
	free(rules);
	return err;
}

/* Sets the rule with times= anew before each round, so that it counts from 0. */
static int set_counting(void *state)
{
	struct stage *s = state;
	const struct faultlab_rule rule = {
		.length = FAULTLAB_TO_END,
		.verdict = s->what->nopage ? FAULTLAB_VERDICT_NOPAGE : FAULTLAB_VERDICT_SERVE,
		.times = s->what->times,
	};
	int err = faultlab_rule(s->fd, FAULTLAB_RULE_SET, &rule);

	return err ? err : map(state);
}

static int open_subject(struct stage *s)
{
	const struct subject *what = s->what;
	struct faultlab_config config = what->config;
	int err;

	s->fd = what->shmem ? memfd_create("faultlab-bench", MFD_CLOEXEC) : faultlab_open();
	if (s->fd < 0)
		return what->shmem ? -errno : s->fd;
	if (what->shmem)
		return ftruncate(s->fd, s->bytes) ? -errno : 0;
	if (!config.bytes)
		config.bytes = s->bytes;
	err = faultlab_configure(s->fd, &config);
	/* the module's max_pages is too low for this region */
	if (err == -ENOSPC)
		err = -EOPNOTSUPP;
	return !err && what->rules ? set_rules(s) : err;
}

static void leave(void *state)
{
	struct stage *s = state;

	if (s->what->watch && s->fd >= 0)
		bench_watch(s->fd, s->what->watch, false);
	if (s->slot)
		munmap(s->slot, s->reserved);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

/* Allocates the pages of the region or memfd before anything is measured, by writing to them. */
static int populate(struct stage *s)
{
	struct subject writer = *s->what;
	const struct subject *what = s->what;
	int err;

	s->slot = mmap(NULL, s->reserved, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->slot == MAP_FAILED) {
		s->slot = NULL;
		return -errno;
	}
	s->at = (char *)(((uintptr_t)s->slot + PMD - 1) & ~(PMD - 1));
	writer.read = false;
	writer.private = false;
	s->what = &writer;
	err = map_and_touch(s);
	s->what = what;
	return err || what->kept ? err : reserve(s);
}

static void *enter(const void *what, double *units)
{
	struct stage *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return NULL;
	s->what = what;
	s->step = s->what->step ? s->what->step : PAGE;
	s->bytes = s->step * (s->what->pages ? s->what->pages : NR_PAGES);
	s->reserved = s->bytes + PMD;
	err = open_subject(s);
	if (!err)
		err = populate(s);
	if (!err && s->what->watch)
		err = bench_watch(s->fd, s->what->watch, true);
	if (!err && s->what->unwatched)
		err = bench_watch(s->fd, s->what->watch, false);
	*units = s->what->nopage ? s->what->times : s->bytes / s->step;
	if (!err)
		return s;
	leave(s);
	errno = -err;
	return NULL;
}

#define FAULT	{ .name = "fault", .before = map, .run = touch, .after = reserve }
#define MUNMAP	{ .name = "munmap", .before = map_and_touch, .run = unmap, .after = reserve }
#define AGAIN	{ .name = "fault", .before = evict, .run = touch }
#define COUNTED	{ .name = "fault", .before = set_counting, .run = touch, .after = reserve }

#define STAGE(NAME, ...) \
	.name = NAME, .enter = enter, .leave = leave, \
	.what = &(const struct subject) { __VA_ARGS__ }

#define PAGES(flag)	.config.kind = FAULTLAB_KIND_PAGE, .config.flags = (flag)
#define PFN(nr)		.config.kind = FAULTLAB_KIND_PFN, .config.around = (nr)

/* The goals of groups fault, batch and munmap include the cost of the latency histogram. */
#define MEASURED	.watch = BENCH_WATCH_LATENCY

#define WATCHED(NAME, ...)	{ STAGE(NAME, PAGES(0), __VA_ARGS__), .figures = { FAULT } }

const struct bench_stage bench_fault_stages[] = {
	{ STAGE("shmem-write", .shmem = true), .figures = { FAULT, MUNMAP } },
	{ STAGE("shmem-read", .shmem = true, .read = true), .figures = { FAULT } },
	{ STAGE("shmem-private", .shmem = true, .private = true), .figures = { FAULT } },
	{ STAGE("return", PAGES(0), MEASURED), .figures = { FAULT, MUNMAP } },
	{ STAGE("insert", PAGES(FAULTLAB_REGION_INSERT), MEASURED), .figures = { FAULT } },
	{ STAGE("private", PAGES(0), .private = true, MEASURED), .figures = { FAULT } },
	{ STAGE("around", PAGES(FAULTLAB_REGION_INSERT), .read = true, MEASURED),
	  .figures = { FAULT } },
	{ STAGE("pfn-16", PFN(16), MEASURED), .figures = { FAULT, MUNMAP } },
	{ STAGE("pfn-512", PFN(512), MEASURED), .figures = { FAULT } },
	{ STAGE("pmd", PFN(0), .config.flags = FAULTLAB_REGION_HUGE, .config.order = 9,
		.step = PMD, .pages = 32, MEASURED), .figures = { FAULT } },
	{ STAGE("plain", PAGES(0)), .figures = { FAULT } },
	{ STAGE("nopage", PAGES(0), .pages = 1, .nopage = true, .times = FAULTLAB_MAX_TIMES),
	  .figures = { COUNTED } },
	{ STAGE("counted", PAGES(0), .times = 1 << 20), .figures = { COUNTED } },
	{ STAGE("rules-1", PAGES(0), .rules = 1), .figures = { FAULT } },
	{ STAGE("rules-16", PAGES(0), .rules = 16), .figures = { FAULT } },
	{ STAGE("rules-256", PAGES(0), .rules = 256), .figures = { FAULT } },
	WATCHED("records", .watch = BENCH_WATCH_RECORDS),
	WATCHED("enter", .watch = BENCH_WATCH_ENTER),
	WATCHED("exit", .watch = BENCH_WATCH_EXIT),
	WATCHED("kernels-own", .watch = BENCH_WATCH_PAGE_FAULT_USER),
	WATCHED("off-again", .watch = BENCH_WATCH_ALL, .unwatched = true),
	{ STAGE("small", PAGES(0), .pages = 256, .kept = true), .figures = { AGAIN } },
	{ STAGE("sparse", PAGES(0), .pages = 256, .step = TIB / 256, .kept = true),
	  .figures = { AGAIN } },
	{ }
};
