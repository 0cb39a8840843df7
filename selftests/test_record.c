// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records: each callback of a workload gives exactly its record, a region sees its
 * own and nobody else's, and who may see all sees all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "flab_space.h"
#include "flab_sys.h"

#define PAGES	32
#define ROOM	64

FIXTURE(record)
{
	int fd;
	char *at;
	struct faultlab_record seen[ROOM];
};

static int own_region(enum faultlab_kind kind, __u64 flags)
{
	int fd = flab_region(kind, flags, PAGES);

	if (fd >= 0)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

FIXTURE_SETUP(record)
{
	self->fd = own_region(FAULTLAB_KIND_PAGE, 0);
	ASSERT_LE(0, self->fd);
	self->at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 0));
	flab_settle();
}

FIXTURE_TEARDOWN(record)
{
	close(self->fd);
}

/* What a record says of a fault, short, without what differs from run to run. */
static const char *line(const struct faultlab_record *r)
{
	char access[FAULTLAB_ACCESS_TEXT_MAX];

	if (r->type == FAULTLAB_RECORD_LOST)
		return flab_text("lost %llu", r->lost.records);
	return flab_text("%llu %s %s %s %u", r->fault.index,
			 faultlab_access_text(r->fault.access, access, sizeof(access)),
			 faultlab_callback_name(r->fault.callback),
			 faultlab_result_name(r->fault.result), r->fault.pages);
}

/* All records there are, as lines with "; " between. */
static const char *lines(int fd)
{
	static char text[4096];
	struct faultlab_record seen[ROOM];
	ssize_t i, nr = faultlab_records_read(fd, seen, ROOM);

	if (nr < 0)
		return strerror(-nr);
	text[0] = '\0';
	for (i = 0; i < nr; i++)
		sprintf(text + strlen(text), "%s%s", i ? "; " : "", line(&seen[i]));
	return text;
}

/* By workload: r, w: touch the next page; R, W: page 0 again. */
static void work(char *at, const char *ops)
{
	char *mem = at;
	const char *op;

	for (op = ops; *op; op++) {
		if (*op == 'r' || *op == 'w')
			at += op == ops ? 0 : FLAB_PAGE;
		if (*op == 'r' || *op == 'R')
			faultlab_touch_read(*op == 'R' ? mem : at, NULL);
		else
			faultlab_touch_write(*op == 'W' ? mem : at, 1, NULL);
	}
}

FIXTURE(works)
{
	int fd;
};

FIXTURE_VARIANT(works)
{
	enum faultlab_kind kind;
	__u64 flags;
	__u32 around;
	int share;
	const char *ops;
	const char *lines;
};

#define RECORDS(name, ...) FIXTURE_VARIANT_ADD(works, name) { __VA_ARGS__ }
RECORDS(page, FAULTLAB_KIND_PAGE, 0, 0, MAP_SHARED, "rwRW",
	"0 read fault minor 1; 1 write fault minor 1");
/* The copy of a page that is mapped already asks no driver. */
RECORDS(copy_on_write, FAULTLAB_KIND_PAGE, 0, 0, MAP_PRIVATE, "rWw",
	"0 read fault minor 1; 1 cow fault minor 1");
RECORDS(mkwrite_within_a_fault, FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, 0, MAP_SHARED, "w",
	"0 write fault minor 1; 0 mkwrite page_mkwrite part 0");
RECORDS(mkwrite_of_its_own, FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, 0, MAP_SHARED, "rW",
	"0 read fault minor 1; 0 mkwrite page_mkwrite minor 0");
RECORDS(pfn_mkwrite, FAULTLAB_KIND_PFN, FAULTLAB_REGION_MKWRITE, 0, MAP_SHARED, "rW",
	"0 read fault minor 1; 0 pfn_mkwrite pfn_mkwrite minor 0");
RECORDS(batch, FAULTLAB_KIND_PFN, 0, 8, MAP_SHARED, "rwww",
	"0 read fault minor 8");
RECORDS(remap_has_no_faults, FAULTLAB_KIND_REMAP, 0, 0, MAP_SHARED, "rw",
	"Resource temporarily unavailable");

FIXTURE_SETUP(works)
{
	const struct faultlab_config config = {
		.kind = variant->kind,
		.flags = variant->flags,
		.around = variant->around,
		.bytes = PAGES * FLAB_PAGE,
	};

	self->fd = flab_region_full(&config);
	ASSERT_LE(0, self->fd);
	fcntl(self->fd, F_SETFL, O_NONBLOCK);
}

