// SPDX-License-Identifier: GPL-2.0-only
/* The VMAs of a file, from /proc/self/maps, and the leaves in them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/flab_sys.h"
#include "lib/flab_vma_op.h"

int flab_layout_read(struct flab_layout *layout, const char *file, const void *from,
		     const void *to)
{
	static char text[1 << 15];
	ssize_t n = flab_read_text("/proc/self/maps", text, sizeof(text));
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
		if (layout->nr == FLAB_LAYOUT_MAX)
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

int flab_layout_find(const struct flab_layout *layout, __u64 addr)
{
	unsigned int i;

	for (i = 0; i < layout->nr; i++)
		if (addr >= layout->vma[i].start && addr < layout->vma[i].end)
			return i;
	return -1;
}

/* Whether the next VMA continues this one, with the same permissions. */
static bool goes_on(const struct flab_layout *layout, unsigned int i)
{
	return i + 1 < layout->nr && layout->vma[i].end == layout->vma[i + 1].start &&
	       layout->vma[i].read == layout->vma[i + 1].read &&
	       layout->vma[i].write == layout->vma[i + 1].write &&
	       layout->vma[i].offset + layout->vma[i].end - layout->vma[i].start ==
	       layout->vma[i + 1].offset;
}

const char *flab_layout_text(const struct flab_layout *layout, const void *base, bool joined,
			     char *text)
{
	unsigned int i, first;
	size_t used = 0;

	*text = '\0';
	for (i = 0; i < layout->nr; i++) {
		first = i;
		while (joined && goes_on(layout, i))
			i++;
		if (used >= FLAB_LAYOUT_TEXT - 64)
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
	const struct flab_layout *layout;
	size_t nr;
	const char *bad;
};

static int see_leaf(const struct faultlab_walk_entry *e, void *arg)
{
	struct leaves *l = arg;
	int vma = flab_layout_find(l->layout, e->addr);

	l->nr++;
	if (vma >= 0 && e->addr + e->bytes <= l->layout->vma[vma].end)
		return 0;
	if (!l->bad)
		l->bad = flab_text("a leaf of %llu KiB at %llx is not within one VMA",
				   e->bytes / 1024, e->addr);
	return 0;
}

const char *flab_layout_leaves(const struct flab_layout *layout, int fd, size_t *nr)
{
	struct leaves l = { .layout = layout };
	unsigned int i;
	int err;

	for (i = 0; i < layout->nr; i++) {
		err = faultlab_walk_entries(fd, 0, layout->vma[i].start, layout->vma[i].end, 0,
					    FAULTLAB_PTE_LEAF, 0, see_leaf, &l);
		if (err && !l.bad)
			l.bad = flab_text("the walk ended with %d", err);
	}
	*nr = l.nr;
	return l.bad;
}
