/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls that programs are made of: a table that is made of the tables of the files
 * named after what their calls are about. A call that is added to one of them is drawn,
 * written, read and counted like all others.
 */
#ifndef FUZZ_CALL_H
#define FUZZ_CALL_H

#include <errno.h>
#include <sys/types.h>

#include "faultlab.h"
#include "fuzz/calls/value.h"
#include "util.h"

#define FUZZ_ARGS	16

/* Limits while programs run: what all together take leaves room for the machine. */
#define FUZZ_MAX_TOTAL	"16384"
#define FUZZ_MAX_PAGES	"1048576"

/* Blocks of memory (of 128 MiB) that may go offline, by number. */
#define FUZZ_BLOCKS	40

/*
 * What programs write to memory of a region: each program a byte of its own among these, so
 * that another's memory is recognised. Programs that run what they wrote as code write a
 * return instruction (of x86).
 */
#define FUZZ_BYTES_FROM	0x40
#define FUZZ_BYTES	64
#define FUZZ_CODE	0xc3

/*
 * What a task that was killed still does: it ends the callback that it is in, and the access
 * that this is for. A copy in kernel mode, which no signal ends, is of 8 pages at most
 * (read_into), and a fault has two callbacks at most (.fault and .page_mkwrite, or .map_pages
 * and .fault).
 */
#define FUZZ_LAST_CALLBACKS	(1 + 2 * 8)

/*
 * What is to be known of a call before it is drawn or run. A program has the traits of all
 * its calls.
 *
 * SHARE    the call must be 1 % of all calls or more, and half of them must succeed
 * SHARES   it uses the region that the programs of all workers share
 * SMUDGES  it may write any bytes to memory of a region, so they are not checked
 * MIXES    it may bring bytes of other programs into memory of a region
 * ALONE    it may make a region useless to others, for good or for long
 * BREAKS   it breaks pages: their faults may fail after the callback
 * HELPED   another task than the caller accesses its memory: a child, a worker of io_uring
 * ZEROES   it configures PHYS memory, which takes seconds; it depends on the arguments
 */
enum fuzz_trait {
	FUZZ_SHARE	= 1 << 0,
	FUZZ_SHARES	= 1 << 1,
	FUZZ_SMUDGES	= 1 << 2,
	FUZZ_MIXES	= 1 << 3,
	FUZZ_ALONE	= 1 << 4,
	FUZZ_BREAKS	= 1 << 5,
	FUZZ_HELPED	= 1 << 6,
	FUZZ_ZEROES	= 1 << 7,
};

/* Traits that a program does without if it uses the shared region. */
#define FUZZ_UNSHARED	(FUZZ_ALONE | FUZZ_SMUDGES)

/* Whether a program with these traits gets the shared region: others would lose it. */
static inline bool fuzz_is_sharing(unsigned int traits)
{
	return (traits & FUZZ_SHARES) && !(traits & FUZZ_UNSHARED);
}

/**
 * struct fuzz_count - calls of one sort
 * @made: how often it was called
 * @done: how often it succeeded
 * @nested: how often it was called as a part of another call
 * @ns: how long all of them took
 */
struct fuzz_count {
	__u64 made;
	__u64 done;
	__u64 nested;
	__u64 ns;
};

/**
 * struct fuzz_world - what the calls of one program act on
 * @fd: descriptors, -1 where there is none; other lanes change them meanwhile. In memory
 *	shared with the worker
 * @shared: a region that the programs of all workers share
 * @window: addresses of FUZZ_WINDOW pages, FUZZ_MAPS times, PROT_NONE at first
 * @page: page size
 * @peer: a process that touches a mapping of @shared without end
 * @running: the processes of the programs of all workers, some of which have ended
 * @nr_running: how many
 * @disk: a file for O_DIRECT, or -1
 * @uffd: a userfaultfd that stays open for a while, or -1
 * @byte: what the program writes
 * @traits: FUZZ_* of all its calls
 * @locks: whether it has locked memory
 * @lanes: how many lanes the program has
 * @count: calls of all workers, by number
 * @failure: why the program has failed; shared with the worker
 */
