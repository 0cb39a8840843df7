/* SPDX-License-Identifier: GPL-2.0-only */
/* Per-CPU rings of records: lockless writers, any number of readers. */
#ifndef FLAB_RING_H
#define FLAB_RING_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/faultlab.h>
#include <linux/percpu.h>
#include <linux/wait.h>

/**
 * struct flab_ring - the records of one CPU, which alone writes them
 * @reserved: how many records were begun; the slots hold the last of these
 * @head: how many records are complete
 * @floor: number of the first record after the last reset: debugfs shows no older ones
 * @slot: record n is in slot n modulo the number of slots
 *
 * A writer cannot be preempted, so @head is behind @reserved for a moment only.
 */
struct flab_ring {
	u64 reserved;
	u64 head;
	u64 floor;
	struct faultlab_record *slot;
};

/**
 * struct flab_rings - rings, one for each CPU, and their wait queue
 * @ring: the rings
 * @slots: slots of each ring, a power of two
 * @running: recording is on
 * @vmas: VMAs are recorded, too
 * @readers: wait queue of readers; not written unless a reader waits. A pointer, as the
 *	queue must exist before the rings: poll() can wait before recording is first started
 * @wake_at: wake @readers when so many records were begun in all rings
 */
struct flab_rings {
	struct flab_ring __percpu *ring;
	u32 slots;
	bool running;
	bool vmas;
	wait_queue_head_t *readers;

	atomic64_t wake_at ____cacheline_aligned_in_smp;
};

#define FLAB_MIN_SLOTS	8	/* a FAULT and its STACK records take half of them at most */

u32 flab_rings_default_slots(void);
struct flab_rings *flab_rings_create(u32 slots, wait_queue_head_t *readers, gfp_t gfp);
void flab_rings_free(struct flab_rings *rings);
void flab_rings_run(struct flab_rings *rings, bool run);
void flab_rings_forget(struct flab_rings *rings);

u64 flab_rings_total(const struct flab_rings *rings);
void flab_rings_arm(struct flab_rings *rings, u64 total);
void flab_rings_wake(struct flab_rings *rings);

/**
 * flab_ring_begin - begin to write some records
 * @rings: the rings
 * @ring: out: the ring of this CPU
 * @nr: how many records, at most half of FLAB_MIN_SLOTS
 *
 * Preemption is off until flab_ring_end(). The time of the records must be read between
 * flab_ring_begin() and flab_ring_end(). Then, if a reader reads the clock and after that
 * does not find these records in @reserved, their time is later than the reader's.
 *
 * Return: the number of the first record.
 */
static inline u64 flab_ring_begin(struct flab_rings *rings, struct flab_ring **ring,
				  unsigned int nr)
{
	u64 at;

	preempt_disable();
	*ring = this_cpu_ptr(rings->ring);
	at = (*ring)->reserved;
	WRITE_ONCE((*ring)->reserved, at + nr);
	/* Pairs with flab_reader_look(), flab_rings_arm() and flab_cursor_load(). */
	smp_mb();
	return at;
}

static inline struct faultlab_record *flab_ring_slot(const struct flab_rings *rings,
						     const struct flab_ring *ring, u64 at)
{
	return &ring->slot[at & (rings->slots - 1)];
}

static inline void flab_ring_end(struct flab_rings *rings, struct flab_ring *ring, u64 head)
{
	/* Pairs with flab_ring_settled(). */
	smp_store_release(&ring->head, head);
	preempt_enable();
	/*
	 * waitqueue_active() needs a full barrier after the write of @reserved: the one in
	 * flab_ring_begin().
	 */
	if (unlikely(waitqueue_active(rings->readers)))
		flab_rings_wake(rings);
}

#endif /* FLAB_RING_H */
