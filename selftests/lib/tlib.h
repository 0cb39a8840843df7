/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Helpers for all test programs: one-line regions and mappings, a measurement as
 * one line of text, page-table entries as values, threads and processes that
 * fault. Cases are run and reported by the kernel's kselftest_harness.h.
 *
 * A measurement has two sources: the region's counters and getrusage() of the
 * thread. Its text names every counter that changed, and no other:
 *
 *	tlib_counts_begin(fd, &mark);
 *	faultlab_touch_read(page, NULL);
 *	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
 *
 * Counters come in the order of faultlab_stats.h. "locked" is the sum of
 * under_vma_lock and under_mmap_lock, since the lock depends on the kernel.
 * "delayed" stands for any delay_ns. vmas and pages are levels: the text shows
 * their change. regions and pages_peak are left out. minflt and majflt come last.
 */
#ifndef TLIB_H
#define TLIB_H

#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <faultlab.h>
#include <util.h>

/* Only a hang should time out: the harness' 30 s are too few for a slow host. */
#ifdef TEST_TIMEOUT_DEFAULT
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300
#endif

#define TLIB_RW		(PROT_READ | PROT_WRITE)
#define TLIB_MS		1000ULL			/* in microseconds, the unit of rules */

size_t tlib_page_size(void);

/*
 * Open and configure a region. If its size (pages, or config->bytes) is 0, the region has no
 * fixed size: each fault past its end makes it larger. Return its descriptor, or -errno.
 */
int tlib_region(enum faultlab_kind kind, __u64 flags, size_t pages);
int tlib_region_full(const struct faultlab_config *config);

/*
 * Map pages of a region. NULL on error, with mmap()'s errno. flags: MAP_SHARED, ...
 * Each mapping gets empty page tables that no other mapping shares, and has no
 * neighbouring VMA, because both influence which callback a fault calls.
 */
char *tlib_map(int fd, int prot, int flags, size_t first, size_t pages);
void tlib_unmap(char *at, size_t pages);
char *tlib_at(char *map, size_t page);

/* A rule for some pages of a region. Set further fields, then call faultlab_rule(). */
struct faultlab_rule tlib_rule(size_t first, size_t pages, enum faultlab_verdict verdict,
			       __u64 delay_us);

/*
 * Measurements
 */
struct tlib_mark {
	int fd;
	struct faultlab_stats stats;
	struct faultlab_witness witness;
};

/*
 * Populate the caller's memory, except regions and large anonymous VMAs, so that
 * between begin and end only the measured access faults. tlib_counts_begin() does this;
 * safe at any time.
 */
void tlib_settle(void);

/* Run the code that tlib_counts_begin() and a signal need once, as its first run may fault. */
void tlib_warm_up(struct faultlab_witness *witness);

int tlib_counts_begin(int fd, struct tlib_mark *mark);
const char *tlib_counts_end(struct tlib_mark *mark);
#define EXPECT_COUNTS(text, mark)	EXPECT_STREQ(text, tlib_counts_end(mark))

/* The change of one counter, after tlib_counts_end(). */
__u64 tlib_moved(const struct tlib_mark *mark, enum faultlab_stat stat);

/* The current value of a counter. */
__u64 tlib_stat(int fd, enum faultlab_stat stat);

/* Formatted text. Valid until this thread has called tlib_text() 16 times more. */
const char *tlib_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * For expectations that depend on the kernel's version and cannot be probed. At
 * the call, name the kernel function that makes the difference.
 */
bool tlib_kernel_since(int major, int minor);

/* Whether faults can run under the per-VMA lock (6.4 and CONFIG_PER_VMA_LOCK). */
bool tlib_kernel_has_vma_lock(void);

/*
 * How the kernel counts a fault that was retried after a delay: "minor" or "major".
 * Only a retry of a fault that had mmap_lock is major (FAULT_FLAG_TRIED). The first
 * try has mmap_lock only where the kernel has no per-VMA lock.
 */
const char *tlib_delayed_ends(void);

/*
 * Entries and frames. On error these return an entry without flags, an empty
 * pagemap word, or the number 0 or ~0, none of which a test expects.
 */
struct faultlab_walk_entry tlib_entry(int fd, pid_t pid, const void *addr);
bool tlib_mapped(int fd, const void *addr);	/* a walk of the caller finds a leaf */

/* The walk's entry as text: "none", "no VMA", "page r", "page rw dirty special", ... */
const char *tlib_show(int fd, const void *addr);
#define EXPECT_ENTRY(text, fd, addr)	EXPECT_STREQ(text, tlib_show(fd, addr))

__u64 tlib_pfn(int fd, const void *addr);	/* of a leaf in the caller, or 0 */
struct faultlab_pagemap tlib_pagemap(const void *addr);
__u64 tlib_kpageflags(__u64 pfn);
__u64 tlib_kpagecount(__u64 pfn);
long tlib_smaps(const void *addr, const char *name);	/* the VMA's KiB, or -1 */

/* The number of pages, from addr on, for which the walk reports a leaf. */
size_t tlib_nr_mapped(int fd, pid_t pid, const void *addr, size_t pages);

/* Writes 'a' to the first of pages, 'b' to the second, and so on. */
void tlib_write(char *at, size_t pages);

/*
 * A thread that makes one access.
 */
struct tlib_toucher {
	pthread_t thread;
	char *addr;
	bool write;
	__u8 value;			/* what it writes */
	pid_t tid;			/* 0 until the thread runs */
	bool done;
	struct faultlab_touch touch;	/* after join */
	struct faultlab_witness witness;
};

int tlib_touch_start(struct tlib_toucher *t, char *addr, bool write, __u8 value);
int tlib_touch_join(struct tlib_toucher *t);

/*
 * A thread that touches pages in turn until its process ends. start() returns
 * when the thread has touched each page once.
 */
struct tlib_hammer {
	pthread_t thread;
	char *at;
	size_t pages;
	bool write;
	pid_t tid;
	unsigned long rounds;
	unsigned long faults;	/* accesses that ended in a signal */
};

int tlib_hammer_start(struct tlib_hammer *h, char *at, size_t pages, bool write);

/* Wait until a counter that other threads increase, such as rounds of a hammer, is not 0. */
void tlib_hammer_await(const unsigned long *counter);

/*
 * Wait until the task sleeps in a delay of the module. 0, -ESRCH if the task has
 * ended, or -ETIMEDOUT after 10 s.
 */
int tlib_wait_delayed(pid_t tid);

/*
 * Wait until the task is in any interruptible sleep (state S). Returns the same values as
 * tlib_wait_delayed().
 */
int tlib_wait_asleep(pid_t tid);

/*
 * A forked process that runs in step with its parent: each awaits a nudge from
 * the other. The child ends with _exit(); join returns that status.
 */
struct tlib_peer {
	pid_t pid;
	int sock;
};

pid_t tlib_peer_fork(struct tlib_peer *peer);	/* as fork() */
int tlib_peer_nudge(struct tlib_peer *peer);
int tlib_peer_await(struct tlib_peer *peer);	/* -EPIPE: the other is gone */
int tlib_peer_join(struct tlib_peer *peer);	/* exit status, or -signal */

/* CLOCK_MONOTONIC in nanoseconds. */
__u64 tlib_now(void);

#endif /* TLIB_H */
