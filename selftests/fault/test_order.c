// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory in folios: one fault allocates 2^order consecutive pages, and maps those of
 * them that no rule is for.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <linux/kernel-page-flags.h>

#include <kselftest_harness.h>
#include "lib/memory/memory.h"

#define PMD_PAGES	512UL
#define ORDER		2
#define FOLIO		(1UL << ORDER)
#define NR		(4 * FOLIO)

static int order_region(enum faultlab_kind kind, __u64 flags, __u32 order, size_t pages)
{
	struct faultlab_config config = {
		.kind = kind,
		.flags = flags,
		.bytes = pages * tlib_page_size(),
		.order = order,
	};

	return tlib_region_full(&config);
}

FIXTURE(order)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(order)
{
	enum faultlab_kind kind;
	__u64 flags;
	const char *entry;
	size_t mapped;		/* pages by one fault */
	const char *batch;	/* what one fault counts as pages_batch */
};

FIXTURE_VARIANT_ADD(order, page_returned)
{
	.kind = FAULTLAB_KIND_PAGE,
	.entry = "page rw",
	.mapped = 1,
	.batch = "",
};

FIXTURE_VARIANT_ADD(order, page_inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_INSERT,
	.entry = "page rw",
	.mapped = FOLIO,
	.batch = "pages_batch 3 ",
};

FIXTURE_VARIANT_ADD(order, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
	.entry = "page rw special",
	.mapped = 1,
	.batch = "",
};

FIXTURE_SETUP(order)
{
	self->fd = order_region(variant->kind, variant->flags, ORDER, NR);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(order)
{
	tlib_unmap(self->at, NR);
	close(self->fd);
}

TEST_F(order, fault_allocates_the_whole_folio)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, FOLIO + 1), NULL));
	EXPECT_COUNTS(tlib_text("fault_read 1 minor 1 locked 1 pages +4 %sminflt 1",
				variant->batch), &mark);
	EXPECT_ENTRY(variant->entry, self->fd, tlib_at(self->at, FOLIO + 1));
	EXPECT_EQ(variant->mapped, tlib_nr_mapped(self->fd, 0, self->at, NR));
}

TEST_F(order, frames_of_a_folio_are_contiguous_and_aligned)
{
	__u64 first;
	size_t i;

	for (i = 0; i < NR; i++)
		EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, i), i, NULL));
	for (i = 0; i < NR; i++) {
		first = tlib_pfn(self->fd, tlib_at(self->at, i / FOLIO * FOLIO));
		EXPECT_EQ(0, first % FOLIO);
		EXPECT_EQ(first + i % FOLIO, tlib_pfn(self->fd, tlib_at(self->at, i)));
		EXPECT_NE(0, tlib_kpageflags(first + i % FOLIO) &
			  (1ULL << (i % FOLIO ? KPF_COMPOUND_TAIL : KPF_COMPOUND_HEAD)));
	}
}

TEST_F(order, memory_is_zeroed_and_keeps_what_is_written)
{
	struct faultlab_touch touch;
	size_t i;

	for (i = 0; i < NR; i++) {
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, i) + 7 * i, &touch));
		EXPECT_EQ(0, touch.value);
	}
	tlib_write(self->at, NR);
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, NR));
	for (i = 0; i < NR; i++) {
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, i), &touch));
		EXPECT_EQ('a' + (int)i, touch.value);
	}
	EXPECT_EQ(NR, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
}

