// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every two operations on a region race with each other: each is called again and again by
 * a thread of its own, on one descriptor and one mapping, which some operations replace by
 * new ones meanwhile. A third thread touches the mapping all the time. An operation may fail
 * only with the errors of its row. Afterwards nothing may be left of the regions, and the
 * device serves the next user. The kernel log decides about everything else: only a kernel
 * that watches for data races, and for uses of freed memory, notices most mistakes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/machine/after.h"
#include "lib/memory/memory.h"
#include "lib/space.h"
#include "lib/sys.h"

#define STEPS	4	/* mapped of a region, see lib/memory/memory.h */

/*
 * What the two threads share. The numbers of the descriptors and the address of the mapping
 * stay as they are: dup2() and MAP_FIXED replace what is behind them.
 */
struct place {
	const struct faultlab_memory *memory;
	int fd;		/* a region, configured and mapped */
	int fresh;	/* a region that may not be configured or mapped yet */
	char *map;	/* all steps of fd, shared */
	bool stop;
};

static size_t bytes_of(const struct place *p)
{
	return tlib_memory_bytes(p->memory, STEPS);
}

static int result(int ret)
{
	return ret < 0 ? -errno : 0;
}

static int touch(struct place *p)
{
	int err = 0;
	size_t i;

	for (i = 0; i < STEPS && !err; i++) {
		char *at = tlib_memory_at(p->memory, p->map, i);

		err = faultlab_touch_read(at, NULL) ?: faultlab_touch_write(at, i, NULL);
	}
	return err;
}

/* By get_user_pages(). */
static int copy(struct place *p)
{
	char byte;
	struct iovec local = { &byte, 1 }, remote = { p->map, 1 };

	if (p->memory->gup != FAULTLAB_GUP)
		return 0;
	return result(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
}

static int map_and_unmap(struct place *p)
{
	char *at = tlib_memory_map(p->memory, p->fd, PROT_READ, MAP_SHARED | MAP_POPULATE, 0,
				   STEPS);

	if (!at)
		return -errno;
	tlib_memory_unmap(p->memory, at, STEPS);
	return 0;
}

static int map_private(struct place *p)
{
	char *at;

	if (!(p->memory->maps & FAULTLAB_MAPS_PRIVATE_READ))
		return 0;
	at = tlib_memory_map(p->memory, p->fd, tlib_memory_private_prot(p->memory), MAP_PRIVATE,
			     0, STEPS);
	if (!at)
		return -errno;
	faultlab_touch_read(at, NULL);
	tlib_memory_unmap(p->memory, at, STEPS);
	return 0;
}

/* To an address that is as aligned as the largest leaf. */
static int move(struct place *p)
{
	const size_t bytes = bytes_of(p), room = bytes + TLIB_PMD_SIZE;
	char *at = tlib_memory_map(p->memory, p->fd, PROT_READ, MAP_SHARED, 0, STEPS);
	char *to = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uintptr_t aligned = ((uintptr_t)to + TLIB_PMD_SIZE - 1) & ~(TLIB_PMD_SIZE - 1);
	int err = 0;

	if (!at || to == MAP_FAILED)
		return -errno;
	faultlab_touch_read(at, NULL);
	if (mremap(at, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, aligned) == MAP_FAILED) {
		err = -errno;
		tlib_memory_unmap(p->memory, at, STEPS);
	}
	munmap(to, room);
	return err;
}

static int protect(struct place *p)
{
	size_t step = tlib_memory_bytes(p->memory, 1);

	return result(mprotect(p->map + step, step, PROT_READ)) ?:
	       result(mprotect(p->map + step, step, TLIB_RW));
}

static int zap(struct place *p)
{
	/* MADV_DONTNEED refuses VM_PFNMAP. */
	return p->memory->pfnmap ? 0 : result(madvise(p->map, bytes_of(p), MADV_DONTNEED));
}

static int fork_and_exit(struct place *p)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		faultlab_touch_read(p->map, NULL);
		_exit(0);
	}
	return tlib_reap(pid) ? -ECHILD : 0;
}

