// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk --chain: the entries from PGD to page that translate one address, as the
 * processor walks them.
 */
#include <stdio.h>
#include <errno.h>

#include "walk/walk.h"

static const struct {
	__u64 flag;
	const char *can;
	const char *cannot;
} permissions[] = {
	{ FAULTLAB_PTE_WRITE, "written", "write" },
	{ FAULTLAB_PTE_EXEC, "executed", "exec" },
	{ FAULTLAB_PTE_USER, "accessed from user mode", "user mode" },
};

/* An entry of a folded level has no raw word of its own: "-" is shown. */
static void show_level(const struct faultlab_walk_entry *e)
{
	char flags[WALK_TEXT_MAX], pfn[FIGURE_MAX], raw[FIGURE_MAX] = "-";

	if ((e->flags & FAULTLAB_PTE_FOLDED)) {
		printf("%-5s %5s  not used by this machine: the entry is that of the level above\n",
		       faultlab_level_name(e->level), "-");
		return;
	}
	if (e->raw)
		snprintf(raw, sizeof(raw), "0x%016llx", e->raw);
	walk_flags(e->flags, e->pkey, flags);
	printf("%-5s %5u  %-18s  %-10s  %-12s  %s\n", faultlab_level_name(e->level), e->index, raw,
	       walk_what(e->flags, e->level), walk_entry_pfn(e, pfn), flags);
}

/* The name of the highest level whose entry lacks the flag: the processor checks it first. */
static const char *forbids(const struct faultlab_chain *chain, __u64 flag)
{
	unsigned int level = FAULTLAB_LEVEL_PGD;

	while (level > chain->last && (chain->entry[level].flags & flag))
		level--;
	return faultlab_level_name(level);
}

static void show_permissions(const struct faultlab_chain *chain)
{
	unsigned int i;

	printf("in effect: can be read");
	for (i = 0; i < ARRAY_SIZE(permissions); i++)
		if (chain->allows & permissions[i].flag)
			printf(", %s", permissions[i].can);
	for (i = 0; i < ARRAY_SIZE(permissions); i++)
		if (!(chain->allows & permissions[i].flag))
			printf("; %s forbids %s", forbids(chain, permissions[i].flag),
			       permissions[i].cannot);
	putchar('\n');
}

/* Explains the last entry of a walk that does not reach a page. */
static const struct {
	__u64 flag;
	const char *text;
} ends[] = {
	{ FAULTLAB_PTE_PROTNONE,
	  "a page whose entry allows no access (PROT_NONE, NUMA hint)" },
	{ FAULTLAB_PTE_NO_VMA,
	  "in no mapping: an access ends in SIGSEGV, unless the stack grows there" },
	{ FAULTLAB_PTE_NONE,
	  "empty; an access faults, and the fault handler of the mapping decides" },
	{ FAULTLAB_PTE_SWAP, "swapped out; an access faults, and the page is read back" },
	{ FAULTLAB_PTE_MIGRATION, "being migrated to another frame; an access waits" },
	{ FAULTLAB_PTE_HWPOISON, "memory error; an access ends in SIGBUS" },
	{ FAULTLAB_PTE_DEVICE, "in device memory; an access migrates it back to RAM" },
	{ FAULTLAB_PTE_MARKER, "a marker of userfaultfd, a guard page, or poison" },
	{ FAULTLAB_PTE_BAD, "no valid entry" },
};

_Static_assert(0 FAULTLAB_PTE_FLAGS(FAULTLAB_COUNT) == 34, "can a walk end at the new flag?");

static void show_end(const struct faultlab_chain *chain)
{
	const struct faultlab_walk_entry *e = &chain->entry[chain->last];
	char facts[WALK_TEXT_MAX], size[FIGURE_MAX], pfn[FIGURE_MAX];
	__u64 offset = chain->addr - e->addr;
	struct faultlab_walk_entry page = *e;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (e->flags & ends[i].flag) {
			if (!(e->flags & FAULTLAB_PTE_NO_VMA))
				printf("ends at %s: ", faultlab_level_name(e->level));
			puts((__s64)chain->addr < 0 && (e->flags & FAULTLAB_PTE_NONE) ?
			     "empty; an access by the kernel is an oops" : ends[i].text);
			break;
		}
	if (!(e->flags & FAULTLAB_PTE_LEAF))
		return;
	if (!(e->flags & FAULTLAB_PTE_PROTNONE))
		show_permissions(chain);
	printf("page: %s", figure_size(size, e->bytes));
	if (e->raw) {
		printf(", physical address 0x%llx", e->pfn * 4096 + offset);
		page.pfn += offset / 4096;
	}
	printf(", frame %s", walk_entry_pfn(&page, pfn));
	if (chain->has_page)
		printf("\nstruct page: %s", walk_page_facts(&chain->page, e->flags, facts));
	putchar('\n');
}

static void show_levels(const struct faultlab_chain *chain, const struct faultlab_vma *vma)
{
	__u64 flags = walk_read_only(vma, chain->entry[chain->last].flags);
	unsigned int level = FAULTLAB_LEVEL_PGD + 1;

	printf("%s%-5s %5s  %-18s  %-10s  %-12s  %s%s\n", style(STYLE_DIM), "level", "index",
	       "raw", "what", "pfn", "flags", style(STYLE_PLAIN));
	while (level-- > chain->last) {
		show_level(&chain->entry[level]);
		flags |= chain->entry[level].flags;
	}
	walk_legend(WALK_IN_CHAIN | (chain->has_page ? WALK_IN_PAGES : 0), flags);
	if (chain->has_page)
		walk_legend_pages(chain->page.flags);
}

int walk_show_chain(const struct walk_query *q)
{
	const void *addr = (const void *)(uintptr_t)q->start;
	const struct faultlab_vma *vma;
	struct walk_vmas vmas = { 0 };
	struct faultlab_chain chain;
	int err;

	err = faultlab_walk_chain(q->fd, q->pid, addr, &chain);
	if (err == -ENODATA)
		return failed("0x%llx is neither in user space nor in the kernel half.", q->start);
	if (err)
		return walk_failed(err, q);
	if ((__s64)q->start >= 0)
		walk_vmas_read(&vmas, q->pid);
	printf("%saddress 0x%llx%s\n", style(STYLE_BOLD), q->start, style(STYLE_PLAIN));
	vma = walk_vmas_heading(&vmas, q->start, chain.entry[chain.last].flags);
	if (!(chain.entry[chain.last].flags & FAULTLAB_PTE_NO_VMA))
		show_levels(&chain, vma);
	walk_vmas_free(&vmas);
	show_end(&chain);
	return 0;
}
