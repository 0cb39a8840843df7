/* SPDX-License-Identifier: GPL-2.0-only */
/* What each sort of memory is to the rest of the kernel: faultlab_memories.h as data. */
#ifndef FAULTLAB_MEMORY_H
#define FAULTLAB_MEMORY_H

#include "faultlab.h"

/* Mappings that mmap() gives; all others are EINVAL. */
#define FAULTLAB_MAPS_SHARED		(1U << 0)
#define FAULTLAB_MAPS_PRIVATE_READ	(1U << 1)	/* without PROT_WRITE */
#define FAULTLAB_MAPS_PRIVATE_WRITE	(1U << 2)
#define FAULTLAB_MAPS_ANY		7U

/* Callbacks that the module has for it, apart from those that all have. */
#define FAULTLAB_CALLS_FAULT		(1U << 0)	/* else all is mapped at mmap */
#define FAULTLAB_CALLS_MAP_PAGES	(1U << 1)	/* and it maps something */
#define FAULTLAB_CALLS_PAGE_MKWRITE	(1U << 2)
#define FAULTLAB_CALLS_PFN_MKWRITE	(1U << 3)
#define FAULTLAB_CALLS_HUGE_FAULT	(1U << 4)
#define FAULTLAB_CALLS_ACCESS		(1U << 5)	/* and it answers: see access.c */

/* The level of the largest leaf that a fault can map. */
enum faultlab_leaf {
	FAULTLAB_LEAF_PTE,
	FAULTLAB_LEAF_PMD,
	FAULTLAB_LEAF_PUD,
};

/*
 * What get_user_pages() of a shared mapping does. NEVER: check_vma_flags() refuses
 * VM_IO and VM_PFNMAP, and nothing faults: EFAULT. LATE: it faults the page in, and then
 * finds no struct page behind the special entry (follow_pfn_pte()): EEXIST, which vmsplice,
 * O_DIRECT and shared futexes hand on, and process_vm_readv() turns into EFAULT.
 */
enum faultlab_gup {
	FAULTLAB_GUP,
	FAULTLAB_GUP_LATE,
	FAULTLAB_GUP_NEVER,
};

/**
 * struct faultlab_memory - a sort of memory
 * @name: for people: the kind and what is set beside it
 * @id: its name in faultlab_memories.h, for what must be one word
 * @kind: enum faultlab_kind; this and the next four are struct faultlab_config's
 * @flags: FAULTLAB_REGION_*
 * @order: of its folios
 * @around: pages a fault of kind pfn maps
 * @cache: enum faultlab_cache
 * @maps: FAULTLAB_MAPS_*: which mappings there are
 * @leaf: the largest that a fault can map, given room, alignment and a fixed size
 * @along: pages that one .fault can map, its own among them; 0 and 1: its own alone
 * @gup: what get_user_pages() does with a shared mapping
 * @calls: FAULTLAB_CALLS_*
 * @special: the entries of a shared mapping have no page to the core (pte_special())
 * @special_private: so have those of a private one. If only @special, a private mapping
 *	shows returned pages, as kind page does
 * @rss: the pages of a shared mapping are in the RSS of who maps them; those of a
 *	private one are, unless @special_private
 * @pfnmap: VM_PFNMAP, VM_IO, VM_DONTEXPAND, VM_DONTDUMP
 * @mixedmap: VM_MIXEDMAP
 * @dontexpand: VM_DONTEXPAND without VM_PFNMAP: mremap() cannot grow it
 * @dontdump: VM_DONTDUMP: never in a core dump
 * @merges: none of VM_SPECIAL, and no .close: the core merges such VMAs whenever it can,
 *	all others never
 * @inserts: the handler makes the entry of a shared mapping
 * @at_mmap: all is mapped by mmap(), and the handler is never asked
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

/* Each by its name, and its number in the table. */
#define FAULTLAB_MEMORY(name, ...) FAULTLAB_MEMORY_##name,
enum faultlab_memory_nr {
#include "faultlab_memories.h"
	FAULTLAB_NR_MEMORIES
};

#undef FAULTLAB_MEMORY
#define faultlab_memory(name)	(&faultlab_memories[FAULTLAB_MEMORY_##name])

/*
 * Pages from one fault to the next that has nothing to do with it: what a fault can
 * map, of a PUD what a PMD maps, and of WHOLE the folio, where a VMA begins and ends.
 * 1 for most. Regions, offsets and addresses that are multiples of it give room.
 */
__u32 faultlab_memory_step(const struct faultlab_memory *memory);

/* What FAULTLAB_IOC_CONFIG is given for a region of so many bytes. */
struct faultlab_config faultlab_memory_config(const struct faultlab_memory *memory,
					      __u64 bytes);

/*
 * A region of so many bytes, which must be whole folios; 0 lets it grow. A descriptor,
 * or -errno: -ENXIO without phys=, -EOPNOTSUPP where the kernel lacks what it takes.
 */
int faultlab_memory_open(const struct faultlab_memory *memory, __u64 bytes);

/* Why this machine lacks it, by the error of faultlab_memory_open(); NULL: no reason. */
const char *faultlab_memory_lacks(int err);

#endif /* FAULTLAB_MEMORY_H */
