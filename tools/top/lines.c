// SPDX-License-Identifier: GPL-2.0-only
/*
 * The views of faultlab top as lines, for screens of 80 columns and 24 lines or more.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "top/top.h"

__printf(3, 4)
static void add(struct top_lines *to, enum top_look look, const char *format, ...)
{
	va_list args;

	/* The last line of the screen is for the list of keys. */
	if (to->nr + 1 >= to->height || to->nr + 1 >= TOP_MAX_LINES)
		return;
	va_start(args, format);
	vsnprintf(to->line[to->nr].text, to->width + 1, format, args);
	va_end(args);
	to->line[to->nr++].look = look;
}

static void add_keys(struct top_lines *to, const struct top_view *view, const char *keys)
{
	while (to->nr + 1 < to->height && to->nr + 1 < TOP_MAX_LINES)
		add(to, TOP_PLAIN, "%s", "");
	snprintf(to->line[to->nr].text, to->width + 1, " %-*s", to->width - 1,
		 view->message ? view->message : keys);
	to->line[to->nr++].look = TOP_TITLE;
}

/* A latency as text, or "-" if none was measured. */
static const char *latency(const struct group *group, __u64 ns, char *text)
{
	return group->count ? figure_time(text, ns) : "-";
}

static void add_title(struct top_lines *to, const struct top_sample *sample, const char *what)
{
	const __u64 *now = sample->counts.now;
	char left[64], right[64], vmas[FIGURE_MAX], pages[FIGURE_MAX], peak[FIGURE_MAX];
	struct utsname uts;
	int gap;

	uname(&uts);
	snprintf(left, sizeof(left), " faultlab top: %s", what);
	snprintf(right, sizeof(right), "Linux %.24s ", uts.release);
	gap = (int)to->width - (int)strlen(left) - (int)strlen(right);
	add(to, TOP_TITLE, "%s%*s%s", left, gap > 1 ? gap : 1, "", right);
	add(to, TOP_PLAIN, " regions %zu, mappings %s, pages %s (peak %s)", sample->nr_regions,
	    figure_grouped(vmas, now[FAULTLAB_STAT_VMAS]),
	    figure_grouped(pages, now[FAULTLAB_STAT_PAGES]),
	    figure_grouped(peak, now[FAULTLAB_STAT_PAGES_PEAK]));
}

static void add_rates(struct top_lines *to, const struct top_sample *sample,
		      const struct top_counts *counts)
{
	char all[FIGURE_MAX], minor[FIGURE_MAX], major[FIGURE_MAX], retry[FIGURE_MAX];
	char bad[FIGURE_MAX];
	const __u64 *moved = counts->moved;

	figure_grouped(all, top_rate(sample, top_faults(moved)));
	figure_grouped(minor, top_rate(sample, moved[FAULTLAB_STAT_MINOR]));
	figure_grouped(major, top_rate(sample, moved[FAULTLAB_STAT_MAJOR]));
	figure_grouped(retry, top_rate(sample, moved[FAULTLAB_STAT_RETRY]));
	figure_grouped(bad, top_rate(sample, top_failed(moved)));
	add(to, TOP_PLAIN, " %s faults/s: %s minor, %s major, %s failed; %s retries/s", all, minor,
	    major, bad, retry);
}

static void add_accesses(struct top_lines *to, const struct top_sample *sample)
{
	char rate[FIGURE_MAX], p50[FIGURE_MAX], p90[FIGURE_MAX], p99[FIGURE_MAX], max[FIGURE_MAX];
	unsigned int i;

	add(to, TOP_HEADING, " %-12s %11s %11s %11s %11s %11s", "ACCESS", "/s", "50 %", "90 %",
	    "99 %", "MAX");
	for (i = 0; i < TOP_ACCESSES; i++) {
		const struct top_access *a = &sample->access[i];
		const struct group *g = &a->latency;

		add(to, a->per_second ? TOP_PLAIN : TOP_DIM, " %-12s %11s %11s %11s %11s %11s",
		    a->name, figure_grouped(rate, a->per_second), latency(g, g->p50, p50),
		    latency(g, g->p90, p90), latency(g, g->p99, p99), latency(g, g->max, max));
	}
}