TEST_F(order, evict_with_drop_takes_whole_folios_only)
{
	__u64 page = tlib_page_size();
	struct faultlab_touch touch;

	tlib_write(self->at, NR);
	EXPECT_EQ(-EINVAL, faultlab_evict(self->fd, page, FAULTLAB_TO_END,
					  FAULTLAB_EVICT_DROP));
	EXPECT_EQ(-EINVAL, faultlab_evict(self->fd, 0, (FOLIO - 1) * page, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(NR, tlib_nr_mapped(self->fd, 0, self->at, NR));
	/* Without DROP the range may be any pages. */
	EXPECT_EQ(0, faultlab_evict(self->fd, page, page, 0));
	EXPECT_EQ(NR - 1, tlib_nr_mapped(self->fd, 0, self->at, NR));

	EXPECT_EQ(0, faultlab_evict(self->fd, FOLIO * page, FOLIO * page, FAULTLAB_EVICT_DROP));
	EXPECT_EQ(NR - FOLIO, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, FOLIO), &touch));
	EXPECT_EQ(0, touch.value);
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_EQ('a', touch.value);
}

TEST_F(order, a_fault_does_not_map_a_page_of_its_folio_that_has_a_rule)
{
	struct faultlab_rule rule = tlib_rule(1, 1, FAULTLAB_VERDICT_MAJOR, 0);
	struct tlib_mark mark;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_STREQ("none", tlib_show(self->fd, tlib_at(self->at, 1)));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 1), NULL));
	EXPECT_COUNTS("fault_read 1 major 1 locked 1 majflt 1", &mark);
}

TEST_F(order, batch_stays_within_the_mapping)
{
	char *at = tlib_map(self->fd, PROT_READ, MAP_SHARED, 1, FOLIO - 2);
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_COUNTS(tlib_text("fault_read 1 minor 1 locked 1 pages +4 %sminflt 1",
				variant->mapped > 1 ? "pages_batch 1 " : ""), &mark);
}

TEST(a_region_that_grows_may_end_within_a_folio)
{
	int fd = order_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, ORDER, 0);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, FOLIO + 1);
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(at, FOLIO), 'x', NULL));
	EXPECT_COUNTS("fault_write 1 minor 1 locked 1 pages +4 minflt 1", &mark);
	/* The end of the region counts as the end of a folio. */
	EXPECT_EQ(0, faultlab_evict(fd, FOLIO * tlib_page_size(), FAULTLAB_TO_END,
				    FAULTLAB_EVICT_DROP));
	EXPECT_EQ(0, tlib_stat(fd, FAULTLAB_STAT_PAGES));
	close(fd);
}

TEST(private_write_copies_one_page_of_a_folio)
{
	int fd = order_region(FAULTLAB_KIND_PAGE, 0, ORDER, NR);
	char *at = tlib_map(fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(at, 1), 'x', NULL));
	EXPECT_COUNTS("fault_cow 1 minor 1 locked 1 pages +4 minflt 1", &mark);
	EXPECT_EQ(1, tlib_nr_mapped(fd, 0, at, NR));
	EXPECT_EQ(4, tlib_smaps(at, "Anonymous"));
	close(fd);
}

/*
 * A folio of the size of a PMD.
 */
FIXTURE(pmd_folio)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(pmd_folio)
{
	const struct faultlab_memory *memory;
};

FIXTURE_VARIANT_ADD(pmd_folio, plain) { .memory = faultlab_memory(page_9) };
FIXTURE_VARIANT_ADD(pmd_folio, whole) { .memory = faultlab_memory(page_9_whole) };

FIXTURE_SETUP(pmd_folio)
{
	self->fd = faultlab_memory_open(variant->memory, 2 * PMD_PAGES * tlib_page_size());
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 2 * PMD_PAGES);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(pmd_folio)
{
	tlib_unmap(self->at, 2 * PMD_PAGES);
	close(self->fd);
}

TEST_F(pmd_folio, one_fault_maps_a_2_mib_folio_by_a_pmd)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->at, 7), 1, NULL));
	EXPECT_COUNTS("fault_write 1 minor 1 locked 1 pages +512 minflt 1", &mark);
	EXPECT_ENTRY("2 MiB page rw dirty", self->fd, self->at);
	EXPECT_STREQ("none", tlib_show(self->fd, tlib_at(self->at, PMD_PAGES)));
	EXPECT_EQ(2048, tlib_smaps(self->at, "Rss"));
	EXPECT_EQ(2048, tlib_smaps(self->at, "FilePmdMapped"));
}

