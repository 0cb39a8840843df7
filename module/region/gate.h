/* SPDX-License-Identifier: GPL-2.0-only */
/* The gate at which faults wait until user space lets them pass. */
#ifndef FLAB_GATE_H
#define FLAB_GATE_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

struct faultlab_gate;

/**
 * struct flab_gate - a region's gate
 * @lock: protects all fields below
 * @faults: waiting faults, in the order of arrival
 * @waiting: number of @faults
 * @passes: how many more faults may pass the closed gate without waiting
 * @open: no fault has to wait
 * @era: incremented when all waiting faults are made to match the rules again
 * @arrival: wait queue on which FAULTLAB_GATE_AWAIT waits for @waiting to grow
 */
struct flab_gate {
	spinlock_t lock; /* protects all fields below */
	struct list_head faults;
	u32 waiting;
	u64 passes;
	bool open;
	u64 era;
	wait_queue_head_t arrival;
};

/* As @limit_us of flab_gate_wait(): no limit to the wait. */
#define FLAB_GATE_NO_LIMIT	U64_MAX

void flab_gate_init(struct flab_gate *gate);
bool flab_gate_wait(struct flab_gate *gate, u64 era, u64 limit_us, unsigned int state);
void flab_gate_stir(struct flab_gate *gate);
int flab_gate_ioctl(struct flab_gate *gate, struct faultlab_gate *arg);

#endif /* FLAB_GATE_H */
