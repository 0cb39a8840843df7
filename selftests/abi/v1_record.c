// SPDX-License-Identifier: GPL-2.0-only
/* Records of faults and of VMAs, of one region and of all. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

#include "v1.h"

#define SLOTS	64

static struct faultlab_record records[SLOTS];

static int recording(int fd, unsigned long request, struct faultlab_recording *arg)
{
	arg->size = sizeof(*arg);
	return v1_ioctl(fd, request, arg);
}

static void start(int fd, __u32 slots, __u32 flags)
{
	struct faultlab_recording arg = {
		.op = FAULTLAB_RECORD_START,
		.slots = slots,
		.flags = flags,
	};

	CHECK(0, recording(fd, FAULTLAB_IOC_RECORD, &arg));
	CHECK_TRUE(slots ? arg.slots == slots : arg.slots >= 8);
}

static struct faultlab_recording state(int fd, unsigned long request)
{
	struct faultlab_recording arg = { .op = FAULTLAB_RECORD_STATE };

	CHECK(0, recording(fd, request, &arg));
	return arg;
}

/* Reads what there is; how many records that were. */
static int read_records(int fd)
{
	ssize_t bytes = read(fd, records, sizeof(records));

	if (bytes < 0)
		CHECK(EAGAIN, errno);
	return bytes < 0 ? 0 : bytes / (ssize_t)sizeof(records[0]);
}

static void fault(unsigned int arg)
{
	const struct faultlab_record *record = records;
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 2);
	char *at = v1_map(fd, RW, MAP_SHARED, 2);

	CHECK(0, read(fd, records, sizeof(records)));
	v1_set_rule(fd, (struct faultlab_rule) {
		.access = FAULTLAB_ACCESS_WRITE,
		.verdict = FAULTLAB_VERDICT_MAJOR,
	});
	start(fd, 0, 0);
	v1_put(at + PAGE + 3, 'r');
	CHECK(1, state(fd, FAULTLAB_IOC_RECORD).waiting);
	CHECK(1, read_records(fd));
	CHECK(FAULTLAB_RECORD_FAULT, record->type);
	CHECK_TRUE(record->time > 0);
	CHECK(v1_info(fd).id, record->region);
	CHECK(record->pid, record->tid);
	CHECK((uintptr_t)at + PAGE + 3, record->fault.address);
	CHECK((uintptr_t)at, record->fault.vma_start);
	CHECK(1, record->fault.index);
	CHECK(0, record->fault.wait_ns);
	CHECK_TRUE(record->fault.access & FAULTLAB_ACCESS_WRITE);
	CHECK_TRUE(record->fault.flags & FAULTLAB_FLAG_WRITE);
	CHECK_TRUE(record->fault.flags & FAULTLAB_FLAG_USER);
	CHECK(1, record->fault.rule);
	CHECK(1, record->fault.pages);
	CHECK(FAULTLAB_CALLBACK_FAULT, record->fault.callback);
	CHECK(record->fault.flags & FAULTLAB_FLAG_VMA_LOCK ? FAULTLAB_LOCK_VMA :
							     FAULTLAB_LOCK_MMAP,
	      record->fault.lock);
	CHECK(FAULTLAB_VERDICT_MAJOR, record->fault.verdict);
	CHECK(FAULTLAB_RESULT_MAJOR, record->fault.result);
	CHECK(0, record->fault.order);
	CHECK(0, record->fault.stack);
}

/* A write maps a page and then makes it writable: two callbacks of one fault. */
static void page_mkwrite(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, 1);
	char *at = v1_map(fd, RW, MAP_SHARED, 1);

	start(fd, 0, 0);
	v1_put(at, 'r');
	CHECK(2, read_records(fd));
	CHECK(FAULTLAB_CALLBACK_FAULT, records[0].fault.callback);
	CHECK(FAULTLAB_RESULT_PART, records[0].fault.result);
	CHECK(FAULTLAB_CALLBACK_PAGE_MKWRITE, records[1].fault.callback);
	CHECK(FAULTLAB_RESULT_MINOR, records[1].fault.result);
	CHECK(FAULTLAB_LOCK_UNKNOWN, records[1].fault.lock);
}

