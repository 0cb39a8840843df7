/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests that walk the list of every sort of memory (lib/faultlab_memories.h). What
 * differs from one to the next is in its row; what follows from that for a
 * measurement is here.
 *
 * Such a test goes in steps (faultlab_memory_step()): each is pages that one fault can
 * map, and where the VMA may be cut, so that what is done to one step leaves the others
 * alone, whether it is one page or a PMD. A step is touched by its first page.
 */
#ifndef FLAB_MEMORY_H
#define FLAB_MEMORY_H

#include <faultlab_memory.h>
#include "flab.h"

/* A descriptor of a region of so many steps, or -errno; of whole folios, so maybe more. */
int flab_memory_region(const struct faultlab_memory *memory, size_t steps);

/* As flab_map(), flab_at(), flab_unmap(), flab_write(), flab_nr_mapped(), in steps. */
char *flab_memory_map(const struct faultlab_memory *memory, int fd, int prot, int flags,
		      size_t first, size_t steps);
char *flab_memory_at(const struct faultlab_memory *memory, char *map, size_t step);
void flab_memory_unmap(const struct faultlab_memory *memory, char *map, size_t steps);
void flab_memory_write(const struct faultlab_memory *memory, char *map, size_t steps);
size_t flab_memory_nr_mapped(const struct faultlab_memory *memory, int fd, pid_t pid,
			     char *map, size_t steps);
size_t flab_memory_bytes(const struct faultlab_memory *memory, size_t steps);

/*
 * What first accesses to so many steps from first on count, as EXPECT_COUNTS() has it,
 * if those before have been accessed: name is "read", "write" or "cow". _elsewhere
 * leaves out minflt, for faults of another thread than the one that measures.
 * _populates is of all pages of the first so many steps, one after the other.
 */
const char *flab_memory_faults(const struct faultlab_memory *memory, const char *name,
			       size_t first, size_t steps);
const char *flab_memory_faults_elsewhere(const struct faultlab_memory *memory,
					 const char *name, size_t first, size_t steps);
const char *flab_memory_populates(const struct faultlab_memory *memory, const char *name,
				  size_t steps);
size_t flab_memory_nr_populates(const struct faultlab_memory *memory, const char *name,
				size_t steps);

/*
 * What the handler is asked, and what is mapped of all steps of a mapping, after
 * first accesses to so many of them.
 */
size_t flab_memory_asked(const struct faultlab_memory *memory, size_t steps);
size_t flab_memory_mapped(const struct faultlab_memory *memory, size_t steps, size_t all);

/* What get_user_pages() of one untouched page counts, whether or not it gets it. */
const char *flab_memory_pins(const struct faultlab_memory *memory, const char *name,
			     size_t first);

/*
 * What get_user_pages() of a shared mapping says: 0, EFAULT, or of a special entry
 * EEXIST, which was meant for itself and gets out.
 */
int flab_memory_gup(const struct faultlab_memory *memory);

/* "page rw dirty", " special" where it is, of a PMD "2 MiB page rw dirty". */
const char *flab_memory_entry(const struct faultlab_memory *memory, const char *rest);

/* Pages that the region has after so many steps were touched. */
size_t flab_memory_pages(const struct faultlab_memory *memory, size_t steps);

/* VMAs that have a part of a range, by /proc/self/maps. */
size_t flab_nr_vmas(const void *at, size_t bytes);

/* Whether evict can drop its pages. */
bool flab_memory_drops(const struct faultlab_memory *memory);

/* Whether fork copies the entries of a mapping without private copies: vma_needs_copy(). */
bool flab_memory_forks(const struct faultlab_memory *memory);

/* Whether a private mapping can be written to; and that the region refuses one, if not. */
bool flab_memory_copies(const struct faultlab_memory *memory);
bool flab_refuses_private(const struct faultlab_memory *memory, int fd);

/* PROT_* for a private mapping: read-only where it cannot be copied. */
int flab_memory_private_prot(const struct faultlab_memory *memory);

/*
 * Which rows a test is for. Of the short tier are those that differ from others by more
 * than what is counted: not MKWRITE, nor what is PHYS, nor by order alone, where entries
 * have no page. _has_pages: where frames have a struct page. _alone: where each page has
 * its own fault, a VMA can begin at any, and a region can be as short as four pages.
 * The matrix has all.
 */
bool flab_memory_has_pages(const struct faultlab_memory *memory);
bool flab_memory_usual(const struct faultlab_memory *memory);
bool flab_memory_alone(const struct faultlab_memory *memory);

/*
 * For tests that mark frames as broken: half a minute a row on the debug kernel, so there,
 * and in the short form on the older kernel, it is those that are usual.
 */
bool flab_memory_breaks(const struct faultlab_memory *memory);

/* All in the long form; in the short one not those that differ by order 2 or cache alone. */
bool flab_memory_sample(const struct faultlab_memory *memory);

/*
 * For FIXTURE_VARIANT(fixture) { const struct faultlab_memory *memory; }: a variant for
 * each row that is picked.
 */
#define FLAB_MEMORIES(fixture, picked)							\
	static void __attribute__((constructor(KSELFTEST_PRIO_TEST)))			\
	flab_add_memories_##fixture(void)						\
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

#endif /* FLAB_MEMORY_H */
