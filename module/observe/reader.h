/* SPDX-License-Identifier: GPL-2.0-only */
/* Who reads records, and how far it has come. */
#ifndef FLAB_READER_H
#define FLAB_READER_H

#include <linux/mutex.h>
#include <linux/types.h>
#include "observe/ring.h"

struct kiocb;
struct iov_iter;

/**
 * struct flab_cursor - how far a reader has come in one ring
 * @pos: the next record
 * @end: up to where records are complete, as of the last look
 * @time: of the record at @pos, 0 if it was not read yet
 * @missed: so many before @pos were overwritten, and the reader not told yet
 */
struct flab_cursor {
	u64 pos;
	u64 end;
	u64 time;
	u64 missed;
};

/**
 * struct flab_reader - a reader of rings
 * @lock: of all below; @taken, @watermark and @lost may be read without
 * @rings: what it reads; outlives it
 * @watermark: poll() waits for so many
 * @taken: records that it was given or told to have missed
 * @lost: the latter
 * @horizon: up to this time, no record is still to come
 * @last: CPU whose record was given last
 * @follows: the stack of that record may come next
 * @cursor: by CPU
 */
struct flab_reader {
	struct mutex lock; /* of all below */
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
void flab_reader_rewind(struct flab_reader *r);
void flab_reader_free(struct flab_reader *r);

void flab_reader_look(struct flab_reader *r);
bool flab_reader_peek(struct flab_reader *r, struct faultlab_record *record);
void flab_reader_take(struct flab_reader *r, const struct faultlab_record *record);

u64 flab_reader_waiting(const struct flab_reader *r);
ssize_t flab_reader_read_iter(struct flab_reader *r, struct kiocb *iocb, struct iov_iter *to);
__poll_t flab_reader_poll(struct flab_reader *r);

#endif /* FLAB_READER_H */
