// SPDX-License-Identifier: GPL-2.0-only
/* Delays of faults, and the gate. */
#include <errno.h>
#include <unistd.h>

#include "v1.h"

#define FOR_EVER	60000000	/* microseconds */

static const struct faultlab_rule delays[] = {
	{ .delay_kind = FAULTLAB_DELAY_FIXED, .delay_us = 1000 },
	{ .delay_kind = FAULTLAB_DELAY_UNIFORM, .delay_us = 1000, .delay_max_us = 2000 },
	{ .delay_kind = FAULTLAB_DELAY_EXPONENTIAL, .delay_us = 1000, .delay_max_us = 2000 },
	{ .delay_us = 1000, .flags = FAULTLAB_RULE_HOLD_LOCK },
};

/* EXPONENTIAL may be short. With HOLD_LOCK the fault is not retried. */
static void delay(unsigned int i)
{
	const bool exponential = delays[i].delay_kind == FAULTLAB_DELAY_EXPONENTIAL;
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1);
	char *at = v1_map(fd, RW, MAP_SHARED, 1);

	v1_set_rule(fd, delays[i]);
	CHECK(0, v1_get(at));
	CHECK_TRUE(v1_stat(fd, FAULTLAB_STAT_DELAY_NS) >= (exponential ? 1 : 1000000));
	CHECK(delays[i].flags & FAULTLAB_RULE_HOLD_LOCK ? 0 : 1,
	      v1_stat(fd, FAULTLAB_STAT_RETRY));
	CHECK_TRUE(v1_hits(fd) >= 1);
}

static int gate(int fd, __u32 op, __u32 nr, __u64 timeout_us, __u32 *waiting)
{
	struct faultlab_gate gate = {
		.size = sizeof(gate),
		.op = op,
		.nr = nr,
		.timeout_us = timeout_us,
	};
	int err = v1_ioctl(fd, FAULTLAB_IOC_GATE, &gate);

	*waiting = gate.waiting;
	return err;
}

static int gated_region(char **at)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 2);

	*at = v1_map(fd, RW, MAP_SHARED, 2);
	v1_set_rule(fd, (struct faultlab_rule) { .delay_kind = FAULTLAB_DELAY_GATE });
	return fd;
}

/* A child whose fault waits at the gate. */
static pid_t send_to_gate(int fd, char *at)
{
	pid_t pid = v1_start_read(at);
	__u32 waiting;

	CHECK(0, gate(fd, FAULTLAB_GATE_AWAIT, 1, FOR_EVER, &waiting));
	CHECK(1, waiting);
	CHECK_TRUE(v1_is_running(pid));
	CHECK_TRUE(v1_entry(fd, at).flags & FAULTLAB_PTE_NONE);
	return pid;
}

/* A pass that nobody needs is kept. */
static void gate_pass(unsigned int arg)
{
	char *at;
	int fd = gated_region(&at);
	pid_t pid = send_to_gate(fd, at);
	__u32 waiting;

	CHECK(0, gate(fd, FAULTLAB_GATE_PASS, 2, 0, &waiting));
	CHECK(0, v1_wait(pid));
	CHECK(0, v1_get(at + PAGE));
	CHECK_TRUE(v1_hits(fd) >= 2);
}

static void gate_open(unsigned int arg)
{
	char *at;
	int fd = gated_region(&at);
	pid_t pid = send_to_gate(fd, at);
	__u32 waiting;

	CHECK(0, gate(fd, FAULTLAB_GATE_OPEN, 0, 0, &waiting));
	CHECK(0, v1_wait(pid));
	CHECK(0, v1_get(at));
	CHECK(0, v1_get(at + PAGE));
}

static void gate_close(unsigned int arg)
{
	char *at;
	int fd = gated_region(&at);
	__u32 waiting;
	pid_t pid;

	CHECK(0, gate(fd, FAULTLAB_GATE_OPEN, 0, 0, &waiting));
	CHECK(0, v1_get(at));
	CHECK(0, gate(fd, FAULTLAB_GATE_CLOSE, 0, 0, &waiting));
	CHECK(0, waiting);
	pid = send_to_gate(fd, at + PAGE);
	CHECK(0, gate(fd, FAULTLAB_GATE_OPEN, 0, 0, &waiting));
	CHECK(0, v1_wait(pid));
}

static void gate_await(unsigned int arg)
{
	char *at;
	int fd = gated_region(&at);
	__u32 waiting;

	CHECK(-ETIMEDOUT, gate(fd, FAULTLAB_GATE_AWAIT, 1, 1000, &waiting));
	CHECK(0, gate(fd, FAULTLAB_GATE_AWAIT, 0, 0, &waiting));
	CHECK(0, waiting);
}

const struct v1_test v1_gate_tests[] = {
	{ "delay", "fixed", delay, 0 },
	{ "delay", "uniform", delay, 1 },
	{ "delay", "exponential", delay, 2 },
	{ "rule flag", "hold-lock", delay, 3 },
	{ "delay and gate", "pass", gate_pass, 0 },
	{ "delay and gate", "open", gate_open, 0 },
	{ "delay and gate", "close", gate_close, 0 },
	{ "delay and gate", "await", gate_await, 0 },
	{ },
};