FIXTURE_TEARDOWN(works)
{
	close(self->fd);
}

TEST_F(works, gives_exactly_its_records)
{
	char *at;

	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 0));
	at = flab_map(self->fd, FLAB_RW, variant->share, 0, PAGES);
	ASSERT_NE(NULL, at);
	work(at, variant->ops);
	EXPECT_STREQ(variant->lines, lines(self->fd));
	EXPECT_STREQ("Resource temporarily unavailable", lines(self->fd));
}

TEST_F(record, maps_around_are_recorded_with_their_pages)
{
	struct faultlab_record seen[2];
	int fd = own_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_INSERT);
	char *at = flab_map(fd, FLAB_RW, MAP_SHARED, 0, PAGES);

	work(at, "wwww");
	ASSERT_EQ(0, faultlab_evict(fd, 0, FAULTLAB_TO_END, 0));
	ASSERT_EQ(0, faultlab_records_start(fd, 0, 0));
	/* The first fault finds no table and maps one, the second maps what is there. */
	work(at, "rr");
	ASSERT_LE(1, faultlab_records_read(fd, seen, 2));
	ASSERT_EQ(0, faultlab_evict(fd, 0, FAULTLAB_TO_END, 0));
	work(at, "r");
	EXPECT_STREQ("0 around map_pages minor 4", lines(fd));
	close(fd);
}

TEST_F(record, tells_who_where_and_how)
{
	struct faultlab_record *r = self->seen;
	struct faultlab_info info;
	__u64 before, after;

	before = flab_now();
	faultlab_touch_write(self->at + 3 * FLAB_PAGE + 5, 1, NULL);
	after = flab_now();
	ASSERT_EQ(1, faultlab_records_read(self->fd, r, ROOM));
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	EXPECT_EQ(FAULTLAB_RECORD_FAULT, r->type);
	EXPECT_LE(before, r->time);
	EXPECT_GE(after, r->time);
	EXPECT_LE(r->fault.duration_ns, after - before);
	EXPECT_EQ(info.id, r->region);
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_EQ(syscall(SYS_gettid), r->tid);
	EXPECT_EQ((uintptr_t)self->at + 3 * FLAB_PAGE + 5, r->fault.address);
	EXPECT_EQ((uintptr_t)self->at, r->fault.vma_start);
	EXPECT_EQ(3, r->fault.index);
	EXPECT_EQ(FAULTLAB_ACCESS_WRITE, r->fault.access);
	EXPECT_EQ(0, r->fault.wait_ns);
	EXPECT_EQ(0, r->fault.rule);
	EXPECT_EQ(0, r->fault.order);
	EXPECT_EQ(flab_kernel_has_vma_lock() ? FAULTLAB_LOCK_VMA : FAULTLAB_LOCK_MMAP,
		  r->fault.lock);
	EXPECT_EQ(FAULTLAB_FLAG_WRITE | FAULTLAB_FLAG_USER | FAULTLAB_FLAG_KILLABLE |
		  FAULTLAB_FLAG_ALLOW_RETRY | FAULTLAB_FLAG_INTERRUPTIBLE,
		  r->fault.flags & ~(FAULTLAB_FLAG_VMA_LOCK | FAULTLAB_FLAG_ORIG_PTE_VALID));
}

TEST_F(record, a_rule_is_named_by_its_number)
{
	struct faultlab_rule rules[] = {
		flab_rule(9, 1, FAULTLAB_VERDICT_SERVE, 0),
		flab_rule(1, 1, FAULTLAB_VERDICT_SIGBUS, 0),
	};
	struct faultlab_record *r = self->seen;

	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, 2));
	work(self->at, "rr");
	ASSERT_EQ(2, faultlab_records_read(self->fd, r, ROOM));
	EXPECT_EQ(0, r[0].fault.rule);
	EXPECT_STREQ("0 read fault minor 1", line(&r[0]));
	EXPECT_EQ(2, r[1].fault.rule);
	EXPECT_EQ(FAULTLAB_VERDICT_SIGBUS, r[1].fault.verdict);
	EXPECT_STREQ("1 read fault sigbus 0", line(&r[1]));
}