struct fuzz_world {
	int *fd;
	int shared;
	char *window;
	size_t page;
	pid_t peer;
	const pid_t *running;
	unsigned int nr_running;
	int disk;
	int uffd;
	unsigned char byte;
	unsigned int traits;
	unsigned int lanes;
	bool locks;
	struct fuzz_count *count;
	char *failure;
};

#define FUZZ_FAILURE	512

/* Counts calls that are made as a part of another. */
void fuzz_nested(struct fuzz_world *w, const char *name, unsigned int times);

/* Notes a failure of a program, unless there is one: in room for FUZZ_FAILURE bytes. */
__attribute__((format(printf, 2, 3)))
void fuzz_note(char *failure, const char *format, ...);

#define fuzz_fail(w, ...)	fuzz_note((w)->failure, __VA_ARGS__)

/**
 * struct fuzz_call - a call
 * @name: in programs
 * @weight: how often it is drawn, compared with others
 * @traits: enum fuzz_trait
 * @run: makes the call: 0 or more, or -errno
 * @arg: its arguments
 */
struct fuzz_call {
	const char *name;
	unsigned int weight;
	unsigned int traits;
	long (*run)(struct fuzz_world *w, const __u64 *a);
	struct fuzz_arg arg[FUZZ_ARGS + 1];
};

struct fuzz_calls {
	const struct fuzz_call *at;
	unsigned int nr;
};

#define FUZZ_CALLS(NAME)						\
	const struct fuzz_calls fuzz_calls_##NAME = { calls, ARRAY_SIZE(calls) }

extern const struct fuzz_calls fuzz_calls_device, fuzz_calls_rule, fuzz_calls_vma;
extern const struct fuzz_calls fuzz_calls_access, fuzz_calls_copy, fuzz_calls_task;
extern const struct fuzz_calls fuzz_calls_walk, fuzz_calls_record, fuzz_calls_files;
extern const struct fuzz_calls fuzz_calls_machine;

/* table.c: all of them, by number. */
unsigned int fuzz_nr_calls(void);
const struct fuzz_call *fuzz_call(unsigned int number);
int fuzz_call_by_name(const char *name, size_t length);
/* By their weights, of those with none of the traits. */
unsigned int fuzz_draw_call(struct fuzz_random *random, unsigned int without);

static inline long fuzz_result(long ret)
{
	return ret < 0 ? -errno : ret;
}

/* A page of a window. Numbers past its end wrap, so that nothing else is hit. */
static inline char *fuzz_at(const struct fuzz_world *w, __u64 map, __u64 page)
{
	return w->window + ((map % FUZZ_MAPS) * FUZZ_WINDOW + page % FUZZ_WINDOW) * w->page;
}

/* Bytes of some pages from @page on, cut at the end of the window. */
static inline size_t fuzz_bytes(const struct fuzz_world *w, __u64 page, __u64 pages)
{
	const __u64 room = FUZZ_WINDOW - page % FUZZ_WINDOW;

	return (pages < room ? pages : room) * w->page;
}

static inline int fuzz_fd(const struct fuzz_world *w, __u64 slot)
{
	return __atomic_load_n(&w->fd[slot % FUZZ_FDS], __ATOMIC_RELAXED);
}

/*
 * Puts a descriptor into a slot and closes the one that was there. Slots have numbers of
 * their own, so that what another lane opens for a moment is never taken for a region.
 */
void fuzz_set_fd(struct fuzz_world *w, __u64 slot, int fd);

/* check.c: no counter is negative. */
void fuzz_check_stats(char *failure, const struct faultlab_stats *stats);

/* check.c: the callbacks that a region has counted, retried ones included; 0: no region. */
__u64 fuzz_callbacks(int fd);

/* access.c: fails the program if one of the bytes is neither 0 nor one that it may read. */
void fuzz_check_bytes(struct fuzz_world *w, const char *what, const char *bytes, size_t nr);

#endif /* FUZZ_CALL_H */
