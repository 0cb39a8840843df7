// SPDX-License-Identifier: GPL-2.0-only
/*
 * Validation of FAULTLAB_IOC_CONFIG and of evictions: tables of what is refused. A
 * refusal changes nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/sys.h"

#define PAGE		4096UL
#define PAGES		4UL
#define MAX_BYTES	(~0ULL >> 12 << 12)	/* aligned, and far too much */

static int call(int fd, unsigned long request, const void *arg)
{
	return ioctl(fd, request, arg) ? -errno : 0;
}

/* A region that was just opened. */
FIXTURE(region)
{
	int fd;
};

FIXTURE_SETUP(region)
{
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(region)
{
	close(self->fd);
}

TEST_F(region, unknown_ioctls_are_enotty)
{
	__u8 arg[256] = { 0 };
	unsigned int nr;

	*(__u32 *)arg = 64;
	for (nr = _IOC_NR(FAULTLAB_IOC_FEATURES) + 1; nr < 256; nr++)
		EXPECT_EQ(-ENOTTY, call(self->fd, _IO(FAULTLAB_IOC_MAGIC, nr), arg));
	EXPECT_EQ(-ENOTTY, call(self->fd, 0, arg));
	EXPECT_EQ(-ENOTTY, call(self->fd, ~0U, arg));
	EXPECT_EQ(-ENOTTY, call(self->fd, 0x5401 /* TCGETS */, arg));
}

TEST_F(region, invalid_configurations_are_refused_and_change_nothing)
{
	static const struct {
		const char *what;
		__u32 kind;
		__u64 flags, bytes;
		int err;
	} rows[] = {
		{ "kind after the last", FAULTLAB_NR_KINDS, 0, 0, -EINVAL },
		{ "kind all ones", ~0U, 0, 0, -EINVAL },
		{ "first unknown flag", 0, 1ULL << 3, 0, -EINVAL },
		{ "last unknown flag", 0, 1ULL << 63, 0, -EINVAL },
		{ "all flags", 1, ~0ULL, 0, -EINVAL },
		{ "INSERT with PFN", FAULTLAB_KIND_PFN, FAULTLAB_REGION_INSERT, 0, -EINVAL },
		{ "PHYS with PAGE", FAULTLAB_KIND_PAGE, FAULTLAB_REGION_PHYS, 0, -EINVAL },
		{ "half a page", 0, 0, PAGE / 2, -EINVAL },
		{ "a byte too many", 0, 0, PAGE + 1, -EINVAL },
		{ "bytes all ones", 0, 0, ~0ULL, -EINVAL },
		{ "more than max_pages", 0, 0, MAX_BYTES, -ENOSPC },
		{ "more than max_pages of PFN", FAULTLAB_KIND_PFN, 0, MAX_BYTES, -ENOSPC },
	};
	struct faultlab_info before, after;
	unsigned int i;

	ASSERT_EQ(0, faultlab_config(self->fd, FAULTLAB_KIND_PFN, FAULTLAB_REGION_MKWRITE,
				     3 * PAGE));
	ASSERT_EQ(0, faultlab_info(self->fd, &before));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].err, faultlab_config(self->fd, rows[i].kind, rows[i].flags,
						       rows[i].bytes)) {
			TH_LOG("%s", rows[i].what);
		}
		ASSERT_EQ(0, faultlab_info(self->fd, &after));
		EXPECT_EQ(0, memcmp(&before, &after, sizeof(after))) {
			TH_LOG("%s changed the region", rows[i].what);
		}
	}
}

#define PHYS	FAULTLAB_REGION_PHYS

static __u32 max_order(int fd)
{
	struct faultlab_features features;

	return faultlab_features(fd, FAULTLAB_KIND_PAGE, &features) ? 0 : features.max_order;
}