TEST_F(pmd_folio, a_folio_with_a_rule_for_one_page_is_mapped_by_ptes)
{
	struct faultlab_rule rule = tlib_rule(PMD_PAGES - 1, 1, FAULTLAB_VERDICT_MAJOR, 0);
	struct faultlab_touch touch;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_ENTRY("page rw", self->fd, self->at);
	EXPECT_EQ(1, tlib_nr_mapped(self->fd, 0, self->at, 2 * PMD_PAGES));
	/* The rule does not concern the next folio. */
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, PMD_PAGES), &touch));
	EXPECT_ENTRY("2 MiB page rw", self->fd, tlib_at(self->at, PMD_PAGES));
}

TEST_F(pmd_folio, a_new_rule_leaves_a_pmd_mapped_until_it_is_evicted)
{
	struct faultlab_rule rule = tlib_rule(9, 1, FAULTLAB_VERDICT_MAJOR, 0);
	struct faultlab_touch touch;

	EXPECT_EQ(0, faultlab_touch_write(self->at, 'x', NULL));
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	EXPECT_ENTRY("2 MiB page rw dirty", self->fd, self->at);
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, tlib_page_size(), 0));
	EXPECT_STREQ("none", tlib_show(self->fd, self->at));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_EQ('x', touch.value);
	EXPECT_ENTRY("page rw", self->fd, self->at);
}

TEST_F(pmd_folio, a_vma_with_part_of_the_folio_maps_ptes_or_is_refused_with_whole)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PMD_PAGES - 1);

	if (variant->memory->flags & FAULTLAB_REGION_WHOLE) {
		EXPECT_EQ(NULL, at);
		return;
	}
	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_ENTRY("page rw", self->fd, at);
}

TEST_F(pmd_folio, a_private_write_to_a_pmd_copies_one_page)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, PMD_PAGES);
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
	EXPECT_EQ(0, faultlab_touch_read(at, &touch));
	EXPECT_ENTRY("2 MiB page r", self->fd, at);
	/* The core removes the PMD, and calls .fault for a page to copy. */
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(at, 'P', NULL));
	EXPECT_COUNTS("fault_cow 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ(1, tlib_nr_mapped(self->fd, 0, at, PMD_PAGES));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_EQ('S', touch.value);
}

TEST_F(pmd_folio, threads_fault_without_error_while_rules_and_evicts_change_the_pmd)
{
	struct faultlab_rule rule = tlib_rule(3, 1, FAULTLAB_VERDICT_MAJOR, 0);
	struct tlib_hammer reader, writer;
	__u64 end;

	ASSERT_EQ(0, tlib_hammer_start(&reader, self->at, 16, false));
	ASSERT_EQ(0, tlib_hammer_start(&writer, tlib_at(self->at, 100), 16, true));
	end = tlib_now() + 2000 * NSEC_PER_MS;
	while (tlib_now() < end) {
		EXPECT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
		EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
		EXPECT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, NULL, 0));
		EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_DROP));
	}
	EXPECT_EQ(0, reader.faults);
	EXPECT_EQ(0, writer.faults);
}

TEST(with_mkwrite_a_2_mib_folio_is_mapped_by_ptes)
{
	int fd = order_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, 9, PMD_PAGES);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PMD_PAGES);
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_ENTRY("page r", fd, at);
	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(at, 1, NULL));
	EXPECT_COUNTS("fault_mkwrite 1 minor 1 minflt 1", &mark);
	EXPECT_EQ(1, tlib_nr_mapped(fd, 0, at, PMD_PAGES));
	close(fd);
}

TEST(in_a_region_that_grows_a_2_mib_folio_is_mapped_by_ptes)
{
	int fd = order_region(FAULTLAB_KIND_PAGE, 0, 9, 0);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PMD_PAGES);

	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_ENTRY("page rw", fd, at);
	close(fd);
}

TEST_HARNESS_MAIN
