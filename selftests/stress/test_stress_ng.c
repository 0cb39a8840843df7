// SPDX-License-Identifier: GPL-2.0-only
/*
 * stress-ng: its stressor of device files on the device, and its stressors of memory beside
 * a load of ours, which must go on to find in its pages what it has written there.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/memory/memory.h"
#include "lib/machine/after.h"
#include "lib/tools/program.h"
#include "lib/tools/shell.h"
#include "lib/sys.h"

/* Statuses of stress-ng. The second: a stressor wanted more memory than its limits allow. */
#define GOOD		0
#define NO_RESOURCE	3

#define STEPS		4
#define UNPRIVILEGED	"/proc/sys/vm/unprivileged_userfaultfd"

FIXTURE(stress_ng)
{
	struct tlib_program program;
	const char *argv[16];
	char options[128];
	char text[16];		/* --timeout */
	unsigned long seconds;
	struct faultlab_stats before;
	__u64 unprivileged;	/* what UNPRIVILEGED was */
	__u64 tainted;
};

FIXTURE_VARIANT(stress_ng)
{
	const char *options;	/* separated by blanks */
	bool device;		/* "--dev-file" and a node of the device follow them */
	unsigned int mib;	/* of address space for each of its processes */
	bool grows;		/* takes memory until there is none: NO_RESOURCE is no failure */
};

#define STRESSOR(name, ...) FIXTURE_VARIANT_ADD(stress_ng, name) { __VA_ARGS__ }

STRESSOR(dev, "--dev 2", .device = true, .mib = 1024);
STRESSOR(vm, "--vm 2 --vm-bytes 16m --verify", .mib = 256);
STRESSOR(mremap, "--mremap 2 --mremap-bytes 16m", .mib = 256);
STRESSOR(madvise, "--madvise 2", .mib = 256);
STRESSOR(mlock, "--mlock 2", .mib = 256);
STRESSOR(munmap, "--munmap 2", .mib = 256);
/* It maps 256 MiB if it is not told otherwise. */
STRESSOR(userfaultfd, "--userfaultfd 2 --userfaultfd-bytes 16m", .mib = 256);
STRESSOR(fork, "--fork 2 --fork-vm", .mib = 256);
STRESSOR(bigheap, "--bigheap 2", .mib = 256, .grows = true);

FIXTURE_SETUP(stress_ng)
{
	const char **arg = self->argv;
	char *rest = self->options;

	ASSERT_TRUE(tlib_has_program("stress-ng")) {
		TH_LOG("no stress-ng: scripts/setup installs it");
	}
	ASSERT_EQ(0, tlib_read_number("/proc/sys/kernel/tainted", &self->tainted));
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &self->before));
	ASSERT_EQ(0, tlib_read_number(UNPRIVILEGED, &self->unprivileged));
	ASSERT_EQ(0, tlib_program_setup(&self->program));
	self->seconds = tlib_scale(5, 15);
	snprintf(self->text, sizeof(self->text), "%lus", self->seconds);
	*arg++ = "stress-ng";
	*arg++ = "--no-oom-adjust";
	*arg++ = "--timeout";
	*arg++ = self->text;
	/* It maps a buffer as large as a cache: the last one can be larger than .mib. */
	*arg++ = "--cache-level";
	*arg++ = "1";
	snprintf(self->options, sizeof(self->options), "%s%s%s", variant->options,
		 variant->device ? " --dev-file " : "",
		 variant->device ? tlib_text("%s/nodes/0", self->program.dir) : "");
	while ((*arg = strsep(&rest, " ")))
		arg++;
	self->program.argv = self->argv;
	/* Stressors look at the clock between two rounds, which can take long. */
	self->program.seconds = self->seconds + 120;
	self->program.mib = variant->mib;
	/* The teardown runs only after a setup that has not failed: change the setting last. */
	ASSERT_EQ(0, tlib_write_number(UNPRIVILEGED, 1));
}

FIXTURE_TEARDOWN_PARENT(stress_ng)
{
	tlib_write_number(UNPRIVILEGED, self->unprivileged);
	if (*self->program.dir)
		tlib_program_remove(&self->program);
}

/* A mapping of each sort of memory whose pages are mapped by PTEs, and what it counted. */
struct load {
	struct row {
		const struct faultlab_memory *memory;
		int fd;
		char *at;
		__u64 pages;
	} row[FAULTLAB_NR_MEMORIES];
	unsigned int nr;
	unsigned int rounds;
	__u64 wrong;		/* reads that found something else */
	__u64 failed;		/* accesses and calls that failed */
};

static struct load load;

static bool load_add(const struct faultlab_memory *memory)
{
	struct row *row = &load.row[load.nr++];

	row->memory = memory;
	row->fd = tlib_memory_region(memory, STEPS);
	if (row->fd < 0)
		return false;
	row->at = tlib_memory_map(memory, row->fd, TLIB_RW, MAP_SHARED, 0, STEPS);
	return row->at;
}

static __u8 byte_of(unsigned int row, unsigned int step)
{
	return load.rounds * 7 + row * 3 + step;
}