TEST_F(region, invalid_order_around_and_cache_are_einval)
{
	static const struct {
		const char *what;
		struct faultlab_config config;
	} rows[] = {
		{ "order all ones", { .order = ~0U } },
		{ "half a folio", { .order = 3, .bytes = 4 * PAGE } },
		{ "order of PHYS", { .kind = FAULTLAB_KIND_PFN, .flags = PHYS, .order = 1 } },
		{ "around with PAGE", { .around = 2 } },
		{ "around of 3", { .kind = FAULTLAB_KIND_PFN, .around = 3 } },
		{ "around too wide", { .kind = FAULTLAB_KIND_PFN, .around = 1024 } },
		{ "around all ones", { .kind = FAULTLAB_KIND_PFN, .around = ~0U } },
		{ "WC of pages", { .kind = FAULTLAB_KIND_PFN, .cache = FAULTLAB_CACHE_WC } },
		{ "UC of pages", { .kind = FAULTLAB_KIND_MIXED, .cache = FAULTLAB_CACHE_UC } },
		{ "no memory type", { .kind = FAULTLAB_KIND_PFN, .flags = PHYS, .cache = 3 } },
		{ "pad", { .pad = 1 } },
	};
	const struct faultlab_config too_high = { .order = max_order(self->fd) + 1 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(-EINVAL, faultlab_configure(self->fd, &rows[i].config)) {
			TH_LOG("%s", rows[i].what);
		}
	}
	EXPECT_EQ(-EINVAL, faultlab_configure(self->fd, &too_high));
}

TEST_F(region, valid_order_and_around_are_accepted)
{
	const __u32 max = max_order(self->fd);
	const struct faultlab_config rows[] = {
		{ .order = max },
		{ .order = max, .bytes = 2 * (PAGE << max),
		  .flags = FAULTLAB_REGION_WHOLE },
		{ .order = 3 },
		{ .around = 1 },
		{ .kind = FAULTLAB_KIND_PFN, .around = FAULTLAB_MAX_AROUND, .order = 9 },
		{ .kind = FAULTLAB_KIND_PFN, .around = 1, .bytes = PAGE },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ(0, faultlab_configure(self->fd, &rows[i]));
}

/*
 * VMAs of kind page without WHOLE can merge, and before 6.12 mremap() of their PMDs races
 * with evict. So CONFIG refuses orders for which the core would map a PMD.
 */
TEST_F(region, pmds_of_kind_page_without_whole_are_eopnotsupp_before_6_12)
{
	static const struct {
		__u64 flags, bytes;
		bool always;
	} rows[] = {
		{ 0, 1024 * PAGE, false },
		{ 0, 0, true },
		{ FAULTLAB_REGION_WHOLE, 1024 * PAGE, true },
		{ FAULTLAB_REGION_INSERT, 1024 * PAGE, true },
		{ FAULTLAB_REGION_MKWRITE, 1024 * PAGE, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct faultlab_config config = {
			.flags = rows[i].flags, .bytes = rows[i].bytes, .order = 9,
		};

		EXPECT_EQ(rows[i].always || tlib_kernel_since(6, 12) ? 0 : -EOPNOTSUPP,
			  faultlab_configure(self->fd, &config)) {
			TH_LOG("row %u", i);
		}
	}
}

TEST_F(region, info_returns_order_around_and_cache_as_configured)
{
	static const struct faultlab_config rows[] = {
		{ .order = 3, .bytes = 64 * PAGE },
		{ .kind = FAULTLAB_KIND_PFN, .around = 16, .flags = FAULTLAB_REGION_MKWRITE },
		{ .kind = FAULTLAB_KIND_PFN, .flags = PHYS, .cache = FAULTLAB_CACHE_UC,
		  .bytes = 16 * PAGE },
		{ .kind = FAULTLAB_KIND_MIXED, .order = 2, .flags = FAULTLAB_REGION_WHOLE },
		{ },
	};
	struct faultlab_info info;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, faultlab_configure(self->fd, &rows[i]));
		ASSERT_EQ(0, faultlab_info(self->fd, &info));
		EXPECT_EQ(rows[i].kind, info.kind);
		EXPECT_EQ(rows[i].flags, info.flags);
		EXPECT_EQ(rows[i].bytes, info.bytes);
		EXPECT_EQ(rows[i].order, info.order);
		EXPECT_EQ(rows[i].around ?: 1, info.around);
		EXPECT_EQ(rows[i].cache, info.cache);
	}
}

/* A program that was built with the first version of the struct passes its size. */
TEST_F(region, config_accepts_the_first_version_of_its_struct)
{
	struct faultlab_config config = {
		.size = offsetof(struct faultlab_config, order),
		.kind = FAULTLAB_KIND_PFN,
		.bytes = PAGE,
		.order = ~0U,		/* at the offset .size, so it must be ignored */
	};

	EXPECT_EQ(0, call(self->fd, FAULTLAB_IOC_CONFIG, &config));
}

