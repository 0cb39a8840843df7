// SPDX-License-Identifier: GPL-2.0-only
/* Regions: configuration, what they report, evict and unplug. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "v1.h"

#define STATE	(FAULTLAB_INFO_MAPPED | FAULTLAB_INFO_UNPLUGGED)

static void without_config(unsigned int arg)
{
	int fd = v1_open();
	char *at = v1_map(fd, RW, MAP_SHARED, 3);

	v1_put(at + 2 * PAGE, 'g');
	CHECK(FAULTLAB_KIND_PAGE, v1_info(fd).kind);
	CHECK_TRUE(v1_info(fd).bytes >= 3 * PAGE);
	CHECK_TRUE(v1_info(fd).max_bytes >= 3 * PAGE);
}

static void config(unsigned int arg)
{
	struct faultlab_config config = { .size = sizeof(config), .bytes = PAGE };
	int fd = v1_open();

	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_CONFIG, &config));
	CHECK(PAGE, v1_info(fd).bytes);
	CHECK(0, v1_info(fd).state & STATE);
	v1_map(fd, RW, MAP_SHARED, 1);
	CHECK(FAULTLAB_INFO_MAPPED, v1_info(fd).state & STATE);
	CHECK(-EBUSY, v1_ioctl(fd, FAULTLAB_IOC_CONFIG, &config));
}

/* A later module has all that version 1 has, but for what the machine lacks. */
static void features(unsigned int arg)
{
	int fd = v1_open();
	struct faultlab_features page = v1_features(fd, FAULTLAB_KIND_PAGE);
	struct faultlab_features pfn = v1_features(fd, FAULTLAB_KIND_PFN);
	struct faultlab_config pmd = {
		.size = sizeof(pmd),
		.bytes = PAGE << page.pmd_order,
		.order = page.pmd_order,
	};

	CHECK(0, 0x1fff & ~page.ioctls);
	CHECK(0, 0xf & ~page.kinds);
	CHECK(0, FAULTLAB_ACCESS_ANY & ~page.access);
	CHECK(0, 0x7ff & ~page.verdicts);
	CHECK(0, 0xf & ~page.delays);
	CHECK(0, FAULTLAB_RULE_ANY & ~page.rule_flags);
	CHECK(0, 0xf & ~page.forms);
	CHECK(0, 0x7 & ~page.walk_flags);	/* KERNEL is for x86 only */
	CHECK(0, 0x7 & ~page.caches);
	CHECK_TRUE(page.stats >= 35);
	CHECK(0, (FAULTLAB_REGION_INSERT | FAULTLAB_REGION_MKWRITE | FAULTLAB_REGION_WHOLE) &
		 ~page.region_flags);
	CHECK(0, (FAULTLAB_REGION_MKWRITE | FAULTLAB_REGION_WHOLE) & ~pfn.region_flags);
	CHECK(!pfn.phys_bytes, !(pfn.region_flags & FAULTLAB_REGION_PHYS));
	CHECK_TRUE(page.pmd_order > 0 && page.pud_order > page.pmd_order);
	CHECK(page.max_bytes, v1_info(fd).max_bytes);
	CHECK(page.pmd_needs ? -EOPNOTSUPP : 0, v1_ioctl(fd, FAULTLAB_IOC_CONFIG, &pmd));
}

static void info(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_MIXED, FAULTLAB_REGION_MKWRITE, 3);
	struct faultlab_info info = v1_info(fd);

	CHECK(FAULTLAB_KIND_MIXED, info.kind);
	CHECK(FAULTLAB_REGION_MKWRITE, info.flags);
	CHECK(3 * PAGE, info.bytes);
	CHECK(0, info.order);
	CHECK(1, info.around);
	CHECK(FAULTLAB_CACHE_WB, info.cache);
	CHECK_TRUE(info.id != v1_info(v1_open()).id);
}

