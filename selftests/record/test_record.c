// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records: each callback of a workload generates exactly one record, with the right
 * task, address and outcome.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/record/record.h"
#include "lib/space.h"
#include "lib/sys.h"

#define PAGES	32
#define ROOM	64

FIXTURE(record)
{
	int fd;
	char *at;
	struct faultlab_record seen[ROOM];
};

FIXTURE_SETUP(record)
{
	self->fd = tlib_recorded_region(PAGES, 0, &self->at);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(record)
{
	close(self->fd);
}

FIXTURE(workload)
{
	int fd;
};

FIXTURE_VARIANT(workload)
{
	enum faultlab_kind kind;
	__u64 flags;
	__u32 around;
	int share;
	const char *ops;
	const char *lines;
};

#define RECORDS(name, ...) FIXTURE_VARIANT_ADD(workload, name) { __VA_ARGS__ }
RECORDS(page, FAULTLAB_KIND_PAGE, 0, 0, MAP_SHARED, "rwRW",
	"0 read fault minor 1; 1 write fault minor 1");
/* CoW of a page that is mapped already calls no driver. */
RECORDS(copy_on_write, FAULTLAB_KIND_PAGE, 0, 0, MAP_PRIVATE, "rWw",
	"0 read fault minor 1; 1 cow fault minor 1");
RECORDS(mkwrite_within_a_fault, FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, 0, MAP_SHARED, "w",
	"0 write fault part 0; 0 mkwrite page_mkwrite minor 1");
RECORDS(mkwrite_as_its_own_fault, FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, 0, MAP_SHARED, "rW",
	"0 read fault minor 1; 0 mkwrite page_mkwrite minor 0");
RECORDS(pfn_mkwrite, FAULTLAB_KIND_PFN, FAULTLAB_REGION_MKWRITE, 0, MAP_SHARED, "rW",
	"0 read fault minor 1; 0 pfn_mkwrite pfn_mkwrite minor 0");
RECORDS(batch, FAULTLAB_KIND_PFN, 0, 8, MAP_SHARED, "rwww",
	"0 read fault minor 8");
RECORDS(remap_has_no_faults, FAULTLAB_KIND_REMAP, 0, 0, MAP_SHARED, "rw",
	"Resource temporarily unavailable");

FIXTURE_SETUP(workload)
{
	const struct faultlab_config config = {
		.kind = variant->kind,
		.flags = variant->flags,
		.around = variant->around,
		.bytes = PAGES * TLIB_PAGE,
	};

	self->fd = tlib_region_full(&config);
	ASSERT_LE(0, self->fd);
	fcntl(self->fd, F_SETFL, O_NONBLOCK);
}

FIXTURE_TEARDOWN(workload)
{
	close(self->fd);
}

TEST_F(workload, a_workload_generates_exactly_the_expected_records)
{
	char *at;

	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 0));
	at = tlib_map(self->fd, TLIB_RW, variant->share, 0, PAGES);
	ASSERT_NE(NULL, at);
	tlib_work(at, variant->ops);
	EXPECT_STREQ(variant->lines, tlib_record_lines(self->fd));
	EXPECT_STREQ("Resource temporarily unavailable", tlib_record_lines(self->fd));
}

TEST_F(record, a_fault_around_is_one_record_with_its_number_of_pages)
{
	struct faultlab_record seen[2];
	int fd = tlib_record_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT, PAGES);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PAGES);

	tlib_work(at, "wwww");
	ASSERT_EQ(0, faultlab_evict(fd, 0, FAULTLAB_TO_END, 0));
	ASSERT_EQ(0, faultlab_records_start(fd, 0, 0));
	/*
	 * .map_pages is called if there is a page table: the first fault only makes
	 * one.
	 */
	tlib_work(at, "rr");
	ASSERT_LE(1, faultlab_records_read(fd, seen, 2));
	ASSERT_EQ(0, faultlab_evict(fd, 0, FAULTLAB_TO_END, 0));
	tlib_work(at, "r");
	EXPECT_STREQ("0 around map_pages minor 4", tlib_record_lines(fd));
	close(fd);
}

