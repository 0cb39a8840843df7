// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups records by a key (region, access, outcome, ...), and computes the statistics of
 * each group.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

const struct span *span_of(const struct report *report, __u32 region)
{
	size_t i;

	for (i = 0; i < report->nr_spans; i++)
		if (report->span[i].region == region)
			return &report->span[i];
	return NULL;
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *left = a, *right = b;

	return (left->region > right->region) - (left->region < right->region);
}

static bool add_to_span(struct report *report, const struct faultlab_record *r)
{
	struct span *span = (struct span *)span_of(report, r->region);

	if (!span) {
		span = realloc(report->span, (report->nr_spans + 1) * sizeof(*span));
		if (!span)
			return false;
		report->span = span;
		span += report->nr_spans++;
		*span = (struct span){ .region = r->region, .first = r->fault.index };
	}
	if (r->fault.index < span->first)
		span->first = r->fault.index;
	if (r->fault.index > span->last)
		span->last = r->fault.index;
	span->count++;
	return true;
}

struct span span_cut(const struct span *of, unsigned int ranges)
{
	struct span span = *of;

	span.shift = 0;
	while ((span.last >> span.shift) - (span.first >> span.shift) >= ranges)
		span.shift++;
	return span;
}

bool find_spans(struct report *report, unsigned int ranges)
{
	struct span *span;
	size_t i;

	for (i = 0; i < report->nr; i++)
		if (!add_to_span(report, report->fault[i]))
			return false;
	for (span = report->span; span < report->span + report->nr_spans; span++)
		*span = span_cut(span, ranges);
	if (report->nr_spans)
		qsort(report->span, report->nr_spans, sizeof(*span), compare_spans);
	return true;
}

static __u64 key_region(const struct report *report, const struct faultlab_record *r)
{
	(void)report;
	return r->region;
}

/*
 * The longest name of a task that is shown. Names in the file are not trusted, as the file
 * may be forged: printable() replaces characters that would control the terminal.
 */
#define MOST_OF_NAME	25

static char *label_region(const struct report *report, __u64 key, char *text)
{
	const struct records_note *note = recording_region(report->recording, key);
	char kind[sizeof(note->region_is.kind)], comm[MOST_OF_NAME];

	if (note && *note->region_is.comm)
		snprintf(text, LABEL_MAX, "%llu %s (%s)", key,
			 printable(note->region_is.kind, kind, sizeof(kind)),
			 printable(note->region_is.comm, comm, sizeof(comm)));
	else
		snprintf(text, LABEL_MAX, "%llu", key);
	return text;
}

/* A key of grouping "pages": the lower RANGE_BITS are the range in its span, above is the span. */
#define RANGE_BITS	16

static __u64 key_pages(const struct report *report, const struct faultlab_record *r)
{
	const struct span *span = span_of(report, r->region);
	__u64 range = (r->fault.index >> span->shift) - (span->first >> span->shift);

	return (__u64)(span - report->span) << RANGE_BITS | range;
}

static char *label_pages(const struct report *report, __u64 key, char *text)
{
	const struct span *span = &report->span[key >> RANGE_BITS];
	__u64 range = (key & ((1 << RANGE_BITS) - 1)) + (span->first >> span->shift);
	__u64 last = ((range + 1) << span->shift) - 1;

	if (span->shift)
		snprintf(text, LABEL_MAX, "%u: %llu-%llu", span->region, range << span->shift,
			 last < span->last ? last : span->last);
	else
		snprintf(text, LABEL_MAX, "%u: %llu", span->region, range);
	return text;
}

static __u64 key_access(const struct report *report, const struct faultlab_record *r)
{
	(void)report;
	return r->fault.access;
}

static char *label_access(const struct report *report, __u64 key, char *text)
{
	(void)report;
	return faultlab_access_text(key, text, LABEL_MAX);
}

#define GROUP_BY_NAME(what, name_of)						\
static __u64 key_##what(const struct report *report, const struct faultlab_record *r)	\
{										\
	(void)report;								\
	return r->fault.what;							\
}										\
										\
static char *label_##what(const struct report *report, __u64 key, char *text)	\
{										\
	(void)report;								\
	snprintf(text, LABEL_MAX, "%s", name_of(key));				\
	return text;								\
}

