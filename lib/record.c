// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts and stops recording, and reads records, several at once.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "faultlab.h"
#include "util.h"

static int control(int fd, unsigned long request, enum faultlab_record_op op,
		   struct faultlab_recording *recording)
{
	recording->size = sizeof(*recording);
	recording->op = op;
	return ioctl(fd, request, recording) ? -errno : 0;
}

int faultlab_records_start_with(int fd, __u32 slots, __u32 watermark, __u32 flags)
{
	struct faultlab_recording recording = {
		.slots = slots, .watermark = watermark, .flags = flags,
	};

	return control(fd, FAULTLAB_IOC_RECORD, FAULTLAB_RECORD_START, &recording);
}

int faultlab_records_start(int fd, __u32 slots, __u32 watermark)
{
	return faultlab_records_start_with(fd, slots, watermark, 0);
}

int faultlab_records_stop(int fd)
{
	struct faultlab_recording recording = { 0 };

	return control(fd, FAULTLAB_IOC_RECORD, FAULTLAB_RECORD_STOP, &recording);
}

int faultlab_records_state(int fd, struct faultlab_recording *state)
{
	*state = (struct faultlab_recording) { 0 };
	return control(fd, FAULTLAB_IOC_RECORD, FAULTLAB_RECORD_STATE, state);
}

int faultlab_observe_start_with(int fd, __u32 watermark, __u32 flags)
{
	struct faultlab_recording recording = { .watermark = watermark, .flags = flags };

	return control(fd, FAULTLAB_IOC_OBSERVE, FAULTLAB_RECORD_START, &recording);
}

int faultlab_observe_start(int fd, __u32 watermark)
{
	return faultlab_observe_start_with(fd, watermark, 0);
}

int faultlab_observe_stop(int fd)
{
	struct faultlab_recording recording = { 0 };

	return control(fd, FAULTLAB_IOC_OBSERVE, FAULTLAB_RECORD_STOP, &recording);
}

int faultlab_observe_state(int fd, struct faultlab_recording *state)
{
	*state = (struct faultlab_recording) { 0 };
	return control(fd, FAULTLAB_IOC_OBSERVE, FAULTLAB_RECORD_STATE, state);
}

ssize_t faultlab_records_read(int fd, struct faultlab_record *records, size_t nr)
{
	ssize_t len = read(fd, records, nr * sizeof(*records));

	return len < 0 ? -errno : len / (ssize_t)sizeof(*records);
}

/*
 * How many records the descriptor can read: those of all regions if it observes, else
 * those of its own region. FAULTLAB_IOC_OBSERVE fails with EBUSY if it was never started
 * on this descriptor, and with EPERM without CAP_SYS_ADMIN.
 */
static int waiting(int fd, __u64 *nr)
{
	struct faultlab_recording state;
	int err = faultlab_observe_state(fd, &state);

	if (err == -EBUSY || err == -EPERM)
		err = faultlab_records_state(fd, &state);
	*nr = state.waiting;
	return err;
}

int faultlab_records_each(int fd, faultlab_record_fn fn, void *arg)
{
	struct faultlab_record records[32];
	ssize_t i, nr;
	__u64 left;
	int err;

	/*
	 * Records that are made during this call are left for the next call: otherwise
	 * this loop might never end.
	 */
	err = waiting(fd, &left);
	while (!err && left) {
		nr = left < ARRAY_SIZE(records) ? left : ARRAY_SIZE(records);
		nr = faultlab_records_read(fd, records, nr);
		if (nr <= 0)
			return nr == -EAGAIN ? 0 : nr;
		for (i = 0; i < nr && !err; i++) {
			__u64 gone = 1;

			if (records[i].type == FAULTLAB_RECORD_LOST)
				gone = records[i].lost.records;
			left -= gone < left ? gone : left;
			err = fn(&records[i], arg);
		}
	}
	return err;
}
