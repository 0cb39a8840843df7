// SPDX-License-Identifier: GPL-2.0-only
/* What a measurement of each sort of memory should count: see memory.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/memory/memory.h"
#include "lib/sys.h"

int tlib_memory_region(const struct faultlab_memory *memory, size_t steps)
{
	const size_t folio = tlib_page_size() << memory->order;
	size_t bytes = tlib_memory_bytes(memory, steps);

	return faultlab_memory_open(memory, (bytes + folio - 1) / folio * folio);
}

size_t tlib_memory_bytes(const struct faultlab_memory *memory, size_t steps)
{
	return steps * faultlab_memory_step(memory) * tlib_page_size();
}

char *tlib_memory_map(const struct faultlab_memory *memory, int fd, int prot, int flags,
		      size_t first, size_t steps)
{
	const size_t step = faultlab_memory_step(memory);

	return tlib_map(fd, prot, flags, first * step, steps * step);
}

char *tlib_memory_at(const struct faultlab_memory *memory, char *map, size_t step)
{
	return map + tlib_memory_bytes(memory, step);
}

void tlib_memory_unmap(const struct faultlab_memory *memory, char *map, size_t steps)
{
	tlib_unmap(map, steps * faultlab_memory_step(memory));
}

void tlib_memory_write(const struct faultlab_memory *memory, char *map, size_t steps)
{
	size_t i;

	for (i = 0; i < steps; i++)
		faultlab_touch_write(tlib_memory_at(memory, map, i), 'a' + i, NULL);
}

size_t tlib_memory_nr_mapped(const struct faultlab_memory *memory, int fd, pid_t pid,
			     char *map, size_t steps)
{
	size_t i, nr = 0;

	for (i = 0; i < steps; i++)
		nr += !!(tlib_entry(fd, pid, tlib_memory_at(memory, map, i)).flags &
			 FAULTLAB_PTE_LEAF);
	return nr;
}

size_t tlib_memory_pages(const struct faultlab_memory *memory, size_t steps)
{
	const size_t folio = 1UL << memory->order;

	if (memory->flags & FAULTLAB_REGION_PHYS)
		return 0;
	return (steps * faultlab_memory_step(memory) + folio - 1) / folio * folio;
}

/*
 * Whether a fault of this name ("read", "write", "cow") can map more than one page. CoW
 * cannot: it copies the page that .fault returned.
 */
static bool maps_more(const char *name)
{
	return strcmp(name, "cow");
}

/* The counters after so many faults of full size, which allocated so many pages. */
static const char *count(const struct faultlab_memory *memory, const char *name,
			 size_t faults, size_t pages)
{
	const bool inserts = memory->inserts && maps_more(name);
	size_t notes = strcmp(name, "write") ? 0 : faults, kernel, locked;
	char text[200];
	int n;

	if (!faults || memory->at_mmap)
		return "";
	if (!(memory->calls & (FAULTLAB_CALLS_PAGE_MKWRITE | FAULTLAB_CALLS_PFN_MKWRITE)))
		notes = 0;
	/* If .fault inserted the entry, mkwrite is called by a second fault. */
	kernel = faults + (inserts ? notes : 0);
	locked = faults + (memory->calls & FAULTLAB_CALLS_PFN_MKWRITE ? notes : 0);
	n = snprintf(text, sizeof(text), "fault_%s %zu", name, faults);
	if (notes)
		n += snprintf(text + n, sizeof(text) - n, " fault_%smkwrite %zu",
			      memory->calls & FAULTLAB_CALLS_PFN_MKWRITE ? "pfn_" : "", notes);
	n += snprintf(text + n, sizeof(text) - n, " minor %zu locked %zu", kernel, locked);
	if (pages)
		n += snprintf(text + n, sizeof(text) - n, " pages +%zu", pages);
	if ((memory->calls & FAULTLAB_CALLS_HUGE_FAULT) && maps_more(name))
		n += snprintf(text + n, sizeof(text) - n, " fault_huge_pmd %zu", faults);
	if (memory->along > 1 && maps_more(name))
		snprintf(text + n, sizeof(text) - n, " pages_batch %zu",
			 faults * (memory->along - 1));
	return tlib_text("%s", text);
}

static const char *with_minflt(const struct faultlab_memory *memory, const char *name,
			       const char *counts, size_t faults)
{
	const bool twice = memory->inserts && !strcmp(name, "write") &&
			   (memory->calls & (FAULTLAB_CALLS_PAGE_MKWRITE |
					     FAULTLAB_CALLS_PFN_MKWRITE));

	return *counts ? tlib_text("%s minflt %zu", counts, faults * (1 + twice)) : "";
}

const char *tlib_memory_faults_elsewhere(const struct faultlab_memory *memory,
					 const char *name, size_t first, size_t steps)
{
	return count(memory, name, steps, tlib_memory_pages(memory, first + steps) -
					  tlib_memory_pages(memory, first));
}

const char *tlib_memory_faults(const struct faultlab_memory *memory, const char *name,
			       size_t first, size_t steps)
{
	return with_minflt(memory, name,
			   tlib_memory_faults_elsewhere(memory, name, first, steps), steps);
}

