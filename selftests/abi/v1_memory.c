// SPDX-License-Identifier: GPL-2.0-only
/* The memory of a region: kinds, flags, orders and memory types. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "v1.h"

/* Every mapping of the file shows the same memory. */
static void kind(unsigned int kind)
{
	int fd = v1_region(kind, 0, 4);
	char *at = v1_map(fd, RW, MAP_SHARED, 4);
	char *other = v1_map(fd, RW, MAP_SHARED, 4);

	v1_put(at + PAGE, 'k');
	CHECK('k', v1_get(other + PAGE));
	CHECK(kind, v1_info(fd).kind);
	CHECK_TRUE(v1_entry(fd, at + PAGE).flags & FAULTLAB_PTE_LEAF);
	CHECK(kind != FAULTLAB_KIND_PAGE,
	      !!(v1_entry(fd, at + PAGE).flags & FAULTLAB_PTE_SPECIAL));
	CHECK_TRUE(v1_stat(fd, FAULTLAB_STAT_PAGES) >= 1);
	if (kind == FAULTLAB_KIND_REMAP) {
		CHECK(0, v1_stat(fd, FAULTLAB_STAT_FAULT_WRITE));
		CHECK(0, v1_evict(fd, 0));
		CHECK(SIGBUS, v1_touch(at + PAGE, false).sig);
	} else {
		CHECK(1, v1_stat(fd, FAULTLAB_STAT_FAULT_WRITE));
		CHECK(1, v1_stat(fd, FAULTLAB_STAT_FAULT_READ));
	}
}

/* Read faults map neighbours that are there; the first one may only make the table. */
static void insert(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, 4);
	char *at = v1_map(fd, RW, MAP_SHARED, 4);
	int i;

	CHECK(FAULTLAB_REGION_INSERT, v1_info(fd).flags);
	for (i = 0; i < 4; i++)
		v1_put(at + i * PAGE, 'i');
	for (i = 0; i < 2; i++) {
		CHECK(0, v1_evict(fd, 0));
		CHECK('i', v1_get(at));
	}
	CHECK_TRUE(v1_stat(fd, FAULTLAB_STAT_FAULT_AROUND) >= 1);
	CHECK_TRUE(v1_stat(fd, FAULTLAB_STAT_PAGES_AROUND) >= 2);
}

static void mkwrite(unsigned int kind)
{
	int fd = v1_region(kind, FAULTLAB_REGION_MKWRITE, 1);
	char *at = v1_map(fd, RW, MAP_SHARED, 1);

	CHECK(FAULTLAB_REGION_MKWRITE, v1_info(fd).flags);
	CHECK(0, v1_get(at));
	CHECK(0, v1_stat(fd, FAULTLAB_STAT_FAULT_MKWRITE) +
		 v1_stat(fd, FAULTLAB_STAT_FAULT_PFN_MKWRITE));
	v1_put(at, 'm');
	CHECK(1, v1_stat(fd, kind == FAULTLAB_KIND_PAGE ? FAULTLAB_STAT_FAULT_MKWRITE :
							  FAULTLAB_STAT_FAULT_PFN_MKWRITE));
}

static const __u64 types[] = {
	[FAULTLAB_CACHE_WB] = FAULTLAB_PTE_WB,
	[FAULTLAB_CACHE_WC] = FAULTLAB_PTE_WC,
	[FAULTLAB_CACHE_UC] = FAULTLAB_PTE_UC | FAULTLAB_PTE_UC_MINUS,
};

/* The walk tells the memory type if it knows it. */
static void phys(unsigned int cache)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.flags = FAULTLAB_REGION_PHYS,
		.bytes = 4 * PAGE,
		.cache = cache,
	};
	int fd = v1_region_of(&config);
	char *at = v1_map(fd, RW, MAP_SHARED, 4);

	CHECK(FAULTLAB_REGION_PHYS, v1_info(fd).flags);
	CHECK(cache, v1_info(fd).cache);
	CHECK_TRUE(v1_features(fd, FAULTLAB_KIND_PFN).caches & 1U << cache);
	CHECK(0, v1_get(at));
	v1_put(at + PAGE, 'p');
	CHECK(0, v1_entry(fd, at).flags & FAULTLAB_PTE_MEMTYPE & ~types[cache]);
	CHECK(0, v1_evict(fd, 0));
	CHECK('p', v1_get(at + PAGE));
}

/* A region of two PMDs, in which one fault maps a PMD. */
static int huge_region(size_t *pmd)
{
	const unsigned int order = v1_features(v1_open(), FAULTLAB_KIND_PFN).pmd_order;
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.flags = FAULTLAB_REGION_HUGE,
		.bytes = 2 * PAGE << order,
		.order = order,
	};

	*pmd = PAGE << order;
	return v1_region_of(&config);
}

static void huge(unsigned int arg)
{
	size_t pmd;
	int fd = huge_region(&pmd);
	char *at = v1_map(fd, RW, MAP_SHARED, pmd / PAGE);

	CHECK(FAULTLAB_REGION_HUGE, v1_info(fd).flags);
	v1_put(at + PAGE, 'h');
	CHECK(1, v1_stat(fd, FAULTLAB_STAT_FAULT_HUGE_PMD));
	CHECK(FAULTLAB_LEVEL_PMD, v1_entry(fd, at).level);
	CHECK(pmd, v1_entry(fd, at).bytes);
	CHECK(0, v1_evict(fd, 0));
	CHECK('h', v1_get(at + PAGE));
}

