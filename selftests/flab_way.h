/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kinds of memory as the rest of the kernel finds them. What differs between them
 * is one row of flab_way.c and its name in flab_ways.h; a test that holds for all
 * of them is a fixture whose variants point to the rows.
 */
#ifndef FLAB_WAY_H
#define FLAB_WAY_H

#include "flab.h"

/*
 * What get_user_pages() does. NEVER: check_vma_flags() refuses VM_IO and
 * VM_PFNMAP, and nothing faults. LATE: it faults the page in, and then finds no
 * struct page behind the special entry (follow_page_pte()). Both are EFAULT.
 */
enum flab_gup {
	FLAB_GUP,
	FLAB_GUP_LATE,
	FLAB_GUP_NEVER,
};

struct flab_way {
	enum faultlab_kind kind;
	__u64 flags;
	enum flab_gup gup;
	bool special;		/* entries without a struct page, no RSS */
	bool pfnmap;		/* VM_PFNMAP, VM_IO, VM_DONTEXPAND, VM_DONTDUMP */
	bool mixedmap;		/* VM_MIXEDMAP: VM_SPECIAL, as those of pfnmap are */
	bool uncounted;		/* its memory is not in `pages` */
	/*
	 * The handler inserts the entry, and cannot tell that it is for a write: the
	 * processor makes it dirty, and a pin for writing, which is none, does not.
	 */
	bool inserts;
	bool at_mmap;		/* all is mapped then, and the handler is never asked */
};

#define FLAB_WAY(name) extern const struct flab_way flab_way_##name
#include "flab_ways.h"
#undef FLAB_WAY

/* A region of so many pages, as flab_region(). */
int flab_way_region(const struct flab_way *way, size_t pages);

/*
 * What first accesses to so many pages count, as EXPECT_COUNTS() has it: name is
 * "read", "write" or "cow". _elsewhere leaves out minflt, for faults of another
 * thread than the one that measures.
 */
const char *flab_way_faults(const struct flab_way *way, const char *name, unsigned int pages);
const char *flab_way_faults_elsewhere(const struct flab_way *way, const char *name,
				      unsigned int pages);

/*
 * What the handler is asked, and what is mapped of all pages of a mapping, after
 * first accesses to so many of them.
 */
size_t flab_way_asked(const struct flab_way *way, size_t pages);
size_t flab_way_mapped(const struct flab_way *way, size_t pages, size_t all);

/* What get_user_pages() of one untouched page counts, whether or not it gets it. */
const char *flab_way_pins(const struct flab_way *way, const char *name);

/*
 * Whether the region refuses private writable mappings with EINVAL, as it must if it
 * is VM_PFNMAP. For tests that need one, and have nothing else to test then.
 */
bool flab_refuses_private(int fd);

/* "page rw dirty", and " special" where it is. */
const char *flab_way_entry(const struct flab_way *way, const char *rest);

#endif /* FLAB_WAY_H */
