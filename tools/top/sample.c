// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happened in an interval. Rates come from the counters, which are exact. Latency
 * and processes come from the records of the interval.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "top/source.h"

const char *const top_sort_names[] = {
	[TOP_BY_FAULTS] = "faults",
	[TOP_BY_TIME] = "time",
	[TOP_BY_PAGES] = "pages",
	[TOP_BY_REGION] = "number",
};

static const struct {
	__u32 access;
	enum faultlab_stat stat;
} accesses[TOP_ACCESSES] = {
	{ FAULTLAB_ACCESS_READ, FAULTLAB_STAT_FAULT_READ },
	{ FAULTLAB_ACCESS_WRITE, FAULTLAB_STAT_FAULT_WRITE },
	{ FAULTLAB_ACCESS_COW, FAULTLAB_STAT_FAULT_COW },
	{ FAULTLAB_ACCESS_MKWRITE, FAULTLAB_STAT_FAULT_MKWRITE },
	{ FAULTLAB_ACCESS_PFN_MKWRITE, FAULTLAB_STAT_FAULT_PFN_MKWRITE },
	{ FAULTLAB_ACCESS_AROUND, FAULTLAB_STAT_FAULT_AROUND },
};

_Static_assert(FAULTLAB_NR_ACCESSES == 9, "is the new access a row?");

int top_begin(struct top_source *s)
{
	int err = top_fetch(s);

	s->nr = 0;
	s->lost = 0;
	s->skipped = 0;
	top_read_counts(FAULTLAB_DEBUGFS "/stats", s->last.counts.now);
	top_read_regions(&s->last, s->id);
	s->time = monotonic_ns();
	return err;
}

__u64 top_failed(const __u64 *count)
{
	_Static_assert(FAULTLAB_NR_RESULTS == 8, "is the new result a failure?");
	return count[FAULTLAB_STAT_SIGBUS] + count[FAULTLAB_STAT_OOM] +
	       count[FAULTLAB_STAT_HWPOISON] + count[FAULTLAB_STAT_SIGSEGV];
}

__u64 top_faults(const __u64 *count)
{
	return count[FAULTLAB_STAT_MINOR] + count[FAULTLAB_STAT_MAJOR] + top_failed(count);
}

__u64 top_rate(const struct top_sample *sample, __u64 count)
{
	return count / sample->seconds + 0.5;
}

/* A counter lower than at the last sample was reset in between, and has counted from 0 since. */
static void move(struct top_counts *counts, const struct top_counts *last)
{
	unsigned int i;

	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		counts->moved[i] = last && counts->now[i] >= last->now[i] ?
				   counts->now[i] - last->now[i] : counts->now[i];
}

static const struct top_region *find_region(const struct top_sample *sample, __u32 id)
{
	size_t i;

	for (i = 0; i < sample->nr_regions; i++)
		if (sample->region[i].id == id)
			return &sample->region[i];
	return NULL;
}

static __u64 key_none(const struct report *report, const struct faultlab_record *r)
{
	(void)report;
	(void)r;
	return 0;
}

static __u64 key_region(const struct report *report, const struct faultlab_record *r)
{
	(void)report;
	return r->region;
}

static __u64 key_process(const struct report *report, const struct faultlab_record *r)
{
	(void)report;
	return r->pid;
}

static __u64 key_access(const struct report *report, const struct faultlab_record *r)
{
	unsigned int i;

	(void)report;
	for (i = 0; i < TOP_ACCESSES - 1; i++)
		if (r->fault.access & accesses[i].access)
			break;
	return i;
}

static void add_regions(struct top_source *s, struct top_sample *sample)
{
	static const struct grouping by = { .by_key = true, .key = key_region };
	const struct report report = { .fault = s->fault, .nr = s->nr };
	struct group *groups;
	ssize_t i, nr = group_records(&report, &by, &groups);
	struct top_region *region;

	for (i = 0; i < nr; i++) {
		region = (struct top_region *)find_region(sample, groups[i].key);
		if (region)
			region->latency = groups[i];
	}
	free(groups);
	for (i = 0; i < (ssize_t)sample->nr_regions; i++) {
		const struct top_region *last;

		region = &sample->region[i];
		last = find_region(&s->last, region->id);
		move(&region->counts, last ? &last->counts : NULL);
	}
}

static void add_all(const struct top_source *s, struct top_sample *sample)
{
	static const struct grouping by = { .by_key = true, .key = key_none };
	const struct report report = { .fault = s->fault, .nr = s->nr };
	struct group *groups;

	if (group_records(&report, &by, &groups) == 1)
		sample->latency = *groups;
	free(groups);
}

