// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the test programs share: see flab.h.
 */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "flab.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif

/* Far from all that the kernel places; as far apart as page tables of PTEs span. */
#define MAP_BASE	(1UL << 40)
#define TABLE_SPAN	(2UL << 20)

size_t flab_page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

int flab_region_full(const struct faultlab_config *config)
{
	int fd = faultlab_open();
	int err;

	if (fd < 0)
		return fd;
	err = faultlab_configure(fd, config);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int flab_region(enum faultlab_kind kind, __u64 flags, size_t pages)
{
	struct faultlab_config config = {
		.kind = kind,
		.flags = flags,
		.bytes = pages * flab_page_size(),
	};

	return flab_region_full(&config);
}

char *flab_map(int fd, int prot, int flags, size_t first, size_t pages)
{
	size_t bytes = pages * flab_page_size();
	static size_t used;
	char *at;

	at = mmap((char *)MAP_BASE + used, bytes, prot, flags | MAP_FIXED_NOREPLACE, fd,
		  first * flab_page_size());
	used += (bytes / TABLE_SPAN + 2) * TABLE_SPAN;
	return at == MAP_FAILED ? NULL : at;
}

char *flab_at(char *map, size_t page)
{
	return map + page * flab_page_size();
}

void flab_unmap(char *at, size_t pages)
{
	munmap(at, pages * flab_page_size());
}

struct faultlab_rule flab_rule(size_t first, size_t pages, enum faultlab_verdict verdict,
			       __u64 delay_us)
{
	return (struct faultlab_rule) {
		.offset = first * flab_page_size(),
		.length = pages * flab_page_size(),
		.verdict = verdict,
		.delay_us = delay_us,
	};
}

const char *flab_text(const char *format, ...)
{
	static __thread char text[8][256];
	static __thread unsigned int next;
	char *to = text[next++ % 8];
	va_list args;

	va_start(args, format);
	vsnprintf(to, sizeof(text[0]), format, args);
	va_end(args);
	return to;
}

/*
 * Measurements
 */

/* Thread stacks and the like would cost more than they could disturb. */
#define SETTLE_MAX	(1UL << 20)

static void settle_stack(void)
{
	char room[65536];

	/* explicit_bzero() is not left out, though nobody reads it. */
	explicit_bzero(room, sizeof(room));
}

static void settle_vma(const char *line)
{
	unsigned long start, end, inode;
	char perms[5];

	if (strstr(line, FAULTLAB_DEVICE) || strstr(line, "[v") ||
	    sscanf(line, "%lx-%lx %4s %*x %*s %lu", &start, &end, perms, &inode) != 4)
		return;
	if (!inode && end - start > SETTLE_MAX)
		return;
	if (perms[1] == 'w')
		madvise((void *)start, end - start, MADV_POPULATE_WRITE);
	else if (perms[0] == 'r')
		madvise((void *)start, end - start, MADV_POPULATE_READ);
}

void flab_settle(void)
{
	char line[512];
	FILE *maps;

	settle_stack();
	maps = fopen("/proc/self/maps", "re");
	if (!maps)
		return;
	while (fgets(line, sizeof(line), maps))
		settle_vma(line);
	fclose(maps);
}

/* The first of two turns: what runs for the first time may fault. */
static void warm_up(struct faultlab_witness *witness)
{
	struct faultlab_touch touch;

	faultlab_touch_read(NULL, &touch);
	faultlab_witness_begin(witness, RUSAGE_THREAD);
	flab_settle();
}

int flab_begin(int fd, struct flab_mark *mark)
{
	int err;

	warm_up(&mark->witness);

	mark->fd = fd;
	err = faultlab_stats(fd, &mark->stats);
	return err ? err : faultlab_witness_begin(&mark->witness, RUSAGE_THREAD);
}

__u64 flab_moved(const struct flab_mark *mark, enum faultlab_stat stat)
{
	return mark->stats.value[stat];
}

__u64 flab_stat(int fd, enum faultlab_stat stat)
{
	struct faultlab_stats stats;

	return faultlab_stats(fd, &stats) ? ~0ULL : stats.value[stat];
}

static int add_stat(char *to, size_t room, enum faultlab_stat stat, const __u64 *moved)
{
	switch (stat) {
	case FAULTLAB_STAT_REGIONS:
	case FAULTLAB_STAT_PAGES_PEAK:
	case FAULTLAB_STAT_UNDER_MMAP_LOCK:
		return 0;
	case FAULTLAB_STAT_UNDER_VMA_LOCK: {
		__u64 locked = moved[stat] + moved[FAULTLAB_STAT_UNDER_MMAP_LOCK];

		return locked ? snprintf(to, room, "locked %llu ", locked) : 0;
	}
	case FAULTLAB_STAT_DELAY_NS:
		return moved[stat] ? snprintf(to, room, "delayed ") : 0;
	default:
		if (!moved[stat])
			return 0;
		return snprintf(to, room, faultlab_stat_is_level(stat) ? "%s %+lld " : "%s %lld ",
				faultlab_stat_name(stat), (long long)moved[stat]);
	}
}

const char *flab_end(struct flab_mark *mark)
{
	int err = faultlab_witness_end(&mark->witness);
	static __thread char text[1024];
	struct faultlab_stats now;
	unsigned int i;
	size_t n = 0;

	if (!err)
		err = faultlab_stats(mark->fd, &now);
	if (err)
		return strerror(-err);

	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		mark->stats.value[i] = now.value[i] - mark->stats.value[i];
	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		n += add_stat(text + n, sizeof(text) - n, i, mark->stats.value);
	if (mark->witness.minflt)
		n += snprintf(text + n, sizeof(text) - n, "minflt %ld ", mark->witness.minflt);
	if (mark->witness.majflt)
		n += snprintf(text + n, sizeof(text) - n, "majflt %ld ", mark->witness.majflt);
	text[n ? n - 1 : 0] = '\0';
	return text;
}

bool flab_kernel_since(int major, int minor)
{
	int its_major = 0, its_minor = 0;
	struct utsname name;

	if (uname(&name) || sscanf(name.release, "%d.%d", &its_major, &its_minor) != 2)
		return false;
	return its_major > major || (its_major == major && its_minor >= minor);
}

bool flab_kernel_has_vma_lock(void)
{
	return flab_kernel_since(6, 4);
}

const char *flab_delayed_ends(void)
{
	return flab_kernel_has_vma_lock() ? "minor" : "major";
}

/*
 * Entries and frames
 */

struct faultlab_walk_entry flab_entry(int fd, pid_t pid, const void *addr)
{
	struct faultlab_walk_entry entry = { 0 };

	if (faultlab_walk_page(fd, pid, addr, &entry))
		return (struct faultlab_walk_entry) { 0 };
	return entry;
}

bool flab_mapped(int fd, const void *addr)
{
	return flab_entry(fd, 0, addr).flags & FAULTLAB_PTE_LEAF;
}

const char *flab_show(int fd, const void *addr)
{
	struct faultlab_walk_entry entry = flab_entry(fd, 0, addr);

	if (!(entry.flags & FAULTLAB_PTE_LEAF))
		return faultlab_entry_what(&entry);
	return flab_text("%s r%s%s%s", faultlab_entry_what(&entry),
			 entry.flags & FAULTLAB_PTE_WRITE ? "w" : "",
			 entry.flags & FAULTLAB_PTE_DIRTY ? " dirty" : "",
			 entry.flags & FAULTLAB_PTE_SPECIAL ? " special" : "");
}

__u64 flab_pfn(int fd, const void *addr)
{
	struct faultlab_walk_entry entry = flab_entry(fd, 0, addr);

	return entry.flags & FAULTLAB_PTE_LEAF ? entry.pfn : 0;
}

struct faultlab_pagemap flab_pagemap(const void *addr)
{
	struct faultlab_pagemap map = { 0 };

	if (faultlab_pagemap(0, addr, &map))
		map = (struct faultlab_pagemap) { .swapped = true };
	return map;
}

__u64 flab_kpageflags(__u64 pfn)
{
	__u64 flags;

	return faultlab_kpageflags(pfn, &flags) ? ~0ULL : flags;
}

__u64 flab_kpagecount(__u64 pfn)
{
	__u64 count;

	return faultlab_kpagecount(pfn, &count) ? ~0ULL : count;
}

long flab_smaps(const void *addr, const char *name)
{
	unsigned long at = (unsigned long)addr, start, end;
	size_t len = strlen(name);
	bool inside = false;
	char line[512];
	long kib = -1;
	FILE *smaps;

	smaps = fopen("/proc/self/smaps", "re");
	if (!smaps)
		return -1;
	while (kib < 0 && fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = at >= start && at < end;
		else if (inside && !strncmp(line, name, len) && line[len] == ':')
			kib = strtol(line + len + 1, NULL, 10);
	}
	fclose(smaps);
	return kib;
}

static int count_leaf(const struct faultlab_walk_entry *entry, void *arg)
{
	*(size_t *)arg += !!(entry->flags & FAULTLAB_PTE_LEAF);
	return 0;
}

size_t flab_nr_mapped(int fd, pid_t pid, const void *addr, size_t pages)
{
	__u64 start = (uintptr_t)addr;
	size_t nr = 0;

	if (faultlab_walk_each(fd, pid, start, start + pages * flab_page_size(), 0, count_leaf,
			       &nr))
		return ~0UL;
	return nr;
}

/*
 * Threads and processes
 */

static void *touch_thread(void *arg)
{
	struct flab_toucher *t = arg;

	warm_up(&t->witness);
	__atomic_store_n(&t->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	faultlab_witness_begin(&t->witness, RUSAGE_THREAD);
	if (t->write)
		faultlab_touch_write(t->addr, t->value, &t->touch);
	else
		faultlab_touch_read(t->addr, &t->touch);
	faultlab_witness_end(&t->witness);
	__atomic_store_n(&t->done, true, __ATOMIC_RELEASE);
	return NULL;
}

int flab_touch_start(struct flab_toucher *t, char *addr, bool write, __u8 value)
{
	struct timespec nap = { .tv_nsec = NSEC_PER_MS };
	int err;

	*t = (struct flab_toucher) { .addr = addr, .write = write, .value = value };
	err = pthread_create(&t->thread, NULL, touch_thread, t);
	if (err)
		return -err;
	while (!__atomic_load_n(&t->tid, __ATOMIC_ACQUIRE))
		nanosleep(&nap, NULL);
	return 0;
}

int flab_touch_join(struct flab_toucher *t)
{
	return -pthread_join(t->thread, NULL);
}

void flab_write(char *at, size_t pages)
{
	size_t i;

	for (i = 0; i < pages; i++)
		faultlab_touch_write(flab_at(at, i), 'a' + i, NULL);
}

static void *hammer_thread(void *arg)
{
	struct flab_hammer *h = arg;
	struct faultlab_touch touch;
	size_t i;

	h->tid = syscall(SYS_gettid);
	for (i = 0; ; i = (i + 1) % h->pages) {
		if (h->write)
			faultlab_touch_write(flab_at(h->at, i), 1, &touch);
		else
			faultlab_touch_read(flab_at(h->at, i), &touch);
		if (touch.signal)
			__atomic_add_fetch(&h->faults, 1, __ATOMIC_RELAXED);
		if (i == h->pages - 1)
			__atomic_add_fetch(&h->rounds, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

int flab_hammer_start(struct flab_hammer *h, char *at, size_t pages, bool write)
{
	int err;

	*h = (struct flab_hammer) { .at = at, .pages = pages, .write = write };
	err = pthread_create(&h->thread, NULL, hammer_thread, h);
	if (err)
		return -err;
	flab_hammer_await(&h->rounds);
	return 0;
}

void flab_hammer_await(const unsigned long *counter)
{
	while (!__atomic_load_n(counter, __ATOMIC_ACQUIRE))
		sched_yield();
}

static bool is_delayed(pid_t tid)
{
	char path[64], where[64] = "";
	FILE *wchan;

	snprintf(path, sizeof(path), "/proc/%d/wchan", tid);
	wchan = fopen(path, "re");
	if (!wchan)
		return false;
	if (!fgets(where, sizeof(where), wchan))
		where[0] = '\0';
	fclose(wchan);
	return !strncmp(where, "flab_", 5);
}

static bool is_asleep(pid_t tid)
{
	char path[64], state = '?';
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	stat = fopen(path, "re");
	if (!stat)
		return false;
	if (fscanf(stat, "%*d %*s %c", &state) != 1)
		state = '?';
	fclose(stat);
	return state == 'S';
}

static int wait_until(bool (*is)(pid_t tid), pid_t tid)
{
	struct timespec nap = { .tv_nsec = NSEC_PER_MS };
	__u64 end = flab_now() + 10000 * NSEC_PER_MS;

	while (!is(tid)) {
		if (flab_now() > end)
			return -ETIMEDOUT;
		nanosleep(&nap, NULL);
	}
	return 0;
}

int flab_wait_delayed(pid_t tid)
{
	return wait_until(is_delayed, tid);
}

int flab_wait_asleep(pid_t tid)
{
	return wait_until(is_asleep, tid);
}

pid_t flab_peer_fork(struct flab_peer *peer)
{
	int sock[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sock))
		return -1;
	peer->pid = fork();
	peer->sock = sock[!peer->pid];
	close(sock[!!peer->pid]);
	return peer->pid;
}

int flab_peer_nudge(struct flab_peer *peer)
{
	return send(peer->sock, "", 1, MSG_NOSIGNAL) == 1 ? 0 : -EPIPE;
}

int flab_peer_await(struct flab_peer *peer)
{
	char byte;

	return read(peer->sock, &byte, 1) == 1 ? 0 : -EPIPE;
}

int flab_peer_join(struct flab_peer *peer)
{
	int status;

	close(peer->sock);
	if (waitpid(peer->pid, &status, 0) != peer->pid)
		return -ECHILD;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

__u64 flab_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}
