// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk as tables: runs, entries and raw words, each below the heading of its VMA.
 */
#include <stdio.h>

#include "walk/walk.h"

#define CONTENTS	(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_TABLE | FAULTLAB_PTE_SWAP)

struct shown {
	const struct walk_query *q;
	struct walk_vmas vmas;
	__u64 lines;
	__u64 pages;	/* of the base size */
	__u64 swapped;
	__u64 flags;	/* of all entries */
	__u64 page_flags;	/* of all pages that the entries map */
	bool hidden;	/* a PFN was hidden */
};

static int show_begin(struct shown *shown, const struct walk_query *q)
{
	*shown = (struct shown) { .q = q };
	if (!(q->flags & FAULTLAB_WALK_KERNEL))
		walk_vmas_read(&shown->vmas, q->pid);
	return 0;
}

static void add(struct shown *shown, __u64 bytes, __u64 flags, __u64 pfn)
{
	shown->lines++;
	shown->flags |= flags;
	if (flags & FAULTLAB_PTE_LEAF)
		shown->pages += bytes / 4096;
	if (flags & FAULTLAB_PTE_SWAP)
		shown->swapped += bytes / 4096;
	/* No process maps frame 0, so PFN 0 means that the module hid the PFN. */
	shown->hidden |= (flags & CONTENTS) && !pfn;
}

/* VMAs without any page have no line in the output: print how many there are. */
static void tell_empty(const struct shown *shown, const struct walk_sum *sum)
{
	const struct walk_query *q = shown->q;
	char text[WALK_TEXT_MAX];

	if (q->require || q->exclude || walk_asks_behind(q) || q->flags & FAULTLAB_WALK_HOLES ||
	    sum->vmas <= shown->vmas.headings)
		return;
	printf("%s without any page: not shown (--holes shows them)\n",
	       walk_number(sum->vmas - shown->vmas.headings, "mapping", text));
}

/* Prints the last line, as "123 runs, 5,678 pages (22.2M), 24 tables (96K)". */
static int show_end(struct shown *shown, unsigned int forms, const char *one, int err)
{
	char lines[WALK_TEXT_MAX], pages[WALK_TEXT_MAX], tables[WALK_TEXT_MAX];
	char size[FIGURE_MAX];
	struct walk_sum sum = { .vmas = 0 };

	walk_vmas_free(&shown->vmas);
	if (err)
		return walk_failed(err, shown->q);
	if (!(shown->q->flags & FAULTLAB_WALK_KERNEL) && !walk_sum(shown->q, &sum))
		tell_empty(shown, &sum);
	walk_legend(forms, shown->flags);
	walk_legend_pages(shown->page_flags);
	if (shown->hidden)
		puts("Page frame numbers and raw entries are shown with CAP_SYS_ADMIN only.");
	printf("%s, %s", walk_number(shown->lines, one, lines),
	       walk_number(shown->pages, "page", pages));
	if (shown->pages)
		printf(" (%s)", figure_size(size, shown->pages * 4096));
	if (shown->swapped)
		printf(", %s in swap", figure_grouped(pages, shown->swapped));
	if (sum.vmas)
		printf(", %s (%s)", walk_number(walk_sum_tables(&sum), "table", tables),
		       figure_size(size, walk_sum_tables(&sum) * 4096));
	putchar('\n');
	return 0;
}

/* The PFNs of a run as text: one PFN, a range of them, or scattered ones. */
static char *frames(const struct faultlab_walk_run *run, char *text)
{
	__u64 pages = (run->end - run->start) / 4096;

	walk_pfn(run->flags, run->pfn, text);
	if (*text == '-' || pages == 1)
		return text;
	if (run->flags & FAULTLAB_PTE_CONTIG)
		snprintf(text, 2 * FIGURE_MAX, "0x%llx-0x%llx", run->pfn, run->pfn + pages - 1);
	else
		snprintf(text, 2 * FIGURE_MAX, "0x%llx, ...", run->pfn);
	return text;
}

static int show_run(const struct faultlab_walk_run *run, void *arg)
{
	char flags[WALK_TEXT_MAX], size[FIGURE_MAX], pages[FIGURE_MAX];
	char pfn[2 * FIGURE_MAX] = "-";
	struct shown *shown = arg;
	__u64 bytes = run->end - run->start;

	if (!shown->lines)
		printf("%s%16s-%-16s %6s %7s  %-10s  %-19s  %s%s\n", style(STYLE_DIM), "start",
		       "end", "size", "pages", "what", "frames", "flags", style(STYLE_PLAIN));
	add(shown, bytes, run->flags, run->pfn);
	shown->flags |= walk_read_only(walk_vmas_heading(&shown->vmas, run->start,
							 run->flags), run->flags);
	walk_flags(run->flags, run->pkey, flags);
	printf("%16llx-%-16llx %6s %7s  %-10s  ", run->start, run->end,
	       figure_size(size, bytes), run->flags & FAULTLAB_PTE_NO_VMA ? "-" :
	       figure_grouped(pages, bytes / 4096),
	       walk_what(run->flags, run->level));
	printf(*flags ? "%-19s  %s\n" : "%s\n", frames(run, pfn), flags);
	return 0;
}

