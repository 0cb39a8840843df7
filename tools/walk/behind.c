// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk: --require and --exclude by the kind of memory that an entry maps
 * (anon, file, zero, pfn; compare pagemap's bit 61, and PAGE_IS_FILE and
 * PAGE_IS_PFNZERO of PAGEMAP_SCAN). The module does not filter by these. So all entries
 * are read here, and those that are selected are joined to runs.
 */
#include <string.h>
#include <linux/kernel-page-flags.h>

#include "walk/walk.h"

static const struct {
	const char *name;
	__u32 bit;
} names[] = {
	{ "anon", WALK_ANON }, { "file", WALK_FILE }, { "zero", WALK_ZERO }, { "pfn", WALK_PFN },
};

__u32 walk_behind_by_name(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcasecmp(name, names[i].name))
			return names[i].bit;
	return 0;
}

bool walk_asks_behind(const struct walk_query *q)
{
	return q->require_behind || q->exclude_behind;
}

/*
 * Returns one of WALK_ANON, _FILE, _ZERO and _PFN for a leaf, 0 for other entries. The
 * kernel does not use the struct page of a special entry (vm_normal_page() returns NULL),
 * so such an entry is _PFN even if its frame has a struct page.
 */
static __u32 behind(const struct faultlab_walk_entry *e, const struct faultlab_walk_page *page)
{
	if (!(e->flags & FAULTLAB_PTE_LEAF))
		return 0;
	if (page->flags & KPF(ZERO_PAGE))
		return WALK_ZERO;
	if ((e->flags & FAULTLAB_PTE_SPECIAL) || (page->flags & KPF(NOPAGE)))
		return WALK_PFN;
	return page->flags & KPF(ANON) ? WALK_ANON : WALK_FILE;
}

struct filter {
	const struct walk_query *q;
	faultlab_pages_fn fn;
	void *arg;
};

static int filter_page(const struct faultlab_walk_entry *e, const struct faultlab_walk_page *page,
		       void *arg)
{
	const struct filter *filter = arg;
	const struct walk_query *q = filter->q;
	__u32 is = behind(e, page);

	/* Tables are not filtered. */
	if (!(e->flags & FAULTLAB_PTE_TABLE) &&
	    ((is & q->require_behind) != q->require_behind || (is & q->exclude_behind)))
		return 0;
	return filter->fn(e, q->pages ? page : NULL, filter->arg);
}

static int give_entry(const struct faultlab_walk_entry *e, void *arg)
{
	const struct filter *filter = arg;

	return filter->fn(e, NULL, filter->arg);
}

int walk_entries(const struct walk_query *q, faultlab_pages_fn fn, void *arg)
{
	struct filter filter = { q, fn, arg };

	if (q->pages || walk_asks_behind(q))
		return faultlab_walk_pages(q->fd, q->pid, q->start, q->end, q->flags, q->require,
					   q->exclude, filter_page, &filter);
	return faultlab_walk_entries(q->fd, q->pid, q->start, q->end, q->flags, q->require,
				     q->exclude, give_entry, &filter);
}

struct joiner {
	const struct walk_query *q;
	struct walk_vmas vmas;
	const struct faultlab_vma *vma;	/* of the run */
	struct faultlab_walk_run run;	/* the current one; end 0: none */
	faultlab_runs_fn fn;
	void *arg;
};

static int end_run(struct joiner *to)
{
	const struct faultlab_walk_run run = to->run;

	to->run.end = 0;
	return run.end ? to->fn(&run, to->arg) : 0;
}

/* Joins an entry to the run before it by the same rules as FAULTLAB_WALK_RUNS. */
static int join(const struct faultlab_walk_entry *e, const struct faultlab_walk_page *page,
		void *arg)
{
	struct joiner *to = arg;
	struct faultlab_walk_run *run = &to->run, now = {
		.start = e->addr > to->q->start ? e->addr : to->q->start,
		.end = e->addr + e->bytes < to->q->end ? e->addr + e->bytes : to->q->end,
		.pfn = e->pfn, .flags = e->flags, .level = e->level, .pkey = e->pkey,
	};
	const struct faultlab_vma *vma = walk_vmas_find(&to->vmas, now.start);
	int err;

	(void)page;
	if (e->flags & FAULTLAB_PTE_LEAF) {
		now.flags |= FAULTLAB_PTE_CONTIG;
		now.pfn += (now.start - e->addr) / 4096;
	}
	if (run->end == now.start && vma == to->vma && run->pkey == now.pkey &&
	    !((run->flags ^ now.flags) & ~FAULTLAB_PTE_CONTIG) &&
	    (run->level == now.level || (now.flags & FAULTLAB_PTE_NONE))) {
		if (now.pfn != run->pfn + (now.start - run->start) / 4096)
			run->flags &= ~FAULTLAB_PTE_CONTIG;
		run->end = now.end;
		return 0;
	}
	err = end_run(to);
	to->vma = vma;
	*run = now;
	return err;
}

int walk_runs(const struct walk_query *q, faultlab_runs_fn fn, void *arg)
{
	struct joiner to = { .q = q, .fn = fn, .arg = arg };
	int err;

	if (!walk_asks_behind(q))
		return faultlab_walk_runs(q->fd, q->pid, q->start, q->end, q->flags, q->require,
					  q->exclude, fn, arg);
	walk_vmas_read(&to.vmas, q->pid);
	err = walk_entries(q, join, &to) ?: end_run(&to);
	walk_vmas_free(&to.vmas);
	return err;
}
