// SPDX-License-Identifier: GPL-2.0-only
/*
 * FAULTLAB_IOC_FEATURES: each feature that it reports works, and no other does. With its
 * result the library predicts for every configuration whether CONFIG accepts it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/sys.h"

FIXTURE(features)
{
	int fd;
	struct faultlab_features of[FAULTLAB_NR_KINDS];
	struct faultlab_features *any;
};

FIXTURE_SETUP(features)
{
	unsigned int i;

	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	for (i = 0; i < FAULTLAB_NR_KINDS; i++)
		ASSERT_EQ(0, faultlab_features(self->fd, i, &self->of[i]));
	self->any = &self->of[FAULTLAB_KIND_PAGE];
}

FIXTURE_TEARDOWN(features)
{
	close(self->fd);
}

TEST_F(features, features_of_an_unknown_kind_are_einval)
{
	struct faultlab_features features;
	unsigned int kind;

	for (kind = 0; kind < 64; kind++) {
		EXPECT_EQ(self->any->kinds & 1ULL << kind ? 0 : -EINVAL,
			  faultlab_features(self->fd, kind, &features)) {
			TH_LOG("kind %u", kind);
		}
	}
	EXPECT_EQ(-EINVAL, faultlab_features(self->fd, ~0U, &features));
	EXPECT_EQ((1ULL << FAULTLAB_NR_KINDS) - 1, self->any->kinds);
}

TEST_F(features, the_ioctl_mask_has_exactly_the_ioctls_that_are_not_enotty)
{
	unsigned int nr;

	for (nr = 0; nr < 256; nr++) {
		bool known = nr < 64 && (self->any->ioctls & 1ULL << nr);

		EXPECT_EQ(-1, ioctl(self->fd, _IO(FAULTLAB_IOC_MAGIC, nr), NULL));
		EXPECT_EQ(known ? EFAULT : ENOTTY, errno) {
			TH_LOG("ioctl %u", nr);
		}
	}
}

/*
 * Whether the module accepts some rule that has the number or bit set in @rule. It is
 * tried with several accesses, and with and without times.
 */
static bool rule_can_be(int fd, struct faultlab_rule rule)
{
	static const __u32 accesses[] = { FAULTLAB_ACCESS_READ, FAULTLAB_ACCESS_AROUND };
	unsigned int i, times;

	for (i = 0; i < 2 * ARRAY_SIZE(accesses); i++) {
		struct faultlab_rule tried = rule;

		times = i & 1;
		tried.length = tlib_page_size();
		tried.times = times;
		if (!tried.access)
			tried.access = accesses[i / 2];
		if (!faultlab_rule(fd, FAULTLAB_RULE_SET, &tried))
			return true;
	}
	return false;
}

TEST_F(features, the_rule_masks_have_exactly_what_rules_accept)
{
	unsigned int i;

	for (i = 0; i < 32; i++) {
		const __u64 bit = 1ULL << i;
		struct faultlab_rule delayed = { .delay_kind = i };

		EXPECT_EQ(!!(self->any->verdicts & bit),
			  rule_can_be(self->fd, (struct faultlab_rule){ .verdict = i }));
		EXPECT_EQ(!!(self->any->access & bit),
			  rule_can_be(self->fd, (struct faultlab_rule){ .access = bit }));
		EXPECT_EQ(!!(self->any->rule_flags & bit),
			  rule_can_be(self->fd, (struct faultlab_rule){ .flags = bit }));
		if (i != FAULTLAB_DELAY_GATE && i)
			delayed = (struct faultlab_rule) {
				.delay_kind = i, .delay_us = 1, .delay_max_us = 1,
			};
		EXPECT_EQ(!!(self->any->delays & bit), rule_can_be(self->fd, delayed));
	}
}

