// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kind mixed: special entries in shared mappings, normal pages in private ones.
 * test_private.c tests the private mappings of all kinds.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"

#define NR	8UL

FIXTURE(mixed)
{
	int fd;
	char *at;	/* shared */
};

FIXTURE_VARIANT(mixed)
{
	__u64 flags;
	__u32 order;
	const char *pages;	/* change of the counter by a first touch */
};

FIXTURE_VARIANT_ADD(mixed, pages)
{
	.pages = "pages +1 ",
};

FIXTURE_VARIANT_ADD(mixed, folios)
{
	.order = 3,
	.pages = "pages +8 ",
};

FIXTURE_VARIANT_ADD(mixed, phys)
{
	.flags = FAULTLAB_REGION_PHYS,
	.pages = "",
};

static int mixed_region(__u64 flags, __u32 order)
{
	struct faultlab_config config = {
		.kind = FAULTLAB_KIND_MIXED,
		.flags = flags,
		.bytes = NR * tlib_page_size(),
		.order = order,
	};

	return tlib_region_full(&config);
}

FIXTURE_SETUP(mixed)
{
	self->fd = mixed_region(variant->flags, variant->order);
	if (self->fd == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(mixed)
{
	tlib_unmap(self->at, NR);
	close(self->fd);
}

TEST_F(mixed, shared_fault_maps_a_special_entry)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, NULL));
	EXPECT_COUNTS(tlib_text("fault_write 1 minor 1 locked 1 %sminflt 1", variant->pages),
		      &mark);
	EXPECT_ENTRY("page rw dirty special", self->fd, self->at);
	EXPECT_EQ(1, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_EQ(0, tlib_smaps(self->at, "Rss"));
}

TEST_F(mixed, proc_mem_reads_a_shared_mapping_by_access)
{
	off_t at = (off_t)(unsigned long)self->at;
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	char *buf = malloc(2 * tlib_page_size());
	struct tlib_mark mark;

	ASSERT_LE(0, mem);
	ASSERT_NE(NULL, buf);
	memset(self->at, 'S', 2 * tlib_page_size());
	memset(buf, 0, 2 * tlib_page_size());
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(2 * (ssize_t)tlib_page_size(),
		  pread(mem, buf, 2 * tlib_page_size(), at));
	EXPECT_COUNTS("access 2", &mark);
	EXPECT_EQ('S', *buf);
	EXPECT_EQ('S', *tlib_at(buf, 1));
	free(buf);
	close(mem);
}

/*
 * With PHYS there is no struct page, so private mappings have special entries, too, and
 * must stay read-only: see test_private.c.
 */
TEST_F(mixed, writable_private_mappings_are_refused_only_with_phys)
{
	const bool phys = variant->flags & FAULTLAB_REGION_PHYS;
	char *at = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR);

	EXPECT_EQ(phys, !at);
	if (!at)
		EXPECT_EQ(EINVAL, errno);
	at = tlib_map(self->fd, PROT_READ, MAP_PRIVATE, 0, NR);
	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_ENTRY(phys ? "page r special" : "page r", self->fd, at);
	EXPECT_EQ(phys ? -1 : 0, mprotect(at, NR * tlib_page_size(), TLIB_RW));
	if (phys)
		EXPECT_EQ(EACCES, errno);
}

FIXTURE(mixed_private)
{
	int fd;
	char *at;	/* shared */
	char *copy;	/* private */
};

FIXTURE_VARIANT(mixed_private)
{
	__u32 order;
};

FIXTURE_VARIANT_ADD(mixed_private, pages)
{
	.order = 0,
};

FIXTURE_VARIANT_ADD(mixed_private, folios)
{
	.order = 3,
};

FIXTURE_SETUP(mixed_private)
{
	self->fd = mixed_region(0, variant->order);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	self->copy = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	ASSERT_NE(NULL, self->copy);
	EXPECT_EQ(0, faultlab_touch_write(self->at, 'S', NULL));
}

