// SPDX-License-Identifier: GPL-2.0-only
/*
 * The core's calls for a region's VMA, and their reasons: most sorts of memory x each
 * operation that creates, splits, moves or ends a VMA. Records and counters agree.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/memory/memory.h"
#include "lib/sys.h"

#define STEPS		4UL
#define MOST		64

FIXTURE(vma_event)
{
	int fd;
	char *at;
	size_t bytes;	/* of the mapping */
	size_t half;
};

FIXTURE_VARIANT(vma_event)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(vma_event, tlib_memory_usual)

FIXTURE_SETUP(vma_event)
{
	const struct faultlab_memory *memory = variant->memory;

	self->fd = tlib_memory_region(memory, STEPS);
	if (self->fd < 0 && faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->bytes = tlib_memory_bytes(memory, STEPS);
	self->half = self->bytes / 2;
	ASSERT_EQ(0, faultlab_records_start_with(self->fd, 0, 0, FAULTLAB_RECORDING_VMAS));
	self->at = tlib_memory_map(memory, self->fd, TLIB_RW, MAP_SHARED, 0, STEPS);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(vma_event)
{
	close(self->fd);
}

/* The VMA records since the last call, as "open/split may_split!-22". */
static const char *seen(int fd)
{
	static char text[2048];
	struct faultlab_record records[MOST];
	ssize_t i, nr = 0;
	size_t n = 0;
	struct faultlab_recording state;

	*text = '\0';
	/* If the descriptor observes, it reads the records of all regions. */
	if (faultlab_observe_state(fd, &state) && faultlab_records_state(fd, &state))
		return "no state";
	if (state.waiting)
		nr = faultlab_records_read(fd, records, MOST);
	for (i = 0; i < nr; i++) {
		const struct faultlab_record_vma *vma = &records[i].vma;

		if (records[i].type != FAULTLAB_RECORD_VMA)
			continue;
		n += snprintf(text + n, sizeof(text) - n, "%s%s", n ? " " : "",
			      faultlab_vma_event_name(vma->event));
		if (vma->why)
			n += snprintf(text + n, sizeof(text) - n, "/%s",
				      faultlab_why_name(vma->why));
		if (vma->err)
			n += snprintf(text + n, sizeof(text) - n, "!%d", vma->err);
	}
	return text;
}

/* For VMAs that can merge, the core calls .mremap only. */
#define EXPECT_SEEN(others)								\
	EXPECT_STREQ(variant->memory->merges ? "" : (others), seen(self->fd))

TEST_F(vma_event, mmap_is_one_event)
{
	EXPECT_STREQ("mmap", seen(self->fd));
}

TEST_F(vma_event, munmap_of_the_whole_vma_is_a_close)
{
	seen(self->fd);
	ASSERT_EQ(0, munmap(self->at, self->bytes));
	EXPECT_SEEN("close/unmap");
}

TEST_F(vma_event, munmap_of_a_half_is_a_split_and_a_close)
{
	seen(self->fd);
	ASSERT_EQ(0, munmap(self->at, self->half));
	EXPECT_SEEN("may_split open/split close/unmap");
	ASSERT_EQ(0, munmap(self->at + self->half, self->half));
	EXPECT_SEEN("close/unmap");
}

TEST_F(vma_event, munmap_of_the_middle_is_two_splits_and_a_close)
{
	seen(self->fd);
	ASSERT_EQ(0, munmap(self->at + self->half / 2, self->half));
	EXPECT_SEEN("may_split open/split may_split open/split close/unmap");
}

TEST_F(vma_event, mprotect_of_a_half_is_a_split)
{
	seen(self->fd);
	ASSERT_EQ(0, mprotect(self->at, self->half, PROT_READ));
	EXPECT_SEEN("may_split open/split");
}

TEST_F(vma_event, map_fixed_over_the_vma_is_a_close)
{
	seen(self->fd);
	ASSERT_EQ(self->at, mmap(self->at, self->bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS |
				 MAP_FIXED, -1, 0));
	EXPECT_SEEN("close/unmap");
}

TEST_F(vma_event, mremap_is_an_open_then_mremap_then_a_close)
{
	char *to = mmap(NULL, 2 * self->bytes + (1 << 21), PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, to);
	/* At the same offset within a PMD as before, so that WHOLE allows the move. */
	to += ((unsigned long)self->at - (unsigned long)to) & ((1 << 21) - 1);
	seen(self->fd);
	ASSERT_EQ(to, mremap(self->at, self->bytes, self->bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
			     to));
	EXPECT_STREQ(variant->memory->merges ? "mremap" : "open/move mremap close/unmap",
		     seen(self->fd));
}

TEST_F(vma_event, fork_is_an_open_and_the_exit_of_the_child_a_close)
{
	struct tlib_peer peer;
	pid_t pid;

	seen(self->fd);
	pid = tlib_peer_fork(&peer);
	ASSERT_LE(0, pid);
	if (!pid) {
		tlib_peer_await(&peer);
		_exit(0);
	}
	EXPECT_SEEN("open/fork");
	tlib_peer_nudge(&peer);
	EXPECT_EQ(0, tlib_peer_join(&peer));
	EXPECT_SEEN("close/end");
}

TEST_F(vma_event, exec_in_a_child_is_a_close)
{
	int status;
	pid_t pid;

	seen(self->fd);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_SEEN("open/fork close/end");
}

/* The fields of a record match the VMA in /proc/self/maps. */
TEST_F(vma_event, a_record_has_range_index_flags_and_pid_of_the_vma)
{
	const size_t page = tlib_page_size();
	struct faultlab_record r[MOST];
	struct faultlab_vma vma;

	ASSERT_EQ(1, faultlab_records_read(self->fd, r, MOST));
	ASSERT_EQ(0, faultlab_vma(0, self->at, &vma));
	EXPECT_EQ((unsigned long)self->at, r[0].vma.start);
	EXPECT_EQ(r[0].vma.start + self->bytes, r[0].vma.end);
	EXPECT_EQ(vma.offset / page, r[0].vma.index);
	EXPECT_EQ(3, r[0].vma.vm_flags & 3);
	EXPECT_EQ(getpid(), (pid_t)r[0].pid);
	EXPECT_EQ(0, r[0].vma.at);
	if (variant->memory->merges)
		return;
	ASSERT_EQ(0, munmap(self->at, self->half));
	ASSERT_EQ(3, faultlab_records_read(self->fd, r, MOST));
	EXPECT_EQ((unsigned long)self->at + self->half, r[0].vma.at);
	EXPECT_EQ((unsigned long)self->at, r[2].vma.start);
	EXPECT_EQ((unsigned long)self->at + self->half, r[2].vma.end);
}

TEST_F(vma_event, events_are_counted_also_when_nothing_is_recorded)
{
	static const enum faultlab_stat stats[] = {
		FAULTLAB_STAT_MMAP, FAULTLAB_STAT_VMA_OPEN, FAULTLAB_STAT_VMA_CLOSE,
		FAULTLAB_STAT_VMA_SPLIT,
	};
	const bool merges = variant->memory->merges;
	const __u64 expected[] = { 1, merges ? 0 : 2, merges ? 0 : 1, merges ? 0 : 2 };
	unsigned int i;

	ASSERT_EQ(0, faultlab_records_stop(self->fd));
	ASSERT_EQ(0, munmap(self->at + self->half / 2, self->half));
	for (i = 0; i < ARRAY_SIZE(stats); i++) {
		EXPECT_EQ(expected[i], tlib_stat(self->fd, stats[i])) {
			TH_LOG("%s", faultlab_stat_name(stats[i]));
		}
	}
}

FIXTURE(vma_recording)
{
	int fd;
};

FIXTURE_SETUP(vma_recording)
{
	self->fd = tlib_region(FAULTLAB_KIND_PFN, 0, STEPS);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(vma_recording)
{
	close(self->fd);
}

static void map_and_unmap(int fd)
{
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, STEPS);

	tlib_unmap(at, STEPS);
}

TEST_F(vma_recording, vma_events_are_recorded_only_with_flag_recording_vmas)
{
	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 0));
	map_and_unmap(self->fd);
	EXPECT_STREQ("", seen(self->fd));
	ASSERT_EQ(0, faultlab_records_start_with(self->fd, 0, 0, FAULTLAB_RECORDING_VMAS));
	map_and_unmap(self->fd);
	EXPECT_STREQ("mmap close/unmap", seen(self->fd));
	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 0));
	map_and_unmap(self->fd);
	EXPECT_STREQ("", seen(self->fd));
	ASSERT_EQ(0, faultlab_records_stop(self->fd));
}

