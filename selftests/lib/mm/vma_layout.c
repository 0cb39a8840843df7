// SPDX-License-Identifier: GPL-2.0-only
/* The VMAs of a file, from /proc/self/maps, and the leaves in them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/mm/vma_op.h"
#include "lib/sys.h"

int tlib_layout_read(struct tlib_layout *layout, const char *file, const void *from,
		     const void *to)
{
	static char text[1 << 15];
	ssize_t n = tlib_read_text("/proc/self/maps", text, sizeof(text));
	char *line, *rest = text;

	layout->nr = 0;
	if (n < 0)
		return n;
	while ((line = strsep(&rest, "\n"))) {
		__u64 start, end, offset;
		char perms[5];

		if (!strstr(line, file) ||
		    sscanf(line, "%llx-%llx %4s %llx", &start, &end, perms, &offset) != 4 ||
		    end <= (uintptr_t)from || start >= (uintptr_t)to)
			continue;
		if (layout->nr == TLIB_LAYOUT_MAX)
			return -ENOSPC;
		layout->vma[layout->nr].start = start;
		layout->vma[layout->nr].end = end;
		layout->vma[layout->nr].offset = offset;
		layout->vma[layout->nr].read = perms[0] == 'r';
		layout->vma[layout->nr].write = perms[1] == 'w';
		layout->nr++;
	}
	return 0;
}

int tlib_layout_find(const struct tlib_layout *layout, __u64 addr)
{
	unsigned int i;

	for (i = 0; i < layout->nr; i++)
		if (addr >= layout->vma[i].start && addr < layout->vma[i].end)
			return i;
	return -1;
}

/* Whether the next VMA continues this one, with the same permissions. */
static bool goes_on(const struct tlib_layout *layout, unsigned int i)
{
	return i + 1 < layout->nr && layout->vma[i].end == layout->vma[i + 1].start &&
	       layout->vma[i].read == layout->vma[i + 1].read &&
	       layout->vma[i].write == layout->vma[i + 1].write &&
	       layout->vma[i].offset + layout->vma[i].end - layout->vma[i].start ==
	       layout->vma[i + 1].offset;
}

const char *tlib_layout_text(const struct tlib_layout *layout, const void *base, bool joined,
			     char *text)
{
	unsigned int i, first;
	size_t used = 0;

	*text = '\0';
	for (i = 0; i < layout->nr; i++) {
		first = i;
		while (joined && goes_on(layout, i))
			i++;
		if (used >= TLIB_LAYOUT_TEXT - 64)
			break;
		used += sprintf(text + used, "%s%llx-%llx %c%c %llx", used ? ", " : "",
				layout->vma[first].start - (uintptr_t)base,
				layout->vma[i].end - (uintptr_t)base,
				layout->vma[i].read ? 'r' : '-', layout->vma[i].write ? 'w' : '-',
				layout->vma[first].offset);
	}
	return text;
}

struct leaves {
	const struct tlib_layout *layout;
	size_t nr;
	const char *bad;
};

static int see_leaf(const struct faultlab_walk_entry *e, void *arg)
{
	struct leaves *l = arg;
	int vma = tlib_layout_find(l->layout, e->addr);

	l->nr++;
	if (vma >= 0 && e->addr + e->bytes <= l->layout->vma[vma].end)
		return 0;
	if (!l->bad)
		l->bad = tlib_text("a leaf of %llu KiB at %llx is not within one VMA",
				   e->bytes / 1024, e->addr);
	return 0;
}

const char *tlib_layout_leaves(const struct tlib_layout *layout, int fd, size_t *nr)
{
	struct leaves l = { .layout = layout };
	unsigned int i;
	int err;

	for (i = 0; i < layout->nr; i++) {
		err = faultlab_walk_entries(fd, 0, layout->vma[i].start, layout->vma[i].end, 0,
					    FAULTLAB_PTE_LEAF, 0, see_leaf, &l);
		if (err && !l.bad)
			l.bad = tlib_text("the walk ended with %d", err);
	}
	*nr = l.nr;
	return l.bad;
}
