// SPDX-License-Identifier: GPL-2.0-only
/* Walks, of each form, of this process, others, and what is no process. */
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fuzz/calls/ioctl.h"

#define ROOM	64

static bool is_chained(const struct faultlab_walk *walk, __u64 start, __u64 end, __u64 asked)
{
	return walk->nr <= asked && walk->next >= start && (walk->next <= end || !walk->nr) &&
	       (walk->next > start || walk->resume || !walk->nr);
}

/* Entries without tables come in the order of addresses, and each covers something. */
static void check_entries(struct fuzz_world *w, const struct faultlab_walk_entry *e, __u32 nr)
{
	__u32 i;

	for (i = 0; i < nr; i++) {
		const __u64 what = e[i].flags & (FAULTLAB_PTE_NONE | FAULTLAB_PTE_TABLE |
						 FAULTLAB_PTE_LEAF | FAULTLAB_PTE_NONPRESENT |
						 FAULTLAB_PTE_NO_VMA | FAULTLAB_PTE_BAD);

		if (!e[i].bytes || e[i].level >= FAULTLAB_NR_LEVELS || !what ||
		    what & (what - 1))
			fuzz_fail(w, "walk: entry %u: 0x%llx, %llu bytes, flags 0x%llx", i,
				  e[i].addr, e[i].bytes, e[i].flags);
		/* A large leaf may have replaced a table that was reported in part. */
		if (i && e[i].addr + e[i].bytes <= e[i - 1].addr)
			fuzz_fail(w, "walk: 0x%llx after 0x%llx", e[i].addr, e[i - 1].addr);
	}
}

static pid_t pid_of(const struct fuzz_world *w, __u64 who)
{
	switch (who) {
	case 0:
		return 0;
	case 1:
		return w->peer;
	case 2:
		return 2;	/* kthreadd: no address space */
	case 3:
		return getppid();
	default:
		return who;
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

static long call_walk(struct fuzz_world *w, const __u64 *a)
{
	static __thread char room[ROOM * sizeof(struct faultlab_walk_counts)];
	static __thread struct faultlab_walk_page pages[ROOM];
	const __u64 flags = flags_of(a);
	const size_t size = record_size(a[2]);
	struct faultlab_walk walk = {
		.flags = flags,
		.pid = pid_of(w, a[1]),
		.form = a[2],
		.record_size = size,
		.page_size = flags & FAULTLAB_WALK_PAGES ? sizeof(*pages) : 0,
		.start = a[9] ? 0 : (uintptr_t)fuzz_at(w, a[4], a[5]),
		.entries = (uintptr_t)room,
		.pages = flags & FAULTLAB_WALK_PAGES ? (uintptr_t)pages : 0,
	};
	const __u32 most = a[2] == FAULTLAB_WALK_RAW ? 1024 : ROOM;
	unsigned int parts = 1 + a[7] % 8;
	__u64 end;
	long ret;

	if (flags & FAULTLAB_WALK_KERNEL)
		walk.start = ~0ULL - (1ULL << 31);
	walk.end = a[9] || flags & FAULTLAB_WALK_KERNEL ? ~0ULL :
		   walk.start + fuzz_bytes(w, a[5], a[6]);
	end = walk.end;
	do {
		const __u64 start = walk.start;
		__u64 asked;

		walk.nr = a[7] >= 8 ? 1 + a[7] % most : most;
		if (a[2] == FAULTLAB_WALK_RAW)
			walk.nr = most;
		asked = walk.nr;
		ret = fuzz_ioctl(w, a[0], FAULTLAB_IOC_WALK, &walk, sizeof(walk), a[8]);
		if (ret || a[8])
			break;
		if (!is_chained(&walk, start, end, asked))
			fuzz_fail(w, "walk: nr %llu, next 0x%llx for [0x%llx, 0x%llx)", walk.nr,
				  walk.next, start, end);
		if (a[2] == FAULTLAB_WALK_ENTRIES && !(flags & FAULTLAB_WALK_TABLES) &&
		    !(flags & FAULTLAB_WALK_HOLES) && walk.nr * size <= sizeof(room))
			check_entries(w, (void *)room, walk.nr);
		walk.start = walk.next;
	} while (--parts && walk.next < end);
	return ret;
}

static const struct fuzz_word whose[] = {
	{ "self", 0 }, { "self", 0 }, { "self", 0 }, { "self", 0 }, { "peer", 1 }, { "peer", 1 },
	{ "peer", 1 }, { "kernel", 2 }, { "parent", 3 },
	{ "nobody", 0x3ffffff },
};

static const struct fuzz_word forms[] = {
	{ "entries", FAULTLAB_WALK_ENTRIES }, { "runs", FAULTLAB_WALK_RUNS },
	{ "raw", FAULTLAB_WALK_RAW }, { "counts", FAULTLAB_WALK_COUNTS },
};

static const struct fuzz_word flags[] = {
	{ "0", 0 }, { "0", 0 }, { "holes", FAULTLAB_WALK_HOLES },
	{ "tables", FAULTLAB_WALK_TABLES },
	{ "pages", FAULTLAB_WALK_PAGES }, { "kernel", FAULTLAB_WALK_KERNEL },
};

static const struct fuzz_word ranges[] = { { "window", 0 }, { "window", 0 }, { "all", 1 } };

static const struct fuzz_call calls[] = {
	{ "walk", 60, FUZZ_SHARE, call_walk,
	  { { "fd", FUZZ_FD }, { "whose", FUZZ_ONE, FUZZ_WORDS(whose) },
	    { "form", FUZZ_ONE, FUZZ_WORDS(forms) }, { "flags", FUZZ_SET, FUZZ_WORDS(flags) },
	    { "map", FUZZ_MAP }, { "at", FUZZ_PAGE }, { "pages", FUZZ_PAGES },
	    { "parts", FUZZ_SMALL }, { "twist", FUZZ_TWIST },
	    { "range", FUZZ_ONE, FUZZ_WORDS(ranges) } } },
};

FUZZ_CALLS(walk);
