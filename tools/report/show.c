// SPDX-License-Identifier: GPL-2.0-only
/*
 * A report as text: what was recorded, and a table for each grouping.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/report.h"

#define WIDEST	25	/* longest label, so that a line fits 100 columns */

void report_heading(const struct report *report)
{
	const struct records_header *h = report->recording->header;
	char number[FIGURE_MAX], lost[FIGURE_MAX], span[FIGURE_MAX], date[32];
	char text[4096];
	time_t when = h->date;
	struct tm tm;

	printf("%s%s%s", style(STYLE_BOLD),
	       printable(report->recording->path, text, sizeof(text)), style(STYLE_PLAIN));
	if (localtime_r(&when, &tm) && strftime(date, sizeof(date), "%F %T", &tm))
		printf(", %s", date);
	printf(", Linux %s, %u CPUs\n", printable(h->release, text, sizeof(text)), h->cpus);
	if (*h->command)
		printf("command  %s\n", printable(h->command, text, sizeof(text)));
	figure_grouped(number, report->nr);
	figure_grouped(lost, report->recording->lost);
	printf("records  %s, %s%s lost%s", number, report->recording->lost ? style(STYLE_BAD) : "",
	       lost, report->recording->lost ? style(STYLE_PLAIN) : "");
	if (report->nr)
		printf(", within %s", figure_time(span, report->to - report->from));
	putchar('\n');
}

static void show_group(const struct report *report, const struct grouping *by,
		       const struct group *g, int width)
{
	char label[LABEL_MAX], count[FIGURE_MAX], p50[FIGURE_MAX], p90[FIGURE_MAX];
	char p99[FIGURE_MAX], max[FIGURE_MAX], total[FIGURE_MAX], wait[FIGURE_MAX];

	printf("%-*.*s %11s %6.2f %% %8s %8s %8s %8s %8s %8s\n", width, width,
	       by->label(report, g->key, label), figure_grouped(count, g->count),
	       100.0 * g->count / report->nr, figure_time(p50, g->p50), figure_time(p90, g->p90),
	       figure_time(p99, g->p99), figure_time(max, g->max), figure_time(total, g->total),
	       g->wait ? figure_time(wait, g->wait) : "-");
}

int report_text(const struct report *report, const struct grouping *by)
{
	struct group *groups;
	ssize_t i, nr = group_records(report, by, &groups);
	char label[LABEL_MAX];
	int width = 12;

	if (nr < 0)
		return failed("no memory for %zu records.", report->nr);
	for (i = 0; i < nr; i++) {
		int len = strlen(by->label(report, groups[i].key, label));

		if (len > width)
			width = len < WIDEST ? len : WIDEST;
	}
	printf("\n%s%-*s %11s %8s %8s %8s %8s %8s %8s %8s%s\n", style(STYLE_BOLD), width,
	       by->heading, "records", "share", "50 %", "90 %", "99 %", "max", "total", "waited",
	       style(STYLE_PLAIN));
	for (i = 0; i < nr; i++)
		show_group(report, by, groups + i, width);
	free(groups);
	return 0;
}

/* The last line: failures, retries, the time spent in the handler, and that of it in delays. */
void report_conclusion(const struct report *report)
{
	static const bool fails[FAULTLAB_NR_RESULTS] = {
		[FAULTLAB_RESULT_SIGBUS] = true, [FAULTLAB_RESULT_OOM] = true,
		[FAULTLAB_RESULT_HWPOISON] = true, [FAULTLAB_RESULT_SIGSEGV] = true,
	};
	_Static_assert(FAULTLAB_NR_RESULTS == 8, "is the new result a failure?");
	char bad[FIGURE_MAX], retries[FIGURE_MAX], in[FIGURE_MAX], waited[FIGURE_MAX];
	__u64 failures = 0, again = 0, ns = 0, wait = 0;
	size_t i;

	for (i = 0; i < report->nr; i++) {
		const struct faultlab_record_fault *f = &report->fault[i]->fault;

		failures += f->result < FAULTLAB_NR_RESULTS && fails[f->result];
		again += f->result == FAULTLAB_RESULT_RETRY;
		ns += f->duration_ns;
		wait += f->wait_ns;
	}
	printf("\n%s%s failed%s, %s retried; %s in the handler, %s of it waiting%s\n",
	       failures ? style(STYLE_BAD) : "", figure_grouped(bad, failures),
	       failures ? style(STYLE_PLAIN) : "", figure_grouped(retries, again),
	       figure_time(in, ns), wait ? figure_time(waited, wait) : "none",
	       report->recording->lost ? "; lost records are not counted" : "");
}

int report_records(const struct report *report)
{
	char text[FAULTLAB_RECORD_TEXT_MAX];
	size_t i;

	for (i = 0; i < report->nr; i++)
		puts(faultlab_record_text(report->fault[i], text, sizeof(text)));
	return 0;
}