FIXTURE_TEARDOWN(mixed_private)
{
	tlib_unmap(self->at, NR);
	tlib_unmap(self->copy, NR);
	close(self->fd);
}

TEST_F(mixed_private, a_first_private_write_is_one_cow_fault)
{
	struct faultlab_touch touch;
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->copy, 'P', NULL));
	EXPECT_COUNTS("fault_cow 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_ENTRY("page rw dirty", self->fd, self->copy);
	EXPECT_EQ(4, tlib_smaps(self->copy, "Anonymous"));
	EXPECT_EQ(0, faultlab_touch_read(self->at, &touch));
	EXPECT_EQ('S', touch.value);
	EXPECT_EQ(0, faultlab_touch_read(self->copy, &touch));
	EXPECT_EQ('P', touch.value);
}

TEST_F(mixed_private, a_private_write_after_a_read_is_copied_by_the_core_without_a_callback)
{
	struct tlib_mark mark;

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(self->copy, NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 minflt 1", &mark);
	EXPECT_ENTRY("page r", self->fd, self->copy);
	EXPECT_EQ(4, tlib_smaps(self->copy, "Rss"));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_write(self->copy, 'P', NULL));
	EXPECT_COUNTS("minflt 1", &mark);
	EXPECT_ENTRY("page rw dirty", self->fd, self->copy);
}

TEST_F(mixed_private, evict_keeps_private_copies_unless_flag_cows_is_set)
{
	EXPECT_EQ(0, faultlab_touch_write(self->copy, 'P', NULL));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->copy, 1), NULL));
	EXPECT_EQ(0, faultlab_touch_read(self->at, NULL));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, NR));
	EXPECT_EQ(1, tlib_nr_mapped(self->fd, 0, self->copy, NR));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, FAULTLAB_EVICT_COWS));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->copy, NR));
}

TEST_F(mixed_private, proc_mem_reads_a_private_mapping_by_gup_not_by_access)
{
	off_t at = (off_t)(unsigned long)self->copy;
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	char *buf = malloc(2 * tlib_page_size());
	struct tlib_mark mark;

	ASSERT_LE(0, mem);
	ASSERT_NE(NULL, buf);
	EXPECT_EQ(0, faultlab_touch_read(self->copy, NULL));
	EXPECT_EQ(0, faultlab_touch_write(tlib_at(self->copy, 1), 'P', NULL));
	memset(buf, 0, 2 * tlib_page_size());
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(2 * (ssize_t)tlib_page_size(),
		  pread(mem, buf, 2 * tlib_page_size(), at));
	EXPECT_COUNTS("", &mark);
	EXPECT_EQ('S', *buf);
	EXPECT_EQ('P', *tlib_at(buf, 1));
	free(buf);
	close(mem);
}

TEST_F(mixed_private, a_proc_mem_write_to_a_private_mapping_changes_only_the_copy)
{
	off_t at = (off_t)(unsigned long)self->copy;
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	ASSERT_LE(0, mem);
	EXPECT_EQ(1, pwrite(mem, "P", 1, at));
	EXPECT_EQ('S', *self->at);
	EXPECT_EQ('P', *self->copy);
	close(mem);
}

TEST_F(mixed_private, a_sigbus_rule_for_cow_fails_a_first_write_but_no_write_after_a_read)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SIGBUS, 0);
	struct faultlab_touch touch;

	rule.access = FAULTLAB_ACCESS_COW;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	EXPECT_EQ(-EFAULT, faultlab_touch_write(self->copy, 1, &touch));
	EXPECT_EQ(SIGBUS, touch.signal);
	/* A page that was read first is copied by the core, without a callback. */
	EXPECT_EQ(0, faultlab_touch_read(self->copy, NULL));
	EXPECT_EQ(0, faultlab_touch_write(self->copy, 1, NULL));
}

TEST_HARNESS_MAIN
