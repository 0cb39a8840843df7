// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares what was observed of an access with what is expected.
 */
#include <string.h>

#include "tour/tell.h"

/*
 * Some counters are not compared with an expected value: those of the lock and of the
 * delay depend on the machine, and levels are no counts.
 */
static bool is_compared(unsigned int stat)
{
	return !faultlab_stat_is_level(stat) && stat != FAULTLAB_STAT_UNDER_VMA_LOCK &&
	       stat != FAULTLAB_STAT_UNDER_MMAP_LOCK && stat != FAULTLAB_STAT_DELAY_NS;
}

static void judge_counts(struct tour *tour, const struct outcome *seen,
			 const struct expect *expect)
{
	const __u64 *count = seen->count.value;
	__u64 calls, locks;
	unsigned int i;

	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		if (is_compared(i))
			tour_check(tour, count[i] == expect->count[i], "%s counted %llu, not %u",
				   faultlab_stat_name(i), count[i], expect->count[i]);

	/* Each callback but .page_mkwrite is told which lock the core holds, and counts it. */
	calls = count[FAULTLAB_STAT_FAULT_READ] + count[FAULTLAB_STAT_FAULT_WRITE] +
		count[FAULTLAB_STAT_FAULT_COW] + count[FAULTLAB_STAT_FAULT_PFN_MKWRITE] +
		count[FAULTLAB_STAT_FAULT_AROUND];
	locks = count[FAULTLAB_STAT_UNDER_VMA_LOCK] + count[FAULTLAB_STAT_UNDER_MMAP_LOCK];
	tour_check(tour, calls == locks, "%llu callbacks, but %llu locks", calls, locks);
}

static void judge_kernel(struct tour *tour, const struct outcome *seen,
			 const struct expect *expect)
{
	const struct faultlab_witness *kernel = &seen->kernel;
	long minor = expect->count[FAULTLAB_STAT_MINOR] + expect->alone;
	long major = expect->count[FAULTLAB_STAT_MAJOR];

	tour_check(tour, kernel->minflt == minor, "the kernel counted %ld minor faults, not %ld",
		   kernel->minflt, minor);
	tour_check(tour, kernel->majflt == major, "the kernel counted %ld major faults, not %ld",
		   kernel->majflt, major);
	tour_check(tour, kernel->pgfault >= (__u64)(minor + major),
		   "/proc/vmstat counted %llu faults only", kernel->pgfault);
}

static void judge_entry(struct tour *tour, const char *when, __u64 flags, __u64 with,
			__u64 without)
{
	char text[FAULTLAB_PTE_TEXT_MAX];

	tour_check(tour, (flags & with) == with, "%s, the entry lacks 0x%llx (%s)", when,
		   with & ~flags, faultlab_pte_text(with & ~flags, text, sizeof(text)));
	tour_check(tour, !(flags & without), "%s, the entry has 0x%llx (%s)", when,
		   flags & without, faultlab_pte_text(flags & without, text, sizeof(text)));
}

void tour_judge(struct tour *tour, const char *what, const struct access *access,
		const struct expect *expect)
{
	const struct outcome *seen = &tour->last;
	const struct faultlab_touch *touch = &seen->touch;

	tour_tell(what, seen);
	if (!tour_check(tour, !seen->err, "counters or entries cannot be read: %s",
			strerror(-seen->err)))
		return;
	tour_check(tour, touch->signal == expect->signal && touch->code == expect->code,
		   "it ended in %s, not %s", tour_signal_text(touch->signal, touch->code),
		   tour_signal_text(expect->signal, expect->code));
	tour_check(tour, !touch->signal || touch->addr == (uintptr_t)access->addr,
		   "the signal has the wrong address 0x%lx", (unsigned long)touch->addr);
	tour_check(tour, access->write || touch->signal || touch->value == expect->value,
		   "%u was read, not %u", touch->value, expect->value);
	tour_check(tour, touch->ns >= expect->at_least_ns, "it took %llu ns only", touch->ns);

	judge_entry(tour, "before", seen->before.flags, expect->before, 0);
	judge_entry(tour, "after", seen->after.flags, expect->after, expect->after_not);
	if (expect->after & FAULTLAB_PTE_LEAF)
		tour_check(tour, seen->after.level == expect->level, "it is a %s, not a %s",
			   faultlab_level_name(seen->after.level),
			   faultlab_level_name(expect->level));
	judge_counts(tour, seen, expect);
	judge_kernel(tour, seen, expect);
}
