// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMAs of a process, which head the lines of a walk, and the sum of their entries.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "walk/walk.h"

static int keep_vma(const struct faultlab_vma *vma, void *arg)
{
	struct walk_vmas *vmas = arg;
	struct faultlab_vma *at = vmas->at;

	if (vmas->nr == vmas->room) {
		vmas->room = vmas->room ? 2 * vmas->room : 64;
		at = realloc(at, vmas->room * sizeof(*at));
		if (!at)
			return -1;
		vmas->at = at;
	}
	at[vmas->nr] = *vma;
	printable(vma->line, at[vmas->nr].line, sizeof(at->line));
	vmas->nr++;
	return 0;
}

int walk_vmas_read(struct walk_vmas *vmas, pid_t pid)
{
	memset(vmas, 0, sizeof(*vmas));
	return faultlab_vma_each(pid, keep_vma, vmas);
}

void walk_vmas_free(struct walk_vmas *vmas)
{
	free(vmas->at);
}

const struct faultlab_vma *walk_vmas_find(const struct walk_vmas *vmas, __u64 addr)
{
	size_t low = 0, high = vmas->nr;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (vmas->at[middle].end <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low < vmas->nr && vmas->at[low].start <= addr ? &vmas->at[low] : NULL;
}

const char *walk_vma_name(const struct faultlab_vma *vma)
{
	const char *name = strpbrk(vma->line, "/[");

	return name ? name : "anonymous memory";
}

const struct faultlab_vma *walk_vmas_heading(struct walk_vmas *vmas, __u64 addr, __u64 flags)
{
	const struct faultlab_vma *vma = walk_vmas_find(vmas, addr);
	char size[FIGURE_MAX];
	size_t nr;

	if (!vma)
		return NULL;
	nr = vma - vmas->at + 1;
	if (vmas->shown == nr)
		return vma;
	vmas->shown = nr;
	vmas->headings++;
	printf("%s%llx-%llx %s %s (%s%s)%s\n", style(STYLE_BOLD), vma->start, vma->end, vma->perms,
	       walk_vma_name(vma), figure_size(size, vma->end - vma->start),
	       flags & FAULTLAB_PTE_VMA_SOFT_DIRTY ? ", soft-dirty" : "", style(STYLE_PLAIN));
	return vma;
}

static int add_counts(const struct faultlab_walk_counts *counts, void *arg)
{
	struct walk_sum *sum = arg;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts->leaf); i++) {
		sum->counts.leaf[i] += counts->leaf[i];
		sum->counts.none[i] += counts->none[i];
		sum->counts.table[i] += counts->table[i];
	}
	for (i = 0; i < ARRAY_SIZE(counts->flag); i++)
		sum->counts.flag[i] += counts->flag[i];
	sum->counts.end += counts->end - counts->start;
	sum->vmas++;
	return 0;
}

int walk_sum(const struct walk_query *q, struct walk_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
	return faultlab_walk_counts(q->fd, q->pid, q->start, q->end, add_counts, sum);
}

/* Each entry that points to a table is one table, and the PGD is one more. */
__u64 walk_sum_tables(const struct walk_sum *sum)
{
	__u64 nr = 1;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sum->counts.table); i++)
		nr += sum->counts.table[i];
	return nr;
}

/* The number of mapped pages of the base size: a large one counts as many. */
__u64 walk_sum_pages(const struct walk_sum *sum)
{
	__u64 nr = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sum->counts.leaf); i++)
		nr += sum->counts.leaf[i] << (9 * i);
	return nr;
}