static void add_region(struct top_lines *to, const struct top_sample *sample,
		       const struct top_region *r, bool selected)
{
	char size[FIGURE_MAX], rate[FIGURE_MAX], p50[FIGURE_MAX], p99[FIGURE_MAX];
	const struct group *g = &r->latency;

	add(to, selected ? TOP_SELECTED : TOP_PLAIN,
	    "%c%6u %-6s %6s %8llu %5llu %10s %8s %8s  %-s", selected ? '>' : ' ', r->id, r->kind,
	    figure_size(size, r->bytes), r->pages, r->vmas,
	    figure_grouped(rate, top_rate(sample, top_faults(r->counts.moved))),
	    latency(g, g->p50, p50), latency(g, g->p99, p99), r->comm);
}

static void add_processes(struct top_lines *to, const struct top_sample *sample, unsigned int room)
{
	char rate[FIGURE_MAX], p50[FIGURE_MAX], p99[FIGURE_MAX], all[FIGURE_MAX];
	size_t i;

	add(to, TOP_HEADING, " %8s %-20s %11s %8s %8s %9s", "PROCESS", "", "RECORDS/S", "50 %",
	    "99 %", "BUSY");
	for (i = 0; i < sample->nr_processes && i < room; i++) {
		const struct top_process *p = &sample->process[i];
		const struct group *g = &p->records;

		/*
		 * Time in the module as a share of the interval. It is over 100 % if
		 * several threads are in the module at once.
		 */
		snprintf(all, sizeof(all), "%.1f %%", g->total / sample->seconds / 1e7);
		add(to, TOP_PLAIN, " %8u %-20.20s %11s %8s %8s %9s", p->pid,
		    *p->name ? p->name : "(ended)",
		    figure_grouped(rate, top_rate(sample, g->count)), figure_time(p50, g->p50),
		    figure_time(p99, g->p99), all);
	}
	if (!sample->nr_processes)
		add(to, TOP_DIM, " %8s", "none");
}

static void add_lost(struct top_lines *to, const struct top_sample *sample)
{
	char lost[FIGURE_MAX], skipped[FIGURE_MAX];

	if (sample->lost || sample->skipped)
		add(to, TOP_BAD, " %s records lost, %s skipped: latency is of the others",
		    figure_grouped(lost, sample->lost), figure_grouped(skipped, sample->skipped));
	else
		add(to, TOP_PLAIN, "%s", "");
}

/* Shows as many regions as fit in room lines, the selected one among them. */
static void add_regions(struct top_lines *to, const struct top_sample *sample,
			const struct top_view *view, size_t room)
{
	size_t i, first = 0;

	add(to, TOP_HEADING, " %6s %-6s %6s %8s %5s %10s %8s %8s  %s", "REGION", "KIND", "SIZE",
	    "PAGES", "VMAS", "FAULTS/S", "50 %", "99 %", "OPENED BY");
	for (i = 0; i < sample->nr_regions; i++)
		if (sample->region[i].id == view->selected && i >= room)
			first = i - room + 1;
	for (i = first; i < sample->nr_regions && i < first + room; i++)
		add_region(to, sample, &sample->region[i], sample->region[i].id == view->selected);
	if (!sample->nr_regions)
		add(to, TOP_DIM, " %6s", "none");
}

/* Lines that are always there: title, rates, accesses, three headings, keys. */
#define FIXED_LINES	(3 + 1 + TOP_ACCESSES + 1 + 1 + 1 + 1 + 1)

void top_show_all(struct top_lines *to, const struct top_sample *sample,
		  const struct top_view *view)
{
	size_t room = to->height > FIXED_LINES + 2 ? to->height - FIXED_LINES : 2;
	size_t processes = sample->nr_processes < 1 ? 1 : sample->nr_processes;
	char keys[128];

	/* Each list, processes and regions, gets half of the room, and what the other leaves. */
	if (processes > room / 2)
		processes = sample->nr_regions < room - room / 2 ?
			    room - (sample->nr_regions ? sample->nr_regions : 1) : room / 2;
	to->nr = 0;
	add_title(to, sample, "all regions");
	add_rates(to, sample, &sample->counts);
	add_lost(to, sample);
	add_accesses(to, sample);
	add(to, TOP_PLAIN, "%s", "");
	add_regions(to, sample, view, room - processes);
	add(to, TOP_PLAIN, "%s", "");
	add_processes(to, sample, processes);
	snprintf(keys, sizeof(keys),
		 "q quit  s sort (%s)  up/down select  enter region  r reset counters",
		 top_sort_names[view->sort]);
	add_keys(to, view, keys);
}

