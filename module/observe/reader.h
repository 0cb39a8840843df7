/* SPDX-License-Identifier: GPL-2.0-only */
/* A reader of records, and its position in each ring. */
#ifndef FLAB_READER_H
#define FLAB_READER_H

#include <linux/mutex.h>
#include <linux/types.h>
#include "observe/ring.h"

struct kiocb;
struct iov_iter;

/**
 * struct flab_cursor - position of a reader in one ring
 * @pos: number of the next record
 * @end: records before this one were complete at the last flab_reader_look()
 * @time: time of the record at @pos, 0 if it was not read yet
 * @missed: how many records before @pos were overwritten and not reported as LOST yet
 */
struct flab_cursor {
	u64 pos;
	u64 end;
	u64 time;
	u64 missed;
};

/**
 * struct flab_reader - a reader of rings
 * @lock: protects all fields below; @taken, @watermark and @lost may be read without it
 * @rings: the rings that it reads; they outlive it
 * @watermark: poll() waits for so many records
 * @taken: number of records, as flab_rings_total() counts them, that were read or reported
 *	as lost, or that are older than the place where the reader began
 * @lost: number of records that were overwritten before they could be read
 * @horizon: all records with a time up to this one are in the rings (flab_reader_look())
 * @last: CPU of the record that was returned last
 * @follows: a STACK of the record that was returned last may come next, on CPU @last
 * @cursor: position in the ring of each CPU, by CPU number
 */
struct flab_reader {
	struct mutex lock; /* protects all fields below */
	struct flab_rings *rings;
	u32 watermark;
	u64 taken;
	u64 lost;
	u64 horizon;
	int last;
	bool follows;
	struct flab_cursor cursor[];
};

struct flab_reader *flab_reader_create(struct flab_rings *rings);
void flab_reader_begin(struct flab_reader *r);
void flab_reader_rewind(struct flab_reader *r);
void flab_reader_free(struct flab_reader *r);

void flab_reader_look(struct flab_reader *r);
bool flab_reader_peek(struct flab_reader *r, struct faultlab_record *record);
void flab_reader_take(struct flab_reader *r, const struct faultlab_record *record);

u64 flab_reader_waiting(const struct flab_reader *r);
ssize_t flab_reader_read_iter(struct flab_reader *r, struct kiocb *iocb, struct iov_iter *to);
__poll_t flab_reader_poll(struct flab_reader *r);

#endif /* FLAB_READER_H */
