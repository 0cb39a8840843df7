// SPDX-License-Identifier: GPL-2.0-only
/*
 * read() of records: only whole ones, ordered by time over all CPUs, with an exact
 * count of lost records.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/record/record.h"
#include "lib/space.h"
#include "lib/sys.h"

#define PAGES	512
#define SLOTS	64

FIXTURE(read)
{
	int fd;
	char *at;
	struct faultlab_record seen[PAGES];
};

FIXTURE_SETUP(read)
{
	self->fd = tlib_recorded_region(PAGES, SLOTS, &self->at);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(read)
{
	close(self->fd);
}

TEST_F(read, a_buffer_for_less_than_a_record_is_einval)
{
	char room[sizeof(struct faultlab_record)];
	int fd = faultlab_open();

	tlib_touch_pages(self->at, 0, 1);
	EXPECT_EQ(-1, read(self->fd, room, sizeof(room) - 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, read(self->fd, room, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, read(fd, room, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(sizeof(room), read(self->fd, room, sizeof(room)));
	close(fd);
}

TEST_F(read, read_returns_whole_records_only)
{
	struct faultlab_record *r = self->seen;

	tlib_touch_pages(self->at, 0, 3);
	memset(r, 0x55, 3 * sizeof(*r));
	EXPECT_EQ(2 * sizeof(*r), read(self->fd, r, 3 * sizeof(*r) - 1));
	EXPECT_EQ(0, r[0].fault.index);
	EXPECT_EQ(1, r[1].fault.index);
	EXPECT_EQ(0x5555, r[2].type);
	EXPECT_EQ(1, faultlab_records_read(self->fd, r, PAGES));
	EXPECT_EQ(2, r[0].fault.index);
}

TEST_F(read, a_read_that_fails_with_efault_loses_no_record)
{
	char *none = tlib_map(self->fd, PROT_NONE, MAP_SHARED, 0, 16);

	ASSERT_NE(NULL, none);
	tlib_touch_pages(self->at, 0, 2);
	EXPECT_EQ(-1, read(self->fd, none, 16 * TLIB_PAGE));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(2, faultlab_records_read(self->fd, self->seen, PAGES));
}

/*
 * read() into the region faults itself. This fault is recorded, too; the record is returned
 * by this read() or by the next.
 */
TEST_F(read, a_read_into_the_recorded_region_records_its_own_fault)
{
	struct faultlab_record *r = (void *)self->at;
	ssize_t first, rest;

	tlib_touch_pages(self->at, 8, 2);
	first = faultlab_records_read(self->fd, r, 8);
	ASSERT_LE(2, first);
	EXPECT_EQ(8, r[0].fault.index);
	EXPECT_EQ(9, r[1].fault.index);
	rest = faultlab_records_read(self->fd, self->seen, PAGES);
	EXPECT_EQ(3, first + (rest > 0 ? rest : 0));
}

TEST_F(read, a_read_without_records_is_eagain_and_before_start_0)
{
	int fd = faultlab_open();

	EXPECT_EQ(-EAGAIN, faultlab_records_read(self->fd, self->seen, PAGES));
	EXPECT_EQ(0, faultlab_records_read(fd, self->seen, PAGES));
	close(fd);
}

static void *touch_when_it_waits(void *arg)
{
	struct tlib_toucher *t = arg;

	tlib_wait_asleep(t->tid);
	faultlab_touch_read(t->addr, NULL);
	return NULL;
}

TEST_F(read, a_blocking_read_waits_for_the_first_record)
{
	struct tlib_toucher t = { .addr = self->at, .tid = gettid() };

	fcntl(self->fd, F_SETFL, 0);
	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 100));
	ASSERT_EQ(0, pthread_create(&t.thread, NULL, touch_when_it_waits, &t));
	EXPECT_EQ(1, faultlab_records_read(self->fd, self->seen, PAGES));
	pthread_join(t.thread, NULL);
	EXPECT_EQ(0, self->seen[0].fault.index);
}

TEST_F(read, overwritten_records_are_counted_exactly_as_lost)
{
	struct faultlab_recording state;
	ssize_t i, nr;

	ASSERT_EQ(0, tlib_pin(0));
	tlib_touch_pages(self->at, 0, SLOTS + 7);
	ASSERT_EQ(0, faultlab_records_state(self->fd, &state));
	EXPECT_EQ(SLOTS, state.slots);
	EXPECT_EQ(SLOTS + 7, state.waiting);
	nr = faultlab_records_read(self->fd, self->seen, PAGES);
	ASSERT_EQ(1 + SLOTS, nr);
	EXPECT_EQ(FAULTLAB_RECORD_LOST, self->seen[0].type);
	EXPECT_EQ(7, self->seen[0].lost.records);
	EXPECT_EQ(self->seen[1].time, self->seen[0].time);
	for (i = 1; i < nr; i++)
		EXPECT_EQ(6 + i, self->seen[i].fault.index);
	ASSERT_EQ(0, faultlab_records_state(self->fd, &state));
	EXPECT_EQ(7, state.lost);
	EXPECT_EQ(0, state.waiting);
}

