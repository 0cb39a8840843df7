// SPDX-License-Identifier: GPL-2.0-only
/* Interfaces that show secrets, and reads of each: see doors.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <faultlab_record.h>
#include "lib/secret/doors.h"
#include "lib/space.h"
#include "lib/sys.h"

#define PAGES	4
#define TEXT_MAX (1U << 20)
#define WORDS	600	/* one page table and its header */
#define KERNEL	0xffffffff80000000ULL	/* the kernel's image, and all above it */

static int walk(int fd, struct faultlab_walk walk)
{
	walk.size = sizeof(walk);
	return ioctl(fd, FAULTLAB_IOC_WALK, &walk) ? -errno : (int)walk.nr;
}

/* A mapped page of the caller. */
static char page[4096] __attribute__((aligned(4096)));

static int look_entries_of(int fd, pid_t pid, __u32 flags)
{
	struct faultlab_walk_entry e[16];
	struct faultlab_walk_page pages[16];
	int i, nr, seen = 0, leaves = 0;

	page[0]++;
	nr = walk(fd, (struct faultlab_walk) {
		.pid = pid, .flags = flags, .start = (uintptr_t)page,
		.end = (uintptr_t)page + sizeof(page), .entries = (uintptr_t)e, .nr = 16,
		.pages = flags & FAULTLAB_WALK_PAGES ? (uintptr_t)pages : 0,
	});
	for (i = 0; i < nr; i++) {
		seen |= e[i].raw || e[i].pfn;
		leaves += !!(e[i].flags & FAULTLAB_PTE_LEAF);
	}
	if (nr < 0)
		return nr;
	return !leaves ? -ENODATA : seen ? TLIB_SEEN : TLIB_HIDDEN;
}

static int look_entries(const struct tlib_doors *doors, int fd)
{
	return look_entries_of(fd, 0, FAULTLAB_WALK_TABLES | FAULTLAB_WALK_HOLES);
}

static int look_entries_of_other(const struct tlib_doors *doors, int fd)
{
	return look_entries_of(fd, doors->other, FAULTLAB_WALK_TABLES);
}

static int look_pages(const struct tlib_doors *doors, int fd)
{
	return look_entries_of(fd, 0, FAULTLAB_WALK_PAGES);
}

static int look_runs(const struct tlib_doors *doors, int fd)
{
	struct faultlab_walk_run runs[16];
	int i, nr, seen = 0;

	page[0]++;
	nr = walk(fd, (struct faultlab_walk) {
		.form = FAULTLAB_WALK_RUNS, .start = (uintptr_t)page,
		.end = (uintptr_t)page + sizeof(page), .entries = (uintptr_t)runs, .nr = 16,
	});
	for (i = 0; i < nr; i++)
		seen |= runs[i].pfn || (runs[i].flags & FAULTLAB_PTE_CONTIG);
	return nr < 0 ? nr : !nr ? -ENODATA : seen ? TLIB_SEEN : TLIB_HIDDEN;
}

static int look_raw(const struct tlib_doors *doors, int fd)
{
	__u64 words[WORDS];
	int nr;

	page[0]++;
	nr = walk(fd, (struct faultlab_walk) {
		.form = FAULTLAB_WALK_RAW, .start = (uintptr_t)page,
		.end = (uintptr_t)page + sizeof(page), .entries = (uintptr_t)words, .nr = WORDS,
	});
	return nr < 0 ? nr : nr ? TLIB_SEEN : -ENODATA;
}

static int look_kernel(const struct tlib_doors *doors, int fd)
{
	struct faultlab_walk_entry e[4];
	int nr = walk(fd, (struct faultlab_walk) {
		.flags = FAULTLAB_WALK_KERNEL, .start = KERNEL,
		.entries = (uintptr_t)e, .nr = 4,
	});

	return nr < 0 ? nr : nr ? TLIB_SEEN : -ENODATA;
}