/* A region of the same memory takes the place of the one that was there. */
static int replace(struct place *p)
{
	int fd = tlib_memory_region(p->memory, STEPS), err;

	if (fd < 0)
		return fd;
	err = result(dup2(fd, p->fd));
	if (!err && mmap(p->map, bytes_of(p), TLIB_RW, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		err = -errno;
	close(fd);
	return err;
}

static int unplug(struct place *p)
{
	return faultlab_unplug(p->fd) ?: replace(p);
}

static int evict(struct place *p)
{
	return faultlab_evict(p->fd, 0, FAULTLAB_TO_END, 0);
}

static int drop(struct place *p)
{
	return faultlab_evict(p->fd, 0, FAULTLAB_TO_END,
			      tlib_memory_drops(p->memory) ? FAULTLAB_EVICT_DROP : 0);
}

static int make_fresh(struct place *p)
{
	int fd = faultlab_open(), err;

	if (fd < 0)
		return fd;
	err = result(dup2(fd, p->fresh));
	close(fd);
	return err;
}

static int configure(struct place *p)
{
	return faultlab_config(p->fresh, p->memory->kind, 0, 0);
}

static int map_fresh(struct place *p)
{
	char *at = tlib_map(p->fresh, PROT_READ, MAP_SHARED, 0, 16);

	if (!at)
		return -errno;
	faultlab_touch_read(at, NULL);
	tlib_unmap(at, 16);
	return 0;
}

static int make_and_configure(struct place *p)
{
	return make_fresh(p) ?: configure(p);
}

static int make_and_map(struct place *p)
{
	return make_fresh(p) ?: map_fresh(p);
}

static int configure_again(struct place *p)
{
	return faultlab_config(p->fd, p->memory->kind, 0, 0);
}

static int ask(struct place *p)
{
	struct faultlab_features features;
	struct faultlab_info info;

	return faultlab_info(p->fd, &info) ?:
	       faultlab_features(p->fd, p->memory->kind, &features);
}

static int count(struct place *p)
{
	struct faultlab_stats stats;

	return faultlab_stats(p->fd, &stats);
}

static int reset(struct place *p)
{
	struct faultlab_stats stats;

	return faultlab_stats_reset(p->fd, &stats);
}

static int set_rules(struct place *p)
{
	struct faultlab_rule rules[] = {
		tlib_rule(0, 1, FAULTLAB_VERDICT_RETRY, 100),
		tlib_rule(1, 1, FAULTLAB_VERDICT_SIGBUS, 0),
		tlib_rule(2, 1, FAULTLAB_VERDICT_SERVE, 0),
	};
	int fd, err;

	rules[2].delay_kind = FAULTLAB_DELAY_GATE;
	/* Of the same region, or a fault would wait at the gate of one that was replaced. */
	fd = dup(p->fd);
	if (fd < 0)
		return -errno;
	err = faultlab_rules(fd, FAULTLAB_RULE_SET, rules, ARRAY_SIZE(rules)) ?:
	      faultlab_rules(fd, FAULTLAB_RULE_SET, NULL, 0);
	close(fd);
	return err;
}

static int read_rules(struct place *p)
{
	struct faultlab_rule rules[4];
	size_t nr = ARRAY_SIZE(rules);

	return faultlab_rules_read(p->fd, rules, &nr);
}

static int use_gate(struct place *p)
{
	return faultlab_gate(p->fd, FAULTLAB_GATE_CLOSE, 0, 0, NULL) ?:
	       faultlab_gate(p->fd, FAULTLAB_GATE_PASS, 1, 0, NULL) ?:
	       faultlab_gate(p->fd, FAULTLAB_GATE_AWAIT, 1, 100, NULL) ?:
	       faultlab_gate(p->fd, FAULTLAB_GATE_OPEN, 0, 0, NULL);
}

static int record(struct place *p)
{
	return faultlab_records_start_with(p->fd, 16, 1, FAULTLAB_RECORDING_VMAS) ?:
	       faultlab_records_stop(p->fd);
}

static int observe(struct place *p)
{
	return faultlab_observe_start(p->fd, 1) ?: faultlab_observe_stop(p->fd);
}

/* RWF_NOWAIT instead of O_NONBLOCK: the descriptor may become another region's at any time. */
static int read_records(struct place *p)
{
	struct faultlab_record records[4];
	struct pollfd fds = { .fd = p->fd, .events = POLLIN };
	int err = faultlab_records_start_with(p->fd, 16, 1, FAULTLAB_RECORDING_VMAS);
	ssize_t n;

	poll(&fds, 1, 0);
	n = preadv2(p->fd, &(struct iovec){ records, sizeof(records) }, 1, -1, RWF_NOWAIT);
	return err ?: n < 0 && errno != EAGAIN ? -errno : 0;
}

static int measure(struct place *p)
{
	struct faultlab_latency latency;

	return faultlab_latency_start(p->fd, 0) ?:
	       faultlab_latency(p->fd, 0, 0, 0, &latency) ?:
	       faultlab_latency_reset(p->fd, 0, &latency) ?:
	       faultlab_latency_stop(p->fd, 0);
}

static int measure_all(struct place *p)
{
	return faultlab_latency_start(p->fd, FAULTLAB_LATENCY_ALL) ?:
	       faultlab_latency_stop(p->fd, FAULTLAB_LATENCY_ALL);
}

static int skip(const struct faultlab_walk_entry *entry, void *arg)
{
	(void)entry;
	(void)arg;
	return 0;
}

static int walk(struct place *p)
{
	return faultlab_walk_each(p->fd, 0, (uintptr_t)p->map, (uintptr_t)p->map + bytes_of(p),
				  TLIB_WALK_ALL, skip, NULL);
}

/* Files in debugfs, with the names of all that can be read. */
static int read_files(struct place *p)
{
	static const char *const names[] = {
		"stats", "cpus", "vmas", "rules", "latency", "gate",
	};
	char dir[128], path[192], text[TLIB_TEXT_MAX];
	unsigned int i;
	ssize_t n;
	int err = tlib_region_dir(p->fd, dir, sizeof(dir));

	for (i = 0; i < ARRAY_SIZE(names) && !err; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		n = tlib_read_text(path, text, sizeof(text));
		err = n < 0 ? n : 0;
	}
	n = tlib_read_text(TLIB_STATS, text, sizeof(text));
	return err ?: n < 0 ? n : 0;
}

/* What an operation does to what runs beside it. */
#define REFUSES	(1U << 0)	/* accesses may end in a signal */
#define ENDS	(1U << 1)	/* the region may be unplugged */
#define OTHER	(1U << 2)	/* the descriptor may become another region's */

/*
 * does: what the operation does to others. alone: its error where nothing runs beside it.
 * may: another error that is right whatever runs beside it.
 */
struct op {
	const char *name;
	int (*fn)(struct place *place);
	unsigned int does;
	int alone;
	int may;
};

#define OP(n, f, ...)	{ .name = n, .fn = f, ##__VA_ARGS__ }

static const struct op ops[] = {
	OP("touch", touch),
	OP("copy", copy),
	OP("map and unmap", map_and_unmap),
	OP("map private", map_private),
	OP("move", move),
	OP("mprotect", protect, .does = REFUSES),
	OP("zap", zap),
	OP("fork", fork_and_exit),
	OP("replace", replace, .does = OTHER),
	OP("unplug", unplug, .does = REFUSES | ENDS | OTHER),
	OP("evict", evict),
	OP("drop", drop),
	/* CONFIG is EBUSY after and during an mmap(), and mmap() during a CONFIG. */
	OP("configure a new region", make_and_configure, .may = EBUSY),
	OP("map a new region", make_and_map, .may = EBUSY),
	OP("configure", configure, .may = EBUSY),
	OP("map the new region", map_fresh, .may = EBUSY),
	OP("configure again", configure_again, .alone = EBUSY),
	OP("ask", ask),
	OP("count", count),
	OP("reset", reset),
	OP("set rules", set_rules, .does = REFUSES),
	OP("read rules", read_rules),
	OP("use gate", use_gate, .alone = ETIMEDOUT),
	/* START on a file that observes, STOP on one that has not begun to. */
	OP("record", record, .may = EBUSY),
	OP("observe", observe, .may = EBUSY),
	OP("read records", read_records, .may = EBUSY),
	OP("measure", measure),
	OP("measure all", measure_all),
	OP("walk", walk),
	OP("read files", read_files),
};

static bool is_access(const struct op *op)
{
	return op->fn == touch || op->fn == copy;
}

static bool is_right(const struct op *op, const struct op *beside, int err)
{
	const unsigned int does = op->does | beside->does;

	if (!err || err == -op->alone || err == -op->may)
		return true;
	if (does & REFUSES && is_access(op) && err == -EFAULT)
		return true;
	/* The region's directory goes with it: open() is ENOENT then, and read() EIO. */
	if (does & OTHER && op->fn == read_files && (err == -ENOENT || err == -EIO))
		return true;
	return does & ENDS && err == -ENODEV;
}

struct side {
	pthread_t thread;
	struct place *place;
	const struct op *op, *beside;
	int wrong;		/* the first error that is not right */
};

/* Its errors are those of the pair's operations: they are not looked at. */
static void *keep_touching(void *arg)
{
	struct place *place = arg;

	while (!__atomic_load_n(&place->stop, __ATOMIC_RELAXED)) {
		touch(place);
		usleep(100);
	}
	return NULL;
}

static void *call(void *arg)
{
	struct side *side = arg;
	int err;

	do {
		err = side->op->fn(side->place);
		if (!side->wrong && !is_right(side->op, side->beside, err))
			side->wrong = err;
	} while (!__atomic_load_n(&side->place->stop, __ATOMIC_RELAXED));
	return NULL;
}

FIXTURE(pair)
{
	struct faultlab_stats before;
	struct place place;
	unsigned int nr_memories;
	const struct faultlab_memory *memories[FAULTLAB_NR_MEMORIES];
};

FIXTURE_SETUP(pair)
{
	unsigned int i;
	int fd;

	/* test_memory knows which of them the kernel lacks. */
	for (i = 0; i < FAULTLAB_NR_MEMORIES; i++) {
		if (faultlab_memories[i].leaf == FAULTLAB_LEAF_PUD ||
		    !tlib_memory_has_pages(&faultlab_memories[i]))
			continue;
		fd = tlib_memory_region(&faultlab_memories[i], 1);
		if (fd < 0)
			continue;
		close(fd);
		self->memories[self->nr_memories++] = &faultlab_memories[i];
	}
	ASSERT_LT(16, self->nr_memories);
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &self->before));
}

