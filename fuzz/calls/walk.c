// SPDX-License-Identifier: GPL-2.0-only
/* Walks, of each form, of this process, others, and what is no process. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/calls/ioctl.h"
#include "fuzz/calls/walk.h"
#include "fuzz/calls/words.h"

#define ROOM	64

/* Newer than the C library's headers may be. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

enum { SELF, PEER, KTHREAD, PARENT, ANOTHER, ENDS, EXECUTES, NOBODY = 0x3ffffff };

/* A child that touches the range, and then ends or executes another program. */
static pid_t start_child(struct fuzz_world *w, const __u64 *a)
{
	unsigned int i;
	pid_t pid = fork();

	if (pid)
		return pid;
	alarm(2);
	for (i = 0; i < 16; i++)
		faultlab_touch_read(fuzz_at(w, a[4], a[5] + i), NULL);
	if (a[1] == EXECUTES)
		execl("/bin/true", "true", NULL);
	_exit(0);
}

/* @child: to be killed and reaped after the walk, or -1. */
static pid_t pid_of(struct fuzz_world *w, const __u64 *a, pid_t *child)
{
	*child = -1;
	switch (a[1]) {
	case SELF:
		return 0;
	case PEER:
		return w->peer;
	case KTHREAD:
		return 2;	/* kthreadd has no address space */
	case PARENT:
		return getppid();
	case ANOTHER:
		return w->nr_running ? w->running[a[5] % w->nr_running] : 0;
	case ENDS:
	case EXECUTES:
		*child = start_child(w, a);
		return *child > 0 ? *child : 0;
	default:
		return a[1];
	}
}

static size_t record_size(__u64 form)
{
	static const size_t sizes[] = {
		sizeof(struct faultlab_walk_entry), sizeof(struct faultlab_walk_run),
		sizeof(__u64), sizeof(struct faultlab_walk_counts),
	};

	return sizes[form % ARRAY_SIZE(sizes)];
}

/* Flags that a form has; the kernel half has no owner. Sometimes others, to be refused. */
static __u64 flags_of(const __u64 *a)
{
	static const __u64 known[] = {
		[FAULTLAB_WALK_ENTRIES] = FAULTLAB_WALK_HOLES | FAULTLAB_WALK_TABLES |
					  FAULTLAB_WALK_PAGES | FAULTLAB_WALK_KERNEL,
		[FAULTLAB_WALK_RUNS] = FAULTLAB_WALK_HOLES,
		[FAULTLAB_WALK_RAW] = FAULTLAB_WALK_TABLES,
		[FAULTLAB_WALK_COUNTS] = 0,
	};
	const __u64 flags = a[7] == 11 || a[2] >= ARRAY_SIZE(known) ? a[3] : a[3] & known[a[2]];

	return a[1] ? flags & ~(__u64)FAULTLAB_WALK_KERNEL : flags;
}

/* What a program passes back that the kernel did not return, by cookie % 4. */
static __u32 spoil(__u32 resume, __u64 cookie)
{
	switch (cookie % 4) {
	case 0:
		return cookie >> 8;
	case 1:
		return resume ^ 1U << (cookie / 8 % 32);
	case 2:
		return resume ^ (cookie / 8 & FUZZ_RESUME_LEVELS);
	default:
		return 0;
	}
}

/* A set of the flags that entries can have, not too often: most entries have few. */
static __u64 filter_of(const __u64 *a, __u64 filter)
{
	const bool filters = a[2] == FAULTLAB_WALK_ENTRIES || a[2] == FAULTLAB_WALK_RUNS;

	return filters || a[7] == 11 ? filter : 0;
}

/* Records may be larger than the kernel knows them, but for RAW. */
static size_t step_of(const __u64 *a)
{
	return record_size(a[2]) + (a[2] == FAULTLAB_WALK_RAW ? 0 : a[12] % 12 * 8);
}

enum { NOTHING, COLLAPSE, SPLIT };

/* Makes a large leaf of the table in which a walk has stopped, or a table of a leaf. */
static void change(struct fuzz_world *w, __u64 how, __u64 at)
{
	const __u64 huge = 512 * w->page;
	char *page = (char *)(uintptr_t)(at & ~(__u64)(w->page - 1));

	if (how == COLLAPSE)
		madvise((char *)(uintptr_t)(at & ~(huge - 1)), huge, MADV_COLLAPSE);
	if (how == SPLIT && !mprotect(page, w->page, PROT_READ))
		mprotect(page, w->page, PROT_READ | PROT_WRITE);
}

/* Whether nobody else changes what the walk is about, and nothing is left out of it. */
static bool sees_all(const struct fuzz_world *w, const __u64 *a, const struct faultlab_walk *walk)
{
	return w->lanes == 1 && a[1] == SELF && walk->form == FAULTLAB_WALK_ENTRIES &&
	       !(walk->flags & FAULTLAB_WALK_KERNEL) && !walk->require && !walk->exclude &&
	       !a[8] && !a[9] && !a[12] && !a[13] && !fuzz_is_sharing(w->traits) &&
	       !(w->traits & FUZZ_BREAKS);
}

