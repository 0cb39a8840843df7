/* SPDX-License-Identifier: GPL-2.0-only */
/* How the kernel treats each sort of memory: faultlab_memories.h as an array. */
#ifndef FAULTLAB_MEMORY_H
#define FAULTLAB_MEMORY_H

#include "faultlab.h"

/* Mappings that mmap() allows; all others are EINVAL. */
#define FAULTLAB_MAPS_SHARED		(1U << 0)
#define FAULTLAB_MAPS_PRIVATE_READ	(1U << 1)	/* without PROT_WRITE */
#define FAULTLAB_MAPS_PRIVATE_WRITE	(1U << 2)
#define FAULTLAB_MAPS_ANY		7U

/*
 * Callbacks of its VMAs for faults and copies (.access), if they can have an effect for this
 * memory. Others, such as .mremap, are not listed.
 */
#define FAULTLAB_CALLS_FAULT		(1U << 0)	/* without it, mmap() maps everything */
#define FAULTLAB_CALLS_MAP_PAGES	(1U << 1)	/* .map_pages can map pages */
#define FAULTLAB_CALLS_PAGE_MKWRITE	(1U << 2)
#define FAULTLAB_CALLS_PFN_MKWRITE	(1U << 3)
#define FAULTLAB_CALLS_HUGE_FAULT	(1U << 4)
#define FAULTLAB_CALLS_ACCESS		(1U << 5)	/* .access can copy: flab_vm_access() */

/* The level of the largest leaf that a fault can map. */
enum faultlab_leaf {
	FAULTLAB_LEAF_PTE,
	FAULTLAB_LEAF_PMD,
	FAULTLAB_LEAF_PUD,
};

/*
 * What get_user_pages() does with a shared mapping. NEVER: check_vma_flags() refuses
 * VM_IO and VM_PFNMAP without a fault: EFAULT. LATE: it faults the page in, and then
 * finds a special entry, without struct page (follow_pfn_pte()): EEXIST. vmsplice,
 * O_DIRECT and shared futexes return EEXIST; process_vm_readv() turns it into EFAULT.
 */
enum faultlab_gup {
	FAULTLAB_GUP,
	FAULTLAB_GUP_LATE,
	FAULTLAB_GUP_NEVER,
};

/**
 * struct faultlab_memory - a sort of memory
 * @name: shown to users: the kind and the other fields that are set
 * @id: its name in faultlab_memories.h, one word
 * @kind: enum faultlab_kind. @kind to @cache are as in struct faultlab_config
 * @flags: FAULTLAB_REGION_*
 * @order: its memory comes in folios of 2^order pages
 * @around: pages that one fault of kind pfn maps; 0: one
 * @cache: enum faultlab_cache
 * @maps: FAULTLAB_MAPS_*: the mappings that mmap() allows
 * @leaf: the largest leaf that a fault can map, given room, alignment and a fixed size
 * @along: pages that one .fault can map, the faulting page included; 0 and 1: only that
 * @gup: what get_user_pages() does with a shared mapping
 * @calls: FAULTLAB_CALLS_*: the callbacks of its VMAs
 * @special: a shared mapping has special entries (pte_special())
 * @special_private: a private mapping has special entries, too. If only @special is set,
 *	.fault returns pages for a private mapping, as with kind page
 * @rss: pages of a shared mapping count in the RSS of the process that maps them; pages
 *	of a private mapping count unless @special_private
 * @pfnmap: VM_PFNMAP, VM_IO, VM_DONTEXPAND, VM_DONTDUMP
 * @mixedmap: VM_MIXEDMAP
 * @dontexpand: VM_DONTEXPAND without VM_PFNMAP: mremap() cannot grow it
 * @dontdump: VM_DONTDUMP: never in a core dump
 * @merges: the VMAs have no flag of VM_SPECIAL and no .close: the core merges such VMAs
 *	whenever it can. It never merges those of other memory
 * @inserts: in a shared mapping the module makes the entry, not the core
 * @at_mmap: all is mapped by mmap(), and .fault is never called
 */
struct faultlab_memory {
	const char *name;
	const char *id;
	enum faultlab_kind kind;
	__u64 flags;
	__u32 order;
	__u32 around;
	__u32 cache;
	__u32 maps;
	enum faultlab_leaf leaf;
	__u32 along;
	enum faultlab_gup gup;
	__u32 calls;
	bool special;
	bool special_private;
	bool rss;
	bool pfnmap;
	bool mixedmap;
	bool dontexpand;
	bool dontdump;
	bool merges;
	bool inserts;
	bool at_mmap;
};

extern const struct faultlab_memory faultlab_memories[];
extern const unsigned int faultlab_nr_memories;

/* The rows by name: FAULTLAB_MEMORY_name is a row's number in the array. */
#define FAULTLAB_MEMORY(name, ...) FAULTLAB_MEMORY_##name,
enum faultlab_memory_nr {
#include "faultlab_memories.h"
	FAULTLAB_NR_MEMORIES
};

#undef FAULTLAB_MEMORY
#define faultlab_memory(name)	(&faultlab_memories[FAULTLAB_MEMORY_##name])

/*
 * How many pages apart two accesses must be so that the fault of one does not map the
 * page of the other: the pages that one fault can map (where that is a PUD, the pages of
 * a PMD), with WHOLE at least a folio, since VMAs begin and end at folios. It is 1 for
 * most rows. Make regions, offsets and addresses multiples of it.
 */
__u32 faultlab_memory_step(const struct faultlab_memory *memory);

/* The argument of FAULTLAB_IOC_CONFIG for a region of so many bytes. */
struct faultlab_config faultlab_memory_config(const struct faultlab_memory *memory,
					      __u64 bytes);

/*
 * Opens a region of so many bytes, which must be whole folios; 0 lets it grow. Returns
 * a descriptor or -errno: -ENXIO without phys=, -EOPNOTSUPP if the kernel does not
 * support this memory.
 */
int faultlab_memory_open(const struct faultlab_memory *memory, __u64 bytes);

/*
 * For an error of faultlab_memory_open() that means that this machine or kernel lacks the
 * memory, a text that says what is missing. NULL for other errors.
 */
const char *faultlab_memory_lacks(int err);

#endif /* FAULTLAB_MEMORY_H */