FIXTURE_TEARDOWN(pair)
{
}

static int open_place(struct place *p, const struct faultlab_memory *memory)
{
	p->stop = false;
	p->memory = memory;
	p->fd = tlib_memory_region(memory, STEPS);
	p->fresh = faultlab_open();
	if (p->fd < 0 || p->fresh < 0)
		return p->fd < 0 ? p->fd : p->fresh;
	p->map = tlib_memory_map(memory, p->fd, TLIB_RW, MAP_SHARED, 0, STEPS);
	return p->map ? 0 : -errno;
}

static void close_place(struct place *p)
{
	tlib_memory_unmap(p->memory, p->map, STEPS);
	close(p->fd);
	close(p->fresh);
}

/* Both operations for a while, each at least once. The outcome as a sentence. */
static const char *race(struct place *place, const struct op *a, const struct op *b)
{
	struct side sides[2] = {
		{ .place = place, .op = a, .beside = b },
		{ .place = place, .op = b, .beside = a },
	};
	pthread_t toucher;
	unsigned int i;

	if (pthread_create(&toucher, NULL, keep_touching, place))
		abort();
	for (i = 0; i < ARRAY_SIZE(sides); i++)
		if (pthread_create(&sides[i].thread, NULL, call, &sides[i]))
			abort();
	usleep(tlib_scale(5, 50) * 1000);
	__atomic_store_n(&place->stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(sides); i++)
		pthread_join(sides[i].thread, NULL);
	pthread_join(toucher, NULL);
	for (i = 0; i < ARRAY_SIZE(sides); i++)
		if (sides[i].wrong)
			return tlib_text("%s: %s", sides[i].op->name, strerror(-sides[i].wrong));
	return "all errors are right";
}