size_t tlib_memory_nr_populates(const struct faultlab_memory *memory, const char *name,
				size_t steps)
{
	const bool many = memory->along > 1 || memory->leaf != FAULTLAB_LEAF_PTE;

	if (memory->at_mmap)
		return 0;
	return many && maps_more(name) ? steps : steps * faultlab_memory_step(memory);
}

const char *tlib_memory_populates(const struct faultlab_memory *memory, const char *name,
				  size_t steps)
{
	const size_t faults = tlib_memory_nr_populates(memory, name, steps);

	return with_minflt(memory, name, count(memory, name, faults,
					       tlib_memory_pages(memory, steps)), faults);
}

size_t tlib_memory_asked(const struct faultlab_memory *memory, size_t steps)
{
	return memory->at_mmap ? 0 : steps;
}

size_t tlib_memory_mapped(const struct faultlab_memory *memory, size_t steps, size_t all)
{
	return memory->at_mmap ? all : steps;
}

const char *tlib_memory_pins(const struct faultlab_memory *memory, const char *name,
			     size_t first)
{
	return tlib_memory_faults(memory, name, first, memory->gup != FAULTLAB_GUP_NEVER);
}

int tlib_memory_gup(const struct faultlab_memory *memory)
{
	static const int errors[] = {
		[FAULTLAB_GUP] = 0, [FAULTLAB_GUP_LATE] = EEXIST, [FAULTLAB_GUP_NEVER] = EFAULT,
	};

	return errors[memory->gup];
}

const char *tlib_memory_entry(const struct faultlab_memory *memory, const char *rest)
{
	return tlib_text("%spage %s%s", memory->leaf == FAULTLAB_LEAF_PTE ? "" : "2 MiB ", rest,
			 memory->special ? " special" : "");
}

struct range {
	uintptr_t start, end;
	size_t nr;
};

static int count_vma(const struct faultlab_vma *vma, void *arg)
{
	struct range *range = arg;

	range->nr += vma->start < range->end && vma->end > range->start;
	return 0;
}

size_t tlib_nr_vmas(const void *at, size_t bytes)
{
	struct range range = { (uintptr_t)at, (uintptr_t)at + bytes, 0 };

	return faultlab_vma_each(0, count_vma, &range) ? 0 : range.nr;
}

bool tlib_memory_drops(const struct faultlab_memory *memory)
{
	return !memory->at_mmap && !(memory->flags & FAULTLAB_REGION_PHYS);
}

bool tlib_memory_forks(const struct faultlab_memory *memory)
{
	return memory->pfnmap || memory->mixedmap;
}

bool tlib_memory_copies(const struct faultlab_memory *memory)
{
	return memory->maps & FAULTLAB_MAPS_PRIVATE_WRITE;
}

int tlib_memory_private_prot(const struct faultlab_memory *memory)
{
	return tlib_memory_copies(memory) ? TLIB_RW : PROT_READ;
}

bool tlib_refuses_private(const struct faultlab_memory *memory, int fd)
{
	return !tlib_memory_map(memory, fd, TLIB_RW, MAP_PRIVATE, 0, 1) && errno == EINVAL;
}

bool tlib_memory_has_pages(const struct faultlab_memory *memory)
{
	return !(memory->flags & FAULTLAB_REGION_PHYS);
}

bool tlib_memory_usual(const struct faultlab_memory *memory)
{
	const bool whole = memory->flags & FAULTLAB_REGION_WHOLE;
	const bool leaf = memory->leaf != FAULTLAB_LEAF_PTE;

	if (memory->calls & (FAULTLAB_CALLS_PAGE_MKWRITE | FAULTLAB_CALLS_PFN_MKWRITE))
		return false;
	/* A folio of the size of a PUD takes nearly all of the guest's memory. */
	if (memory->leaf == FAULTLAB_LEAF_PUD)
		return false;
	if (tlib_full())
		return true;
	/* One row with PMDs is enough. Before 6.12 only the WHOLE row has them. */
	return !(memory->flags & FAULTLAB_REGION_PHYS) && memory->along < 16 &&
	       !(memory->special && memory->order && !leaf) &&
	       !(whole && leaf && tlib_kernel_since(6, 12));
}

bool tlib_memory_breaks(const struct faultlab_memory *memory)
{
	const bool few = tlib_debug() || !tlib_kernel_since(6, 12);

	return tlib_memory_has_pages(memory) &&
	       (few && !tlib_full() ? tlib_memory_usual(memory) : tlib_memory_sample(memory));
}

bool tlib_memory_alone(const struct faultlab_memory *memory)
{
	return tlib_memory_usual(memory) && faultlab_memory_step(memory) == 1 &&
	       memory->order <= 2;
}

bool tlib_memory_sample(const struct faultlab_memory *memory)
{
	const bool whole = memory->flags & FAULTLAB_REGION_WHOLE;

	return tlib_full() || (!memory->cache && (whole || memory->order != 2));
}
