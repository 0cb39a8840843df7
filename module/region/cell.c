// SPDX-License-Identifier: GPL-2.0-only
/* Derives the counters of enum faultlab_stat from cells. */
#include <linux/mmdebug.h>
#include <linux/string.h>
#include "region/cell.h"

#define FLAB_CELL_WORDS (sizeof(struct flab_cell) / sizeof(u64))

const u32 flab_access_mask[FLAB_NR_ACCESS] = {
	[FLAB_READ]		= FAULTLAB_ACCESS_READ,
	[FLAB_WRITE]		= FAULTLAB_ACCESS_WRITE,
	[FLAB_COW]		= FAULTLAB_ACCESS_COW,
	[FLAB_MKWRITE]		= FAULTLAB_ACCESS_MKWRITE,
	[FLAB_PFN_MKWRITE]	= FAULTLAB_ACCESS_PFN_MKWRITE,
	[FLAB_AROUND]		= FAULTLAB_ACCESS_AROUND,
};

static_assert(FAULTLAB_NR_ACCESSES == 9, "is the new access one to count? in flab_fault_plain()?");

void flab_cell_add(struct flab_cell *sum, const struct flab_cell *cell)
{
	const u64 *from = (const u64 *)cell;
	u64 *to = (u64 *)sum;
	size_t i;

	for (i = 0; i < FLAB_CELL_WORDS; i++)
		to[i] += from[i];
}

/**
 * flab_words_add_since - add what was counted since the last reset
 * @sum: the counts are added to this
 * @cell: per-CPU counters; never cleared, so each word only grows
 * @base: value of @cell at the last reset
 * @nr: number of words in each of @sum, @cell and @base
 * @reset: store the current values in @base. Each word is read once, for both @sum and
 *	@base, so that no count is lost
 *
 * No other code subtracts counters. Callers hold the lock that protects @base, so the
 * values in @base are older than those read here, and no difference is negative.
 */
void flab_words_add_since(u64 *sum, const u64 __percpu *cell, u64 *base, size_t nr, bool reset)
{
	size_t i;
	int cpu;

	for (i = 0; i < nr; i++) {
		u64 now = 0;

		for_each_possible_cpu(cpu)
			now += READ_ONCE(*per_cpu_ptr(cell + i, cpu));
		VM_WARN_ON_ONCE(now < base[i]);
		sum[i] += now - base[i];
		if (reset)
			base[i] = now;
	}
}

/* flab_words_add_since() for a cell. */
void flab_cell_add_since(struct flab_cell *sum, const struct flab_cell __percpu *cell,
			 struct flab_cell *base, bool reset)
{
	flab_words_add_since((u64 *)sum, (const u64 __percpu *)cell, (u64 *)base,
			     FLAB_CELL_WORDS, reset);
}

/* How many callbacks there were with each access, with each result and with each lock. */
struct flab_sums {
	u64 access[FLAB_NR_ACCESS];
	u64 result[FLAB_NR_RESULT];
	u64 lock[FLAB_NR_LOCK];
};

/*
 * A callback that returned VM_FAULT_RETRY counts in @result only: the core repeats the
 * fault, and the repeated callback counts its access and lock.
 */
static void flab_sum_callbacks(const struct flab_cell *c, struct flab_sums *sums)
{
	int access, result, lock;

	memset(sums, 0, sizeof(*sums));
	for (access = 0; access < FLAB_NR_ACCESS; access++) {
		for (result = 0; result < FLAB_NR_RESULT; result++) {
			for (lock = 0; lock < FLAB_NR_LOCK; lock++) {
				u64 n = c->fault[access][result][lock];

				sums->result[result] += n;
				if (result == FLAB_RETRY)
					continue;
				sums->access[access] += n;
				sums->lock[lock] += n;
			}
		}
	}
}

/* Number of callbacks in one CPU's cell. That CPU may be counting in it meanwhile. */
u64 flab_cell_callbacks(const struct flab_cell *cell)
{
	const u64 *fault = &cell->fault[0][0][0];
	u64 n = 0;
	size_t i;

	for (i = 0; i < sizeof(cell->fault) / sizeof(*fault); i++)
		n += READ_ONCE(fault[i]);
	return n;
}