/*
 * The short form takes every fourth pair, beginning with a random one, and a memory for each;
 * the long form takes all pairs.
 */
TEST_F_TIMEOUT(pair, each_operation_beside_each_other_fails_only_as_it_may, 1200)
{
	const unsigned int step = tlib_full() ? 1 : 4, seed = tlib_now() / 1000;
	unsigned int i, k, nr = seed, pairs = 0;
	const struct faultlab_memory *memory;
	struct place *place = &self->place;
	struct faultlab_stats now;

	for (i = 0; i < ARRAY_SIZE(ops) && !_metadata->exit_code; i++) {
		for (k = i; k < ARRAY_SIZE(ops); k++, nr++) {
			if (nr % step)
				continue;
			memory = self->memories[nr / step % self->nr_memories];
			ASSERT_EQ(0, open_place(place, memory));
			EXPECT_STREQ("all errors are right", race(place, &ops[i], &ops[k])) {
				TH_LOG("%s beside %s, memory %s", ops[i].name, ops[k].name,
				       memory->name);
			}
			close_place(place);
			pairs++;
		}
	}
	TH_LOG("%u pairs", pairs);
	EXPECT_EQ(0, tlib_levels_return(&self->before, &now));
	EXPECT_EQ(0, tlib_use_device());
}

/* An operation that fails where nothing runs beside it would test nothing. */
TEST_F_TIMEOUT(pair, each_operation_alone_ends_as_it_should, 600)
{
	struct place *place = &self->place;
	unsigned int i, k;
	int err;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		for (k = 0; k < self->nr_memories; k += tlib_scale(5, 1)) {
			ASSERT_EQ(0, open_place(place, self->memories[k]));
			err = ops[i].fn(place);
			EXPECT_EQ(-ops[i].alone, err) {
				TH_LOG("%s: %s, memory %s", ops[i].name, strerror(-err),
				       place->memory->name);
			}
			close_place(place);
		}
	}
}

TEST_HARNESS_MAIN
