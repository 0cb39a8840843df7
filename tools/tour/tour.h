/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * faultlab tour: situations that are played, told and checked.
 *
 * A situation sets something up, accesses a byte or two through tour_read() and
 * tour_write(), and states with each access what must come of it. The rest
 * (measuring, printing, comparing, cleaning up) is the runner's.
 */
#ifndef FAULTLAB_TOOL_TOUR_H
#define FAULTLAB_TOOL_TOUR_H

#include <sys/mman.h>

#include "util/tool.h"

#define TOUR_MAPS	8

/* One access, as an order to whoever is to make it. */
struct access {
	void *addr;
	bool write;
	__u8 value;	/* what is written */
};

/* What was seen of one access: by us, by the module and by the kernel. */
struct outcome {
	int err;
	struct faultlab_walk_entry before;
	struct faultlab_walk_entry after;
	struct faultlab_stats count;		/* what the access added */
	struct faultlab_witness kernel;		/* likewise */
	struct faultlab_touch touch;
};

/*
 * What must be seen of it. Every count that is not named must be 0, but for
 * the lock, the time and the levels.
 */
struct expect {
	__u64 before;		/* FAULTLAB_PTE_* that the entry has before */
	__u64 after;		/* ... and after the access */
	__u64 after_not;	/* ... and has not after it */
	__u8 level;		/* enum faultlab_level where the walk ends after it */
	__u8 value;		/* what is read */
	int signal;		/* that it ends in, with its si_code */
	int code;
	__u32 alone;		/* minor faults that the kernel ends without us */
	__u64 at_least_ns;
	__u32 count[FAULTLAB_NR_STATS];
};

/* For expect.count: how often a counter counts, most often once. */
#define COUNT(NAME, n) \
	[FAULTLAB_STAT_##NAME] = (n)
/* Not by COUNT(), which would see SIGBUS as the number that it is elsewhere. */
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
	bool vma_lock;		/* this kernel faults under the VMA's own lock */
	unsigned int problems;	/* of the situation that is played */
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
 * lab.c: what a situation is set up with. NULL or false: it failed, which
 * was told, and the situation is over.
 */
bool tour_begin(struct tour *tour);	/* a new region in tour->fd */
void tour_end(struct tour *tour);	/* all of it goes */
bool tour_config(struct tour *tour, enum faultlab_kind kind, __u64 flags, __u64 pages);
char *tour_map(struct tour *tour, unsigned int pages, int prot, int flags);
char *tour_map_memory(struct tour *tour, size_t bytes);	/* anonymous, private */
void tour_keep(struct tour *tour, void *addr, size_t bytes);	/* unmap it at the end */

#define RW	(PROT_READ | PROT_WRITE)

/*
 * measure.c
 */
void tour_measure(int fd, const struct access *access, struct outcome *outcome);

/*
 * tell.c: printing and judging.
 */
__printf(1, 2) void tour_say(const char *format, ...);
__printf(2, 3) void tour_problem(struct tour *tour, const char *format, ...);
__printf(3, 4) bool tour_check(struct tour *tour, bool good, const char *format, ...);
/* A call that must give err (0 or an errno value): says so either way. */
void tour_call(struct tour *tour, const char *call, int err, int expected);
void tour_judge(struct tour *tour, const char *what, const struct access *access,
		const struct expect *expect);

/*
 * access.c: make, tell and judge one access; what was seen is tour->last.
 * By this process, or by the puppet.
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
