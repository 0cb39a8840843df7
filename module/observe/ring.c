// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU rings of records: allocation, and waking readers. ring.h has the rest inline.
 * A full ring overwrites its oldest records; the reader counts those it has lost.
 */
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include "observe/ring.h"
#include "param.h"

#define FLAB_NEVER	S64_MAX

static uint flab_record_slots = 4096;
module_param_named(record_slots, flab_record_slots, uint, 0644);
MODULE_PARM_DESC(record_slots,
		 "records that a CPU keeps, of all regions or of one (default 4096)");

/* Module parameter record_slots within its limits, rounded down to a power of two. */
u32 flab_rings_default_slots(void)
{
	u32 slots = clamp_t(u32, flab_param(flab_record_slots), FLAB_MIN_SLOTS,
			    FAULTLAB_MAX_SLOTS);

	return rounddown_pow_of_two(slots);
}

void flab_rings_free(struct flab_rings *rings)
{
	int cpu;

	if (!rings)
		return;
	for_each_possible_cpu(cpu)
		kvfree(per_cpu_ptr(rings->ring, cpu)->slot);
	free_percpu(rings->ring);
	kfree(rings);
}

/**
 * flab_rings_create - allocate empty rings, with recording off
 * @slots: slots of each ring, a power of two from FLAB_MIN_SLOTS
 * @readers: wait queue to wake; outlives the rings
 * @gfp: GFP_KERNEL_ACCOUNT to charge the caller's memory cgroup, else GFP_KERNEL
 *
 * Sets @cpu of all slots.
 *
 * Return: the rings, or NULL if there is no memory.
 */
struct flab_rings *flab_rings_create(u32 slots, wait_queue_head_t *readers, gfp_t gfp)
{
	struct flab_rings *rings = kzalloc(sizeof(*rings), gfp);
	int cpu;
	u32 i;

	if (!rings)
		return NULL;
	rings->slots = slots;
	rings->readers = readers;
	atomic64_set(&rings->wake_at, FLAB_NEVER);
	rings->ring = __alloc_percpu_gfp(sizeof(struct flab_ring), SMP_CACHE_BYTES, gfp);
	if (!rings->ring) {
		kfree(rings);
		return NULL;
	}
	for_each_possible_cpu(cpu) {
		struct faultlab_record *slot;

		slot = kvmalloc_node(slots * sizeof(*slot), gfp | __GFP_ZERO, cpu_to_node(cpu));
		if (!slot) {
			flab_rings_free(rings);
			return NULL;
		}
		per_cpu_ptr(rings->ring, cpu)->slot = slot;
		/* A slot's @cpu never changes, so it is set here and not with each record. */
		for (i = 0; i < slots; i++)
			slot[i].cpu = cpu;
	}
	return rings;
}

/*
 * Switch recording on or off. After it is switched off, a callback under way may still
 * write a record. Switching off wakes the readers, so that they do not wait for a watermark
 * that will not be reached.
 */
void flab_rings_run(struct flab_rings *rings, bool run)
{
	WRITE_ONCE(rings->running, run);
	if (!run)
		wake_up_interruptible_poll(rings->readers, EPOLLIN | EPOLLRDNORM);
}

/* Hide existing records from debugfs. Readers of /dev/faultlab still read them. */
void flab_rings_forget(struct flab_rings *rings)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct flab_ring *ring = per_cpu_ptr(rings->ring, cpu);

		/* Pairs with flab_reader_rewind(). */
		smp_store_release(&ring->floor, READ_ONCE(ring->reserved));
	}
}

/* How many records were begun since the rings were created. */
u64 flab_rings_total(const struct flab_rings *rings)
{
	u64 total = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		total += READ_ONCE(per_cpu_ptr(rings->ring, cpu)->reserved);
	return total;
}

/**
 * flab_rings_arm - have readers woken when a number of records is reached
 * @rings: the rings
 * @total: the number, as flab_rings_total() counts
 *
 * The caller must be in the wait queue already, and must check after this call whether
 * @total has been reached meanwhile. The cmpxchg is the full barrier between setting
 * @wake_at and that check; it pairs with flab_ring_begin(). If several readers wait, all
 * are woken at the lowest number; a reader that is woken too early calls this again.
 */
void flab_rings_arm(struct flab_rings *rings, u64 total)
{
	s64 old = atomic64_read(&rings->wake_at);

	do {
		if (old <= (s64)total) {
			smp_mb();	/* full barrier, as the cmpxchg is */
			return;
		}
	} while (!atomic64_try_cmpxchg(&rings->wake_at, &old, total));
}

/*
 * Wake the readers if @wake_at is reached. A writer calls this only if a reader waits:
 * otherwise writers do not read memory that other CPUs write.
 */
void flab_rings_wake(struct flab_rings *rings)
{
	s64 at = atomic64_read(&rings->wake_at);

	do {
		if (at == FLAB_NEVER || (s64)flab_rings_total(rings) < at)
			return;
	} while (!atomic64_try_cmpxchg(&rings->wake_at, &at, FLAB_NEVER));
	wake_up_interruptible_poll(rings->readers, EPOLLIN | EPOLLRDNORM);
}