GROUP_BY_NAME(result, faultlab_result_name)
GROUP_BY_NAME(lock, faultlab_lock_name)
GROUP_BY_NAME(callback, faultlab_callback_name)
GROUP_BY_NAME(verdict, faultlab_verdict_name)

static __u64 key_task(const struct report *report, const struct faultlab_record *r)
{
	(void)report;
	return (__u64)r->pid << 32 | r->tid;
}

static char *label_task(const struct report *report, __u64 key, char *text)
{
	const char *name = recording_task(report->recording, key >> 32, key);
	char shown[MOST_OF_NAME];

	snprintf(text, LABEL_MAX, "%u %s", (__u32)key,
		 name ? printable(name, shown, sizeof(shown)) : "(ended)");
	return text;
}

static __u64 key_rule(const struct report *report, const struct faultlab_record *r)
{
	(void)report;
	return (__u64)r->region << 32 | r->fault.rule;
}

static char *label_rule(const struct report *report, __u64 key, char *text)
{
	(void)report;
	if ((__u32)key)
		snprintf(text, LABEL_MAX, "%llu: rule %u", key >> 32, (__u32)key);
	else
		snprintf(text, LABEL_MAX, "%llu: no rule", key >> 32);
	return text;
}

const struct grouping groupings[] = {
	{ "region", "region", true, key_region, label_region },
	{ "pages", "region: pages", true, key_pages, label_pages },
	{ "access", "access", false, key_access, label_access },
	{ "outcome", "outcome", false, key_result, label_result },
	{ "task", "task", false, key_task, label_task },
	{ "lock", "lock", false, key_lock, label_lock },
	{ "callback", "callback", false, key_callback, label_callback },
	{ "verdict", "verdict", false, key_verdict, label_verdict },
	{ "rule", "region: rule", true, key_rule, label_rule },
};

const unsigned int nr_groupings = ARRAY_SIZE(groupings);

struct keyed {
	__u64 key;
	__u64 ns;
	__u64 wait;
};

/* Sorts by key, then by duration: the percentiles of a group are then at known indices. */
static int compare_keyed(const void *a, const void *b)
{
	const struct keyed *left = a, *right = b;

	if (left->key != right->key)
		return left->key > right->key ? 1 : -1;
	return (left->ns > right->ns) - (left->ns < right->ns);
}

static int compare_counts(const void *a, const void *b)
{
	const struct group *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return (left->key > right->key) - (left->key < right->key);
}

/* The duration that is not exceeded by percent % of the nr records, which are sorted. */
static __u64 percentile(const struct keyed *sorted, size_t nr, unsigned int percent)
{
	return sorted[(nr * percent + 99) / 100 - 1].ns;
}

static void sum_up(const struct keyed *sorted, size_t nr, struct group *group)
{
	size_t i;

	*group = (struct group){
		.key = sorted->key,
		.count = nr,
		.p50 = percentile(sorted, nr, 50),
		.p90 = percentile(sorted, nr, 90),
		.p99 = percentile(sorted, nr, 99),
		.max = sorted[nr - 1].ns,
	};
	for (i = 0; i < nr; i++) {
		group->total += sorted[i].ns;
		group->wait += sorted[i].wait;
	}
}

ssize_t group_records(const struct report *report, const struct grouping *by,
		      struct group **groups)
{
	struct keyed *keyed = malloc((report->nr + 1) * sizeof(*keyed));
	size_t i, start, nr = 0;

	*groups = NULL;
	if (!keyed)
		return -1;
	for (i = 0; i < report->nr; i++)
		keyed[i] = (struct keyed){ by->key(report, report->fault[i]),
					   report->fault[i]->fault.duration_ns,
					   report->fault[i]->fault.wait_ns };
	qsort(keyed, report->nr, sizeof(*keyed), compare_keyed);
	for (i = 0; i < report->nr; i++)
		nr += !i || keyed[i].key != keyed[i - 1].key;
	*groups = malloc((nr + 1) * sizeof(**groups));
	for (i = 0, start = 0, nr = 0; *groups && i < report->nr; i++) {
		if (i + 1 < report->nr && keyed[i + 1].key == keyed[start].key)
			continue;
		sum_up(keyed + start, i + 1 - start, *groups + nr++);
		start = i + 1;
	}
	free(keyed);
	if (!*groups)
		return -1;
	if (!by->by_key)
		qsort(*groups, nr, sizeof(**groups), compare_counts);
	return nr;
}