/* Prints the counter that is in nanoseconds as a time, the others as numbers. */
static char *figure_counter(unsigned int stat, char *text, __u64 number)
{
	return stat == FAULTLAB_STAT_DELAY_NS ? figure_time(text, number) :
						figure_grouped(text, number);
}

/* Counters that are not 0, two per line. */
static void add_counters(struct top_lines *to, const struct top_sample *sample,
			 const struct top_counts *counts)
{
	char line[160] = "", now[FIGURE_MAX], rate[FIGURE_MAX];
	unsigned int i, n = 0;
	size_t used = 0;

	add(to, TOP_HEADING, " %-17s %11s %8s  %-17s %11s %8s", "COUNTER", "TOTAL", "/s",
	    "COUNTER", "TOTAL", "/s");
	for (i = 0; i < FAULTLAB_NR_STATS; i++) {
		if (!counts->now[i])
			continue;
		figure_counter(i, now, counts->now[i]);
		figure_counter(i, rate, top_rate(sample, counts->moved[i]));
		used += snprintf(line + used, sizeof(line) - used, " %-17s %11s %8s ",
				 faultlab_stat_name(i), now, faultlab_stat_is_level(i) ? "" : rate);
		if (++n % 2)
			continue;
		add(to, TOP_PLAIN, "%s", line);
		used = 0;
	}
	if (n % 2)
		add(to, TOP_PLAIN, "%s", line);
}

void top_show_region(struct top_lines *to, const struct top_sample *sample,
		     const struct top_view *view)
{
	const struct top_region *r = NULL;
	char title[64];
	size_t i;

	for (i = 0; i < sample->nr_regions; i++)
		if (sample->region[i].id == view->selected)
			r = &sample->region[i];
	to->nr = 0;
	snprintf(title, sizeof(title), "region %u%s%s%s%s%s", view->selected, r ? ", " : "",
		 r ? r->kind : "", r ? ", " : "", r ? r->comm : "", r ? "" : " was closed");
	add_title(to, sample, title);
	if (r) {
		add_rates(to, sample, &r->counts);
		add_lost(to, sample);
		add_accesses(to, sample);
		add(to, TOP_PLAIN, "%s", "");
		add_processes(to, sample, 3);
		add(to, TOP_PLAIN, "%s", "");
		add_counters(to, sample, &r->counts);
	}
	add_keys(to, view, "q quit  escape all regions  up/down another  r reset counters");
}

#define PLAIN_FORMAT	"%-8s %6s %9s %8s %8s %8s %8s %7s %7s\n"

void top_print_heading(void)
{
	printf(PLAIN_FORMAT, "time", "region", "faults/s", "read/s", "write/s", "cow/s",
	       "failed/s", "50 %", "99 %");
}

static void print_row(const struct top_sample *sample, const char *time, const char *region,
		      const struct top_counts *counts, const struct group *g)
{
	static const enum faultlab_stat stats[] = {
		FAULTLAB_STAT_FAULT_READ, FAULTLAB_STAT_FAULT_WRITE, FAULTLAB_STAT_FAULT_COW,
	};
	char rate[ARRAY_SIZE(stats)][FIGURE_MAX], p50[FIGURE_MAX], p99[FIGURE_MAX];
	char faults[FIGURE_MAX], bad[FIGURE_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stats); i++)
		figure_grouped(rate[i], top_rate(sample, counts->moved[stats[i]]));
	printf(PLAIN_FORMAT, time, region,
	       figure_grouped(faults, top_rate(sample, top_faults(counts->moved))), rate[0],
	       rate[1], rate[2], figure_grouped(bad, top_rate(sample, top_failed(counts->moved))),
	       latency(g, g->p50, p50), latency(g, g->p99, p99));
}

/* One line for all regions, and one for each region with faults. */
void top_print(const struct top_sample *sample)
{
	char clock[16] = "", id[16];
	time_t now = time(NULL);
	struct tm tm;
	size_t i;

	if (localtime_r(&now, &tm))
		strftime(clock, sizeof(clock), "%T", &tm);
	print_row(sample, clock, "all", &sample->counts, &sample->latency);
	for (i = 0; i < sample->nr_regions; i++) {
		const struct top_region *r = &sample->region[i];

		snprintf(id, sizeof(id), "%u", r->id);
		if (top_faults(r->counts.moved))
			print_row(sample, "", id, &r->counts, &r->latency);
	}
	fflush(stdout);
}
