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
 * @lock: of all below
 * @faults: who waits, in the order of arrival
 * @waiting: how many
 * @passes: how many more need not wait
 * @open: nobody needs to
 * @era: how often all were sent back to be judged anew
 * @arrival: where FAULTLAB_GATE_AWAIT waits for @waiting to grow
 */
struct flab_gate {
	spinlock_t lock; /* of all below */
	struct list_head faults;
	u32 waiting;
	u64 passes;
	bool open;
	u64 era;
	wait_queue_head_t arrival;
};

/* For ever, as a limit of flab_gate_wait(). */
#define FLAB_GATE_NO_LIMIT	U64_MAX

void flab_gate_init(struct flab_gate *gate);
bool flab_gate_wait(struct flab_gate *gate, u64 era, u64 limit_us, unsigned int state);
void flab_gate_stir(struct flab_gate *gate);
int flab_gate_ioctl(struct flab_gate *gate, struct faultlab_gate *arg);

#endif /* FLAB_GATE_H */
