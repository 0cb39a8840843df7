/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faultlab tour: situations that are run, printed and checked.
 *
 * A situation sets something up, accesses a byte or two through tour_read() and
 * tour_write(), and states what it expects of each access. The runner does the rest:
 * measuring, printing, comparing, cleaning up.
 */
#ifndef FAULTLAB_TOOL_TOUR_H
#define FAULTLAB_TOOL_TOUR_H

#include <sys/mman.h>

#include "util/tool.h"

#define TOUR_MAPS	8

/* One access, as a command to the process that makes it. */
struct access {
	void *addr;
	bool write;
	__u8 value;	/* what is written */
};

/* What was observed of one access: by the task, by the module and by the kernel. */
struct outcome {
	int err;
	struct faultlab_walk_entry before;
	struct faultlab_walk_entry after;
	struct faultlab_stats count;		/* what the access added to the counters */
	struct faultlab_witness kernel;		/* what it added to the kernel's counters */
	struct faultlab_touch touch;
};

/*
 * What is expected of an access. Counts that are not set must be 0. The counters of the
 * lock and the delay, and levels, are not compared.
 */
struct expect {
	__u64 before;		/* FAULTLAB_PTE_* set before the access */
	__u64 after;		/* ... set after the access */
	__u64 after_not;	/* ... clear after the access */
	__u8 level;		/* enum faultlab_level where the walk ends after it */
	__u8 value;		/* what is read */
	int signal;		/* in which the access ends; 0: in none */
	int code;		/* si_code of the signal */
	__u32 alone;		/* minor faults that the kernel handles without the module */
	__u64 at_least_ns;
	__u32 count[FAULTLAB_NR_STATS];
};

/* For expect.count: the expected count, most often 1. */
#define COUNT(NAME, n) \
	[FAULTLAB_STAT_##NAME] = (n)
/* Not COUNT(NAME, 1): that would expand SIGBUS to the signal's number. */
#define ONE(NAME) \
	[FAULTLAB_STAT_##NAME] = 1

/* Another process that makes accesses on command: a child made by fork(). */
struct puppet {
	pid_t pid;
	int sock;
};

struct tour {
	int fd;			/* the region of the situation */
	size_t page;		/* bytes */
	bool vma_lock;		/* faults hold the VMA's own lock on this kernel */
	unsigned int problems;	/* failed checks of the current situation */
	struct puppet puppet;
	struct outcome last;	/* of the last access */
	struct { void *addr; size_t bytes; } maps[TOUR_MAPS];
	unsigned int nr_maps;
};

struct situation {
	const char *title;
	void (*play)(struct tour *tour);
};

/* The chapters, each ended by an empty row. */
extern const struct situation tour_page[];
extern const struct situation tour_private[];
extern const struct situation tour_pfn[];
extern const struct situation tour_rule[];
extern const struct situation tour_device[];
extern const struct situation tour_kernel[];
extern const struct situation tour_around[];

/*
 * lab.c: sets up a situation. After NULL or false the situation must return: the error was
 * printed and counted.
 */
bool tour_begin(struct tour *tour);	/* a new region in tour->fd */
void tour_end(struct tour *tour);	/* unmaps all mappings, closes the region */
bool tour_config(struct tour *tour, enum faultlab_kind kind, __u64 flags, __u64 pages);
char *tour_map(struct tour *tour, unsigned int pages, int prot, int flags);
char *tour_map_memory(struct tour *tour, size_t bytes);	/* anonymous, private */
void tour_keep(struct tour *tour, void *addr, size_t bytes);	/* tour_end() unmaps it */

#define RW	(PROT_READ | PROT_WRITE)

/*
 * measure.c
 */
void tour_measure(int fd, const struct access *access, struct outcome *outcome);

/*
 * tell.c, judge.c: printing and checking.
 */
__printf(1, 2) void tour_say(const char *format, ...);
__printf(2, 3) void tour_problem(struct tour *tour, const char *format, ...);
__printf(3, 4) bool tour_check(struct tour *tour, bool good, const char *format, ...);
/* Checks that a call returned expected (0 or an errno value), and prints either way. */
void tour_call(struct tour *tour, const char *call, int err, int expected);
void tour_judge(struct tour *tour, const char *what, const struct access *access,
		const struct expect *expect);

/*
 * access.c: makes, prints and checks one access; the result is in tour->last. tour_*()
 * make it in this process, and puppet_*() in the puppet.
 */
void tour_read(struct tour *tour, const char *what, void *addr, const struct expect *expect);
void tour_write(struct tour *tour, const char *what, void *addr, __u8 value,
		const struct expect *expect);
bool puppet_start(struct tour *tour);
void puppet_stop(struct tour *tour);
void puppet_read(struct tour *tour, const char *what, void *addr, const struct expect *expect);
void puppet_write(struct tour *tour, const char *what, void *addr, __u8 value,
		  const struct expect *expect);

#endif /* FAULTLAB_TOOL_TOUR_H */
