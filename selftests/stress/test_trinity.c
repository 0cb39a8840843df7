// SPDX-License-Identifier: GPL-2.0-only
/*
 * trinity, which makes random system calls with random arguments, with the device as its
 * only file. It maps default regions, touches them, and moves, splits, locks, copies and
 * unmaps what it has mapped; in one of ten calls as a 32-bit program does. Its ioctls are
 * random numbers.
 */
#include <errno.h>
#include <stdio.h>

#include <kselftest_harness.h>
#include "lib/machine/after.h"
#include "lib/tools/program.h"
#include "lib/tools/shell.h"
#include "lib/sys.h"
#include "lib/tlib.h"

/*
 * Only calls on memory and on files: others would rather find mistakes of the rest of the
 * kernel. None that makes descriptors, as trinity never closes them.
 */
static const char *const calls[] = {
	"mmap", "munmap", "mremap", "mprotect", "pkey_mprotect", "madvise", "process_madvise",
	"msync", "mincore", "mlock", "mlock2", "munlock", "mbind", "move_pages",
	"remap_file_pages", "process_vm_readv", "process_vm_writev", "read", "pread64", "readv",
	"preadv", "write", "pwrite64", "writev", "ioctl", "ppoll", "splice", "vmsplice",
	"sendfile", "fallocate", "ftruncate", "lseek",
};

/* Pages that regions may hold beyond those of now: all processes share them. */
#define MAX_PAGES	16384

/* -q twice: only what the main process reports. -C: processes. -V: the files. */
static const char *const options[] = {
	"trinity", "-q", "-q", "-C", "4", "-l", "off", "--enable-fds=pseudo", "-V",
};

FIXTURE(trinity)
{
	struct tlib_program program;
	const char *argv[ARRAY_SIZE(options) + 1 + 2 * ARRAY_SIZE(calls) + 1];
	char nodes[48];
	__u64 max_total;
	__u64 tainted;
};

FIXTURE_SETUP(trinity)
{
	const char **arg = self->argv;
	unsigned int i;

	ASSERT_TRUE(tlib_has_program("trinity")) {
		TH_LOG("no trinity: scripts/setup installs it");
	}
	ASSERT_EQ(0, tlib_read_number("/proc/sys/kernel/tainted", &self->tainted));
	ASSERT_EQ(0, tlib_read_number(TLIB_MAX_TOTAL, &self->max_total));
	ASSERT_EQ(0, tlib_program_setup(&self->program));
	snprintf(self->nodes, sizeof(self->nodes), "%s/nodes", self->program.dir);
	for (i = 0; i < ARRAY_SIZE(options); i++)
		*arg++ = options[i];
	*arg++ = self->nodes;
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		*arg++ = "-c";
		*arg++ = calls[i];
	}
	self->program.argv = self->argv;
	self->program.mib = 512;
}

FIXTURE_TEARDOWN_PARENT(trinity)
{
	if (self->max_total)
		tlib_write_number(TLIB_MAX_TOTAL, self->max_total);
	if (*self->program.dir)
		tlib_program_remove(&self->program);
}

static __u64 callbacks(const struct faultlab_stats *s)
{
	return s->value[FAULTLAB_STAT_FAULT_READ] + s->value[FAULTLAB_STAT_FAULT_WRITE] +
	       s->value[FAULTLAB_STAT_FAULT_COW];
}

/* trinity may also end by a mistake of its own, as its calls write to its own memory. */
TEST_F_TIMEOUT(trinity, random_calls_on_the_device_leave_nothing_behind, 600)
{
	const __u64 end = tlib_now() + tlib_scale(20, 60) * NSEC_PER_SEC;
	struct faultlab_stats before, after;
	unsigned int runs = 0;
	__u64 tainted;
	int status;

	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &before));
	ASSERT_EQ(0, tlib_write_number(TLIB_MAX_TOTAL,
				       before.value[FAULTLAB_STAT_PAGES] + MAX_PAGES));
	while (tlib_now() < end && runs < 20) {
		/* One more, as the division rounds down. */
		self->program.seconds = (end - tlib_now()) / NSEC_PER_SEC + 1;
		ASSERT_EQ(0, tlib_program_start(&self->program));
		status = tlib_program_end(&self->program);
		ASSERT_NE(-ETIMEDOUT, status) {
			TH_LOG("a process is left 30 s after SIGKILL");
		}
		runs++;
	}
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &after));
	TH_LOG("%u runs, the last with status %d: %llu mmap, %llu faults", runs, status,
	       after.value[FAULTLAB_STAT_MMAP] - before.value[FAULTLAB_STAT_MMAP],
	       callbacks(&after) - callbacks(&before));
	EXPECT_LT(before.value[FAULTLAB_STAT_MMAP], after.value[FAULTLAB_STAT_MMAP]) {
		TH_LOG("%s", tlib_program_output(&self->program));
	}
	EXPECT_LT(callbacks(&before), callbacks(&after)) {
		TH_LOG("%s", tlib_program_output(&self->program));
	}
	EXPECT_EQ(0, tlib_levels_return(&before, &after));
	ASSERT_EQ(0, tlib_read_number("/proc/sys/kernel/tainted", &tainted));
	EXPECT_EQ(self->tainted, tainted);
}

TEST_HARNESS_MAIN