int walk_show_runs(const struct walk_query *q)
{
	struct shown shown;

	show_begin(&shown, q);
	return show_end(&shown, WALK_IN_RUNS, "run",
			walk_runs(q, show_run, &shown));
}

static int show_page(const struct faultlab_walk_entry *e, const struct faultlab_walk_page *page,
		     void *arg)
{
	char flags[WALK_TEXT_MAX], facts[WALK_TEXT_MAX];
	char size[FIGURE_MAX], pfn[FIGURE_MAX];
	const struct faultlab_vma *vma = NULL;
	struct shown *shown = arg;

	if (!shown->lines)
		printf("%s%-5s %5s  %-16s %6s  %-10s  %-10s  %-18s  %s%s\n", style(STYLE_DIM),
		       "level", "index", "address", "size", "what", "pfn", "raw", "flags",
		       style(STYLE_PLAIN));
	add(shown, e->bytes, e->flags, e->pfn ?: e->raw);
	if (e->flags & FAULTLAB_PTE_NO_VMA) {
		printf("%-5s %5s", "-", "-");
	} else {
		if (!(e->flags & FAULTLAB_PTE_TABLE))
			vma = walk_vmas_heading(&shown->vmas, e->addr > shown->q->start ?
						e->addr : shown->q->start, e->flags);
		printf("%-5s %5u", faultlab_level_name(e->level), e->index);
	}
	printf("  %16llx %6s  %-10s  %-10s", e->addr, figure_size(size, e->bytes),
	       walk_what(e->flags, e->level), walk_entry_pfn(e, pfn));
	if (e->raw)
		printf("  0x%016llx", e->raw);
	else
		printf("  %-18s", "-");
	walk_flags(e->flags, e->pkey, flags);
	if (*flags)
		printf("  %s", flags);
	if (page && *walk_page_facts(page, e->flags, facts)) {
		printf(" | %s", facts);
		shown->page_flags |= page->flags;
	}
	shown->flags |= walk_read_only(vma, e->flags);
	putchar('\n');
	return 0;
}

int walk_show_entries(const struct walk_query *q)
{
	struct shown shown;

	show_begin(&shown, q);
	return show_end(&shown, WALK_IN_ENTRIES | (q->pages ? WALK_IN_PAGES : 0), "entry",
			walk_entries(q, show_page, &shown));
}

#define PER_LINE	4U

static bool is_empty(const __u64 *words, unsigned int nr)
{
	while (nr && !words[nr - 1])
		nr--;
	return !nr;
}

static int show_raw(const struct faultlab_walk_raw *table, const __u64 *words, void *arg)
{
	__u64 span = walk_span(table->level);
	struct shown *shown = arg;
	unsigned int i, j, nr;

	shown->lines++;
	walk_vmas_heading(&shown->vmas, table->addr, 0);
	printf("%s%s %u-%u at %llx%s\n", style(STYLE_DIM), faultlab_level_name(table->level),
	       table->index, table->index + table->nr - 1, table->addr, style(STYLE_PLAIN));
	for (i = 0; i < table->nr; i += nr) {
		nr = table->nr - i < PER_LINE ? table->nr - i : PER_LINE;
		if (is_empty(words + i, nr))
			continue;
		printf("%16llx", table->addr + i * span);
		for (j = i; j < i + nr; j++) {
			printf(" %016llx", words[j]);
			shown->pages += words[j] & 1;
		}
		putchar('\n');
	}
	return 0;
}

int walk_show_raw(const struct walk_query *q)
{
	char tables[WALK_TEXT_MAX], entries[WALK_TEXT_MAX];
	struct shown shown;
	int err;

	show_begin(&shown, q);
	err = faultlab_walk_raw(q->fd, q->pid, q->start, q->end, q->flags, show_raw, &shown);
	walk_vmas_free(&shown.vmas);
	if (err)
		return walk_failed(err, q);
	puts("A word is an entry as the processor reads it; --entries says what it means.");
	printf("%s of tables, %s with the present bit; lines of zeroes are left out\n",
	       walk_number(shown.lines, "part", tables),
	       walk_number(shown.pages, "word", entries));
	return 0;
}
