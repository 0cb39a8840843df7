// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every failure point (slab and page allocations) of every operation: it fails, the
 * operation returns a precise errno or does without, nothing is left, and the same works
 * right after.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/machine/fail_nth.h"
#include "lib/memory/memory.h"
#include "lib/space.h"
#include "lib/sys.h"
#include "lib/tier.h"

#define STEPS	4	/* mapped of a region, see lib/memory/memory.h */

/* What the operations are about. */
struct place {
	const struct faultlab_memory *memory;
	int fd;
	char *map;
};

static int open_region(void *arg)
{
	struct place *p = arg;

	p->map = NULL;
	p->fd = tlib_memory_region(p->memory, STEPS);
	return p->fd < 0 ? p->fd : 0;
}

static void close_region(void *arg)
{
	struct place *p = arg;

	if (p->map)
		tlib_memory_unmap(p->memory, p->map, STEPS);
	if (p->fd >= 0)
		close(p->fd);
	p->map = NULL;
	p->fd = -1;
}

/* The operation itself is the mmap(), not what tlib_memory_map() does around it. */
static int map_shared(void *arg)
{
	struct place *p = arg;
	char *at;

	if (!p->map)
		return -ENODEV;
	at = mmap(p->map, tlib_memory_bytes(p->memory, STEPS), TLIB_RW, MAP_SHARED | MAP_FIXED,
		  p->fd, 0);
	return at == MAP_FAILED ? -errno : 0;
}

static int open_and_map(void *arg)
{
	struct place *p = arg;
	int err = open_region(p);

	if (err)
		return err;
	p->map = tlib_memory_map(p->memory, p->fd, TLIB_RW, MAP_SHARED, 0, STEPS);
	return p->map ? 0 : -errno;
}

/* A private mapping; where memory cannot be copied, a shared one. */
static int open_and_map_private(void *arg)
{
	struct place *p = arg;
	int err = open_region(p), flags;

	if (err)
		return err;
	flags = tlib_memory_copies(p->memory) ? MAP_PRIVATE : MAP_SHARED;
	p->map = tlib_memory_map(p->memory, p->fd, TLIB_RW, flags, 0, STEPS);
	return p->map ? 0 : -errno;
}

static int map_and_touch(void *arg)
{
	struct place *p = arg;
	int err = open_and_map(p);

	if (!err)
		tlib_memory_write(p->memory, p->map, STEPS);
	return err;
}

static int read_first(void *arg)
{
	return faultlab_touch_read(((struct place *)arg)->map, NULL);
}

static int write_first(void *arg)
{
	return faultlab_touch_write(((struct place *)arg)->map, 1, NULL);
}

static int read_then_write(void *arg)
{
	return read_first(arg) ?: write_first(arg);
}

static int populate(void *arg)
{
	struct place *p = arg;

	/* MADV_POPULATE refuses VM_PFNMAP. */
	if (p->memory->pfnmap)
		return read_first(p);
	return madvise(p->map, tlib_memory_bytes(p->memory, STEPS), MADV_POPULATE_READ) ?
	       -errno : 0;
}

static int peek(void *arg)
{
	struct place *p = arg;
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC), err = 0;
	char byte;

	if (fd < 0)
		return -errno;
	if (pread(fd, &byte, 1, (uintptr_t)p->map) != 1)
		err = -errno;
	close(fd);
	return err;
}

static int evict(void *arg)
{
	return faultlab_evict(((struct place *)arg)->fd, 0, FAULTLAB_TO_END, 0);
}

static int drop(void *arg)
{
	struct place *p = arg;

	return faultlab_evict(p->fd, 0, FAULTLAB_TO_END,
			      tlib_memory_drops(p->memory) ? FAULTLAB_EVICT_DROP : 0);
}

static int unplug(void *arg)
{
	return faultlab_unplug(((struct place *)arg)->fd);
}

static int fork_child(void *arg)
{
	pid_t pid = fork();

	(void)arg;
	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(0);
	return tlib_reap(pid);
}

