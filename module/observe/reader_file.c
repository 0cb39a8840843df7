// SPDX-License-Identifier: GPL-2.0-only
/* read() and poll() of a reader of records. */
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>
#include "may_see.h"
#include "observe/reader.h"

/*
 * Copy whole records to @to: as many as exist now and fit. If @to is a mapping of a region,
 * page faults on it write new records, which only a later call returns.
 */
static ssize_t flab_reader_copy(struct flab_reader *r, struct file *file, struct iov_iter *to)
{
	struct faultlab_record record;
	ssize_t done = 0;

	flab_reader_look(r);
	while (iov_iter_count(to) >= sizeof(record) && flab_reader_peek(r, &record)) {
		if (record.type == FAULTLAB_RECORD_STACK &&
		    !flab_may_see(file, FLAB_SECRET_KERNEL))
			memset(&record.stack, 0, sizeof(record.stack));
		if (copy_to_iter(&record, sizeof(record), to) != sizeof(record))
			return done ?: -EFAULT;
		flab_reader_take(r, &record);
		done += sizeof(record);
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

/*
 * Whether @nr records can be read, or at least one if recording has stopped. The caller is
 * already in the wait queue of the rings, as flab_rings_arm() requires.
 */
static bool flab_reader_has(struct flab_reader *r, u64 nr)
{
	u64 waiting;

	flab_rings_arm(r->rings, READ_ONCE(r->taken) + nr);
	waiting = flab_reader_waiting(r);
	return waiting >= nr || (waiting && !READ_ONCE(r->rings->running));
}

/*
 * Another task may hold r->lock for long: it copies records to its buffer, and a page fault
 * on that may wait at a gate. So O_NONBLOCK fails instead, and a signal ends the wait.
 */
static int flab_reader_lock(struct flab_reader *r, bool nowait)
{
	if (nowait)
		return mutex_trylock(&r->lock) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&r->lock) ? -ERESTARTSYS : 0;
}

/**
 * flab_reader_read_iter - read() of /dev/faultlab
 * @r: the reader
 * @iocb: of the file
 * @to: where the records go
 *
 * Return: bytes copied; -EINVAL if @to has no room for one record; -EAGAIN if it would have
 * to wait but must not; -EFAULT; -ERESTARTSYS on a signal.
 */
ssize_t flab_reader_read_iter(struct flab_reader *r, struct kiocb *iocb, struct iov_iter *to)
{
	bool nowait = (iocb->ki_flags & IOCB_NOWAIT) || (iocb->ki_filp->f_flags & O_NONBLOCK);
	ssize_t ret;

	if (iov_iter_count(to) < sizeof(struct faultlab_record))
		return -EINVAL;
	for (;;) {
		ret = flab_reader_lock(r, nowait);
		if (ret)
			return ret;
		ret = flab_reader_copy(r, iocb->ki_filp, to);
		/*
		 * flab_reader_waiting() also counts a record that was begun before the rings were
		 * read but has a time after @horizon. A second call has a later @horizon.
		 */
		if (!ret && flab_reader_waiting(r))
			ret = flab_reader_copy(r, iocb->ki_filp, to);
		mutex_unlock(&r->lock);
		if (ret) {
			/*
			 * Set the next wakeup here: after a read(), edge-triggered epoll does not
			 * call poll(), which would set it, before it is woken.
			 */
			if (waitqueue_active(r->rings->readers))
				flab_rings_arm(r->rings, READ_ONCE(r->taken) +
							 READ_ONCE(r->watermark));
			return ret;
		}
		if (nowait)
			return -EAGAIN;
		ret = wait_event_interruptible(*r->rings->readers, flab_reader_has(r, 1));
		if (ret)
			return ret;
	}
}

/**
 * flab_reader_poll - poll() of /dev/faultlab
 * @r: the reader; the caller is already in a wait queue that the reader's rings wake
 *
 * Return: EPOLLIN | EPOLLRDNORM if as many records as the watermark can be read, or at
 * least one if recording was stopped; else 0.
 */
__poll_t flab_reader_poll(struct flab_reader *r)
{
	return flab_reader_has(r, READ_ONCE(r->watermark)) ? EPOLLIN | EPOLLRDNORM : 0;
}
