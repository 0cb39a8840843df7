// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records through io_uring: one read, submitted before anything happens, completes
 * when 32 records wait, and each gives as many as there are. Built with the UAPI
 * header and liburing: gcc -Iuapi -o build/record-uring examples/record-uring.c -luring
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <liburing.h>
#include <linux/faultlab.h>

#define PAGES		100
#define WATERMARK	32	/* records that are worth waking up for */
#define ROOM		64	/* records that a read can give */

static void record(int fd, unsigned int op)
{
	struct faultlab_recording recording = {
		.size = sizeof(recording),
		.op = op,
		.watermark = op == FAULTLAB_RECORD_START ? WATERMARK : 0,
	};

	if (ioctl(fd, FAULTLAB_IOC_RECORD, &recording))
		err(1, "FAULTLAB_IOC_RECORD");
}

static void submit_read(struct io_uring *ring, int fd, struct faultlab_record *to)
{
	io_uring_prep_read(io_uring_get_sqe(ring), fd, to, ROOM * sizeof(*to), -1);
	io_uring_submit(ring);
}

/* How many records the read that was submitted has given. */
static unsigned int wait_for_read(struct io_uring *ring)
{
	struct io_uring_cqe *cqe;
	int res = io_uring_wait_cqe(ring, &cqe);

	if (!res) {
		res = cqe->res;
		io_uring_cqe_seen(ring, cqe);
	}
	if (res < 0) {
		errno = -res;
		err(1, "read");
	}
	return res / sizeof(struct faultlab_record);
}

int main(void)
{
	unsigned int i, nr, reads = 0, seen = 0;
	struct faultlab_record records[ROOM];
	long page = sysconf(_SC_PAGESIZE);
	struct io_uring ring;
	volatile char *mem;
	int fd, res;

	fd = open("/dev/faultlab", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(1, "/dev/faultlab (is the module loaded?)");
	res = io_uring_queue_init(1, &ring, 0);
	if (res) {
		errno = -res;
		err(1, "io_uring");
	}
	mem = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mem == MAP_FAILED)
		err(1, "mmap");

	record(fd, FAULTLAB_RECORD_START);
	submit_read(&ring, fd, records);
	for (i = 0; i < PAGES; i++)
		mem[i * page] = 1;
	/* From now on a read does not wait for the watermark: what is left is all. */
	record(fd, FAULTLAB_RECORD_STOP);

	while (seen < PAGES) {
		nr = wait_for_read(&ring);
		printf("a read: %u records, pages %llu to %llu\n", nr, records[0].fault.index,
		       records[nr - 1].fault.index);
		seen += nr;
		reads++;
		if (seen < PAGES)
			submit_read(&ring, fd, records);
	}
	printf("%u records by %u reads\n", seen, reads);
	io_uring_queue_exit(&ring);
	return 0;
}
