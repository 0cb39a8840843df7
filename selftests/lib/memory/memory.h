/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests that run on every sort of memory (the rows of lib/faultlab_memories.h). A
 * row has the properties of one sort; the functions here derive what a measurement of
 * it should count.
 *
 * Such a test works in steps (faultlab_memory_step()): a step is the pages that one
 * fault can map, one page or up to a PMD. The VMA may be split between steps. So an
 * operation on one step does not change the others. To touch a step is to access its
 * first page.
 */
#ifndef TLIB_MEMORY_H
#define TLIB_MEMORY_H

#include <faultlab_memory.h>
#include "lib/tlib.h"

/* A region of so many steps, rounded up to whole folios: a descriptor or -errno. */
int tlib_memory_region(const struct faultlab_memory *memory, size_t steps);

/*
 * The same as tlib_map(), tlib_at(), tlib_unmap(), tlib_write() and tlib_nr_mapped(), but
 * positions and sizes are in steps instead of pages.
 */
char *tlib_memory_map(const struct faultlab_memory *memory, int fd, int prot, int flags,
		      size_t first, size_t steps);
char *tlib_memory_at(const struct faultlab_memory *memory, char *map, size_t step);
void tlib_memory_unmap(const struct faultlab_memory *memory, char *map, size_t steps);
void tlib_memory_write(const struct faultlab_memory *memory, char *map, size_t steps);
size_t tlib_memory_nr_mapped(const struct faultlab_memory *memory, int fd, pid_t pid,
			     char *map, size_t steps);
size_t tlib_memory_bytes(const struct faultlab_memory *memory, size_t steps);

/*
 * The text for EXPECT_COUNTS() after a first access to each of steps first,
 * first + 1, ..., when all steps before them have been accessed. name is "read",
 * "write" or "cow". _elsewhere leaves out minflt, for accesses made by another thread
 * than the one that measures. _populates is for accesses to every page of the first
 * steps, one after the other.
 */
const char *tlib_memory_faults(const struct faultlab_memory *memory, const char *name,
			       size_t first, size_t steps);
const char *tlib_memory_faults_elsewhere(const struct faultlab_memory *memory,
					 const char *name, size_t first, size_t steps);
const char *tlib_memory_populates(const struct faultlab_memory *memory, const char *name,
				  size_t steps);
size_t tlib_memory_nr_populates(const struct faultlab_memory *memory, const char *name,
				size_t steps);

/*
 * How often the fault handler is called by first accesses to so many steps; and how
 * many of all steps of the mapping are mapped then.
 */
size_t tlib_memory_asked(const struct faultlab_memory *memory, size_t steps);
size_t tlib_memory_mapped(const struct faultlab_memory *memory, size_t steps, size_t all);

/* The text for EXPECT_COUNTS() after GUP of an untouched page, successful or not. */
const char *tlib_memory_pins(const struct faultlab_memory *memory, const char *name,
			     size_t first);

/*
 * The error of get_user_pages() on a shared mapping: 0 or EFAULT, or EEXIST for a
 * special entry. EEXIST is internal to GUP but reaches the caller.
 */
int tlib_memory_gup(const struct faultlab_memory *memory);

/*
 * The text for EXPECT_ENTRY(): "page REST", with " special" for a special entry; for a PMD
 * "2 MiB page REST".
 */
const char *tlib_memory_entry(const struct faultlab_memory *memory, const char *rest);

/* The region's number of pages after so many steps were touched. */
size_t tlib_memory_pages(const struct faultlab_memory *memory, size_t steps);

/* The number of VMAs that overlap a range, according to /proc/self/maps. */
size_t tlib_nr_vmas(const void *at, size_t bytes);

/* Whether evict can drop the region's pages. */
bool tlib_memory_drops(const struct faultlab_memory *memory);

/* Whether fork copies a mapping's entries if it has no CoW pages: vma_needs_copy(). */
bool tlib_memory_forks(const struct faultlab_memory *memory);

/* Whether the region allows writable private mappings; and whether it refuses one. */
bool tlib_memory_copies(const struct faultlab_memory *memory);
bool tlib_refuses_private(const struct faultlab_memory *memory, int fd);

/* PROT_* for a private mapping: read-only where CoW is not possible. */
int tlib_memory_private_prot(const struct faultlab_memory *memory);

/*
 * Which rows a test is for. _has_pages: frames have a struct page. _usual: without
 * MKWRITE, whose rows differ only in what is counted, and without PUDs; in the short
 * form also without PHYS, and without special entries that differ by order alone.
 * _alone: each page has its own fault, a VMA can begin at any page, and a region can be
 * as short as four pages. The matrix has all rows.
 */
bool tlib_memory_has_pages(const struct faultlab_memory *memory);
bool tlib_memory_usual(const struct faultlab_memory *memory);
bool tlib_memory_alone(const struct faultlab_memory *memory);

/*
 * For tests that mark frames as broken. A row takes half a minute on the debug kernel.
 * So there, and on the older kernel, the short form has only the usual rows.
 */
bool tlib_memory_breaks(const struct faultlab_memory *memory);

/*
 * All rows in the long form; the short form leaves out those that differ from another
 * row only by order 2 or by cache.
 */
bool tlib_memory_sample(const struct faultlab_memory *memory);

/*
 * A variant for each row that picked() accepts, for
 * FIXTURE_VARIANT(fixture) { const struct faultlab_memory *memory; }.
 */
#define TLIB_MEMORIES(fixture, picked)							\
	static void __attribute__((constructor(KSELFTEST_PRIO_TEST)))			\
	tlib_add_memories_##fixture(void)						\
	{										\
		static struct __fixture_variant_metadata variants[FAULTLAB_NR_MEMORIES];	\
		static FIXTURE_VARIANT(fixture) data[FAULTLAB_NR_MEMORIES];		\
		unsigned int i;								\
											\
		for (i = 0; i < FAULTLAB_NR_MEMORIES; i++) {				\
			const struct faultlab_memory *memory = &faultlab_memories[i];	\
											\
			if (!(picked)(memory))						\
				continue;						\
			data[i].memory = memory;					\
			variants[i].name = memory->id;					\
			variants[i].data = &data[i];					\
			__register_fixture_variant(&_##fixture##_fixture_object,	\
						   &variants[i]);			\
		}									\
	}

#endif /* TLIB_MEMORY_H */
