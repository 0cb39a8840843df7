/* SPDX-License-Identifier: GPL-2.0-only */
/* Fixture for tests of kind pfn: with or without struct page, with MKWRITE or not. */
#ifndef TLIB_PFN_H
#define TLIB_PFN_H

#include <errno.h>
#include <kselftest_harness.h>
#include "lib/tlib.h"

#define NR	8

FIXTURE(pfn)
{
	int fd;
	char *at;
};

/* pages: the text of the counter "pages" after a first touch. */
FIXTURE_VARIANT(pfn)
{
	__u64 flags;
	const char *pages;
	const char *first_write;
	const char *after_read;
	const char *read_entry;
};

FIXTURE_VARIANT_ADD(pfn, plain)
{
	.pages = " pages +1",
	.first_write = "fault_write 1 minor 1 locked 1 pages +1 minflt 1",
	.after_read = "",
	.read_entry = "page rw special",
};

/* vmf_insert_pfn() inserts a read-only entry, so a write faults again. */
FIXTURE_VARIANT_ADD(pfn, mkwrite)
{
	.flags = FAULTLAB_REGION_MKWRITE,
	.pages = " pages +1",
	.first_write = "fault_write 1 fault_pfn_mkwrite 1 minor 2 locked 2 pages +1 minflt 2",
	.after_read = "fault_pfn_mkwrite 1 minor 1 locked 1 minflt 1",
	.read_entry = "page r special",
};

FIXTURE_VARIANT_ADD(pfn, phys)
{
	.flags = FAULTLAB_REGION_PHYS,
	.pages = "",
	.first_write = "fault_write 1 minor 1 locked 1 minflt 1",
	.after_read = "",
	.read_entry = "page rw special",
};

FIXTURE_VARIANT_ADD(pfn, phys_mkwrite)
{
	.flags = FAULTLAB_REGION_PHYS | FAULTLAB_REGION_MKWRITE,
	.pages = "",
	.first_write = "fault_write 1 fault_pfn_mkwrite 1 minor 2 locked 2 minflt 2",
	.after_read = "fault_pfn_mkwrite 1 minor 1 locked 1 minflt 1",
	.read_entry = "page r special",
};

FIXTURE_SETUP(pfn)
{
	self->fd = tlib_region(FAULTLAB_KIND_PFN, variant->flags, NR);
	if (self->fd == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(pfn)
{
	close(self->fd);
}

#endif /* TLIB_PFN_H */