TEST_F(features, the_walk_masks_have_exactly_the_forms_and_flags_that_walks_accept)
{
	static __u64 room[4096];
	struct faultlab_walk walk;
	unsigned int form, bit;

	for (form = 0; form < 64; form++) {
		walk = (struct faultlab_walk) {
			.size = sizeof(walk), .form = form, .end = 1UL << 40,
			.entries = (uintptr_t)room, .nr = 600,
		};
		EXPECT_EQ(!(self->any->forms & 1ULL << form),
			  ioctl(self->fd, FAULTLAB_IOC_WALK, &walk) && errno == EINVAL);
	}
	for (bit = 0; bit < 32; bit++) {
		walk = (struct faultlab_walk) {
			.size = sizeof(walk), .flags = 1U << bit, .end = 1UL << 40,
			.entries = (uintptr_t)room, .nr = 8,
		};
		if (walk.flags == FAULTLAB_WALK_PAGES)
			walk.pages = (uintptr_t)&room[2048];
		if (walk.flags == FAULTLAB_WALK_KERNEL) {
			walk.start = -tlib_page_size();
			walk.end = 0;
		}
		EXPECT_EQ(!(self->any->walk_flags & walk.flags),
			  !!ioctl(self->fd, FAULTLAB_IOC_WALK, &walk)) {
			TH_LOG("flag %u", bit);
		}
	}
}

TEST_F(features, orders_and_limits_match_the_kernel_and_the_module_parameters)
{
	char text[64] = "";
	__u64 pmd, pages;

	ASSERT_EQ(0, tlib_read_number("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", &pmd));
	EXPECT_EQ(pmd, tlib_page_size() << self->any->pmd_order);
	EXPECT_EQ(self->any->pmd_order, self->any->max_order);
	/* Tables of all levels have the same number of entries. */
	EXPECT_EQ(2 * self->any->pmd_order, self->any->pud_order);
	ASSERT_EQ(0, tlib_read_number(TLIB_PARAMETERS "max_pages", &pages));
	EXPECT_EQ(pages * tlib_page_size(), self->any->max_bytes);
	ASSERT_LT(0, tlib_read_text(TLIB_PARAMETERS "phys", text, sizeof(text)));
	EXPECT_EQ(strchr(text, ',') ? strtoull(strchr(text, ',') + 1, NULL, 0) : 0,
		  self->any->phys_bytes);
}

TEST_F(features, the_number_of_counters_is_right_and_unused_values_read_0)
{
	struct faultlab_stats stats;
	unsigned int i;

	memset(&stats, 0xff, sizeof(stats));
	stats.size = sizeof(stats);
	stats.flags = 0;
	ASSERT_EQ(0, ioctl(self->fd, FAULTLAB_IOC_STATS, &stats));
	EXPECT_EQ(FAULTLAB_NR_STATS, self->any->stats);
	for (i = 0; i < FAULTLAB_STATS_VALUES; i++) {
		EXPECT_TRUE(i < self->any->stats || !stats.value[i]);
		EXPECT_EQ(i < self->any->stats, !!strcmp("?", faultlab_stat_name(i)));
	}
}

TEST_F(features, flag_huge_is_reported_for_kind_pfn_only_since_6_12)
{
	__u64 with_huge = 0;
	unsigned int i;

	for (i = 0; i < FAULTLAB_NR_KINDS; i++)
		if (self->of[i].region_flags & FAULTLAB_REGION_HUGE)
			with_huge |= 1ULL << i;
	EXPECT_EQ(tlib_kernel_since(6, 12) ? 1ULL << FAULTLAB_KIND_PFN : 0, with_huge);
}

/* Values on both sides of each limit. */
static const __u32 arounds[] = { 0, 1, 3, FAULTLAB_MAX_AROUND, 2 * FAULTLAB_MAX_AROUND };
static const __u32 caches[] = { 0, FAULTLAB_CACHE_UC, FAULTLAB_CACHE_UC + 1, ~0U };
static const __u64 flags[] = {
	FAULTLAB_REGION_INSERT, FAULTLAB_REGION_MKWRITE, FAULTLAB_REGION_PHYS,
	FAULTLAB_REGION_HUGE, FAULTLAB_REGION_WHOLE, 1ULL << 63,
};

struct tried {
	__u32 regions, refused;
	const char *reasons[64];
	__u32 nr_reasons;
};

static void note(struct tried *tried, const char *why)
{
	unsigned int i;

	for (i = 0; i < tried->nr_reasons; i++)
		if (tried->reasons[i] == why)
			return;
	tried->reasons[tried->nr_reasons++] = why;
}

