/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test programs share: regions and mappings in a line, a measurement
 * as one line of text, page-table entries as values, threads and processes that
 * fault.
 *
 * A measurement has two witnesses, the region's counters and getrusage() of the
 * thread, and says all that changed and nothing that did not:
 *
 *	flab_begin(fd, &mark);
 *	faultlab_touch_read(page, NULL);
 *	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
 *
 * The order is that of faultlab_stats.h. "locked" is the sum of under_vma_lock
 * and under_mmap_lock, since which of the two it is depends on the kernel;
 * "delayed" stands for any delay_ns; vmas and pages are levels, shown by how
 * they moved; regions and pages_peak are left out. minflt and majflt come last.
 */
#ifndef FLAB_H
#define FLAB_H

#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <faultlab.h>

/* For hangs: the harness' 30 s are too few for a slow host. */
#ifdef TEST_TIMEOUT_DEFAULT
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300
#endif

#define FLAB_RW		(PROT_READ | PROT_WRITE)
#define FLAB_MS		1000ULL			/* in microseconds, as rules have it */
#define NSEC_PER_MS	1000000ULL

size_t flab_page_size(void);

/* A descriptor of a configured region, or -errno; bytes 0 lets it grow. */
int flab_region(enum faultlab_kind kind, __u64 flags, size_t pages);
int flab_region_full(const struct faultlab_config *config);

/*
 * Pages of a region; NULL, and errno as mmap() left it. flags: MAP_SHARED, ...
 * Each mapping has page tables to itself, empty ones, and nothing in reach
 * before or behind it: which callback a fault finds depends on that.
 */
char *flab_map(int fd, int prot, int flags, size_t first, size_t pages);
void flab_unmap(char *at, size_t pages);
char *flab_at(char *map, size_t page);

/* A rule for some pages of a region: set some more fields, then faultlab_rule(). */
struct faultlab_rule flab_rule(size_t first, size_t pages, enum faultlab_verdict verdict,
			       __u64 delay_us);

/*
 * Measurements
 */
struct flab_mark {
	int fd;
	struct faultlab_stats stats;
	struct faultlab_witness witness;
};

/*
 * So that nothing faults between begin and end but what is meant to: maps all
 * of the process that is no region's. begin() does it; safe at any time.
 */
void flab_settle(void);

/* begin()'s first of two turns, for a thread of one's own: what runs first may fault. */
void flab_warm_up(struct faultlab_witness *witness);

int flab_begin(int fd, struct flab_mark *mark);
const char *flab_end(struct flab_mark *mark);
#define EXPECT_COUNTS(text, mark)	EXPECT_STREQ(text, flab_end(mark))

/* What mark's counter moved by, after flab_end(). */
__u64 flab_moved(const struct flab_mark *mark, enum faultlab_stat stat);

/* The counter now. */
__u64 flab_stat(int fd, enum faultlab_stat stat);

/* Text with numbers in it; good until eight more were made. */
const char *flab_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * For expectations that differ by kernel where nothing but its release tells: say
 * at the place which function decides.
 */
bool flab_kernel_since(int major, int minor);

/* Whether faults can run under the lock of a VMA (6.4 and CONFIG_PER_VMA_LOCK). */
bool flab_kernel_has_vma_lock(void);

/*
 * How a task's fault ends that a delay made come again, "minor" or "major": only
 * a retry under mmap_lock makes it major (FAULT_FLAG_TRIED), and the first try
 * was under that lock only where the VMA has none.
 */
const char *flab_delayed_ends(void);

/*
 * Entries and frames. Errors give an entry of no flags, a pagemap of nothing, a
 * number of 0 or ~0: nothing that a test expects.
 */
struct faultlab_walk_entry flab_entry(int fd, pid_t pid, const void *addr);
bool flab_mapped(int fd, const void *addr);	/* in the caller, by the walk */

/* What the walk finds: "none", "no VMA", "page r", "page rw dirty special", ... */
const char *flab_show(int fd, const void *addr);
#define EXPECT_ENTRY(text, fd, addr)	EXPECT_STREQ(text, flab_show(fd, addr))

__u64 flab_pfn(int fd, const void *addr);	/* of a leaf in the caller, or 0 */
struct faultlab_pagemap flab_pagemap(const void *addr);
__u64 flab_kpageflags(__u64 pfn);
__u64 flab_kpagecount(__u64 pfn);
long flab_smaps(const void *addr, const char *name);	/* KiB of the VMA, or -1 */

/* How many of the pages from addr on have a leaf, by the walk. */
size_t flab_nr_mapped(int fd, pid_t pid, const void *addr, size_t pages);

/* Writes 'a' to the first of pages, 'b' to the second, and so on. */
void flab_write(char *at, size_t pages);

/*
 * A thread that makes one access.
 */
struct flab_toucher {
	pthread_t thread;
	char *addr;
	bool write;
	__u8 value;			/* what it writes */
	pid_t tid;			/* 0 until it runs */
	bool done;
	struct faultlab_touch touch;	/* after join */
	struct faultlab_witness witness;
};

int flab_touch_start(struct flab_toucher *t, char *addr, bool write, __u8 value);
int flab_touch_join(struct flab_toucher *t);

/*
 * A thread that touches pages in turn until its process ends. start() returns
 * when it has touched each.
 */
struct flab_hammer {
	pthread_t thread;
	char *at;
	size_t pages;
	bool write;
	pid_t tid;
	unsigned long rounds;
	unsigned long faults;	/* accesses that ended in a signal */
};

int flab_hammer_start(struct flab_hammer *h, char *at, size_t pages, bool write);

/* Until a counter of it is not 0. */
void flab_hammer_await(const unsigned long *counter);

/*
 * Until the task sleeps in a delay of the module: 0, -ESRCH if it has ended, or
 * -ETIMEDOUT after 10 s.
 */
int flab_wait_delayed(pid_t tid);

/* The same for a task that sleeps wherever it is, and can be woken by a signal. */
int flab_wait_asleep(pid_t tid);

/*
 * A forked process that runs in step with its parent: each waits for a nudge of
 * the other. The child ends with _exit(), whose status join returns.
 */
struct flab_peer {
	pid_t pid;
	int sock;
};

pid_t flab_peer_fork(struct flab_peer *peer);	/* as fork() */
int flab_peer_nudge(struct flab_peer *peer);
int flab_peer_await(struct flab_peer *peer);	/* -EPIPE: the other is gone */
int flab_peer_join(struct flab_peer *peer);	/* exit status, or -signal */

/* CLOCK_MONOTONIC in nanoseconds. */
__u64 flab_now(void);

#endif /* FLAB_H */
