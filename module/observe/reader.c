// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the per-CPU rings while they are written: records of all CPUs in order of time,
 * and the exact number of those that were overwritten before they could be read.
 */
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include "observe/reader.h"

/* Begin after the newest record. */
void flab_reader_begin(struct flab_reader *r)
{
	int cpu;

	r->taken = 0;
	for_each_possible_cpu(cpu) {
		r->cursor[cpu].pos = READ_ONCE(per_cpu_ptr(r->rings->ring, cpu)->reserved);
		r->taken += r->cursor[cpu].pos;
	}
}

/* A new reader begins after the newest record. */
struct flab_reader *flab_reader_create(struct flab_rings *rings)
{
	struct flab_reader *r;

	r = kvzalloc(struct_size(r, cursor, nr_cpu_ids), GFP_KERNEL_ACCOUNT);
	if (!r)
		return NULL;
	mutex_init(&r->lock);
	r->rings = rings;
	r->watermark = 1;
	flab_reader_begin(r);
	return r;
}

/*
 * Go back to the oldest record that is still in the rings, but not to records from before
 * the last flab_rings_forget().
 */
void flab_reader_rewind(struct flab_reader *r)
{
	int cpu;

	r->taken = 0;
	r->follows = false;
	for_each_possible_cpu(cpu) {
		const struct flab_ring *ring = per_cpu_ptr(r->rings->ring, cpu);
		/* Read @floor first: else a reset between the reads puts it above @reserved. */
		u64 pos = smp_load_acquire(&ring->floor);	/* flab_rings_forget() */
		u64 reserved = READ_ONCE(ring->reserved);

		if (reserved - pos > r->rings->slots)
			pos = reserved - r->rings->slots;
		r->cursor[cpu] = (struct flab_cursor) { .pos = pos };
		r->taken += pos;
	}
}

void flab_reader_free(struct flab_reader *r)
{
	kvfree(r);
}

/*
 * Wait until all records that were begun in a ring are complete. The wait is short, as
 * their writer has preemption off. Return: how many records were begun, all of which are
 * now complete.
 */
static u64 flab_ring_settled(const struct flab_ring *ring)
{
	u64 reserved = READ_ONCE(ring->reserved);

	/* Pairs with flab_ring_end(). */
	while ((s64)(smp_load_acquire(&ring->head) - reserved) < 0)
		cpu_relax();
	return reserved;
}

/**
 * flab_reader_look - find the records that can be returned: complete, up to @horizon
 * @r: the reader, locked
 *
 * @horizon is read from the clock before the rings are read. A record that was not begun
 * yet when its ring is read here has a time after @horizon, because a writer reads the
 * clock after flab_ring_begin(), whose barrier pairs with the one here. So records up to
 * @horizon can be returned in the order of their times: none of these is still missing.
 */
void flab_reader_look(struct flab_reader *r)
{
	int cpu;

	lockdep_assert_held(&r->lock);
	r->horizon = ktime_get_ns();
	smp_mb();	/* pairs with flab_ring_begin() */
	for_each_possible_cpu(cpu)
		r->cursor[cpu].end = flab_ring_settled(per_cpu_ptr(r->rings->ring, cpu));
}

/* Move a cursor past @nr records that were overwritten, and count them as lost. */
static void flab_cursor_skip(struct flab_reader *r, struct flab_cursor *c, u64 nr)
{
	c->pos += nr;
	c->time = 0;
	c->missed += nr;
	WRITE_ONCE(r->lost, r->lost + nr);
}

/*
 * Copy the record at a cursor, after moving the cursor past records that were
 * overwritten. A copy is valid if no new record was begun in its slot before the end of
 * copying.
 * Return: whether there is a record that is not later than the horizon.
 */
