/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every sort of memory that a region can have, one row each: its kind, flags, order,
 * around and cache, and how the core kernel treats it. The tests and faultlab matrix
 * iterate over this list, so a new row is tested without other changes. The fields are
 * those of struct faultlab_memory in faultlab_memory.h.
 *
 * This file is included several times, each time with another definition of
 * FAULTLAB_MEMORY(name, ...), so it has no include guard.
 */
#define INSERT		FAULTLAB_REGION_INSERT
#define MKWRITE		FAULTLAB_REGION_MKWRITE
#define PHYS		FAULTLAB_REGION_PHYS
#define HUGE		FAULTLAB_REGION_HUGE
#define WHOLE		FAULTLAB_REGION_WHOLE

#define RETURNED	.kind = FAULTLAB_KIND_PAGE, .maps = FAULTLAB_MAPS_ANY,		\
			.rss = true
#define INSERTED	RETURNED, .mixedmap = true, .inserts = true
#define FRAMES		.maps = FAULTLAB_MAPS_ANY & ~FAULTLAB_MAPS_PRIVATE_WRITE,	\
			.pfnmap = true, .special = true, .special_private = true,	\
			.inserts = true, .dontdump = true, .gup = FAULTLAB_GUP_NEVER
#define PFN		.kind = FAULTLAB_KIND_PFN, FRAMES
#define REMAP		.kind = FAULTLAB_KIND_REMAP, FRAMES, .at_mmap = true
#define MIXED		.kind = FAULTLAB_KIND_MIXED, .maps = FAULTLAB_MAPS_ANY,		\
			.mixedmap = true, .special = true, .inserts = true,		\
			.gup = FAULTLAB_GUP_LATE, .dontexpand = true, .dontdump = true

#define CALLS_RETURN	FAULTLAB_CALLS_FAULT
#define CALLS_INSERT	(FAULTLAB_CALLS_FAULT | FAULTLAB_CALLS_MAP_PAGES)
#define CALLS_FRAMES	(FAULTLAB_CALLS_FAULT | FAULTLAB_CALLS_ACCESS)

FAULTLAB_MEMORY(page, "page", RETURNED, .calls = CALLS_RETURN, .merges = true)
FAULTLAB_MEMORY(page_mkwrite, "page+MKWRITE", RETURNED, .flags = MKWRITE, .merges = true,
		.calls = CALLS_RETURN | FAULTLAB_CALLS_PAGE_MKWRITE)
FAULTLAB_MEMORY(page_2, "page order=2", RETURNED, .order = 2, .merges = true,
		.calls = CALLS_RETURN)
FAULTLAB_MEMORY(page_2_whole, "page+WHOLE order=2", RETURNED, .order = 2, .flags = WHOLE,
		.dontexpand = true, .calls = CALLS_RETURN)
FAULTLAB_MEMORY(page_2_mkwrite_whole, "page+MKWRITE+WHOLE order=2", RETURNED, .order = 2,
		.flags = MKWRITE | WHOLE, .dontexpand = true,
		.calls = CALLS_RETURN | FAULTLAB_CALLS_PAGE_MKWRITE)
FAULTLAB_MEMORY(page_9, "page order=9", RETURNED, .order = 9, .leaf = FAULTLAB_LEAF_PMD,
		.merges = true, .calls = CALLS_RETURN)
FAULTLAB_MEMORY(page_9_whole, "page+WHOLE order=9", RETURNED, .order = 9, .flags = WHOLE,
		.leaf = FAULTLAB_LEAF_PMD, .dontexpand = true, .calls = CALLS_RETURN)

FAULTLAB_MEMORY(insert, "page+INSERT", INSERTED, .flags = INSERT, .calls = CALLS_INSERT)
FAULTLAB_MEMORY(insert_mkwrite, "page+INSERT+MKWRITE", INSERTED, .flags = INSERT | MKWRITE,
		.calls = CALLS_INSERT | FAULTLAB_CALLS_PAGE_MKWRITE)
FAULTLAB_MEMORY(insert_2, "page+INSERT order=2", INSERTED, .flags = INSERT, .order = 2,
		.along = 4, .calls = CALLS_INSERT)
FAULTLAB_MEMORY(insert_2_whole, "page+INSERT+WHOLE order=2", INSERTED,
		.flags = INSERT | WHOLE, .order = 2, .along = 4, .dontexpand = true,
		.calls = CALLS_INSERT)
FAULTLAB_MEMORY(insert_9, "page+INSERT order=9", INSERTED, .flags = INSERT, .order = 9,
		.along = 512, .calls = CALLS_INSERT)

