// SPDX-License-Identifier: GPL-2.0-only
/* Records and histograms of faults: switched on and off, and read. */
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuzz/calls/ioctl.h"

static long recording(struct fuzz_world *w, const __u64 *a, unsigned long request)
{
	const bool start = a[1] == FAULTLAB_RECORD_START;
	struct faultlab_recording recording = {
		.op = a[1],
		.slots = start && a[2] ? 4U << (a[2] % 8) : 0,
		.watermark = start ? a[3] : 0,
		.flags = start ? a[4] : 0,
	};

	return fuzz_ioctl(w, a[0], request, &recording, sizeof(recording), a[5]);
}

static long call_record(struct fuzz_world *w, const __u64 *a)
{
	return recording(w, a, FAULTLAB_IOC_RECORD);
}

static long call_observe(struct fuzz_world *w, const __u64 *a)
{
	const __u64 args[] = { a[0], a[1], 0, a[3], a[4], a[5] };

	/* The rings are those of all regions. */
	return recording(w, args, FAULTLAB_IOC_OBSERVE);
}

static void check_records(struct fuzz_world *w, const struct faultlab_record *record, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (record[i].type < FAULTLAB_RECORD_FAULT ||
		    record[i].type > FAULTLAB_RECORD_VMA || record[i].pad)
			fuzz_fail(w, "record %zu: type %u, pad %u", i, record[i].type,
				  record[i].pad);
}

/*
 * Reads some records at a time, and sleeps in between: a reader that is slower than the
 * faults loses records. It does not wait, as another lane may have read what poll() saw.
 */
static long call_read(struct fuzz_world *w, const __u64 *a)
{
	struct faultlab_record record[32];
	struct iovec iov = { record, a[1] ? sizeof(record) / a[1] : sizeof(record) };
	const int ms = a[2] % 8;
	__u64 reads = 1 + a[3] % 12;
	long ret = -EAGAIN;

	while (reads--) {
		struct pollfd ready = { fuzz_fd(w, a[0]), POLLIN, 0 };

		if (poll(&ready, 1, ms) <= 0)
			continue;
		ret = fuzz_result(preadv2(ready.fd, &iov, 1, -1, RWF_NOWAIT));
		if (ret > 0 && ret % sizeof(*record))
			fuzz_fail(w, "read() of records: %ld bytes", ret);
		if (ret > 0)
			check_records(w, record, ret / sizeof(*record));
		if (ret <= 0)
			break;
		usleep(reads ? ms * 1000 : 0);
	}
	return ret;
}

/* Into memory of a region: the copy may fault, and be recorded itself. */
static long call_read_into(struct fuzz_world *w, const __u64 *a)
{
	struct iovec iov = { fuzz_at(w, a[1], a[2]), fuzz_bytes(w, a[2], 8) };

	return fuzz_result(preadv2(fuzz_fd(w, a[0]), &iov, 1, -1, RWF_NOWAIT));
}

static long call_latency(struct fuzz_world *w, const __u64 *a)
{
	const bool shows = a[1] == FAULTLAB_LATENCY_SHOW || a[1] == FAULTLAB_LATENCY_RESET;
	struct faultlab_latency latency = {
		.op = a[1],
		.flags = a[2],
		.access = shows ? a[3] : 0,
		.results = shows ? a[4] : 0,
	};

	return fuzz_ioctl(w, a[0], FAULTLAB_IOC_LATENCY, &latency, sizeof(latency), a[5]);
}

static const struct fuzz_word ops[] = {
	{ "start", FAULTLAB_RECORD_START }, { "start", FAULTLAB_RECORD_START },
	{ "start", FAULTLAB_RECORD_START }, { "start", FAULTLAB_RECORD_START },
	{ "stop", FAULTLAB_RECORD_STOP }, { "state", FAULTLAB_RECORD_STATE },
};

static const struct fuzz_word flags[] = { { "0", 0 }, { "vmas", FAULTLAB_RECORDING_VMAS } };

static const struct fuzz_word latency_ops[] = {
	{ "show", FAULTLAB_LATENCY_SHOW }, { "start", FAULTLAB_LATENCY_START },
	{ "stop", FAULTLAB_LATENCY_STOP }, { "reset", FAULTLAB_LATENCY_RESET },
};

static const struct fuzz_word latency_flags[] = { { "0", 0 }, { "all", FAULTLAB_LATENCY_ALL } };

#define FD	{ "fd", FUZZ_FD }
#define TWIST	{ "twist", FUZZ_TWIST }
#define RECORDING							\
	FD, { "op", FUZZ_ONE, FUZZ_WORDS(ops) }, { "slots", FUZZ_SMALL },	\
	{ "watermark", FUZZ_SMALL }, { "flags", FUZZ_ONE, FUZZ_WORDS(flags) }, TWIST

static const struct fuzz_call calls[] = {
	{ "record", 30, FUZZ_SHARE, call_record, { RECORDING } },
	{ "observe", 30, FUZZ_SHARE, call_observe, { RECORDING } },
	{ "read_records", 15, 0, call_read,
	  { FD, { "less", FUZZ_SMALL }, { "ms", FUZZ_SMALL }, { "again", FUZZ_SMALL } } },
	{ "read_into", 4, FUZZ_SMUDGES, call_read_into,
	  { FD, { "map", FUZZ_MAP }, { "at", FUZZ_PAGE } } },
	{ "latency", 30, FUZZ_SHARE, call_latency,
	  { FD, { "op", FUZZ_ONE, FUZZ_WORDS(latency_ops) },
	    { "flags", FUZZ_ONE, FUZZ_WORDS(latency_flags) }, { "access", FUZZ_SMALL },
	    { "results", FUZZ_SMALL }, TWIST } },
};

FUZZ_CALLS(record);