TEST_F(read, a_slow_observer_loses_records_and_a_quick_one_none)
{
	int slow = faultlab_open(), quick = faultlab_open();
	struct faultlab_recording state;
	__u64 lost = 0;
	ssize_t nr;
	int i;

	fcntl(slow, F_SETFL, O_NONBLOCK);
	fcntl(quick, F_SETFL, O_NONBLOCK);
	ASSERT_EQ(0, faultlab_observe_start(slow, 0));
	ASSERT_EQ(0, faultlab_observe_start(quick, 0));
	ASSERT_EQ(0, faultlab_observe_state(slow, &state));
	ASSERT_EQ(0, tlib_pin(0));
	for (i = 0; i * 32 < state.slots + 64; i++) {
		tlib_touch_pages(self->at, 0, 32);
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
		EXPECT_EQ(32, faultlab_records_read(quick, self->seen, PAGES));
	}
	ASSERT_EQ(0, faultlab_observe_state(quick, &state));
	EXPECT_EQ(0, state.lost);
	nr = faultlab_records_read(slow, self->seen, PAGES);
	ASSERT_EQ(PAGES, nr);
	EXPECT_EQ(FAULTLAB_RECORD_LOST, self->seen[0].type);
	lost = self->seen[0].lost.records;
	EXPECT_EQ(i * 32 - state.slots, lost);
	close(slow);
	close(quick);
}

struct hammer {
	pthread_t thread;
	char *at;
	int cpu;
	int fd;
	unsigned long rounds;
};

/* Faults on pages of its own, on a CPU of its own. */
static void *hammer(void *arg)
{
	struct hammer *h = arg;
	unsigned long i;

	tlib_pin(h->cpu);
	for (i = 0; i < h->rounds; i++) {
		tlib_touch_pages(h->at, 0, 16);
		madvise(h->at, 16 * TLIB_PAGE, MADV_DONTNEED);
	}
	return NULL;
}

TEST_F(read, records_of_two_cpus_come_in_order_of_time_each_read_once_or_lost)
{
	unsigned long rounds = tlib_scale(100, 2000), total = 0, lost = 0;
	struct hammer h[2];
	bool over = false;
	__u64 last = 0;
	ssize_t i, nr;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU: there is no order to get wrong");
	for (i = 0; i < 2; i++) {
		h[i] = (struct hammer) { .at = self->at + i * 256 * TLIB_PAGE, .cpu = i,
					 .rounds = rounds };
		ASSERT_EQ(0, pthread_create(&h[i].thread, NULL, hammer, &h[i]));
	}
	while (total < 2 * 16 * rounds) {
		nr = faultlab_records_read(self->fd, self->seen, 50);
		ASSERT_FALSE(nr < 0 && over);
		if (nr == -EAGAIN && pthread_tryjoin_np(h[0].thread, NULL) == 0) {
			pthread_join(h[1].thread, NULL);
			over = true;
		}
		for (i = 0; i < nr; i++) {
			struct faultlab_record *r = &self->seen[i];

			ASSERT_LE(last, r->time);
			last = r->time;
			if (r->type == FAULTLAB_RECORD_LOST)
				lost += r->lost.records;
			else
				ASSERT_EQ(r->cpu, r->fault.index / 256);
			total += r->type == FAULTLAB_RECORD_LOST ? r->lost.records : 1;
		}
	}
	EXPECT_EQ(2 * 16 * rounds, total);
	EXPECT_EQ(2 * 16 * rounds, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_READ));
	EXPECT_EQ(-EAGAIN, faultlab_records_read(self->fd, self->seen, 50));
	if (!over) {
		pthread_join(h[0].thread, NULL);
		pthread_join(h[1].thread, NULL);
	}
	TH_LOG("%lu records, %lu of them lost", total, lost);
}

struct asker {
	pthread_t thread;
	int fd;
	bool stop;
	__u64 most;	/* the most records that were waiting at once */
};

static void *ask(void *arg)
{
	struct faultlab_recording state;
	struct asker *a = arg;

	while (!__atomic_load_n(&a->stop, __ATOMIC_RELAXED))
		if (!faultlab_records_state(a->fd, &state) && state.waiting > a->most)
			a->most = state.waiting;
	return NULL;
}

TEST_F(read, state_never_reports_more_waiting_records_than_were_written)
{
	struct hammer h = { .at = self->at, .rounds = tlib_scale(100, 2000) };
	struct asker a = { .fd = self->fd };
	bool over;

	ASSERT_EQ(0, pthread_create(&a.thread, NULL, ask, &a));
	ASSERT_EQ(0, pthread_create(&h.thread, NULL, hammer, &h));
	do {
		over = pthread_tryjoin_np(h.thread, NULL) == 0;
		while (faultlab_records_read(self->fd, self->seen, 50) > 0)
			;
	} while (!over);
	__atomic_store_n(&a.stop, true, __ATOMIC_RELAXED);
	pthread_join(a.thread, NULL);
	EXPECT_GE(16 * h.rounds, a.most);
}

TEST_HARNESS_MAIN