TEST_F(region, a_region_larger_than_max_pages_is_enospc)
{
	struct faultlab_info info;
	__u64 max;

	ASSERT_EQ(0, tlib_read_number(TLIB_PARAMETERS "max_pages", &max));
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(max * PAGE, info.max_bytes);
	EXPECT_EQ(0, faultlab_config(self->fd, FAULTLAB_KIND_PAGE, 0, max * PAGE));
	EXPECT_EQ(-ENOSPC, faultlab_config(self->fd, FAULTLAB_KIND_PAGE, 0, (max + 1) * PAGE));
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(max * PAGE, info.bytes);
}

TEST_F(region, info_returns_kind_flags_and_size_as_configured)
{
	static const struct {
		__u32 kind;
		__u64 flags, bytes;
	} rows[] = {
		{ FAULTLAB_KIND_PAGE, 0, 0 },
		{ FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, PAGE },
		{ FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, 5 * PAGE },
		{ FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT | FAULTLAB_REGION_MKWRITE, 0 },
		{ FAULTLAB_KIND_PFN, 0, 7 * PAGE },
		{ FAULTLAB_KIND_PFN, FAULTLAB_REGION_MKWRITE, 2 * PAGE },
	};
	struct faultlab_info info;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, faultlab_config(self->fd, rows[i].kind, rows[i].flags,
					     rows[i].bytes));
		ASSERT_EQ(0, faultlab_info(self->fd, &info));
		EXPECT_EQ(rows[i].kind, info.kind);
		EXPECT_EQ(rows[i].flags, info.flags);
		EXPECT_EQ(rows[i].bytes, info.bytes);
		EXPECT_EQ(0, info.state);
	}
}

TEST_F(region, info_state_shows_mapped_and_unplugged)
{
	struct faultlab_info info;
	char *mem;

	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(0, info.state);
	EXPECT_EQ(0, info.bytes);
	mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 3);
	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(FAULTLAB_INFO_MAPPED, info.state);
	EXPECT_EQ(3 * PAGE, info.bytes);
	ASSERT_EQ(0, munmap(mem, 3 * PAGE));
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(FAULTLAB_INFO_MAPPED | FAULTLAB_INFO_UNPLUGGED, info.state);
	EXPECT_EQ(3 * PAGE, info.bytes);
}

TEST_F(region, config_after_the_first_mmap_is_ebusy)
{
	struct faultlab_info info;
	char *mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 1);

	ASSERT_NE(NULL, mem);
	EXPECT_EQ(-EBUSY, faultlab_config(self->fd, FAULTLAB_KIND_PFN, 0, PAGE));
	ASSERT_EQ(0, munmap(mem, PAGE));
	EXPECT_EQ(-EBUSY, faultlab_config(self->fd, FAULTLAB_KIND_PFN, 0, PAGE));
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(FAULTLAB_KIND_PAGE, info.kind);
}

TEST_F(region, config_works_after_a_failed_mmap)
{
	ASSERT_EQ(0, faultlab_config(self->fd, FAULTLAB_KIND_PFN, 0, PAGE));
	ASSERT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE,
				   self->fd, 0));
	ASSERT_EQ(EINVAL, errno);
	EXPECT_EQ(0, faultlab_config(self->fd, FAULTLAB_KIND_PAGE, 0, PAGE));
}

/* The size of the range of phys=; 0 if there is none. */
static __u64 phys_bytes(void)
{
	char text[128];
	const char *comma;

	if (tlib_read_text(TLIB_PARAMETERS "phys", text, sizeof(text)) < 0)
		return 0;
	comma = strchr(text, ',');
	return comma ? strtoull(comma + 1, NULL, 0) : 0;
}

#define CONFIG_PHYS(fd, bytes) \
	faultlab_config(fd, FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, bytes)

