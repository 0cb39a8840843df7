/* SPDX-License-Identifier: GPL-2.0-only */
/* Fixture for tests of each kind that has faults: a shared mapping. */
#ifndef TLIB_RULE_KINDS_H
#define TLIB_RULE_KINDS_H

#include "lib/fault/rule.h"

FIXTURE(rule)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(rule)
{
	enum faultlab_kind kind;
	__u64 flags;
};

FIXTURE_VARIANT_ADD(rule, page_returned)
{
	.kind = FAULTLAB_KIND_PAGE,
};

FIXTURE_VARIANT_ADD(rule, page_inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_INSERT,
};

FIXTURE_VARIANT_ADD(rule, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
};

FIXTURE_SETUP(rule)
{
	self->fd = tlib_region(variant->kind, variant->flags, NR);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(rule)
{
	close(self->fd);
}

#endif /* TLIB_RULE_KINDS_H */