static void evict(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 2);
	char *at = v1_map(fd, RW, MAP_SHARED, 2);
	struct faultlab_evict evict = { .size = sizeof(evict), .length = PAGE };

	v1_put(at, 'a');
	v1_put(at + PAGE, 'b');
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_EVICT, &evict));
	CHECK_TRUE(v1_entry(fd, at).flags & FAULTLAB_PTE_NONE);
	CHECK_TRUE(v1_entry(fd, at + PAGE).flags & FAULTLAB_PTE_LEAF);
	CHECK('a', v1_get(at));
	CHECK(1, v1_stat(fd, FAULTLAB_STAT_FAULT_READ));
}

static void evict_drop(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1);
	char *at = v1_map(fd, RW, MAP_SHARED, 1);

	v1_put(at, 'd');
	CHECK(0, v1_evict(fd, FAULTLAB_EVICT_DROP));
	CHECK(0, v1_get(at));
}

static void evict_cows(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1);
	char *at = v1_map(fd, RW, MAP_PRIVATE, 1);

	v1_put(at, 'c');
	CHECK(1, v1_stat(fd, FAULTLAB_STAT_FAULT_COW));
	CHECK(0, v1_evict(fd, 0));
	CHECK('c', v1_get(at));
	CHECK(0, v1_evict(fd, FAULTLAB_EVICT_COWS));
	CHECK(0, v1_get(at));
}

static void unplug(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1);
	char *at = v1_map(fd, RW, MAP_SHARED, 1);
	struct v1_end end;

	v1_put(at, 'u');
	CHECK(0, v1_unplug(fd));
	end = v1_touch(at, false);
	CHECK(SIGBUS, end.sig);
	CHECK(BUS_ADRERR, end.code);
	CHECK(STATE, v1_info(fd).state & STATE);
	CHECK(-ENODEV, v1_evict(fd, 0));
	CHECK_TRUE(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0) == MAP_FAILED && errno == ENODEV);
}

static void stats_reset(unsigned int arg)
{
	struct faultlab_stats stats = { .size = sizeof(stats), .flags = FAULTLAB_STATS_RESET };
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1);
	char *at = v1_map(fd, RW, MAP_SHARED, 1);

	v1_get(at);
	CHECK(0, v1_ioctl(fd, FAULTLAB_IOC_STATS, &stats));
	CHECK(1, stats.value[FAULTLAB_STAT_FAULT_READ]);
	CHECK(1, stats.value[FAULTLAB_STAT_MINOR]);
	CHECK(1, stats.value[FAULTLAB_STAT_UNDER_VMA_LOCK] +
		 stats.value[FAULTLAB_STAT_UNDER_MMAP_LOCK]);
	CHECK(1, stats.value[FAULTLAB_STAT_PAGES]);
	CHECK(0, v1_stat(fd, FAULTLAB_STAT_FAULT_READ));
	CHECK(1, v1_stat(fd, FAULTLAB_STAT_PAGES));
}

/* Memory that has no struct page is read through .access. */
static void stats_access(unsigned int arg)
{
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	int fd = v1_region(FAULTLAB_KIND_PFN, 0, 1);
	char *at = v1_map(fd, RW, MAP_SHARED, 1), byte = 0;

	v1_put(at, 'x');
	CHECK(1, pread(mem, &byte, 1, (uintptr_t)at));
	CHECK('x', byte);
	CHECK(1, v1_stat(fd, FAULTLAB_STAT_ACCESS));
}

const struct v1_test v1_region_tests[] = {
	{ "ioctl", "features", features, 0 },
	{ "ioctl", "info", info, 0 },
	{ "ioctl", "config", config, 0 },
	{ "config", "none", without_config, 0 },
	{ "evict", "of a page", evict, 0 },
	{ "evict", "drop", evict_drop, 0 },
	{ "evict", "cows", evict_cows, 0 },
	{ "ioctl", "unplug", unplug, 0 },
	{ "stats", "reset", stats_reset, 0 },
	{ "stats", "access", stats_access, 0 },
	{ },
};