TEST_F(vma_recording, vma_events_are_observed_until_all_observers_have_stopped)
{
	int other = faultlab_open();

	ASSERT_EQ(0, faultlab_observe_start_with(self->fd, 1, FAULTLAB_RECORDING_VMAS));
	ASSERT_EQ(0, faultlab_observe_start(other, 1));
	map_and_unmap(self->fd);
	EXPECT_STREQ("mmap close/unmap", seen(self->fd));
	ASSERT_EQ(0, faultlab_observe_stop(self->fd));
	ASSERT_EQ(0, faultlab_observe_stop(other));
	ASSERT_EQ(0, faultlab_observe_start(self->fd, 1));
	map_and_unmap(self->fd);
	EXPECT_STREQ("", seen(self->fd));
	close(other);
}

TEST_F(vma_recording, unknown_recording_flags_and_flags_not_at_start_are_einval)
{
	static const struct {
		__u32 op, flags, pad;
		int err;
	} rows[] = {
		{ FAULTLAB_RECORD_START, FAULTLAB_RECORDING_VMAS, 0, 0 },
		{ FAULTLAB_RECORD_START, FAULTLAB_RECORDING_VMAS << 1, 0, EINVAL },
		{ FAULTLAB_RECORD_START, ~0U, 0, EINVAL },
		{ FAULTLAB_RECORD_START, 0, 1, EINVAL },
		{ FAULTLAB_RECORD_STATE, FAULTLAB_RECORDING_VMAS, 0, EINVAL },
		{ FAULTLAB_RECORD_STOP, FAULTLAB_RECORDING_VMAS, 0, EINVAL },
	};
	static const unsigned long requests[] = { FAULTLAB_IOC_RECORD, FAULTLAB_IOC_OBSERVE };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (j = 0; j < ARRAY_SIZE(requests); j++) {
			struct faultlab_recording arg = {
				.size = sizeof(arg), .op = rows[i].op, .flags = rows[i].flags,
				.pad = rows[i].pad,
			};
			int fd = faultlab_open();

			EXPECT_EQ(rows[i].err, ioctl(fd, requests[j], &arg) ? errno : 0) {
				TH_LOG("row %u, request %u", i, j);
			}
			close(fd);
		}
	}
}

TEST_HARNESS_MAIN
