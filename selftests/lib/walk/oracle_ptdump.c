// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's ptdump: all leaves of an address space, inside VMAs and outside, with
 * their sizes and permissions. It does not show frames, non-present entries, or the
 * accessed, dirty and soft-dirty bits.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/walk/oracle.h"
#include "lib/walk/ptdump.h"

/* With any number of levels, user space ends below this. */
#define USER_END	(1ULL << 63)

/* space_differs() puts the lines into view->words. */
static const struct tlib_ptdump_line *lines_of(const struct tlib_view *view)
{
	return (const void *)view->words;
}

/* Read to the end even after an error, else the next dump begins with the rest. */
static int read_lines(struct tlib_view *view, FILE *text)
{
	const size_t room = view->nr_words * sizeof(*view->words) /
			    sizeof(struct tlib_ptdump_line);
	struct tlib_ptdump_line *lines = (void *)view->words, line;
	int is, err = 0;
	char one[160];

	view->nr_lines = 0;
	while (fgets(one, sizeof(one), text)) {
		if (!strcmp(one, "\n"))
			return err;
		is = tlib_ptdump_parse(one, &line);
		if (is < 0)
			err = is;
		if (is <= 0 || line.start >= USER_END)
			continue;
		if (view->nr_lines < room)
			lines[view->nr_lines++] = line;
		else
			err = -ENOSPC;
	}
	return -EPIPE;
}

static int differ(struct tlib_view *view, __u64 addr, const struct faultlab_walk_entry *e,
		  const struct tlib_ptdump_line *line)
{
	snprintf(view->why, sizeof(view->why),
		 "%#llx: flags %#llx level %d by the walk (raw %#llx), %#llx level %d by ptdump, %.80s",
		 addr, e ? e->flags & TLIB_PTDUMP_KNOWS : 0, e ? e->level : -1,
		 e ? e->raw : 0, line ? line->flags : 0, line ? (int)line->level : -1,
		 e ? view->vma->line : "outside of all VMAs");
	return 1;
}

/*
 * Nothing may be mapped outside of VMAs. Reads /proc/PID/maps, because reading smaps
 * changes entries.
 */
static int outside_differs(struct tlib_view *view)
{
	const struct tlib_ptdump_line *line = lines_of(view), *end = line + view->nr_lines;
	__u64 addr = line < end ? line->start : 0, vma_start, vma_end;
	char text[512];
	FILE *maps;

	snprintf(text, sizeof(text), "/proc/%d/maps", view->pid);
	maps = fopen(text, "re");
	if (!maps)
		return -errno;
	while (line < end && fgets(text, sizeof(text), maps)) {
		if (sscanf(text, "%llx-%llx", &vma_start, &vma_end) != 2)
			continue;
		while (line < end && addr < vma_end) {
			if (addr < vma_start)
				break;
			if (line->end > vma_end)
				addr = vma_end;
			else if (++line < end)
				addr = line->start;
		}
		if (line < end && addr < vma_start)
			break;
	}
	fclose(maps);
	return line < end ? differ(view, addr, NULL, line) : 0;
}

static int ptdump_space_differs(struct tlib_view *view)
{
	FILE *text = tlib_ptdump_ask(view->peer);
	int err;

	if (!text)
		return -errno;
	err = read_lines(view, text);
	fclose(text);
	return err ?: outside_differs(view);
}

/* Whether ptdump shows an entry; for ptdump a PROT_NONE entry is not present. */
static bool is_present(const struct faultlab_walk_entry *e)
{
	return (e->flags & FAULTLAB_PTE_LEAF) && !(e->flags & FAULTLAB_PTE_PROTNONE);
}

static bool is_like(const struct faultlab_walk_entry *e, const struct tlib_ptdump_line *line)
{
	__u64 known = TLIB_PTDUMP_KNOWS;

	if (e->level != FAULTLAB_LEVEL_PTE)
		known &= ~FAULTLAB_PTE_PAT;
	return e->level == line->level && !((e->flags ^ line->flags) & known);
}

/* Each leaf must be in a line with equal flags, and a line must cover only leaves. */
static int ptdump_differs(struct tlib_view *view)
{
	const struct tlib_ptdump_line *line = lines_of(view), *last = line + view->nr_lines;

	for (size_t i = 0; i < view->nr; i++) {
		const struct faultlab_walk_entry *e = &view->entries[i];
		__u64 addr = e->addr > view->vma->start ? e->addr : view->vma->start;
		__u64 end = e->addr + e->bytes;

		if (end > view->vma->end)
			end = view->vma->end;
		while (line < last && line->end <= addr)
			line++;
		if (!is_present(e)) {
			if (line < last && line->start < end)
				return differ(view, line->start, e, line);
			continue;
		}
		view->compared++;
		for (; addr < end; addr = line++->end) {
			if (line == last || line->start > addr)
				return differ(view, addr, e, NULL);
			if (!is_like(e, line))
				return differ(view, addr, e, line);
			if (line->end >= end)
				break;
		}
	}
	return 0;
}

const struct tlib_oracle tlib_oracle_ptdump = {
	.name = "ptdump", .needs = "CONFIG_PTDUMP_DEBUGFS or CONFIG_DEBUG_WX",
	.one_in = 10, .is_there = tlib_ptdump_is_there,
	.space_differs = ptdump_space_differs, .differs = ptdump_differs,
};