TEST_F(record, a_record_has_task_address_access_lock_and_flags)
{
	struct faultlab_record *r = self->seen;
	struct faultlab_info info;
	__u64 before, after;

	before = tlib_now();
	faultlab_touch_write(self->at + 3 * TLIB_PAGE + 5, 1, NULL);
	after = tlib_now();
	ASSERT_EQ(1, faultlab_records_read(self->fd, r, ROOM));
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(FAULTLAB_RECORD_FAULT, r->type);
	EXPECT_LE(before, r->time);
	EXPECT_GE(after, r->time);
	EXPECT_LE(r->fault.duration_ns, after - before);
	EXPECT_EQ(info.id, r->region);
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_EQ(syscall(SYS_gettid), r->tid);
	EXPECT_EQ((uintptr_t)self->at + 3 * TLIB_PAGE + 5, r->fault.address);
	EXPECT_EQ((uintptr_t)self->at, r->fault.vma_start);
	EXPECT_EQ(3, r->fault.index);
	EXPECT_EQ(FAULTLAB_ACCESS_WRITE, r->fault.access);
	EXPECT_EQ(0, r->fault.wait_ns);
	EXPECT_EQ(0, r->fault.rule);
	EXPECT_EQ(0, r->fault.order);
	EXPECT_EQ(tlib_kernel_has_vma_lock() ? FAULTLAB_LOCK_VMA : FAULTLAB_LOCK_MMAP,
		  r->fault.lock);
	EXPECT_EQ(FAULTLAB_FLAG_WRITE | FAULTLAB_FLAG_USER | FAULTLAB_FLAG_KILLABLE |
		  FAULTLAB_FLAG_ALLOW_RETRY | FAULTLAB_FLAG_INTERRUPTIBLE,
		  r->fault.flags & ~(FAULTLAB_FLAG_VMA_LOCK | FAULTLAB_FLAG_ORIG_PTE_VALID));
}

TEST_F(record, a_record_has_the_number_of_the_matched_rule)
{
	struct faultlab_rule rules[] = {
		tlib_rule(9, 1, FAULTLAB_VERDICT_SERVE, 0),
		tlib_rule(1, 1, FAULTLAB_VERDICT_SIGBUS, 0),
	};
	struct faultlab_record *r = self->seen;

	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, 2));
	tlib_work(self->at, "rr");
	ASSERT_EQ(2, faultlab_records_read(self->fd, r, ROOM));
	EXPECT_EQ(0, r[0].fault.rule);
	EXPECT_STREQ("0 read fault minor 1", tlib_record_line(&r[0]));
	EXPECT_EQ(2, r[1].fault.rule);
	EXPECT_EQ(FAULTLAB_VERDICT_SIGBUS, r[1].fault.verdict);
	EXPECT_STREQ("1 read fault sigbus 0", tlib_record_line(&r[1]));
}

TEST_F(record, a_delayed_fault_is_two_records_and_the_first_has_the_wait)
{
	struct faultlab_rule rule = tlib_rule(0, 1, FAULTLAB_VERDICT_SERVE, 2 * TLIB_MS);
	struct faultlab_record *r = self->seen;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	tlib_work(self->at, "r");
	ASSERT_EQ(2, faultlab_records_read(self->fd, r, ROOM));
	EXPECT_STREQ("0 read fault retry 0", tlib_record_line(&r[0]));
	EXPECT_LE(2 * NSEC_PER_MS, r[0].fault.wait_ns);
	EXPECT_LE(r[0].fault.wait_ns, r[0].fault.duration_ns);
	EXPECT_EQ((uintptr_t)self->at, r[0].fault.address);
	EXPECT_EQ((uintptr_t)self->at, r[0].fault.vma_start);
	EXPECT_EQ(0, r[1].fault.wait_ns);
	EXPECT_STREQ(tlib_text("0 read fault %s 1", tlib_delayed_ends()), tlib_record_line(&r[1]));
	EXPECT_EQ(1, r[1].fault.rule);
	/* FAULT_FLAG_TRIED decides whether the kernel counts the fault as major. */
	EXPECT_EQ(r[1].fault.result == FAULTLAB_RESULT_MAJOR,
		  !!(r[1].fault.flags & FAULTLAB_FLAG_TRIED));
}