TEST_F(region, only_one_region_at_a_time_can_have_the_physical_range)
{
	__u64 all = phys_bytes();
	struct faultlab_info info;
	int other = faultlab_open();

	if (!all)
		SKIP(return, "the module has no phys= (boot with memmap=)");
	EXPECT_EQ(-ENOSPC, CONFIG_PHYS(self->fd, all + PAGE));
	EXPECT_EQ(0, CONFIG_PHYS(self->fd, 2 * PAGE));
	EXPECT_EQ(-EBUSY, CONFIG_PHYS(other, PAGE));
	ASSERT_EQ(0, faultlab_info(other, &info));
	EXPECT_EQ(FAULTLAB_KIND_PAGE, info.kind);
	/* If a new CONFIG of the owner fails, it keeps its old configuration. */
	EXPECT_EQ(-ENOSPC, CONFIG_PHYS(self->fd, all + PAGE));
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(FAULTLAB_REGION_PHYS, info.flags);
	EXPECT_EQ(2 * PAGE, info.bytes);
	EXPECT_EQ(-EBUSY, CONFIG_PHYS(other, PAGE));
	/*
	 * CONFIG with PHYS of the region that owns the range succeeds again; CONFIG with
	 * another kind makes it give up the range.
	 */
	EXPECT_EQ(0, CONFIG_PHYS(self->fd, 3 * PAGE));
	EXPECT_EQ(0, faultlab_config(self->fd, FAULTLAB_KIND_PAGE, 0, 0));
	EXPECT_EQ(0, CONFIG_PHYS(other, PAGE));
	close(other);
	EXPECT_EQ(0, CONFIG_PHYS(self->fd, PAGE));
}

TEST_F(region, invalid_evicts_are_einval_and_evict_nothing)
{
	static const struct {
		const char *what;
		__u64 offset, length;
		__u32 flags;
	} rows[] = {
		{ "unknown flag", 0, PAGE, 1U << 2 },
		{ "last flag", 0, PAGE, 1U << 31 },
		{ "nothing", 0, 0, 0 },
		{ "unaligned offset", 1, PAGE, 0 },
		{ "unaligned length", 0, PAGE - 1, 0 },
		{ "a page and a byte", 0, PAGE + 1, 0 },
		{ "one page too long", 0, (PAGES + 1) * PAGE, 0 },
		{ "from the middle over the end", 2 * PAGE, PAGES * PAGE, 0 },
		{ "from the end", PAGES * PAGE, PAGE, 0 },
		{ "from behind the end to the end", (PAGES + 1) * PAGE, FAULTLAB_TO_END, 0 },
		{ "sum overflows to 0", MAX_BYTES, PAGE, 0 },
		{ "sum overflows into the region", MAX_BYTES, 2 * PAGE, 0 },
		{ "everything there is", 0, MAX_BYTES, 0 },
	};
	char *mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	unsigned int i;

	ASSERT_NE(NULL, mem);
	memset(mem, 1, PAGES * PAGE);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(-EINVAL, faultlab_evict(self->fd, rows[i].offset, rows[i].length,
						  rows[i].flags)) {
			TH_LOG("%s", rows[i].what);
		}
	}
	/* None of these evicted anything. */
	EXPECT_EQ(PAGES, tlib_nr_mapped(self->fd, 0, mem, PAGES));
}

TEST_F(region, evict_of_a_range_in_a_region_without_size_is_einval)
{
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(-EINVAL, faultlab_evict(self->fd, 0, PAGE, 0));
}

TEST_F(region, evict_with_drop_is_einval_with_phys)
{
	if (!phys_bytes())
		SKIP(return, "the module has no phys= (boot with memmap=)");
	ASSERT_EQ(0, CONFIG_PHYS(self->fd, PAGE));
	EXPECT_EQ(-EINVAL, faultlab_evict(self->fd, 0, PAGE, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, PAGE, 0));
}

TEST_F(region, unknown_flags_of_unplug_and_stats_are_einval)
{
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		struct faultlab_unplug unplug = { .size = sizeof(unplug), .flags = 1U << bit };
		struct faultlab_stats stats = { .size = sizeof(stats), .flags = 1U << bit };

		EXPECT_EQ(-EINVAL, call(self->fd, FAULTLAB_IOC_UNPLUG, &unplug));
		EXPECT_EQ(1U << bit == FAULTLAB_STATS_RESET ? 0 : -EINVAL,
			  call(self->fd, FAULTLAB_IOC_STATS, &stats));
	}
}

TEST_HARNESS_MAIN