static void pfn_mkwrite(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_MKWRITE, 1);
	char *at = v1_map(fd, RW, MAP_SHARED, 1);

	start(fd, 0, 0);
	v1_get(at);
	v1_put(at, 'r');
	CHECK(2, read_records(fd));
	CHECK(FAULTLAB_CALLBACK_FAULT, records[0].fault.callback);
	CHECK(FAULTLAB_CALLBACK_PFN_MKWRITE, records[1].fault.callback);
	CHECK_TRUE(records[1].fault.access & FAULTLAB_ACCESS_PFN_MKWRITE);
}

static void map_pages(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, 2), nr;
	char *at = v1_map(fd, RW, MAP_SHARED, 2);

	v1_put(at, 'a');
	v1_put(at + PAGE, 'b');
	start(fd, 0, 0);
	/* The first fault may only make the table. */
	CHECK(0, v1_evict(fd, 0));
	v1_get(at);
	CHECK(0, v1_evict(fd, 0));
	v1_get(at);
	nr = read_records(fd);
	CHECK_TRUE(nr >= 1);
	CHECK(FAULTLAB_CALLBACK_MAP_PAGES, records[nr - 1].fault.callback);
	CHECK(FAULTLAB_RESULT_MINOR, records[nr - 1].fault.result);
	CHECK(2, records[nr - 1].fault.pages);
}

static void huge_fault(unsigned int arg)
{
	const unsigned int order = v1_features(v1_open(), FAULTLAB_KIND_PFN).pmd_order;
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.flags = FAULTLAB_REGION_HUGE,
		.bytes = PAGE << order,
		.order = order,
	};
	int fd = v1_region_of(&config), nr;
	char *at = v1_map(fd, RW, MAP_SHARED, 1U << order);

	start(fd, 0, 0);
	v1_get(at);
	nr = read_records(fd);
	CHECK_TRUE(nr >= 1);
	CHECK(FAULTLAB_CALLBACK_HUGE_FAULT, records[nr - 1].fault.callback);
	CHECK(order, records[nr - 1].fault.order);
	CHECK(1U << order, records[nr - 1].fault.pages);
}

static void stop(unsigned int arg)
{
	struct faultlab_recording stop = { .op = FAULTLAB_RECORD_STOP };
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 2);
	char *at = v1_map(fd, RW, MAP_SHARED, 2);

	start(fd, 0, 0);
	v1_get(at);
	CHECK(0, recording(fd, FAULTLAB_IOC_RECORD, &stop));
	v1_get(at + PAGE);
	CHECK(1, read_records(fd));
	CHECK(0, read_records(fd));
	CHECK(EAGAIN, errno);
}

/* poll() waits for two records. */
static void watermark(unsigned int arg)
{
	struct faultlab_recording two = { .op = FAULTLAB_RECORD_START, .watermark = 2 };
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 2);
	char *at = v1_map(fd, RW, MAP_SHARED, 2);
	struct pollfd readable = { .fd = fd, .events = POLLIN };

	CHECK(0, recording(fd, FAULTLAB_IOC_RECORD, &two));
	CHECK(2, two.watermark);
	v1_get(at);
	CHECK(0, poll(&readable, 1, 0));
	v1_get(at + PAGE);
	CHECK(1, poll(&readable, 1, 0));
}

/* Twice as many faults as slots; again if they were on several processors. */
static void lost(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1), i, nr, round, seen = 0;
	char *at = v1_map(fd, RW, MAP_SHARED, 1);

	start(fd, 8, 0);
	for (round = 0; round < 1000 && !seen; round++) {
		for (i = 0; i < 16; i++) {
			CHECK(0, v1_get(at));
			CHECK(0, v1_evict(fd, 0));
		}
		nr = read_records(fd);
		for (i = 0; i < nr; i++)
			if (records[i].type == FAULTLAB_RECORD_LOST)
				seen += records[i].lost.records;
	}
	CHECK_TRUE(seen >= 1);
	CHECK(seen, state(fd, FAULTLAB_IOC_RECORD).lost);
}

/* Stacks are a secret. */
static void stack(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1), nr;
	char *at = v1_map(fd, RW, MAP_SHARED, 1);
	int err = v1_try_rule(fd, (struct faultlab_rule) { .flags = FAULTLAB_RULE_STACK });

	if (err == -EPERM)
		v1_skip(NO_ADMIN);
	CHECK(0, err);
	start(fd, 0, 0);
	v1_get(at);
	nr = read_records(fd);
	CHECK_TRUE(nr >= 2);
	CHECK(FAULTLAB_RECORD_FAULT, records[0].type);
	CHECK(nr - 1, records[0].fault.stack);
	CHECK(FAULTLAB_RECORD_STACK, records[1].type);
	CHECK_TRUE(records[1].stack.entry[0]);
	CHECK_TRUE(records[1].nr >= 1 && records[1].nr <= FAULTLAB_STACK_ENTRIES);
}

