// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entries of a walk as a table or as JSON.
 */
#include <stdio.h>

#include "walk.h"

#define PRESENT	(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_TABLE)

/* An entry with contents that reads as 0 is one that we may not see. */
static bool is_hidden(const struct faultlab_walk_entry *entry)
{
	return (entry->flags & (PRESENT | FAULTLAB_PTE_NONPRESENT)) && !entry->raw &&
	       !(entry->flags & FAULTLAB_PTE_FOLDED);
}

static bool has_pfn(const struct faultlab_walk_entry *entry)
{
	return (entry->flags & (PRESENT | FAULTLAB_PTE_SWAP)) && entry->raw;
}

static void titles(void)
{
	printf("%s%-5s %5s  %-18s %6s  %-11s  %-10s  %-18s  %s%s\n", style(STYLE_BOLD), "level",
	       "index", "address", "size", "what", "pfn", "raw", "flags", style(STYLE_PLAIN));
}

/* The entry's VMA as a heading, where it is not the one of the entry before. */
static void heading(struct walk_sink *sink, const struct faultlab_walk_entry *entry)
{
	__u64 addr = entry->addr > sink->start ? entry->addr : sink->start;

	if (addr >= sink->vma.start && addr < sink->vma.end)
		return;
	if (faultlab_vma(sink->pid, (const void *)(uintptr_t)addr, &sink->vma))
		return;
	printf("%s%s%s\n", style(STYLE_DIM), sink->vma.line, style(STYLE_PLAIN));
}

void walk_table_entry(struct walk_sink *sink, const struct faultlab_walk_entry *entry)
{
	char flags[FAULTLAB_PTE_TEXT_MAX];
	char size[FIGURE_MAX];
	char index[8] = "-";
	char level[8] = "-";
	char pfn[20] = "-";
	char raw[20] = "-";

	if (!sink->entries)
		titles();
	sink->hidden |= is_hidden(entry);
	if (!(entry->flags & FAULTLAB_PTE_NO_VMA)) {
		heading(sink, entry);
		snprintf(level, sizeof(level), "%s", faultlab_level_name(entry->level));
		snprintf(index, sizeof(index), "%u", entry->index);
	}
	if (has_pfn(entry))
		snprintf(pfn, sizeof(pfn), "0x%llx", entry->pfn);
	if (entry->raw)
		snprintf(raw, sizeof(raw), "0x%016llx", entry->raw);
	faultlab_pte_text(entry->flags, flags, sizeof(flags));
	printf("%-5s %5s  0x%016llx %6s  %-11s  %-10s  ", level, index, entry->addr,
	       figure_size(size, entry->bytes), faultlab_entry_what(entry), pfn);
	if (*flags)
		printf("%-18s  %s\n", raw, flags);
	else
		puts(raw);
}

void walk_table_end(struct walk_sink *sink)
{
	if (sink->hidden)
		puts("Page frame numbers and raw entries are shown with CAP_SYS_ADMIN only.");
}

static struct json_object *hex(__u64 number)
{
	char text[20];

	snprintf(text, sizeof(text), "0x%llx", number);
	return json_object_new_string(text);
}

void walk_json_entry(struct walk_sink *sink, const struct faultlab_walk_entry *entry)
{
	struct json_object *object = json_object_new_object();
	char flags[FAULTLAB_PTE_TEXT_MAX];
	bool no_vma = entry->flags & FAULTLAB_PTE_NO_VMA;

	json_object_object_add(object, "level", no_vma ? NULL :
			       json_object_new_string(faultlab_level_name(entry->level)));
	json_object_object_add(object, "index", no_vma ? NULL :
			       json_object_new_int(entry->index));
	json_object_object_add(object, "address", hex(entry->addr));
	json_object_object_add(object, "bytes", json_object_new_uint64(entry->bytes));
	json_object_object_add(object, "what",
			       json_object_new_string(faultlab_entry_what(entry)));
	json_object_object_add(object, "pfn", has_pfn(entry) ?
			       json_object_new_uint64(entry->pfn) : NULL);
	json_object_object_add(object, "flags",
			       json_object_new_string(faultlab_pte_text(entry->flags, flags,
									sizeof(flags))));
	json_object_object_add(object, "raw", is_hidden(entry) ? NULL : hex(entry->raw));
	if (!sink->list)
		sink->list = json_object_new_array();
	json_object_array_add(sink->list, object);
}

void walk_json_end(struct walk_sink *sink)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "pid", json_object_new_int(sink->pid));
	json_object_object_add(object, "start", hex(sink->start));
	json_object_object_add(object, "end", hex(sink->end));
	json_object_object_add(object, "entries", sink->list);
	print_json(object);
}