TEST_F(record, a_wait_is_told_apart_and_the_retry_is_a_record_of_its_own)
{
	struct faultlab_rule rule = flab_rule(0, 1, FAULTLAB_VERDICT_SERVE, 2 * FLAB_MS);
	struct faultlab_record *r = self->seen;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	work(self->at, "r");
	ASSERT_EQ(2, faultlab_records_read(self->fd, r, ROOM));
	EXPECT_STREQ("0 read fault retry 0", line(&r[0]));
	EXPECT_LE(2 * NSEC_PER_MS, r[0].fault.wait_ns);
	EXPECT_LE(r[0].fault.wait_ns, r[0].fault.duration_ns);
	EXPECT_EQ((uintptr_t)self->at, r[0].fault.address);
	EXPECT_EQ((uintptr_t)self->at, r[0].fault.vma_start);
	EXPECT_EQ(0, r[1].fault.wait_ns);
	EXPECT_STREQ(flab_text("0 read fault %s 1", flab_delayed_ends()), line(&r[1]));
	EXPECT_EQ(1, r[1].fault.rule);
	/* The flag is what makes it major. */
	EXPECT_EQ(r[1].fault.result == FAULTLAB_RESULT_MAJOR,
		  !!(r[1].fault.flags & FAULTLAB_FLAG_TRIED));
}

TEST_F(record, nothing_is_recorded_before_start_and_after_stop)
{
	int fd = own_region(FAULTLAB_KIND_PAGE, 0);
	char *at = flab_map(fd, FLAB_RW, MAP_SHARED, 0, PAGES);

	work(at, "rr");
	EXPECT_EQ(0, faultlab_records_read(fd, self->seen, ROOM));
	ASSERT_EQ(0, faultlab_records_start(fd, 0, 0));
	EXPECT_EQ(-EAGAIN, faultlab_records_read(fd, self->seen, ROOM));
	work(at + 2 * FLAB_PAGE, "r");
	ASSERT_EQ(0, faultlab_records_stop(fd));
	work(at + 3 * FLAB_PAGE, "r");
	EXPECT_STREQ("2 read fault minor 1", lines(fd));
	close(fd);
}

TEST_F(record, another_region_sees_none_of_it)
{
	int other = own_region(FAULTLAB_KIND_PAGE, 0);

	ASSERT_EQ(0, faultlab_records_start(other, 0, 0));
	work(self->at, "rrr");
	EXPECT_EQ(-EAGAIN, faultlab_records_read(other, self->seen, ROOM));
	EXPECT_EQ(3, faultlab_records_read(self->fd, self->seen, ROOM));
	close(other);
}

TEST_F(record, an_observer_sees_all_regions_and_those_that_are_gone)
{
	int all = own_region(FAULTLAB_KIND_PAGE, 0), other;
	struct faultlab_info info;
	char *at;

	ASSERT_EQ(0, faultlab_observe_start(all, 0));
	ASSERT_EQ(0, faultlab_records_stop(self->fd));
	work(self->at, "r");
	other = own_region(FAULTLAB_KIND_PAGE, 0);
	ASSERT_EQ(0, faultlab_info(other, &info));
	at = flab_map(other, FLAB_RW, MAP_SHARED, 0, PAGES);
	work(at, "rw");
	flab_unmap(at, PAGES);
	close(other);
	ASSERT_EQ(3, faultlab_records_read(all, self->seen, ROOM));
	EXPECT_NE(info.id, self->seen[0].region);
	EXPECT_EQ(info.id, self->seen[1].region);
	EXPECT_STREQ("1 write fault minor 1", line(&self->seen[2]));
	EXPECT_EQ(-EAGAIN, faultlab_records_read(self->fd, self->seen, ROOM));
	close(all);
}

TEST_F(record, an_observer_and_the_region_itself_see_the_same)
{
	struct faultlab_record more[ROOM];
	int all = own_region(FAULTLAB_KIND_PAGE, 0), i;

	ASSERT_EQ(0, faultlab_observe_start(all, 0));
	work(self->at, "rwRrw");
	ASSERT_EQ(4, faultlab_records_read(all, more, ROOM));
	ASSERT_EQ(4, faultlab_records_read(self->fd, self->seen, ROOM));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(more[i].tid, self->seen[i].tid);
		EXPECT_EQ(0, memcmp(&more[i].fault, &self->seen[i].fault,
				    sizeof(more[i].fault)));
	}
	close(all);
}

static int observe_as_nobody(void *arg)
{
	int fd = *(int *)arg;

	if (flab_become_nobody())
		return 1;
	if (faultlab_observe_start(fd, 0) != -EPERM)
		return 2;
	return faultlab_records_start(fd, 0, 0) ? 3 : 0;
}

TEST_F(record, nobody_may_observe_all_but_record_what_he_has)
{
	EXPECT_EQ(0, flab_reap(flab_spawn(observe_as_nobody, &self->fd)));
}

