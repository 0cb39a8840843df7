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

/* Callbacks of its VMAs, apart from those that all have. */
#define FAULTLAB_CALLS_FAULT		(1U << 0)	/* else all is mapped at mmap */
#define FAULTLAB_CALLS_MAP_PAGES	(1U << 1)	/* and it maps something */
#define FAULTLAB_CALLS_PAGE_MKWRITE	(1U << 2)
#define FAULTLAB_CALLS_PFN_MKWRITE	(1U << 3)
#define FAULTLAB_CALLS_HUGE_FAULT	(1U << 4)
#define FAULTLAB_CALLS_ACCESS		(1U << 5)	/* and it works: see access.c */

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
 * @kind: enum faultlab_kind; this and the next four are struct faultlab_config's
 * @flags: FAULTLAB_REGION_*
 * @order: of its folios
 * @around: pages a fault of kind pfn maps
 * @cache: enum faultlab_cache
 * @maps: FAULTLAB_MAPS_*: the mappings that mmap() allows
 * @leaf: the largest leaf that a fault can map, given room, alignment and a fixed size
 * @along: pages that one .fault can map, its own among them; 0 and 1: its own only
 * @gup: what get_user_pages() does with a shared mapping
 * @calls: FAULTLAB_CALLS_*
 * @special: a shared mapping has special entries (pte_special())
 * @special_private: a private mapping has special entries, too. With @special only, a
 *	private mapping has returned pages, as kind page does
 * @rss: pages of a shared mapping count in the RSS of the process that maps them; pages
 *	of a private mapping count unless @special_private
 * @pfnmap: VM_PFNMAP, VM_IO, VM_DONTEXPAND, VM_DONTDUMP
 * @mixedmap: VM_MIXEDMAP
 * @dontexpand: VM_DONTEXPAND without VM_PFNMAP: mremap() cannot grow it
 * @dontdump: VM_DONTDUMP: never in a core dump
 * @merges: none of VM_SPECIAL, and no .close: the core merges such VMAs whenever it can,
 *	all others never
 * @inserts: the handler makes the entry of a shared mapping
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
 * How many pages apart accesses must be for independent faults: the pages that one
 * fault can map (for a PUD, those that a PMD maps), or with WHOLE a folio, since VMAs
 * begin and end at folios. 1 for most. Make regions, offsets and addresses multiples of
 * it.
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
 * Why this machine does not have the memory, by the error of faultlab_memory_open().
 * NULL for other errors.
 */
const char *faultlab_memory_lacks(int err);

#endif /* FAULTLAB_MEMORY_H */
