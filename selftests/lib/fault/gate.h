/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fixture for tests in which a fault waits without a lock: page 0 of a shared mapping
 * has a gate.
 */
#ifndef TLIB_GATE_H
#define TLIB_GATE_H

#include <kselftest_harness.h>
#include "lib/tlib.h"

#define NR	4
#define SOON	(10000 * TLIB_MS)	/* longer than anything here should take */

FIXTURE(gate)
{
	int fd;
	char *at;
};

FIXTURE_VARIANT(gate)
{
	enum faultlab_kind kind;
	__u64 flags;
};

FIXTURE_VARIANT_ADD(gate, page_returned)
{
	.kind = FAULTLAB_KIND_PAGE,
};

FIXTURE_VARIANT_ADD(gate, page_inserted)
{
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_INSERT,
};

FIXTURE_VARIANT_ADD(gate, pfn)
{
	.kind = FAULTLAB_KIND_PFN,
};

static inline struct faultlab_rule gated(void)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 0);

	rule.delay_kind = FAULTLAB_DELAY_GATE;
	return rule;
}

static inline int gate(int fd, enum faultlab_gate_op op, __u32 nr)
{
	return faultlab_gate(fd, op, nr, op == FAULTLAB_GATE_AWAIT ? SOON : 0, NULL);
}

static inline __u32 waiting(int fd)
{
	__u32 nr = ~0U;

	faultlab_gate(fd, FAULTLAB_GATE_PASS, 0, 0, &nr);
	return nr;
}

FIXTURE_SETUP(gate)
{
	struct faultlab_rule rule = gated();

	self->fd = tlib_region(variant->kind, variant->flags, NR);
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
}

FIXTURE_TEARDOWN(gate)
{
	close(self->fd);
}

/* Start a thread and wait until its fault is at the gate. 0 or an errno. */
static inline int send_to_gate(struct _test_data_gate *self, struct tlib_toucher *t, bool write)
{
	__u32 nr = waiting(self->fd);
	int err = tlib_touch_start(t, self->at, write, 'g');

	return err ?: gate(self->fd, FAULTLAB_GATE_AWAIT, nr + 1);
}

#endif /* TLIB_GATE_H */