FAULTLAB_MEMORY(pfn, "pfn", PFN, .calls = CALLS_FRAMES)
FAULTLAB_MEMORY(pfn_mkwrite, "pfn+MKWRITE", PFN, .flags = MKWRITE,
		.calls = CALLS_FRAMES | FAULTLAB_CALLS_PFN_MKWRITE)
FAULTLAB_MEMORY(pfn_around, "pfn around=16", PFN, .around = 16, .along = 16,
		.calls = CALLS_FRAMES)
FAULTLAB_MEMORY(pfn_2, "pfn order=2", PFN, .order = 2, .calls = CALLS_FRAMES)
FAULTLAB_MEMORY(pfn_2_whole, "pfn+WHOLE order=2", PFN, .order = 2, .flags = WHOLE,
		.calls = CALLS_FRAMES)
FAULTLAB_MEMORY(pfn_9_huge, "pfn+HUGE order=9", PFN, .order = 9, .flags = HUGE,
		.leaf = FAULTLAB_LEAF_PMD, .calls = CALLS_FRAMES | FAULTLAB_CALLS_HUGE_FAULT)
FAULTLAB_MEMORY(pfn_9_huge_whole, "pfn+HUGE+WHOLE order=9", PFN, .order = 9,
		.flags = HUGE | WHOLE, .leaf = FAULTLAB_LEAF_PMD,
		.calls = CALLS_FRAMES | FAULTLAB_CALLS_HUGE_FAULT)
FAULTLAB_MEMORY(pfn_phys, "pfn+PHYS", PFN, .flags = PHYS, .calls = CALLS_FRAMES)
FAULTLAB_MEMORY(pfn_phys_mkwrite, "pfn+PHYS+MKWRITE", PFN, .flags = PHYS | MKWRITE,
		.calls = CALLS_FRAMES | FAULTLAB_CALLS_PFN_MKWRITE)
FAULTLAB_MEMORY(pfn_phys_around, "pfn+PHYS around=512", PFN, .flags = PHYS, .around = 512,
		.along = 512, .calls = CALLS_FRAMES)
FAULTLAB_MEMORY(pfn_phys_wc, "pfn+PHYS cache=wc", PFN, .flags = PHYS,
		.cache = FAULTLAB_CACHE_WC, .calls = CALLS_FRAMES)
FAULTLAB_MEMORY(pfn_phys_uc, "pfn+PHYS cache=uc", PFN, .flags = PHYS,
		.cache = FAULTLAB_CACHE_UC, .calls = CALLS_FRAMES)
FAULTLAB_MEMORY(pfn_phys_huge, "pfn+PHYS+HUGE", PFN, .flags = PHYS | HUGE,
		.leaf = FAULTLAB_LEAF_PUD, .calls = CALLS_FRAMES | FAULTLAB_CALLS_HUGE_FAULT)

FAULTLAB_MEMORY(remap, "remap", REMAP, .calls = FAULTLAB_CALLS_ACCESS)
FAULTLAB_MEMORY(remap_2, "remap order=2", REMAP, .order = 2, .calls = FAULTLAB_CALLS_ACCESS)
FAULTLAB_MEMORY(remap_phys, "remap+PHYS", REMAP, .flags = PHYS,
		.calls = FAULTLAB_CALLS_ACCESS)

FAULTLAB_MEMORY(mixed, "mixed", MIXED, .calls = CALLS_FRAMES)
FAULTLAB_MEMORY(mixed_mkwrite, "mixed+MKWRITE", MIXED, .flags = MKWRITE,
		.calls = CALLS_FRAMES | FAULTLAB_CALLS_PFN_MKWRITE)
FAULTLAB_MEMORY(mixed_2, "mixed order=2", MIXED, .order = 2, .calls = CALLS_FRAMES)
FAULTLAB_MEMORY(mixed_2_whole, "mixed+WHOLE order=2", MIXED, .order = 2, .flags = WHOLE,
		.calls = CALLS_FRAMES)
FAULTLAB_MEMORY(mixed_9, "mixed order=9", MIXED, .order = 9, .calls = CALLS_FRAMES)
FAULTLAB_MEMORY(mixed_phys, "mixed+PHYS", MIXED, .flags = PHYS,
		.maps = FAULTLAB_MAPS_ANY & ~FAULTLAB_MAPS_PRIVATE_WRITE,
		.special_private = true, .calls = CALLS_FRAMES)

#undef INSERT
#undef MKWRITE
#undef PHYS
#undef HUGE
#undef WHOLE
#undef RETURNED
#undef INSERTED
#undef FRAMES
#undef PFN
#undef REMAP
#undef MIXED
#undef CALLS_RETURN
#undef CALLS_INSERT
#undef CALLS_FRAMES