/* Whether CONFIG and the library's prediction agree. */
static bool try_region(const struct faultlab_config *config,
		       const struct faultlab_features *features, struct tried *tried)
{
	const char *why = NULL;
	int told = faultlab_config_check(config, features, &why), err;
	int fd = faultlab_open();

	err = faultlab_configure(fd, config);
	close(fd);
	tried->regions++;
	if (told) {
		tried->refused++;
		note(tried, why);
	}
	return told == err && !told == !why;
}

static void set_flags(struct faultlab_config *config, unsigned int bits)
{
	unsigned int i;

	config->flags = 0;
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (bits & 1U << i)
			config->flags |= flags[i];
}

/* Take the lowest digit off a number in base @digits. Each digit chooses one value. */
static unsigned int take(unsigned int *number, unsigned int digits)
{
	const unsigned int digit = *number % digits;

	*number /= digits;
	return digit;
}

TEST_F(features, the_library_predicts_which_configurations_are_refused)
{
	const __u64 page = tlib_page_size();
	const __u32 max = self->any->max_order;
	const __u32 orders[] = { 0, 2, max, max + 1, 31, ~0U };
	const __u64 bytes[] = {
		0, page, page / 2, page << max, page << 14, self->any->max_bytes + page,
	};
	struct faultlab_config c = { };
	struct tried tried = { };
	unsigned int at, wrong = 0;
	const unsigned int nr = (FAULTLAB_NR_KINDS + 1) * (1U << ARRAY_SIZE(flags)) *
				ARRAY_SIZE(orders) * ARRAY_SIZE(arounds) * ARRAY_SIZE(caches) *
				ARRAY_SIZE(bytes);
	/*
	 * Try every step-th combination. The step is prime, so each pair of values occurs.
	 * It is larger on the debug kernel, where opening regions is slow.
	 */
	const unsigned int step = tlib_debug() ? 151 : tlib_scale(37, 1);

	for (at = 0; at < nr && wrong < 10; at += step) {
		unsigned int n = at;

		c.kind = take(&n, FAULTLAB_NR_KINDS + 1);
		set_flags(&c, take(&n, 1U << ARRAY_SIZE(flags)));
		c.order = orders[take(&n, ARRAY_SIZE(orders))];
		c.around = arounds[take(&n, ARRAY_SIZE(arounds))];
		c.cache = caches[take(&n, ARRAY_SIZE(caches))];
		c.bytes = bytes[take(&n, ARRAY_SIZE(bytes))];
		/*
		 * Leave out large ranges of PHYS, since each CONFIG zeroes the range.
		 */
		if ((c.flags & FAULTLAB_REGION_PHYS) && (!c.bytes || c.bytes > page << max))
			continue;
		if (!try_region(&c, &self->of[c.kind % FAULTLAB_NR_KINDS], &tried)) {
			TH_LOG("kind %u flags 0x%llx order %u around %u cache %u bytes 0x%llx",
			       c.kind, c.flags, c.order, c.around, c.cache, c.bytes);
			wrong++;
		}
	}
	EXPECT_EQ(0, wrong);
	EXPECT_LT(20000 / step, tried.regions);
	EXPECT_LT(300 / step, tried.regions - tried.refused);
	EXPECT_LT(15, tried.nr_reasons);
}

/* Cases that the test above does not contain. */
TEST_F(features, the_library_predicts_refusal_of_pad_unknown_kinds_and_too_large_sizes)
{
	const struct faultlab_features *pfn = &self->of[FAULTLAB_KIND_PFN];
	const struct faultlab_config rows[] = {
		{ .pad = 1 },
		{ .kind = FAULTLAB_KIND_PFN, .flags = FAULTLAB_REGION_PHYS,
		  .bytes = pfn->phys_bytes + tlib_page_size() },
		{ .kind = ~0U },
		{ .bytes = ~0ULL / tlib_page_size() * tlib_page_size() },
	};
	struct tried tried = { };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_TRUE(try_region(&rows[i], pfn, &tried)) {
			TH_LOG("row %u", i);
		}
	}
	EXPECT_EQ(ARRAY_SIZE(rows), tried.refused);
}

TEST_HARNESS_MAIN