static void add_processes(const struct top_source *s, const struct report *report,
			  struct top_sample *sample)
{
	static const struct grouping by = { .key = key_process };
	struct group *groups;
	ssize_t i, nr = group_records(report, &by, &groups);

	sample->process = nr > 0 ? calloc(nr, sizeof(*sample->process)) : NULL;
	for (i = 0; sample->process && i < nr; i++) {
		struct top_process *process = &sample->process[sample->nr_processes++];

		process->pid = groups[i].key;
		process->records = groups[i];
		snprintf(process->name, sizeof(process->name), "%s",
			 top_name(s, process->pid));
	}
	free(groups);
}

static void add_accesses(const struct report *report, const struct top_counts *counts,
			 struct top_sample *sample)
{
	static const struct grouping by = { .by_key = true, .key = key_access };
	struct group *groups;
	ssize_t i, nr = group_records(report, &by, &groups);

	for (i = 0; i < TOP_ACCESSES; i++) {
		sample->access[i].name = faultlab_access_name(accesses[i].access);
		sample->access[i].per_second = top_rate(sample, counts->moved[accesses[i].stat]);
	}
	for (i = 0; i < nr; i++)
		sample->access[groups[i].key].latency = groups[i];
	free(groups);
}

static __u64 sort_faults(const struct top_region *region)
{
	return top_faults(region->counts.moved);
}

static __u64 sort_time(const struct top_region *region)
{
	return region->latency.total;
}

static __u64 sort_pages(const struct top_region *region)
{
	return region->pages;
}

static __u64 sort_nothing(const struct top_region *region)
{
	(void)region;
	return 0;
}

static __u64 (*const sort_key[TOP_NR_SORTS])(const struct top_region *region) = {
	[TOP_BY_FAULTS] = sort_faults,
	[TOP_BY_TIME] = sort_time,
	[TOP_BY_PAGES] = sort_pages,
	[TOP_BY_REGION] = sort_nothing,
};

static enum top_sort sort_by;

static int compare_regions(const void *a, const void *b)
{
	const struct top_region *left = a, *right = b;
	__u64 l = sort_key[sort_by](left), r = sort_key[sort_by](right);

	if (l != r)
		return l < r ? 1 : -1;
	return (left->id > right->id) - (left->id < right->id);
}

/* Keeps this sample's counters, from which the next sample computes changes. */
static void remember(struct top_source *s, const struct top_sample *sample)
{
	size_t i, bytes = sample->nr_regions * sizeof(*sample->region);

	top_sample_free(&s->last);
	s->last.counts = sample->counts;
	s->last.region = malloc(bytes + 1);
	if (s->last.region && bytes)
		memcpy(s->last.region, sample->region, bytes);
	s->last.nr_regions = s->last.region ? sample->nr_regions : 0;
	s->nr = 0;
	s->lost = 0;
	s->skipped = 0;
	for (i = 0; i < s->nr_tasks; i++)
		s->task[i].asked = false;
}

/* Moves the records of one region to the front, and overwrites the others. */
static size_t pick_region(struct top_source *s, __s64 region)
{
	size_t i, nr = 0;

	for (i = 0; i < s->nr; i++)
		if (region < 0 || s->fault[i]->region == region)
			s->fault[nr++] = s->fault[i];
	return nr;
}

int top_sample(struct top_source *s, enum top_sort sort, __s64 region, struct top_sample *sample)
{
	struct report report = { .fault = s->fault };
	const struct top_region *of;
	__u64 time;
	int err;

	*sample = (struct top_sample){ 0 };
	err = top_fetch(s);
	if (err)
		return err;
	if (!top_read_counts(FAULTLAB_DEBUGFS "/stats", sample->counts.now) ||
	    !top_read_regions(sample, s->id))
		return failed("cannot read the counters in " FAULTLAB_DEBUGFS ".");
	time = monotonic_ns();
	sample->seconds = (time > s->time ? time - s->time : 1) / 1e9;
	s->time = time;
	sample->lost = s->lost;
	sample->skipped = s->skipped;
	move(&sample->counts, &s->last.counts);
	add_all(s, sample);
	add_regions(s, sample);
	report.nr = pick_region(s, region);
	add_processes(s, &report, sample);
	of = region >= 0 ? find_region(sample, region) : NULL;
	add_accesses(&report, of ? &of->counts : &sample->counts, sample);
	sort_by = sort;
	if (sample->nr_regions)
		qsort(sample->region, sample->nr_regions, sizeof(*sample->region),
		      compare_regions);
	remember(s, sample);
	return 0;
}

void top_sample_free(struct top_sample *sample)
{
	free(sample->region);
	free(sample->process);
	sample->region = NULL;
	sample->process = NULL;
	sample->nr_regions = 0;
	sample->nr_processes = 0;
}