static long walk_on(struct fuzz_world *w, const __u64 *a, struct faultlab_walk *walk, __u32 most)
{
	const bool all = sees_all(w, a, walk), changes = w->lanes == 1 && a[1] == SELF && !a[9];
	struct fuzz_part part = { 0 };
	struct fuzz_rest rest = { 0 };
	unsigned int parts = 1 + a[7] % 8, n;
	const __u64 end = walk->end;
	long ret;

	/* With a spoilt `resume` the walk must end, too; after a change it should. */
	if (a[13] || (changes && a[14]))
		parts += 16;
	for (n = 0; n < parts || fuzz_part_stays(&part); n++) {
		if (a[13] && n == a[13] / 4 % 2)
			walk->resume = spoil(walk->resume, a[13]);
		walk->nr = a[7] >= 8 && a[2] != FAULTLAB_WALK_RAW ? 1 + a[7] % most : most;
		part.start = walk->start;
		part.resume = walk->resume;
		part.asked = walk->nr;
		ret = fuzz_ioctl(w, a[0], FAULTLAB_IOC_WALK, walk, sizeof(*walk), a[8]);
		if (ret || a[8])
			break;
		fuzz_check_part(w, walk, &part);
		if (!a[12])
			fuzz_check_records(w, walk, &part);
		if (all && n && walk->nr <= part.asked)
			fuzz_rest_add(&rest, walk);
		walk->start = walk->next;
		if (walk->next >= end)
			break;
		if (all && !n)
			fuzz_rest_begin(w, &rest, walk->next, end);
		if (changes && !n)
			change(w, a[14], walk->next);
	}
	if (all && n && !ret && walk->next >= end)
		fuzz_rest_check(w, &rest);
	return ret;
}

static long call_walk(struct fuzz_world *w, const __u64 *a)
{
	static __thread char room[ROOM * sizeof(struct faultlab_walk_counts)];
	static __thread struct faultlab_walk_page pages[ROOM];
	const __u64 flags = flags_of(a);
	const size_t step = step_of(a);
	struct faultlab_walk walk = {
		.flags = flags,
		.form = a[2],
		.record_size = step,
		.page_size = flags & FAULTLAB_WALK_PAGES ? sizeof(*pages) : 0,
		.start = a[9] ? 0 : (uintptr_t)fuzz_at(w, a[4], a[5]),
		.entries = (uintptr_t)room,
		.pages = flags & FAULTLAB_WALK_PAGES ? (uintptr_t)pages : 0,
		.require = filter_of(a, a[10]),
		.exclude = filter_of(a, a[11]),
	};
	/* Each record is at most as large as one of COUNTS. */
	const __u32 most = a[2] == FAULTLAB_WALK_RAW ? 1024 : sizeof(room) / step < ROOM ?
			   sizeof(room) / step : ROOM;
	pid_t child;
	long ret;

	if (flags & FAULTLAB_WALK_KERNEL)
		walk.start = ~0ULL - (1ULL << 31);
	walk.end = a[9] || flags & FAULTLAB_WALK_KERNEL ? ~0ULL :
		   walk.start + fuzz_bytes(w, a[5], a[6]);
	walk.pid = pid_of(w, a, &child);
	ret = walk_on(w, a, &walk, most);
	/* What a spoilt `resume` should end in. */
	if (a[13] && ret == -ESTALE)
		ret = 0;
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		/* It was too late, or in between it has become another address space. */
		if (ret == -ESRCH || ret == -ESTALE)
			ret = 0;
	}
	return ret;
}

static const struct fuzz_word whose[] = {
	{ "self", SELF }, { "self", SELF }, { "self", SELF }, { "self", SELF }, { "peer", PEER },
	{ "peer", PEER }, { "another", ANOTHER }, { "another", ANOTHER }, { "kernel", KTHREAD },
	{ "parent", PARENT }, { "ends", ENDS }, { "executes", EXECUTES }, { "nobody", NOBODY },
};

static const struct fuzz_word forms[] = {
	{ "entries", FAULTLAB_WALK_ENTRIES }, { "runs", FAULTLAB_WALK_RUNS },
	{ "raw", FAULTLAB_WALK_RAW }, { "counts", FAULTLAB_WALK_COUNTS },
};

_Static_assert(ARRAY_SIZE(forms) == FAULTLAB_NR_WALK_FORMS, "add the new form, and its record");

static const struct fuzz_word flags[] = {
	{ "0", 0 }, { "0", 0 }, { "holes", FAULTLAB_WALK_HOLES },
	{ "tables", FAULTLAB_WALK_TABLES },
	{ "pages", FAULTLAB_WALK_PAGES }, { "kernel", FAULTLAB_WALK_KERNEL },
};

static const struct fuzz_word meanwhile[] = {
	{ "0", NOTHING }, { "0", NOTHING }, { "0", NOTHING }, { "0", NOTHING },
	{ "collapse", COLLAPSE }, { "split", SPLIT },
};

static const struct fuzz_word ranges[] = { { "window", 0 }, { "window", 0 }, { "all", 1 } };

/* Most walks filter nothing. */
#define NONE	{ "0", 0 }
#define NONES	NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE

static const struct fuzz_word filters[] = {
	NONES, NONES, NONES, NONES, NONES, FAULTLAB_PTE_FLAGS(FUZZ_ROW_PTE)
};

static const struct fuzz_call calls[] = {
	{ "walk", 60, FUZZ_SHARE | FUZZ_HELPED, call_walk,
	  { { "fd", FUZZ_FD }, { "whose", FUZZ_ONE, FUZZ_WORDS(whose) },
	    { "form", FUZZ_ONE, FUZZ_WORDS(forms) }, { "flags", FUZZ_SET, FUZZ_WORDS(flags) },
	    { "map", FUZZ_MAP }, { "at", FUZZ_PAGE }, { "pages", FUZZ_PAGES },
	    { "parts", FUZZ_SMALL }, { "twist", FUZZ_TWIST },
	    { "range", FUZZ_ONE, FUZZ_WORDS(ranges) },
	    { "require", FUZZ_SET, FUZZ_WORDS(filters) },
	    { "exclude", FUZZ_SET, FUZZ_WORDS(filters) }, { "larger", FUZZ_SMALL },
	    { "spoilt", FUZZ_COOKIE }, { "meanwhile", FUZZ_ONE, FUZZ_WORDS(meanwhile) } } },
};

FUZZ_CALLS(walk);