static int unmap_middle(void *arg)
{
	struct place *p = arg;
	size_t step = tlib_memory_bytes(p->memory, 1);

	return munmap(p->map + step, step) ? -errno : 0;
}

static int move(void *arg)
{
	struct place *p = arg;
	size_t bytes = tlib_memory_bytes(p->memory, STEPS);
	char *room = tlib_map_apart(-1, PROT_NONE, MAP_PRIVATE, 2 * bytes / TLIB_PAGE), *to;

	if (!room)
		return -errno;
	to = mremap(p->map, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	if (to == MAP_FAILED)
		return -errno;
	p->map = to;
	return 0;
}

static int set_rules(void *arg)
{
	const struct faultlab_rule rules[] = {
		tlib_rule(0, 1, FAULTLAB_VERDICT_SIGBUS, 0),
		tlib_rule(1, 2, FAULTLAB_VERDICT_MAJOR, 0),
		tlib_rule(2, 1, FAULTLAB_VERDICT_RETRY, 0),
	};
	int fd = ((struct place *)arg)->fd;

	return faultlab_rules(fd, FAULTLAB_RULE_SET, rules, ARRAY_SIZE(rules)) ?:
	       faultlab_rules(fd, FAULTLAB_RULE_ADD, rules, 1);
}

static int record(void *arg)
{
	struct faultlab_recording recording = {
		.size = sizeof(recording), .op = FAULTLAB_RECORD_START, .slots = 16,
	};

	return ioctl(((struct place *)arg)->fd, FAULTLAB_IOC_RECORD, &recording) ? -errno : 0;
}

static int observe(void *arg)
{
	struct faultlab_recording recording = {
		.size = sizeof(recording), .op = FAULTLAB_RECORD_START,
	};

	return ioctl(((struct place *)arg)->fd, FAULTLAB_IOC_OBSERVE, &recording) ? -errno : 0;
}

static int latency(void *arg)
{
	struct faultlab_latency show = {
		.size = sizeof(show), .op = FAULTLAB_LATENCY_START,
	};
	int fd = ((struct place *)arg)->fd;

	if (ioctl(fd, FAULTLAB_IOC_LATENCY, &show))
		return -errno;
	show = (struct faultlab_latency){ .size = sizeof(show), .op = FAULTLAB_LATENCY_RESET };
	return ioctl(fd, FAULTLAB_IOC_LATENCY, &show) ? -errno : 0;
}

static int walk(struct place *p, __u32 form, __u32 record_size, __u64 nr)
{
	static char room[1 << 16];
	struct faultlab_walk walk = {
		.size = sizeof(walk),
		.form = form,
		.record_size = record_size,
		.start = (uintptr_t)p->map,
		.end = (uintptr_t)p->map + tlib_memory_bytes(p->memory, STEPS),
		.entries = (uintptr_t)room,
		.nr = nr,
	};

	return ioctl(p->fd, FAULTLAB_IOC_WALK, &walk) ? -errno : 0;
}

static int walk_entries(void *arg)
{
	return walk(arg, FAULTLAB_WALK_ENTRIES, sizeof(struct faultlab_walk_entry), 512);
}

static int walk_runs(void *arg)
{
	return walk(arg, FAULTLAB_WALK_RUNS, sizeof(struct faultlab_walk_run), 512);
}

static int walk_raw(void *arg)
{
	return walk(arg, FAULTLAB_WALK_RAW, sizeof(__u64), 4096);
}

static int walk_counts(void *arg)
{
	return walk(arg, FAULTLAB_WALK_COUNTS, sizeof(struct faultlab_walk_counts), 16);
}

/* Reads all of one of the region's files in debugfs. */
static int read_file(struct place *p, const char *name)
{
	char path[128], text[TLIB_TEXT_MAX];
	int err = tlib_region_dir(p->fd, path, sizeof(path) - 16);
	ssize_t n;

	if (err)
		return err;
	strcat(strcat(path, "/"), name);
	n = tlib_read_text(path, text, sizeof(text));
	return n < 0 ? n : 0;
}

static int show_stats(void *arg)
{
	return read_file(arg, "stats");
}

static int show_vmas(void *arg)
{
	return read_file(arg, "vmas");
}

static int show_rules(void *arg)
{
	return read_file(arg, "rules");
}

static int write_rule(void *arg)
{
	struct place *p = arg;
	char path[128];
	int err = tlib_region_dir(p->fd, path, sizeof(path) - 16);

	return err ?: tlib_write_text(strcat(path, "/rules"), "sigbus pages=3 times=1\n");
}

/* An access that cannot have a page is SIGBUS: -EFAULT. fork() says EAGAIN as well. */
#define OP(name, prepare, run, ...)	{ name, prepare, run, close_region, { __VA_ARGS__ } }

static const struct tlib_fail_op ops[] = {
	OP("open and configure", NULL, open_region),
	OP("mmap", open_and_map, map_shared),
	OP("first read", open_and_map, read_first, -EFAULT),
	OP("first write", open_and_map, write_first, -EFAULT),
	OP("write after read", open_and_map, read_then_write, -EFAULT),
	OP("private write", open_and_map_private, write_first, -EFAULT),
	OP("private write after read", open_and_map_private, read_then_write, -EFAULT),
	OP("populate", open_and_map, populate, -EFAULT),
	OP("access by the kernel", open_and_map, peek, -EIO),
	OP("evict", map_and_touch, evict),
	OP("drop", map_and_touch, drop),
	OP("unplug", map_and_touch, unplug),
	OP("fork", map_and_touch, fork_child, -EAGAIN),
	OP("munmap of the middle", map_and_touch, unmap_middle),
	OP("mremap", map_and_touch, move),
	OP("rules", open_region, set_rules),
	OP("record", open_region, record),
	OP("observe", open_region, observe),
	OP("latency", open_region, latency),
	OP("walk of entries", map_and_touch, walk_entries),
	OP("walk of runs", map_and_touch, walk_runs),
	OP("walk of raw words", map_and_touch, walk_raw),
	OP("walk that counts", map_and_touch, walk_counts),
	OP("debugfs stats", open_and_map, show_stats),
	OP("debugfs vmas", open_and_map, show_vmas),
	OP("debugfs rules", open_region, show_rules),
	OP("debugfs rules, written", open_region, write_rule),
};

FIXTURE(fail_nth)
{
	struct place place;
	__u64 pages;	/* of all regions, before */
};

FIXTURE_VARIANT(fail_nth)
{
	const struct faultlab_memory *memory;
};

/* A row takes minutes on the debug kernel; scripts/reliability runs them all. */
static bool is_row(const struct faultlab_memory *memory)
{
	return tlib_full() ? tlib_memory_usual(memory) : !strcmp(memory->id, "page");
}

TLIB_MEMORIES(fail_nth, is_row);

FIXTURE_SETUP(fail_nth)
{
	int err;

	self->place.memory = variant->memory;
	err = open_region(&self->place);
	if (err && faultlab_memory_lacks(err))
		SKIP(return, "%s", faultlab_memory_lacks(err));
	ASSERT_EQ(0, err);
	close_region(&self->place);
	self->pages = tlib_all_pages();
	err = tlib_fail_begin();
	if (err == -ENOENT)
		SKIP(return, "no CONFIG_FAULT_INJECTION (/proc/thread-self/fail-nth)");
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN_PARENT(fail_nth)
{
	tlib_fail_end();
}

TEST_F_TIMEOUT(fail_nth, each_operation_fails_cleanly_at_each_point_and_works_right_after, 1200)
{
	char why[TLIB_FAIL_TEXT];
	unsigned int i, all = 0;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		int points = tlib_fail_each(&ops[i], &self->place, why);

		EXPECT_LE(0, points) {
			TH_LOG("%s", why);
		}
		all += points > 0 ? points : 0;
		EXPECT_EQ(self->pages, tlib_all_pages()) {
			TH_LOG("%s", ops[i].name);
		}
	}
	/* As a measure: an open alone has some tens. */
	EXPECT_LT(100, all);
	TH_LOG("points: %u", all);
}

TEST_HARNESS_MAIN
