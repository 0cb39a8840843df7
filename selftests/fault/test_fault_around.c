// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault-around (.map_pages): with INSERT a read fault maps populated neighbours.
 */
#include <kselftest_harness.h>
#include "lib/tlib.h"

#define NR	16	/* what a fault-around covers: 64 KiB */

FIXTURE(around)
{
	int fd;
	char *owner;	/* a mapping that populates the region */
	char *reader;	/* has a page table, which .map_pages needs */
};

FIXTURE_SETUP(around)
{
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, NR);
	ASSERT_LE(0, self->fd);
	self->owner = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->owner);
	self->reader = tlib_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->reader);
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->reader, NR - 1), NULL));
}

FIXTURE_TEARDOWN(around)
{
	close(self->fd);
}

TEST_F(around, one_read_fault_maps_all_populated_neighbours_and_no_other)
{
	struct tlib_mark mark;
	size_t i;

	tlib_write(self->owner, 8);
	tlib_write(tlib_at(self->owner, 9), 1);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->reader, 3), NULL));
	EXPECT_COUNTS("fault_around 1 pages_around 9 minor 1 locked 1 minflt 1", &mark);

	for (i = 0; i < NR; i++)
		EXPECT_EQ(i < 8 || i == 9 || i == NR - 1,
			  tlib_mapped(self->fd, tlib_at(self->reader, i)));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(tlib_pfn(self->fd, tlib_at(self->owner, i)),
			  tlib_pfn(self->fd, tlib_at(self->reader, i)));
	EXPECT_EQ(10 * tlib_page_size() / 1024, tlib_smaps(self->reader, "Rss"));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->reader, i), NULL));
	EXPECT_COUNTS("", &mark);
}

TEST_F(around, a_fault_on_an_unpopulated_page_maps_neighbours_then_the_page)
{
	struct tlib_mark mark;
	const char *counts;

	tlib_write(self->owner, 4);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->reader, 6), NULL));
	counts = "fault_read 1 fault_around 1 pages_around 4 minor 1 locked 2 pages +1 minflt 1";
	EXPECT_COUNTS(counts, &mark);
	EXPECT_EQ(6, tlib_nr_mapped(self->fd, 0, self->reader, NR));
	EXPECT_TRUE(tlib_mapped(self->fd, tlib_at(self->reader, 6)));
}

TEST_F(around, fault_around_skips_a_neighbour_that_has_a_rule)
{
	struct faultlab_rule rule = tlib_rule(5, 1, FAULTLAB_VERDICT_MAJOR, 0);
	struct tlib_mark mark;

	tlib_write(self->owner, 8);
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->reader, 3), NULL));
	EXPECT_COUNTS("fault_around 1 pages_around 7 minor 1 locked 1 minflt 1", &mark);
	EXPECT_ENTRY("none", self->fd, tlib_at(self->reader, 5));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->reader, 5), NULL));
	EXPECT_COUNTS("fault_read 1 major 1 locked 1 majflt 1", &mark);
}

TEST_F(around, a_fault_on_a_page_with_a_rule_maps_no_neighbours)
{
	struct faultlab_rule rule = tlib_rule(5, 1, FAULTLAB_VERDICT_MAJOR, 0);
	struct tlib_mark mark;

	tlib_write(self->owner, 8);
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->reader, 5), NULL));
	EXPECT_COUNTS("fault_read 1 major 1 locked 1 majflt 1", &mark);
	EXPECT_EQ(2, tlib_nr_mapped(self->fd, 0, self->reader, NR));
}

/*
 * If fault-around mapped the neighbour writable, a write to it would not fault, and the
 * rule would be bypassed.
 */
TEST_F(around, fault_around_skips_a_neighbour_with_a_rule_for_writes)
{
	struct faultlab_rule rule = tlib_rule(5, 1, FAULTLAB_VERDICT_MAJOR, 0);
	struct tlib_mark mark;

	rule.access = FAULTLAB_ACCESS_WRITE;
	tlib_write(self->owner, 8);
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->reader, 3), NULL));
	EXPECT_COUNTS("fault_around 1 pages_around 7 minor 1 locked 1 minflt 1", &mark);
	EXPECT_ENTRY("none", self->fd, tlib_at(self->reader, 5));
}

TEST_F(around, fault_around_skips_a_neighbour_with_a_rule_for_cow_in_private_mappings_only)
{
	struct faultlab_rule rule = tlib_rule(5, 1, FAULTLAB_VERDICT_MAJOR, 0);
	char *private = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	struct tlib_mark mark;

	ASSERT_NE(NULL, private);
	rule.access = FAULTLAB_ACCESS_COW;
	tlib_write(self->owner, 8);
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(private, NR - 1), NULL));
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->reader, 3), NULL));
	EXPECT_COUNTS("fault_around 1 pages_around 8 minor 1 locked 1 minflt 1", &mark);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(private, 3), NULL));
	EXPECT_COUNTS("fault_around 1 pages_around 7 minor 1 locked 1 minflt 1", &mark);
	EXPECT_ENTRY("none", self->fd, tlib_at(private, 5));
}

TEST_F(around, write_fault_maps_no_neighbours)
{
	char *writer = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	struct tlib_mark mark;

	ASSERT_NE(NULL, writer);
	tlib_write(self->owner, 8);
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(writer, NR - 1), 1, NULL));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(writer, 3), 1, NULL));
	EXPECT_COUNTS("fault_write 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ(2, tlib_nr_mapped(self->fd, 0, writer, NR));
}

/* Kind page without INSERT has .map_pages only to get the per-VMA lock. */
TEST(without_insert_a_read_fault_maps_no_neighbours)
{
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, NR);
	struct tlib_mark mark;
	char *owner, *reader;

	ASSERT_LE(0, fd);
	owner = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, NR);
	reader = tlib_map(fd, PROT_READ, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, owner);
	ASSERT_NE(NULL, reader);
	tlib_write(owner, 8);
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(reader, NR - 1), NULL));
	ASSERT_EQ(0, tlib_counts_begin(fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(reader, 3), NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_EQ(2, tlib_nr_mapped(fd, 0, reader, NR));
}

TEST_HARNESS_MAIN