static void write_all(void)
{
	unsigned int i, step;

	for (i = 0; i < load.nr; i++)
		for (step = 0; step < STEPS; step++)
			load.failed += !!faultlab_touch_write(tlib_memory_at(load.row[i].memory,
									     load.row[i].at, step),
							      byte_of(i, step), NULL);
}

static void read_all(void)
{
	struct faultlab_touch touch;
	unsigned int i, step;

	for (i = 0; i < load.nr; i++) {
		for (step = 0; step < STEPS; step++) {
			if (faultlab_touch_read(tlib_memory_at(load.row[i].memory, load.row[i].at,
							       step), &touch))
				load.failed++;
			else
				load.wrong += touch.value != byte_of(i, step);
		}
	}
}

static int read_in_child(void *arg)
{
	load.wrong = 0;
	load.failed = 0;
	read_all();
	return load.wrong || load.failed;
}

/* Pages are unmapped, but not dropped. Nothing maps those again that mmap() maps. */
static void evict_all(void)
{
	unsigned int i;

	for (i = 0; i < load.nr; i++)
		if (!load.row[i].memory->at_mmap)
			load.failed += !!faultlab_evict(load.row[i].fd, 0, FAULTLAB_TO_END, 0);
}

static void load_round(void)
{
	load.rounds++;
	write_all();
	evict_all();
	read_all();
	load.failed += !!tlib_reap(tlib_spawn(read_in_child, NULL));
}

/* No fault of the load failed, and no page of it was freed or allocated again. */
static bool load_is_whole(void)
{
	unsigned int i;

	for (i = 0; i < load.nr; i++)
		if (tlib_stat(load.row[i].fd, FAULTLAB_STAT_PAGES) != load.row[i].pages ||
		    tlib_stat(load.row[i].fd, FAULTLAB_STAT_SIGBUS) ||
		    tlib_stat(load.row[i].fd, FAULTLAB_STAT_OOM))
			return false;
	return true;
}

static __u64 load_faults(void)
{
	unsigned int i;
	__u64 n = 0;

	for (i = 0; i < load.nr; i++)
		n += tlib_stat(load.row[i].fd, FAULTLAB_STAT_MINOR) +
		     tlib_stat(load.row[i].fd, FAULTLAB_STAT_MAJOR);
	return n;
}

static void load_end(void)
{
	unsigned int i;

	for (i = 0; i < load.nr; i++) {
		munmap(load.row[i].at, tlib_memory_bytes(load.row[i].memory, STEPS));
		close(load.row[i].fd);
	}
}

TEST_F_TIMEOUT(stress_ng, it_ends_well_and_a_load_beside_it_keeps_its_contents, 600)
{
	struct faultlab_stats begin, end;
	struct rusage of_self, of_children;
	unsigned int i, alone;
	__u64 tainted, start;
	int status;

	ASSERT_EQ(0, tlib_compact());
	for (i = 0; i < FAULTLAB_NR_MEMORIES; i++)
		if (faultlab_memories[i].leaf == FAULTLAB_LEAF_PTE &&
		    !(faultlab_memories[i].flags & FAULTLAB_REGION_PHYS))
			ASSERT_TRUE(load_add(&faultlab_memories[i]));
	load_round();
	for (i = 0; i < load.nr; i++)
		load.row[i].pages = tlib_stat(load.row[i].fd, FAULTLAB_STAT_PAGES);

	alone = load.rounds;
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &begin));
	start = tlib_now();
	ASSERT_EQ(0, tlib_program_start(&self->program));
	while (tlib_program_runs(&self->program))
		load_round();
	/* Before the program is waited for, so without its faults. */
	getrusage(RUSAGE_SELF, &of_self);
	getrusage(RUSAGE_CHILDREN, &of_children);
	status = tlib_program_end(&self->program);
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &end));

	EXPECT_TRUE(status == GOOD || (variant->grows && status == NO_RESOURCE)) {
		TH_LOG("status %d: %s", status, tlib_program_output(&self->program));
	}
	/* If it cannot run a stressor, it ends at once, and also with status 0. */
	EXPECT_LE((self->seconds - 1) * NSEC_PER_SEC, tlib_now() - start) {
		TH_LOG("%s", tlib_program_output(&self->program));
	}
	/* The load does not map during that time, so only the device's stressor can have. */
	EXPECT_EQ(variant->device,
		  end.value[FAULTLAB_STAT_MMAP] > begin.value[FAULTLAB_STAT_MMAP]) {
		TH_LOG("%s", tlib_program_output(&self->program));
	}
	EXPECT_LT(alone, load.rounds);
	EXPECT_EQ(0, load.wrong);
	EXPECT_EQ(0, load.failed);
	EXPECT_TRUE(load_is_whole());
	EXPECT_LE(load_faults(), of_self.ru_minflt + of_self.ru_majflt +
				 of_children.ru_minflt + of_children.ru_majflt);
	load_end();
	EXPECT_EQ(0, tlib_levels_return(&self->before, &end));
	ASSERT_EQ(0, tlib_read_number("/proc/sys/kernel/tainted", &tainted));
	EXPECT_EQ(self->tainted, tainted);
}

TEST_HARNESS_MAIN