/* Reasons to map a page instead. The kernel may have asked for a PUD before. */
static void huge_fallbacks(unsigned int arg)
{
	size_t pmd;
	int fd = huge_region(&pmd);
	char *at = v1_map(fd, RW, MAP_SHARED, pmd / PAGE);

	CHECK(0, munmap(at, PAGE));
	v1_get(at + PAGE);
	CHECK_TRUE(v1_stat(fd, FAULTLAB_STAT_FALLBACK_START) >= 1);
	at = v1_map(fd, RW, MAP_SHARED, pmd / PAGE);
	CHECK(0, munmap(at + pmd - PAGE, PAGE));
	v1_get(at);
	CHECK_TRUE(v1_stat(fd, FAULTLAB_STAT_FALLBACK_END) >= 1);
	at = mmap(v1_room(), pmd, RW, MAP_SHARED | MAP_FIXED, fd, PAGE);
	CHECK_TRUE(at != MAP_FAILED);
	v1_get(at);
	CHECK_TRUE(v1_stat(fd, FAULTLAB_STAT_FALLBACK_PFN) >= 1);
	at = v1_map(fd, RW, MAP_SHARED, pmd / PAGE);
	v1_set_rule(fd, (struct faultlab_rule) {
		.access = FAULTLAB_ACCESS_HUGE,
		.verdict = FAULTLAB_VERDICT_FALLBACK,
	});
	v1_get(at);
	CHECK_TRUE(v1_stat(fd, FAULTLAB_STAT_FALLBACK_RULE) >= 1);
	CHECK(FAULTLAB_LEVEL_PTE, v1_entry(fd, at).level);
	CHECK_TRUE(v1_hits(fd) >= 1);
	CHECK(0, v1_stat(fd, FAULTLAB_STAT_FAULT_HUGE_PMD));
}

/* With PHYS a fault can map a PUD, if the range of phys= is aligned to one. */
static void huge_phys(unsigned int arg)
{
	const struct faultlab_features features = v1_features(v1_open(), FAULTLAB_KIND_PFN);
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.flags = FAULTLAB_REGION_HUGE | FAULTLAB_REGION_PHYS,
		.bytes = PAGE << features.pud_order,
	};
	char *at;
	int fd;

	if (features.phys_bytes < config.bytes || features.max_bytes < config.bytes)
		v1_skip(NO_PUD);
	fd = v1_region_of(&config);
	at = mmap(NULL, config.bytes, RW, MAP_SHARED, fd, 0);
	CHECK_TRUE(at != MAP_FAILED);
	v1_put(at + PAGE, 'p');
	if (v1_stat(fd, FAULTLAB_STAT_FALLBACK_PFN))
		v1_skip(NO_PUD);
	CHECK(1, v1_stat(fd, FAULTLAB_STAT_FAULT_HUGE_PUD));
	CHECK(FAULTLAB_LEVEL_PUD, v1_entry(fd, at).level);
	CHECK(0, v1_evict(fd, 0));
	CHECK('p', v1_get(at + PAGE));
}

static void whole(unsigned int arg)
{
	const struct faultlab_config config = {
		.flags = FAULTLAB_REGION_WHOLE,
		.bytes = 8 * PAGE,
		.order = 2,
	};
	int fd = v1_region_of(&config);
	char *at = v1_map(fd, RW, MAP_SHARED, 8);

	CHECK(FAULTLAB_REGION_WHOLE, v1_info(fd).flags);
	CHECK_TRUE(munmap(at, PAGE) == -1 && errno == EINVAL);
	CHECK(0, munmap(at, 4 * PAGE));
}

static void order(unsigned int arg)
{
	const struct faultlab_config config = { .bytes = 8 * PAGE, .order = 2 };
	int fd = v1_region_of(&config);
	char *at = v1_map(fd, RW, MAP_SHARED, 8);

	CHECK(2, v1_info(fd).order);
	CHECK_TRUE(v1_features(fd, FAULTLAB_KIND_PAGE).max_order >= 2);
	v1_put(at, 'o');
	CHECK(4, v1_stat(fd, FAULTLAB_STAT_PAGES));
	CHECK(4, v1_stat(fd, FAULTLAB_STAT_PAGES_PEAK));
}

static void around(unsigned int arg)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.bytes = 16 * PAGE,
		.around = 16,
	};
	int fd = v1_region_of(&config);
	char *at = v1_map(fd, RW, MAP_SHARED, 16);

	CHECK(16, v1_info(fd).around);
	CHECK_TRUE(v1_features(fd, FAULTLAB_KIND_PFN).max_around >= 16);
	v1_get(at);
	CHECK(15, v1_stat(fd, FAULTLAB_STAT_PAGES_BATCH));
}

const struct v1_test v1_memory_tests[] = {
	{ "config", "order", order, 0 },
	{ "config", "around", around, 0 },
	{ "kind", "page", kind, FAULTLAB_KIND_PAGE },
	{ "kind", "pfn", kind, FAULTLAB_KIND_PFN },
	{ "kind", "remap", kind, FAULTLAB_KIND_REMAP },
	{ "kind", "mixed", kind, FAULTLAB_KIND_MIXED },
	{ "flag", "insert", insert, 0 },
	{ "flag", "mkwrite of kind page", mkwrite, FAULTLAB_KIND_PAGE },
	{ "flag", "mkwrite of kind pfn", mkwrite, FAULTLAB_KIND_PFN },
	{ "flag", "phys", phys, FAULTLAB_CACHE_WB },
	{ "flag", "huge", huge, 0 },
	{ "flag", "huge, and no PMD", huge_fallbacks, 0 },
	{ "flag", "huge and phys", huge_phys, 0 },
	{ "flag", "whole", whole, 0 },
	{ "cache", "wc", phys, FAULTLAB_CACHE_WC },
	{ "cache", "uc", phys, FAULTLAB_CACHE_UC },
	{ },
};
