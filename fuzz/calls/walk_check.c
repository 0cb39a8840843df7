// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/calls/walk.h"

/*
 * Without getting further a walk can report only what stands above an address: at each of
 * five levels a table or a hole. Twice as many calls have no end.
 */
#define STAYS_MAX	16

void fuzz_check_part(struct fuzz_world *w, const struct faultlab_walk *walk,
		     struct fuzz_part *part)
{
	const __u32 tag = part->resume & ~FUZZ_RESUME_LEVELS;

	if (walk->nr > part->asked || walk->next < part->start ||
	    (walk->nr && walk->next > walk->end))
		fuzz_fail(w, "walk: nr %llu of %llu, next 0x%llx for [0x%llx, 0x%llx)", walk->nr,
			  part->asked, walk->next, part->start, walk->end);
	part->stays = walk->next == part->start ? part->stays + 1 : 0;
	if (part->stays > STAYS_MAX)
		fuzz_fail(w, "walk: no end at 0x%llx, resume 0x%x", walk->next, walk->resume);
	/* Kernel walks refuse any tag; what has ended or executed is refused anyway. */
	if (tag && tag != (walk->resume & ~FUZZ_RESUME_LEVELS))
		fuzz_fail(w, "walk: resume 0x%x was accepted, and 0x%x returned", part->resume,
			  walk->resume);
}

bool fuzz_part_stays(const struct fuzz_part *part)
{
	return part->stays && part->stays <= STAYS_MAX;
}

/* Entries of tables and holes need not be in order: VMAs share them. */
static void check_entries(struct fuzz_world *w, const struct faultlab_walk *walk, __u64 start)
{
	const struct faultlab_walk_entry *e = (void *)(uintptr_t)walk->entries;
	__u64 i;

	if (walk->flags & (FAULTLAB_WALK_TABLES | FAULTLAB_WALK_HOLES))
		return;
	for (i = 0; i < walk->nr; i++) {
		const __u64 what = e[i].flags & (FAULTLAB_PTE_NONE | FAULTLAB_PTE_TABLE |
						 FAULTLAB_PTE_LEAF | FAULTLAB_PTE_NONPRESENT |
						 FAULTLAB_PTE_NO_VMA | FAULTLAB_PTE_BAD);
		/* The last address: the one after it may be 0. */
		const __u64 last = e[i].addr + e[i].bytes - 1;

		if (!e[i].bytes || e[i].level >= FAULTLAB_NR_LEVELS || !what ||
		    what & (what - 1))
			fuzz_fail(w, "walk: entry %llu: 0x%llx, %llu bytes, flags 0x%llx", i,
				  e[i].addr, e[i].bytes, e[i].flags);
		if (last < start || e[i].addr >= walk->end)
			fuzz_fail(w, "walk: 0x%llx, %llu bytes, is not in [0x%llx, 0x%llx)",
				  e[i].addr, e[i].bytes, start, walk->end);
		if (!i)
			continue;
		/* A large leaf may have replaced a table that was reported in part. */
		if (last <= e[i - 1].addr + e[i - 1].bytes - 1 ||
		    (e[i].level <= e[i - 1].level &&
		     e[i].addr <= e[i - 1].addr + e[i - 1].bytes - 1))
			fuzz_fail(w, "walk: 0x%llx of level %u after 0x%llx of level %u",
				  e[i].addr, e[i].level, e[i - 1].addr, e[i - 1].level);
	}
}

/* One after the other, within the range. */
static void check_range(struct fuzz_world *w, const struct faultlab_walk *walk, __u64 from,
			__u64 start, __u64 end)
{
	if (start >= end || start < from || end > walk->end)
		fuzz_fail(w, "walk: [0x%llx, 0x%llx) is not in [0x%llx, 0x%llx)", start, end, from,
			  walk->end);
}

static void check_runs(struct fuzz_world *w, const struct faultlab_walk *walk, __u64 start)
{
	const struct faultlab_walk_run *run = (void *)(uintptr_t)walk->entries;
	__u64 i;

	for (i = 0; i < walk->nr; start = run[i++].end)
		check_range(w, walk, start, run[i].start, run[i].end);
}

static void check_counts(struct fuzz_world *w, const struct faultlab_walk *walk, __u64 start)
{
	const struct faultlab_walk_counts *counts = (void *)(uintptr_t)walk->entries;
	__u64 i;

	for (i = 0; i < walk->nr; start = counts[i++].end)
		check_range(w, walk, start, counts[i].start, counts[i].end);
}

void fuzz_check_records(struct fuzz_world *w, const struct faultlab_walk *walk,
			const struct fuzz_part *part)
{
	static void (*const checks[FAULTLAB_NR_WALK_FORMS])(struct fuzz_world *w,
							    const struct faultlab_walk *walk,
							    __u64 start) = {
		[FAULTLAB_WALK_ENTRIES] = check_entries,
		[FAULTLAB_WALK_RUNS] = check_runs,
		[FAULTLAB_WALK_COUNTS] = check_counts,
	};

	if (walk->form < FAULTLAB_NR_WALK_FORMS && checks[walk->form] && walk->nr <= part->asked)
		checks[walk->form](w, walk, part->start);
}

/* How many bytes of [start, end) are in the range. */
static __u64 bytes_in(const struct fuzz_rest *rest, __u64 start, __u64 end)
{
	start = start > rest->from ? start : rest->from;
	end = end < rest->end ? end : rest->end;
	return start < end ? end - start : 0;
}

struct mapped {
	const struct fuzz_rest *rest;
	__u64 bytes;
};

#define IS_MAPPED	(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_NONPRESENT)

static int add_run(const struct faultlab_walk_run *run, void *arg)
{
	struct mapped *mapped = arg;

	if (run->flags & IS_MAPPED)
		mapped->bytes += bytes_in(mapped->rest, run->start, run->end);
	return 0;
}

/* What is mapped in the range now: by a walk of another form, that begins there. */
static bool mapped_now(const struct fuzz_world *w, const struct fuzz_rest *rest, __u64 *bytes)
{
	struct mapped mapped = { rest, 0 };
	int err = faultlab_walk_runs(w->shared, 0, rest->from, rest->end, 0, 0, 0, add_run,
				     &mapped);

	*bytes = mapped.bytes;
	return !err;
}

void fuzz_rest_begin(struct fuzz_world *w, struct fuzz_rest *rest, __u64 from, __u64 end)
{
	*rest = (struct fuzz_rest){ .from = from, .end = end };
	rest->known = mapped_now(w, rest, &rest->before);
}

void fuzz_rest_add(struct fuzz_rest *rest, const struct faultlab_walk *walk)
{
	const struct faultlab_walk_entry *e = (void *)(uintptr_t)walk->entries;
	__u64 i;

	for (i = 0; i < walk->nr; i++)
		if (e[i].flags & IS_MAPPED)
			rest->seen += bytes_in(rest, e[i].addr, e[i].addr + e[i].bytes);
}

void fuzz_rest_check(struct fuzz_world *w, const struct fuzz_rest *rest)
{
	__u64 after, least;

	if (!rest->known || !mapped_now(w, rest, &after))
		return;
	least = after < rest->before ? after : rest->before;
	if (rest->seen < least)
		fuzz_fail(w, "walk: of %llu bytes that stayed mapped, %llu are in no entry", least,
			  least - rest->seen);
}