TEST_F(record, nothing_is_recorded_before_start_and_after_stop)
{
	int fd = tlib_record_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PAGES);

	tlib_work(at, "rr");
	EXPECT_EQ(0, faultlab_records_read(fd, self->seen, ROOM));
	ASSERT_EQ(0, faultlab_records_start(fd, 0, 0));
	EXPECT_EQ(-EAGAIN, faultlab_records_read(fd, self->seen, ROOM));
	tlib_work(at + 2 * TLIB_PAGE, "r");
	ASSERT_EQ(0, faultlab_records_stop(fd));
	tlib_work(at + 3 * TLIB_PAGE, "r");
	EXPECT_STREQ("2 read fault minor 1", tlib_record_lines(fd));
	close(fd);
}

TEST_F(record, faults_after_unplug_are_recorded_as_sigbus)
{
	tlib_work(self->at, "r");
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	tlib_work(self->at, "r");
	EXPECT_STREQ("0 read fault minor 1; 0 read fault sigbus 0", tlib_record_lines(self->fd));
}

TEST_F(record, every_counted_callback_is_a_record)
{
	static const enum faultlab_stat counted[] = {
		FAULTLAB_STAT_FAULT_READ, FAULTLAB_STAT_FAULT_WRITE,
		FAULTLAB_STAT_FAULT_MKWRITE, FAULTLAB_STAT_RETRY,
	};
	struct faultlab_rule rule = tlib_rule(2, 2, FAULTLAB_VERDICT_RETRY, 0);
	int fd = tlib_record_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, PAGES);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	__u64 sum = 0;
	unsigned int i;

	ASSERT_EQ(0, faultlab_rule(fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, faultlab_records_start(fd, 0, 0));
	tlib_work(at, "rwrwRWrw");
	for (i = 0; i < 4; i++)
		sum += tlib_stat(fd, counted[i]);
	EXPECT_EQ(sum, faultlab_records_read(fd, self->seen, ROOM));
	close(fd);
}

TEST_F(record, invalid_record_requests_are_refused)
{
	struct faultlab_recording r = { .size = sizeof(r) };
	int fd = tlib_record_region(FAULTLAB_KIND_PAGE, 0, PAGES);

	EXPECT_EQ(-EINVAL, faultlab_records_start(fd, 3, 0));
	EXPECT_EQ(-EINVAL, faultlab_records_start(fd, 4, 0));
	EXPECT_EQ(-ENOSPC, faultlab_records_start(fd, 1U << 30, 0));
	EXPECT_EQ(0, faultlab_records_start(fd, 64, 0));
	EXPECT_EQ(0, faultlab_records_start(fd, 64, 5));
	EXPECT_EQ(-EBUSY, faultlab_records_start(fd, 128, 0));
	EXPECT_EQ(-EBUSY, faultlab_observe_stop(fd));
	r.op = 3;
	EXPECT_EQ(-1, ioctl(fd, FAULTLAB_IOC_RECORD, &r));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, faultlab_observe_start(fd, 0));
	EXPECT_EQ(-EBUSY, faultlab_records_start(fd, 64, 0));
	close(fd);
}

/* The rings would take a user's memory for as long as the region lives. */
TEST_F(record, a_region_has_at_most_record_slots_records_for_each_processor)
{
	struct faultlab_recording state;
	__u64 slots;
	int fd = tlib_record_region(FAULTLAB_KIND_PAGE, 0, PAGES);

	ASSERT_EQ(0, tlib_read_number(TLIB_PARAMETERS "record_slots", &slots));
	EXPECT_EQ(-ENOSPC, faultlab_records_start(fd, 2 * slots, 0));
	EXPECT_EQ(0, faultlab_records_start(fd, slots, 0));
	EXPECT_EQ(0, faultlab_records_state(fd, &state));
	EXPECT_EQ(slots, state.slots);
	close(fd);
}

TEST_HARNESS_MAIN