TEST_F(record, a_region_that_is_unplugged_tells_of_its_end)
{
	work(self->at, "r");
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	work(self->at, "r");
	EXPECT_STREQ("0 read fault minor 1; 0 read fault sigbus 0", lines(self->fd));
}

TEST_F(record, a_fork_is_recorded_in_the_same_region)
{
	struct faultlab_record *r = self->seen;
	pid_t child = fork();

	if (!child) {
		work(self->at, "w");
		_exit(0);
	}
	ASSERT_EQ(0, flab_reap(child));
	ASSERT_EQ(1, faultlab_records_read(self->fd, r, ROOM));
	EXPECT_EQ(child, r->pid);
	EXPECT_EQ(child, r->tid);
}

TEST_F(record, every_counted_callback_is_a_record)
{
	static const enum faultlab_stat counted[] = {
		FAULTLAB_STAT_FAULT_READ, FAULTLAB_STAT_FAULT_WRITE,
		FAULTLAB_STAT_FAULT_MKWRITE, FAULTLAB_STAT_RETRY,
	};
	struct faultlab_rule rule = flab_rule(2, 2, FAULTLAB_VERDICT_RETRY, 0);
	int fd = own_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE);
	char *at = flab_map(fd, FLAB_RW, MAP_SHARED, 0, PAGES);
	__u64 sum = 0;
	unsigned int i;

	ASSERT_EQ(0, faultlab_rule(fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, faultlab_records_start(fd, 0, 0));
	work(at, "rwrwRWrw");
	for (i = 0; i < 4; i++)
		sum += flab_stat(fd, counted[i]);
	EXPECT_EQ(sum, faultlab_records_read(fd, self->seen, ROOM));
	close(fd);
}

TEST_F(record, bad_requests_are_refused)
{
	struct faultlab_recording r = { .size = sizeof(r) };
	int fd = own_region(FAULTLAB_KIND_PAGE, 0);

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

TEST_F(record, debugfs_shows_all_regions_newest_last)
{
	char text[FLAB_TEXT_MAX], *last;
	struct faultlab_info info;

	if (access(FAULTLAB_DEBUGFS "/records", F_OK))
		SKIP(return, "no debugfs (CONFIG_DEBUG_FS, mounted)");
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	ASSERT_EQ(0, flab_write_text(FAULTLAB_DEBUGFS "/records", "1"));
	ASSERT_EQ(0, flab_write_text(FAULTLAB_DEBUGFS "/reset", "1"));
	work(self->at, "rw");
	ASSERT_EQ(0, flab_write_text(FAULTLAB_DEBUGFS "/records", "0"));
	work(self->at + 2 * FLAB_PAGE, "r");
	ASSERT_LT(0, flab_read_text(FAULTLAB_DEBUGFS "/records", text, sizeof(text)));
	last = strchr(text, '\n');
	ASSERT_NE(NULL, last);
	EXPECT_NE(NULL, strstr(text, flab_text("region %u pid %d", info.id, getpid())));
	EXPECT_NE(NULL, strstr(last, " page 1 write fault minor addr "));
	EXPECT_EQ(NULL, strstr(last + 1, "\n"));
	ASSERT_EQ(0, flab_write_text(FAULTLAB_DEBUGFS "/reset", "1"));
	EXPECT_EQ(0, flab_read_text(FAULTLAB_DEBUGFS "/records", text, sizeof(text)));
}

/* The library writes a record as debugfs does. */
TEST_F(record, the_library_writes_what_debugfs_shows)
{
	char text[FLAB_TEXT_MAX], ours[FAULTLAB_RECORD_TEXT_MAX];
	int all = own_region(FAULTLAB_KIND_PAGE, 0);

	if (access(FAULTLAB_DEBUGFS "/records", F_OK))
		SKIP(return, "no debugfs (CONFIG_DEBUG_FS, mounted)");
	ASSERT_EQ(0, faultlab_observe_start(all, 0));
	ASSERT_EQ(0, flab_write_text(FAULTLAB_DEBUGFS "/reset", "1"));
	work(self->at, "r");
	ASSERT_EQ(1, faultlab_records_read(all, self->seen, ROOM));
	ASSERT_LT(0, flab_read_text(FAULTLAB_DEBUGFS "/records", text, sizeof(text)));
	EXPECT_STREQ(text, faultlab_record_text(self->seen, ours, sizeof(ours)));
	close(all);
}

TEST_HARNESS_MAIN