#define EVENT(event, why) \
	(1U << (FAULTLAB_VMA_##event * 6 + FAULTLAB_WHY_##why))

/* Whether all these events were recorded since the last call, each with its reason. */
static bool happened(int fd, __u32 events)
{
	int i, nr = read_records(fd);
	__u32 seen = 0;

	for (i = 0; i < nr; i++)
		if (records[i].type == FAULTLAB_RECORD_VMA) {
			CHECK(0, records[i].vma.err);
			CHECK_TRUE(records[i].vma.start < records[i].vma.end);
			seen |= 1U << (records[i].vma.event * 6 + records[i].vma.why);
		}
	return !(events & ~seen);
}

static void vmas(unsigned int arg)
{
	int fd = v1_region(FAULTLAB_KIND_PFN, 0, 4);
	char *at, *to = v1_room();

	start(fd, SLOTS, FAULTLAB_RECORDING_VMAS);
	at = v1_map(fd, RW, MAP_SHARED, 4);
	CHECK_TRUE(happened(fd, EVENT(MMAP, NONE)));
	CHECK(0, v1_touch(at, false).sig);
	CHECK_TRUE(happened(fd, EVENT(OPEN, FORK) | EVENT(CLOSE, END)));
	CHECK(0, munmap(at + 2 * PAGE, 2 * PAGE));
	CHECK_TRUE(happened(fd, EVENT(MAY_SPLIT, NONE) | EVENT(OPEN, SPLIT) |
				EVENT(CLOSE, UNMAP)));
	CHECK_TRUE(mremap(at, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	CHECK_TRUE(happened(fd, EVENT(OPEN, MOVE) | EVENT(MREMAP, NONE) | EVENT(CLOSE, UNMAP)));
	CHECK(1, v1_stat(fd, FAULTLAB_STAT_MMAP));
	CHECK_TRUE(v1_stat(fd, FAULTLAB_STAT_VMA_OPEN) >= 3);
	CHECK_TRUE(v1_stat(fd, FAULTLAB_STAT_VMA_CLOSE) >= 3);
	CHECK_TRUE(v1_stat(fd, FAULTLAB_STAT_VMA_SPLIT) >= 1);
	CHECK_TRUE(v1_stat(fd, FAULTLAB_STAT_MREMAP) >= 1);
	CHECK(1, v1_stat(fd, FAULTLAB_STAT_VMAS));
	CHECK(1, v1_stat(fd, FAULTLAB_STAT_REGIONS));
}

static void observe(unsigned int arg)
{
	struct faultlab_recording begin = { .op = FAULTLAB_RECORD_START };
	struct faultlab_recording end = { .op = FAULTLAB_RECORD_STOP };
	int all = v1_open(), fd = v1_region(FAULTLAB_KIND_PAGE, 0, 1), err, i, nr, seen = 0;
	char *at = v1_map(fd, RW, MAP_SHARED, 1);

	err = recording(all, FAULTLAB_IOC_OBSERVE, &begin);
	if (err == -EPERM)
		v1_skip(NO_ADMIN);
	CHECK(0, err);
	v1_get(at);
	CHECK_TRUE(state(all, FAULTLAB_IOC_OBSERVE).waiting >= 1);
	CHECK(0, recording(all, FAULTLAB_IOC_OBSERVE, &end));
	/* Other processes may fault, too. */
	do {
		nr = read_records(all);
		for (i = 0; i < nr; i++)
			seen += records[i].region == v1_info(fd).id;
	} while (nr);
	CHECK(1, seen);
}

const struct v1_test v1_record_tests[] = {
	{ "record", "fault", fault, 0 },
	{ "record", "page_mkwrite", page_mkwrite, 0 },
	{ "record", "pfn_mkwrite", pfn_mkwrite, 0 },
	{ "record", "map_pages", map_pages, 0 },
	{ "record", "huge_fault", huge_fault, 0 },
	{ "record", "stop", stop, 0 },
	{ "record", "watermark", watermark, 0 },
	{ "record", "lost", lost, 0 },
	{ "record", "stack", stack, 0 },
	{ "record", "vma", vmas, 0 },
	{ "ioctl", "observe", observe, 0 },
	{ },
};
