// SPDX-License-Identifier: GPL-2.0-only
/*
 * The heat map as text, one for each region: how many records there are for each range of
 * pages (downwards) and interval of time (to the right).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

#define COLUMNS	60

/* One character for a cell, from no records to the most, on a logarithmic scale. */
static const char shades[] = " .:-=+*#%@";

__u64 *heat_counts(const struct report *report, const struct span *span, unsigned int ranges,
		   unsigned int columns, __u64 *most)
{
	__u64 *counts = calloc((size_t)ranges * columns, sizeof(*counts));
	__u64 time = report->to - report->from + 1;
	size_t i;

	*most = 0;
	for (i = 0; counts && i < report->nr; i++) {
		const struct faultlab_record *r = report->fault[i];
		__u64 range, column, *count;

		if (r->region != span->region)
			continue;
		range = (r->fault.index >> span->shift) - (span->first >> span->shift);
		column = (double)(r->time - report->from) / time * columns;
		if (column >= columns)
			column = columns - 1;
		count = &counts[range * columns + column];
		if (++*count > *most)
			*most = *count;
	}
	return counts;
}

/*
 * Cells with the most records get the last shade, cells with one record the first shade
 * that is not blank.
 */
static char shade(__u64 count, __u64 most)
{
	const unsigned int last = sizeof(shades) - 2;
	unsigned int bits, all;

	if (!count)
		return shades[0];
	bits = 63 - __builtin_clzll(count);
	all = 63 - __builtin_clzll(most);
	return shades[all ? 1 + bits * (last - 1) / all : last];
}

static void show_map(const struct span *span, const __u64 *counts, unsigned int ranges, __u64 most)
{
	__u64 start = span->first >> span->shift, last;
	char pages[48], line[COLUMNS + 1] = "";
	unsigned int i, k;

	for (i = 0; i < ranges; i++) {
		for (k = 0; k < COLUMNS; k++)
			line[k] = shade(counts[i * COLUMNS + k], most);
		last = ((start + i + 1) << span->shift) - 1;
		if (span->shift)
			snprintf(pages, sizeof(pages), "%llu-%llu", (start + i) << span->shift,
				 last < span->last ? last : span->last);
		else
			snprintf(pages, sizeof(pages), "%llu", start + i);
		printf("%17s |%s|\n", pages, line);
	}
}

static int show_span(const struct report *report, const struct span *span)
{
	unsigned int ranges = (span->last >> span->shift) - (span->first >> span->shift) + 1;
	char number[FIGURE_MAX], time[FIGURE_MAX], column[FIGURE_MAX];
	__u64 most, *counts;

	counts = heat_counts(report, span, ranges, COLUMNS, &most);
	if (!counts)
		return failed("no memory for the heat map.");
	printf("\n%sregion %u, pages by time%s: %s records\n", style(STYLE_BOLD), span->region,
	       style(STYLE_PLAIN), figure_grouped(number, span->count));
	show_map(span, counts, ranges, most);
	figure_time(time, report->to - report->from);
	figure_time(column, (report->to - report->from) / COLUMNS);
	printf("%17s  0%*s%s\n", "", (int)(COLUMNS - 1 - strlen(time)), "", time);
	printf("%17s  a column is %s; cells are from '.' (1 record) to '@' (%s)\n", "", column,
	       figure_grouped(number, most));
	free(counts);
	return 0;
}

int report_heat(const struct report *report)
{
	size_t i;
	int err = 0;

	for (i = 0; i < report->nr_spans && !err; i++)
		err = show_span(report, &report->span[i]);
	return err;
}