static bool flab_cursor_load(struct flab_reader *r, int cpu, struct faultlab_record *record)
{
	const struct flab_ring *ring = per_cpu_ptr(r->rings->ring, cpu);
	struct flab_cursor *c = &r->cursor[cpu];
	u64 slots = r->rings->slots;
	u64 reserved = READ_ONCE(ring->reserved);

	for (;;) {
		if (reserved - c->pos > slots)
			flab_cursor_skip(r, c, reserved - slots - c->pos);
		/* Signed: the skip may have moved @pos past @end, set by flab_reader_look(). */
		if ((s64)(c->end - c->pos) <= 0)
			return false;
		/* A writer may overwrite the slot meanwhile, which is checked below. */
		data_race(memcpy(record, flab_ring_slot(r->rings, ring, c->pos), sizeof(*record)));
		smp_rmb();	/* pairs with flab_ring_begin() */
		reserved = READ_ONCE(ring->reserved);
		if (reserved - c->pos > slots)
			continue;
		/* Step over a STACK whose FAULT record was overwritten. */
		if (c->missed && record->type == FAULTLAB_RECORD_STACK) {
			flab_cursor_skip(r, c, 1);
			continue;
		}
		c->time = record->time;
		return c->time <= r->horizon;
	}
}

/* Return: the CPU that has the oldest record; -1 if no record can be returned now. */
static int flab_reader_choose(struct flab_reader *r, struct faultlab_record *record)
{
	u64 oldest = U64_MAX;
	int cpu, best = -1;

	/*
	 * Before the times are compared: a STACK must be returned directly after its FAULT. It
	 * has the same time, but a record of another CPU may have that time, too.
	 */
	if (r->follows && flab_cursor_load(r, r->last, record) &&
	    !r->cursor[r->last].missed && record->type == FAULTLAB_RECORD_STACK)
		return r->last;
	for_each_possible_cpu(cpu) {
		struct flab_cursor *c = &r->cursor[cpu];

		if ((s64)(c->end - c->pos) <= 0 ||
		    (!c->time && !flab_cursor_load(r, cpu, record)) ||
		    c->time > r->horizon || c->time >= oldest)
			continue;
		oldest = c->time;
		best = cpu;
	}
	return best;
}

/**
 * flab_reader_peek - copy the next record, without moving past it
 * @r: the reader, locked, after flab_reader_look()
 * @record: out: the record; bytes that an older record left in its slot are zeroed
 *
 * Return: whether there is a record.
 */
bool flab_reader_peek(struct flab_reader *r, struct faultlab_record *record)
{
	struct flab_cursor *c;
	u64 pos;
	int cpu;

	do {
		cpu = flab_reader_choose(r, record);
		if (cpu < 0)
			return false;
		c = &r->cursor[cpu];
		pos = c->pos;
		/* If the record was overwritten since, another CPU may have the oldest one. */
	} while (!flab_cursor_load(r, cpu, record) || c->pos != pos);

	r->last = cpu;
	if (c->missed) {
		*record = (struct faultlab_record) {
			.time = c->time,
			.type = FAULTLAB_RECORD_LOST,
			.cpu = cpu,
			.lost.records = c->missed,
		};
	} else if (record->type == FAULTLAB_RECORD_FAULT) {
		/* Writers do not write @pad: it may hold entries of an older STACK. */
		memset(record->fault.pad, 0, sizeof(record->fault.pad));
	}
	return true;
}

/*
 * Add @nr to @taken. Release: a task that reads the new @taken also sees these records in
 * @reserved of their rings, so that flab_reader_waiting() does not become negative.
 */
static void flab_reader_took(struct flab_reader *r, u64 nr)
{
	smp_store_release(&r->taken, r->taken + nr);	/* flab_reader_waiting() */
}

/**
 * flab_reader_take - step past the record that flab_reader_peek() returned
 * @r: the reader
 * @record: that record
 */
void flab_reader_take(struct flab_reader *r, const struct faultlab_record *record)
{
	struct flab_cursor *c = &r->cursor[r->last];

	r->follows = record->type == FAULTLAB_RECORD_STACK ||
		     (record->type == FAULTLAB_RECORD_FAULT && record->fault.stack);
	if (record->type == FAULTLAB_RECORD_LOST) {
		c->missed -= record->lost.records;
		flab_reader_took(r, record->lost.records);
		return;
	}
	c->pos++;
	c->time = 0;
	flab_reader_took(r, 1);
}

/* How many records can be read, or reported as lost, now. */
u64 flab_reader_waiting(const struct flab_reader *r)
{
	/*
	 * Read @taken before the rings: else another thread may take records that were begun
	 * after the rings were summed up, and the difference would be negative.
	 */
	u64 taken = smp_load_acquire(&r->taken);	/* pairs with flab_reader_took() */

	return flab_rings_total(r->rings) - taken;
}