static int look_counts_of_other(const struct tlib_doors *doors, int fd)
{
	struct faultlab_walk_counts counts[2];
	int nr = walk(fd, (struct faultlab_walk) {
		.pid = doors->other, .form = FAULTLAB_WALK_COUNTS, .end = TLIB_EVERYWHERE,
		.entries = (uintptr_t)counts, .nr = 2,
	});

	return nr < 0 ? nr : nr ? TLIB_SEEN : -ENODATA;
}

/*
 * Records
 */

/* Make the region fault once, so that all active rings record it with its stack. */
static void fault(const struct tlib_doors *doors)
{
	faultlab_evict(doors->fd, 0, FAULTLAB_TO_END, 0);
	faultlab_touch_read(doors->at, NULL);
}

static int set_stack_rule(int fd)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 0);

	rule.flags = FAULTLAB_RULE_STACK;
	return faultlab_rule(fd, FAULTLAB_RULE_SET, &rule);
}

static int read_records(int fd, bool stacks)
{
	struct faultlab_record r[32];
	int i, k, nr = faultlab_records_read(fd, r, 32), seen = 0, found = 0;

	for (i = 0; i < nr; i++) {
		found |= r[i].type == FAULTLAB_RECORD_STACK;
		for (k = 0; r[i].type == FAULTLAB_RECORD_STACK && k < r[i].nr; k++)
			seen |= !!r[i].stack.entry[k];
	}
	if (nr < 0)
		return nr;
	return !found ? -ENODATA : seen || !stacks ? TLIB_SEEN : TLIB_HIDDEN;
}

static int look_stacks(const struct tlib_doors *doors, int fd)
{
	return read_records(fd, true);
}

static int look_records(const struct tlib_doors *doors, int fd)
{
	return read_records(fd, false);
}

/* Set the rule by debugfs: the ioctl refuses it if an unprivileged task opened fd. */
static int prepare_stacks(const struct tlib_doors *doors, int fd)
{
	int err = faultlab_records_start(fd, 0, 0);
	char path[96];
	char *at;

	if (!err)
		err = tlib_region_dir(fd, path, sizeof(path));
	if (err)
		return err;
	strcat(path, "/rules");
	err = tlib_write_text(path, "serve stack\n");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 1);
	if (!at)
		return -ENOMEM;
	faultlab_touch_read(at, NULL);
	tlib_unmap(at, 1);
	return err;
}

static int prepare_observed(const struct tlib_doors *doors, int fd)
{
	int err = faultlab_observe_start(fd, 0);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	fault(doors);
	return err;
}

static int look_poll(const struct tlib_doors *doors, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, 0) < 0)
		return -errno;
	return p.revents & POLLERR ? -EPERM : p.revents & POLLIN ? TLIB_SEEN : -ENODATA;
}

static int look_observe(const struct tlib_doors *doors, int fd)
{
	return faultlab_observe_start(fd, 0) ?: TLIB_SEEN;
}

static int look_stack_rule(const struct tlib_doors *doors, int fd)
{
	return set_stack_rule(fd) ?: TLIB_SEEN;
}

static int look_latency_of_all(const struct tlib_doors *doors, int fd)
{
	struct faultlab_latency latency;

	return faultlab_latency(fd, FAULTLAB_LATENCY_ALL, 0, 0, &latency) ?: TLIB_SEEN;
}

/*
 * debugfs
 */
static int find_text(int fd, const char *secret)
{
	/*
	 * Not freed, as the process ends soon. Not static: tlib_settle(), which populates
	 * .bss, would take longer, or leave out all of .bss as too large.
	 */
	char *text = malloc(TEXT_MAX);
	ssize_t nr, all = 0;

	if (!text)
		return -ENOMEM;
	do {
		nr = read(fd, text + all, TEXT_MAX - 1 - all);
		if (nr < 0)
			return -errno;
		all += nr;
	} while (nr);
	text[all] = '\0';
	return strstr(text, secret) ? TLIB_SEEN : -ENODATA;
}

