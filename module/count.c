// SPDX-License-Identifier: GPL-2.0-only
/* From cells, as the fault path writes them, to the counters that people read. */
#include "count.h"

#define FLAB_CELL_WORDS (sizeof(struct flab_cell) / sizeof(u64))

/* The same list in the same order as enum faultlab_stat. */
const char * const flab_stat_names[FAULTLAB_NR_STATS] = {
#define FAULTLAB_STAT(NAME, name) #name
#include <linux/faultlab_stats.h>
#undef FAULTLAB_STAT
};

void flab_cell_add(struct flab_cell *sum, const struct flab_cell *cell)
{
	const u64 *from = (const u64 *)cell;
	u64 *to = (u64 *)sum;
	size_t i;

	for (i = 0; i < FLAB_CELL_WORDS; i++)
		to[i] += READ_ONCE(from[i]);
}

void flab_cell_sub(struct flab_cell *sum, const struct flab_cell *cell)
{
	const u64 *from = (const u64 *)cell;
	u64 *to = (u64 *)sum;
	size_t i;

	for (i = 0; i < FLAB_CELL_WORDS; i++)
		to[i] -= from[i];
}

void flab_cell_add_percpu(struct flab_cell *sum,
			  const struct flab_cell __percpu *cell)
{
	int cpu;

	for_each_possible_cpu(cpu)
		flab_cell_add(sum, per_cpu_ptr(cell, cpu));
}

/* All callbacks of the given kinds, but for those that will come again. */
static u64 flab_sum_ended(const struct flab_cell *c, enum flab_access access)
{
	u64 n = 0;
	int result, lock;

	for (result = 0; result < FLAB_NR_RESULT; result++)
		for (lock = 0; lock < FLAB_NR_LOCK; lock++)
			if (result != FLAB_RETRY)
				n += c->fault[access][result][lock];
	return n;
}

static u64 flab_sum_result(const struct flab_cell *c, enum flab_result result)
{
	u64 n = 0;
	int access, lock;

	for (access = 0; access < FLAB_NR_ACCESS; access++)
		for (lock = 0; lock < FLAB_NR_LOCK; lock++)
			n += c->fault[access][result][lock];
	return n;
}

static u64 flab_sum_lock(const struct flab_cell *c, enum flab_lock lock)
{
	u64 n = 0;
	int access, result;

	for (access = 0; access < FLAB_NR_ACCESS; access++)
		for (result = 0; result < FLAB_NR_RESULT; result++)
			if (result != FLAB_RETRY)
				n += c->fault[access][result][lock];
	return n;
}

/**
 * flab_cell_stats - derive the counters from a sum of cells
 * @sum: the sum
 * @value: where the counters go; the levels (pages and the like) are left alone
 */
void flab_cell_stats(const struct flab_cell *sum, u64 value[FAULTLAB_NR_STATS])
{
	size_t i;

	value[FAULTLAB_STAT_FAULT_READ] = flab_sum_ended(sum, FLAB_READ);
	value[FAULTLAB_STAT_FAULT_WRITE] = flab_sum_ended(sum, FLAB_WRITE);
	value[FAULTLAB_STAT_FAULT_COW] = flab_sum_ended(sum, FLAB_COW);
	value[FAULTLAB_STAT_FAULT_MKWRITE] = flab_sum_ended(sum, FLAB_MKWRITE);
	value[FAULTLAB_STAT_FAULT_PFN_MKWRITE] = flab_sum_ended(sum, FLAB_PFN_MKWRITE);
	value[FAULTLAB_STAT_FAULT_AROUND] = flab_sum_ended(sum, FLAB_AROUND);
	value[FAULTLAB_STAT_PAGES_AROUND] = sum->pages_around;
	value[FAULTLAB_STAT_ACCESS] = sum->access;
	value[FAULTLAB_STAT_MINOR] = flab_sum_result(sum, FLAB_MINOR) - sum->late;
	value[FAULTLAB_STAT_MAJOR] = flab_sum_result(sum, FLAB_MAJOR);
	value[FAULTLAB_STAT_RETRY] = flab_sum_result(sum, FLAB_RETRY);
	value[FAULTLAB_STAT_SIGBUS] = flab_sum_result(sum, FLAB_SIGBUS);
	value[FAULTLAB_STAT_OOM] = flab_sum_result(sum, FLAB_OOM);
	value[FAULTLAB_STAT_HWPOISON] = flab_sum_result(sum, FLAB_HWPOISON);
	value[FAULTLAB_STAT_UNDER_VMA_LOCK] = flab_sum_lock(sum, FLAB_LOCK_VMA);
	value[FAULTLAB_STAT_UNDER_MMAP_LOCK] = flab_sum_lock(sum, FLAB_LOCK_MMAP);
	value[FAULTLAB_STAT_DELAY_NS] = sum->delay_ns;
	value[FAULTLAB_STAT_SIGSEGV] = flab_sum_result(sum, FLAB_SIGSEGV);
	value[FAULTLAB_STAT_NOPAGE] = sum->nopage;
	value[FAULTLAB_STAT_FAULT_HUGE_PMD] = sum->huge[0];
	value[FAULTLAB_STAT_FAULT_HUGE_PUD] = sum->huge[1];
	for (i = 0; i < ARRAY_SIZE(sum->fallback); i++)
		value[FAULTLAB_STAT_FALLBACK_START + i] = sum->fallback[i];
	value[FAULTLAB_STAT_MREMAP] = sum->mremap;
	value[FAULTLAB_STAT_PAGES_BATCH] = sum->pages_batch;
}
