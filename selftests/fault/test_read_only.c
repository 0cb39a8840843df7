// SPDX-License-Identifier: GPL-2.0-only
/*
 * A descriptor that was opened read-only: the kernel clears VM_SHARED and VM_MAYWRITE
 * in its shared mappings.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include "lib/tlib.h"

#define NR	8

FIXTURE(read_only)
{
	int fd;
};

FIXTURE_VARIANT(read_only)
{
	enum faultlab_kind kind;
	__u64 flags;
};

FIXTURE_VARIANT_ADD(read_only, page_returned)
{
	.kind = FAULTLAB_KIND_PAGE,
};

FIXTURE_VARIANT_ADD(read_only, page_inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_INSERT,
};

FIXTURE_VARIANT_ADD(read_only, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
};

FIXTURE_SETUP(read_only)
{
	self->fd = open(FAULTLAB_DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, faultlab_config(self->fd, variant->kind, variant->flags,
				     NR * tlib_page_size()));
}

FIXTURE_TEARDOWN(read_only)
{
	close(self->fd);
}

TEST_F(read_only, a_read_only_descriptor_allows_only_read_only_shared_mappings)
{
	struct tlib_mark mark;
	char *at;

	EXPECT_EQ(NULL, tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR));
	EXPECT_EQ(EACCES, errno);
	at = tlib_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, at);
	EXPECT_EQ(-1, mprotect(at, tlib_page_size(), TLIB_RW));
	EXPECT_EQ(EACCES, errno);

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
	EXPECT_STREQ(variant->kind == FAULTLAB_KIND_PFN ? "page r special" : "page r",
		     tlib_show(self->fd, at));
}

TEST_HARNESS_MAIN