static int prepare_debugfs_walk(const struct tlib_doors *doors, int fd)
{
	const char *text = tlib_text("0 %p", page);

	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* The debugfs file walk always shows a frame: at least that of the top-level table. */
static int look_debugfs_walk(const struct tlib_doors *doors, int fd)
{
	return find_text(fd, "PGD ");
}

static int look_debugfs_records(const struct tlib_doors *doors, int fd)
{
	return find_text(fd, " stack 0xffff");
}

static int look_debugfs_vmas(const struct tlib_doors *doors, int fd)
{
	return find_text(fd, "vma 0x");
}

static int look_debugfs_latency(const struct tlib_doors *doors, int fd)
{
	return find_text(fd, "from_ns:count");
}

static int look_debugfs_rules(const struct tlib_doors *doors, int fd)
{
	static const char rule[] = "serve pages=0 stack\n";

	return write(fd, rule, strlen(rule)) < 0 ? -errno : TLIB_SEEN;
}

const struct tlib_door tlib_doors[TLIB_NR_DOORS] = {
	{ "entries", .kernel = true, .plain = true, .look = look_entries },
	{ "entries of another task", .kernel = true, .tasks = true, .plain = true,
	  .look = look_entries_of_other },
	{ "runs", .kernel = true, .plain = true, .look = look_runs },
	{ "raw", .kernel = true, .look = look_raw },
	{ "pages", .kernel = true, .look = look_pages },
	{ "the kernel half", .kernel = true, .look = look_kernel },
	{ "counts of another task", .tasks = true, .look = look_counts_of_other },
	{ "stacks in records", .kernel = true, .plain = true,
	  .prepare = prepare_stacks, .look = look_stacks },
	{ "OBSERVE", .tasks = true, .look = look_observe },
	{ "records of all", .tasks = true, .prepare = prepare_observed, .look = look_records },
	{ "stacks in records of all", .kernel = true, .tasks = true, .plain = true,
	  .prepare = prepare_observed, .look = look_stacks },
	{ "poll of records of all", .tasks = true, .prepare = prepare_observed, .look = look_poll },
	{ "a rule with a stack", .kernel = true, .look = look_stack_rule },
	{ "latency of all", .tasks = true, .look = look_latency_of_all },
	{ "debugfs walk", "walk", .kernel = true,
	  .prepare = prepare_debugfs_walk, .look = look_debugfs_walk },
	{ "debugfs records", "records", .kernel = true, .look = look_debugfs_records },
	{ "debugfs latency", "latency", .tasks = true, .look = look_debugfs_latency },
	{ "debugfs region/ID/latency", "region/%u/latency", .tasks = true,
	  .look = look_debugfs_latency },
	{ "debugfs region/ID/vmas", "region/%u/vmas", .tasks = true,
	  .look = look_debugfs_vmas },
	{ "debugfs region/ID/rules with a stack", "region/%u/rules", .kernel = true,
	  .look = look_debugfs_rules },
};

int tlib_doors_begin(struct tlib_doors *doors)
{
	struct faultlab_info info;
	int err;

	doors->other = getpid();
	page[0] = 1;
	/* With INSERT, region/ID/vmas lists the VMA. */
	doors->fd = tlib_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, PAGES);
	err = doors->fd < 0 ? doors->fd : tlib_node_add(doors->node, sizeof(doors->node));
	if (!err)
		err = faultlab_info(doors->fd, &info);
	if (!err)
		err = set_stack_rule(doors->fd);
	if (err)
		return err;
	doors->id = info.id;
	doors->at = tlib_map(doors->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	if (!doors->at)
		return -ENOMEM;
	/*
	 * The debugfs file of records shows those that were made before its open(). So
	 * record a fault now, before any file is opened.
	 */
	err = tlib_write_text(FAULTLAB_DEBUGFS "/reset", "1") ?:
	      tlib_write_text(FAULTLAB_DEBUGFS "/records", "1");
	if (!err)
		fault(doors);
	return err ?: tlib_write_text(FAULTLAB_DEBUGFS "/records", "0");
}

void tlib_doors_end(struct tlib_doors *doors)
{
	unlink(doors->node);
	close(doors->fd);
}

static int open_door(int i, void *arg)
{
	const struct tlib_doors *doors = arg;
	const struct tlib_door *door = &tlib_doors[i];
	char path[96] = FAULTLAB_DEBUGFS "/";
	struct stat file;
	int fd;

	if (door->path)
		sprintf(path + strlen(path), door->path, doors->id);
	else
		strcpy(path, doors->node);
	if (stat(path, &file))
		return -errno;
	fd = open(path, file.st_mode & 0200 ? O_RDWR : O_RDONLY);
	return fd < 0 ? -errno : fd;
}

int tlib_doors_open(struct tlib_doors *doors, enum tlib_viewer opener,
		    int fds[TLIB_NR_DOORS])
{
	int i, err, prepared;

	err = tlib_open_as(opener, TLIB_NR_DOORS, open_door, doors, fds);
	for (i = 0; i < TLIB_NR_DOORS && !err; i++) {
		if (fds[i] < 0 || !tlib_doors[i].prepare)
			continue;
		prepared = tlib_doors[i].prepare(doors, fds[i]);
		if (prepared < 0) {
			close(fds[i]);
			fds[i] = prepared;
		}
	}
	return err;
}

void tlib_doors_close(int fds[TLIB_NR_DOORS])
{
	int i;

	for (i = 0; i < TLIB_NR_DOORS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

struct look {
	struct tlib_doors *doors;
	enum tlib_viewer caller;
	const int *fds;
	int *sights;
};

static int look_as(void *arg)
{
	struct look *l = arg;
	int i;

	if (tlib_become(l->caller))
		return 1;
	for (i = 0; i < TLIB_NR_DOORS; i++)
		l->sights[i] = l->fds[i] < 0 ? l->fds[i] :
			       tlib_doors[i].look(l->doors, l->fds[i]);
	return 0;
}

int tlib_doors_look(struct tlib_doors *doors, enum tlib_viewer caller,
		    const int fds[TLIB_NR_DOORS], int sights[TLIB_NR_DOORS])
{
	const size_t size = TLIB_NR_DOORS * sizeof(*sights);
	struct look l = { .doors = doors, .caller = caller, .fds = fds };
	int err;

	l.sights = mmap(NULL, size, TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (l.sights == MAP_FAILED)
		return -errno;
	err = tlib_reap(tlib_spawn(look_as, &l));
	memcpy(sights, l.sights, size);
	munmap(l.sights, size);
	return err;
}

int tlib_doors_expected(const struct tlib_door *door, enum tlib_viewer opener,
			enum tlib_viewer caller, bool confidential)
{
	bool privileged = opener == TLIB_VIEWER_ROOT && caller == TLIB_VIEWER_ROOT;

	/* debugfs belongs to root, who is nobody in a user namespace. */
	if (door->path && (opener == TLIB_VIEWER_USER || opener == TLIB_VIEWER_CONTAINED))
		return -EACCES;
	if (privileged && !(door->kernel && confidential))
		return TLIB_SEEN;
	if (door->tasks && !privileged)
		return -EPERM;
	return door->plain ? TLIB_HIDDEN : -EPERM;
}

const char *tlib_sight_text(const struct tlib_door *door, int sight)
{
	switch (sight) {
	case TLIB_SEEN:
		return tlib_text("%s: seen", door->name);
	case TLIB_HIDDEN:
		return tlib_text("%s: hidden", door->name);
	default:
		return tlib_text("%s: %s", door->name, strerror(-sight));
	}
}
