/* SPDX-License-Identifier: GPL-2.0-only */
/* Fixture for concurrent faults: a region that grows, and the pages of all regions. */
#ifndef TLIB_RACE_H
#define TLIB_RACE_H

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

FIXTURE(race)
{
	int fd;
	__u64 before;		/* pages of all regions before the test */
	__u64 max_total;
};

FIXTURE_VARIANT(race)
{
	enum faultlab_kind kind;
	__u64 flags;
	bool exact;		/* each fault makes one callback */
	bool grows;		/* mremap() can extend a mapping: its VMA has no VM_DONTEXPAND */
};

#define RACE(name, k, f, e, g) FIXTURE_VARIANT_ADD(race, name) \
	{ .kind = FAULTLAB_KIND_##k, .flags = f, .exact = e, .grows = g }

RACE(page, PAGE, 0, true, true);
RACE(insert, PAGE, FAULTLAB_REGION_INSERT, false, true);
RACE(mkwrite, PAGE, FAULTLAB_REGION_MKWRITE, false, true);
RACE(pfn, PFN, 0, true, false);
RACE(pfn_mkwrite, PFN, FAULTLAB_REGION_MKWRITE, true, false);

FIXTURE_SETUP(race)
{
	ASSERT_EQ(0, tlib_read_number(TLIB_MAX_TOTAL, &self->max_total));
	self->before = tlib_all_pages();
	self->fd = tlib_region(variant->kind, variant->flags, 0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN_PARENT(race)
{
	tlib_write_number(TLIB_MAX_TOTAL, self->max_total);
}

static inline __u64 called_under_lock(const struct faultlab_stats *s)
{
	return s->value[FAULTLAB_STAT_FAULT_READ] + s->value[FAULTLAB_STAT_FAULT_WRITE] +
	       s->value[FAULTLAB_STAT_FAULT_COW] + s->value[FAULTLAB_STAT_FAULT_PFN_MKWRITE] +
	       s->value[FAULTLAB_STAT_FAULT_AROUND];
}

static inline __u64 under_lock(const struct faultlab_stats *s)
{
	return s->value[FAULTLAB_STAT_UNDER_VMA_LOCK] + s->value[FAULTLAB_STAT_UNDER_MMAP_LOCK];
}

static inline __u64 ended(const struct faultlab_stats *s)
{
	return s->value[FAULTLAB_STAT_MINOR] + s->value[FAULTLAB_STAT_MAJOR] +
	       s->value[FAULTLAB_STAT_SIGBUS] + s->value[FAULTLAB_STAT_OOM] +
	       s->value[FAULTLAB_STAT_HWPOISON];
}

#endif /* TLIB_RACE_H */