static_assert(FAULTLAB_NR_STATS == 35, "derive the new counter below, or count it as a gauge");
static_assert(FAULTLAB_NR_RESULTS == 8, "has the new result a counter?");
static_assert(FAULTLAB_NR_VMA_EVENTS == 5, "has the new event a counter?");

/**
 * flab_cell_stats - derive the counters from a sum of cells
 * @sum: the sum
 * @value: out: the counters; the gauges (regions, VMAs, pages) are 0
 */
void flab_cell_stats(const struct flab_cell *sum, u64 value[FAULTLAB_NR_STATS])
{
	struct flab_sums by;
	size_t i;

	memset(value, 0, FAULTLAB_NR_STATS * sizeof(*value));
	/* A negative word would make the counters below wrong: all are sums of words. */
	for (i = 0; i < FLAB_CELL_WORDS; i++)
		VM_WARN_ON_ONCE((s64)((const u64 *)sum)[i] < 0);
	flab_sum_callbacks(sum, &by);
	value[FAULTLAB_STAT_FAULT_READ] = by.access[FLAB_READ];
	value[FAULTLAB_STAT_FAULT_WRITE] = by.access[FLAB_WRITE];
	value[FAULTLAB_STAT_FAULT_COW] = by.access[FLAB_COW];
	value[FAULTLAB_STAT_FAULT_MKWRITE] = by.access[FLAB_MKWRITE];
	value[FAULTLAB_STAT_FAULT_PFN_MKWRITE] = by.access[FLAB_PFN_MKWRITE];
	value[FAULTLAB_STAT_FAULT_AROUND] = by.access[FLAB_AROUND];
	value[FAULTLAB_STAT_PAGES_AROUND] = sum->pages_around;
	value[FAULTLAB_STAT_ACCESS] = sum->access;
	value[FAULTLAB_STAT_MINOR] = by.result[FLAB_MINOR];
	value[FAULTLAB_STAT_MAJOR] = by.result[FLAB_MAJOR];
	value[FAULTLAB_STAT_RETRY] = by.result[FLAB_RETRY];
	value[FAULTLAB_STAT_SIGBUS] = by.result[FLAB_SIGBUS];
	value[FAULTLAB_STAT_OOM] = by.result[FLAB_OOM];
	value[FAULTLAB_STAT_HWPOISON] = by.result[FLAB_HWPOISON];
	value[FAULTLAB_STAT_UNDER_VMA_LOCK] = by.lock[FLAB_LOCK_VMA];
	value[FAULTLAB_STAT_UNDER_MMAP_LOCK] = by.lock[FLAB_LOCK_MMAP];
	value[FAULTLAB_STAT_DELAY_NS] = sum->delay_ns;
	value[FAULTLAB_STAT_SIGSEGV] = by.result[FLAB_SIGSEGV];
	value[FAULTLAB_STAT_NOPAGE] = sum->nopage;
	value[FAULTLAB_STAT_FAULT_HUGE_PMD] = sum->huge[0];
	value[FAULTLAB_STAT_FAULT_HUGE_PUD] = sum->huge[1];
	for (i = 0; i < ARRAY_SIZE(sum->fallback); i++)
		value[FAULTLAB_STAT_FALLBACK_START + i] = sum->fallback[i];
	value[FAULTLAB_STAT_MREMAP] = sum->vma[FAULTLAB_VMA_MREMAP];
	value[FAULTLAB_STAT_MMAP] = sum->vma[FAULTLAB_VMA_MMAP];
	value[FAULTLAB_STAT_VMA_OPEN] = sum->vma[FAULTLAB_VMA_OPEN];
	value[FAULTLAB_STAT_VMA_CLOSE] = sum->vma[FAULTLAB_VMA_CLOSE];
	value[FAULTLAB_STAT_VMA_SPLIT] = sum->vma[FAULTLAB_VMA_MAY_SPLIT];
	value[FAULTLAB_STAT_PAGES_BATCH] = sum->pages_batch;
}
