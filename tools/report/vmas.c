// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMA records: how often the core called .mmap, .open, .close, ..., and for which reason.
 */
#include <stdio.h>

#include "report/report.h"

#define NR_SORTS	(FAULTLAB_NR_VMA_EVENTS * FAULTLAB_NR_WHYS)

struct sort {
	__u64 count;
	__u64 failed;
};

static bool is_wanted(const struct faultlab_record *r, __s64 region, __s64 pid)
{
	return (region < 0 || r->region == region) && (pid < 0 || r->pid == pid);
}

static __u64 count_sorts(const struct recording *recording, __s64 region, __s64 pid,
			 struct sort sorts[NR_SORTS])
{
	__u64 all = 0;
	size_t i;

	for (i = 0; i < recording->nr_vmas; i++) {
		const struct faultlab_record *r = recording->vma[i];
		struct sort *sort = &sorts[r->vma.event * FAULTLAB_NR_WHYS + r->vma.why];

		if (!is_wanted(r, region, pid))
			continue;
		sort->count++;
		sort->failed += r->vma.err != 0;
		all++;
	}
	return all;
}

/* Prints a line for each callback and reason that occurred. */
int report_vmas(const struct report *report, __s64 region, __s64 pid)
{
	struct sort sorts[NR_SORTS] = { };
	char count[FIGURE_MAX], failed[FIGURE_MAX];
	unsigned int i;

	if (!count_sorts(report->recording, region, pid, sorts)) {
		puts("\nno records of VMA callbacks: record them with 'faultlab record --vmas'.");
		return 0;
	}
	printf("\n%s%-12s %-8s %11s %11s%s\n", style(STYLE_BOLD), "callback", "why", "calls",
	       "failed", style(STYLE_PLAIN));
	for (i = 0; i < NR_SORTS; i++)
		if (sorts[i].count)
			printf("%-12s %-8s %11s %11s\n",
			       faultlab_vma_event_name(i / FAULTLAB_NR_WHYS),
			       faultlab_why_name(i % FAULTLAB_NR_WHYS),
			       figure_grouped(count, sorts[i].count),
			       sorts[i].failed ? figure_grouped(failed, sorts[i].failed) : "-");
	return 0;
}
