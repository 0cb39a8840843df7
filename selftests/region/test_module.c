// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load and unload. Each test begins and ends with the module loaded, with its original
 * parameters. The module's file is the one that was built for the running kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/machine/free_pages.h"
#include "lib/machine/image.h"
#include "lib/space.h"
#include "lib/sys.h"

FIXTURE(module)
{
	struct tlib_module kept;
};

FIXTURE_SETUP(module)
{
	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_EQ(0, tlib_module_keep(&self->kept));
}

FIXTURE_TEARDOWN_PARENT(module)
{
	tlib_module_restore(&self->kept);
}

TEST_F(module, cannot_be_unloaded_while_a_descriptor_is_open)
{
	int fd = faultlab_open();

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EWOULDBLOCK, tlib_module_unload());
	EXPECT_EQ(0, tlib_stat(fd, FAULTLAB_STAT_PAGES));
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(0, tlib_module_unload());
	EXPECT_EQ(0, tlib_module_reload(&self->kept));
}

TEST_F(module, cannot_be_unloaded_while_a_mapping_lives_though_its_descriptor_is_closed)
{
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 4);
	char *mem = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 4);

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(-EWOULDBLOCK, tlib_module_unload());
	EXPECT_EQ(0, faultlab_touch_write(mem, 1, NULL));
	/* Unmap one half, then the other: after the first the module is still in use. */
	ASSERT_EQ(0, munmap(mem, 2 * TLIB_PAGE));
	EXPECT_EQ(-EWOULDBLOCK, tlib_module_unload());
	EXPECT_EQ(0, faultlab_touch_write(mem + 3 * TLIB_PAGE, 1, NULL));
	ASSERT_EQ(0, munmap(mem + 2 * TLIB_PAGE, 2 * TLIB_PAGE));
	EXPECT_EQ(0, tlib_module_unload());
	EXPECT_EQ(0, tlib_module_reload(&self->kept));
}

TEST_F(module, cannot_be_unloaded_while_a_child_has_inherited_a_mapping)
{
	int fd = tlib_region(FAULTLAB_KIND_PFN, 0, 4);
	char *mem = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 4);
	struct tlib_peer peer;
	pid_t pid;

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, faultlab_touch_write(mem, 7, NULL));
	pid = tlib_peer_fork(&peer);
	if (!pid) {
		close(fd);
		tlib_peer_await(&peer);
		_exit(mem[0]);
	}
	ASSERT_EQ(0, munmap(mem, 4 * TLIB_PAGE));
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(-EWOULDBLOCK, tlib_module_unload());
	tlib_peer_nudge(&peer);
	EXPECT_EQ(7, tlib_peer_join(&peer));
	EXPECT_EQ(0, tlib_module_unload());
	EXPECT_EQ(0, tlib_module_reload(&self->kept));
}

TEST_F(module, can_be_unloaded_while_debugfs_records_and_latency_are_on)
{
	char text[TLIB_TEXT_MAX];
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 4);
	char *mem = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 4);

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, faultlab_observe_start(fd, 0));
	ASSERT_EQ(0, faultlab_latency_start(fd, FAULTLAB_LATENCY_ALL));
	ASSERT_EQ(0, tlib_write_text(FAULTLAB_DEBUGFS "/records", "1"));
	EXPECT_EQ(0, faultlab_touch_write(mem, 1, NULL));
	tlib_unmap(mem, 4);
	ASSERT_EQ(0, close(fd));
	ASSERT_LT(0, tlib_read_text(FAULTLAB_DEBUGFS "/records", text, sizeof(text)));
	EXPECT_NE(NULL, strstr(text, "0 write fault minor"));
	EXPECT_EQ(0, tlib_module_unload());
	EXPECT_EQ(0, tlib_module_reload(&self->kept));
	EXPECT_EQ(0, tlib_read_text(FAULTLAB_DEBUGFS "/records", text, sizeof(text)));
	ASSERT_LT(0, tlib_read_text(FAULTLAB_DEBUGFS "/latency", text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, "off\n", strlen("off\n")));
}

TEST_F(module, unload_removes_the_device_and_the_debugfs_and_proc_entries)
{
	char text[TLIB_TEXT_MAX];

	ASSERT_EQ(0, tlib_module_unload());
	EXPECT_FALSE(tlib_module_is_loaded());
	EXPECT_EQ(-1, access(FAULTLAB_DEVICE, F_OK));
	EXPECT_EQ(-1, access(FAULTLAB_DEBUGFS, F_OK));
	EXPECT_LT(0, tlib_read_text("/proc/misc", text, sizeof(text)));
	EXPECT_EQ(NULL, strstr(text, "faultlab"));
	EXPECT_LT(0, tlib_read_text("/proc/iomem", text, sizeof(text)));
	EXPECT_EQ(NULL, strstr(text, "faultlab"));
	EXPECT_LT(0, tlib_read_text("/proc/filesystems", text, sizeof(text)));
	EXPECT_EQ(NULL, strstr(text, "faultlab"));
	EXPECT_EQ(0, tlib_module_reload(&self->kept));
	EXPECT_EQ(0, access(FAULTLAB_DEVICE, F_OK));
}

TEST_F(module, without_parameter_phys_flag_phys_is_enxio)
{
	const struct faultlab_config phys = {
		.kind = FAULTLAB_KIND_PFN, .flags = FAULTLAB_REGION_PHYS,
	};
	struct faultlab_features features;
	const char *why;
	int fd;

	ASSERT_EQ(0, tlib_module_unload());
	ASSERT_EQ(0, tlib_module_load(&self->kept.image, ""));
	EXPECT_EQ(-ENXIO, tlib_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_PHYS, 1));
	fd = faultlab_open();
	ASSERT_EQ(0, faultlab_features(fd, FAULTLAB_KIND_PFN, &features));
	close(fd);
	EXPECT_EQ(0, features.phys_bytes);
	EXPECT_EQ(0, features.region_flags & FAULTLAB_REGION_PHYS);
	EXPECT_EQ(-ENXIO, faultlab_config_check(&phys, &features, &why));
	EXPECT_NE(NULL, strstr(why, "without phys="));
	EXPECT_EQ(0, tlib_module_unload());
	EXPECT_EQ(0, tlib_module_reload(&self->kept));
}

TEST_F(module, a_reload_applies_new_parameters_and_starts_counters_at_zero)
{
	struct faultlab_stats stats;
	char now[512];
	unsigned int i;

	ASSERT_EQ(0, tlib_module_unload());
	ASSERT_EQ(0, tlib_module_load(&self->kept.image, "max_pages=17 max_total_pages=5"));
	ASSERT_EQ(0, tlib_module_parameters(now, sizeof(now)));
	EXPECT_STREQ("max_pages=17 max_total_pages=5 ", now);
	ASSERT_EQ(0, tlib_module_unload());
	ASSERT_EQ(0, tlib_module_reload(&self->kept));
	ASSERT_EQ(0, tlib_module_parameters(now, sizeof(now)));
	EXPECT_STREQ(self->kept.parameters, now);
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &stats));
	for (i = 0; i < FAULTLAB_NR_STATS; i++)
		EXPECT_EQ(0, stats.value[i]);
}

/* Where the first "System RAM" of /proc/iomem above 1 MiB starts. 0: none was found. */
static __u64 some_ram(void)
{
	unsigned long long start;
	__u64 found = 0;
	char line[256];
	FILE *iomem;

	iomem = fopen("/proc/iomem", "re");
	while (iomem && !found && fgets(line, sizeof(line), iomem))
		if (strstr(line, " : System RAM") && sscanf(line, "%llx-", &start) == 1 &&
		    start >= 1 << 20)
			found = start;
	if (iomem)
		fclose(iomem);
	return found;
}

TEST_F(module, load_fails_for_an_invalid_phys_range_or_one_in_ram)
{
	const __u64 ram = some_ram();
	char in_ram[64], over_ram[64];
	const struct {
		const char *what, *range;
		int err;
	} rows[] = {
		{ "nothing", "", -EINVAL },
		{ "no number", "x", -EINVAL },
		{ "no size", "0x20000000", -EINVAL },
		{ "size 0", "0x20000000,0", -EINVAL },
		{ "text behind", "0x20000000,4096x", -EINVAL },
		{ "a third number", "0x20000000,4096,1", -EINVAL },
		{ "unaligned start", "0x20000800,4096", -EINVAL },
		{ "unaligned size", "0x20000000,4097", -EINVAL },
		{ "overflow", "0xfffffffffffff000,8192", -EINVAL },
		{ "RAM", in_ram, -EBUSY },
		{ "across the start of RAM", over_ram, -EBUSY },
	};
	unsigned int i;

	ASSERT_LT(0, ram);
	snprintf(in_ram, sizeof(in_ram), "%#llx,4096", ram);
	snprintf(over_ram, sizeof(over_ram), "%#llx,8192", ram - TLIB_PAGE);
	ASSERT_EQ(0, tlib_module_unload());
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *phys = tlib_text("phys=%s", rows[i].range);

		EXPECT_EQ(rows[i].err, tlib_module_load(&self->kept.image, phys)) {
			TH_LOG("%s", rows[i].what);
		}
		ASSERT_FALSE(tlib_module_is_loaded());
		EXPECT_EQ(-1, access(FAULTLAB_DEVICE, F_OK));
	}
	EXPECT_EQ(0, tlib_module_reload(&self->kept));
}

/* Use the functions that allocate memory: region, rules, mapping, drop, walk, split. */
static int use_module(enum faultlab_kind kind)
{
	struct faultlab_rule rule = tlib_rule(3, 2, FAULTLAB_VERDICT_SERVE, 10);
	int fd = tlib_region(kind, FAULTLAB_REGION_MKWRITE, 64);
	char *mem = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 64);
	struct faultlab_walk_entry e;
	int err;

	if (!mem)
		return -errno;
	err = faultlab_rule(fd, FAULTLAB_RULE_SET, &rule);
	memset(mem, 1, 64 * TLIB_PAGE);
	err = err ?: faultlab_evict(fd, 0, 8 * TLIB_PAGE, FAULTLAB_EVICT_DROP);
	err = err ?: faultlab_walk_page(fd, 0, mem, &e);
	munmap(mem + 8 * TLIB_PAGE, 8 * TLIB_PAGE);
	if (kind == FAULTLAB_KIND_PFN)
		err = err ?: faultlab_unplug(fd);
	munmap(mem, 64 * TLIB_PAGE);
	close(fd);
	return err;
}

#define WARM		20
#define CYCLES_MAX	600

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Pages lost in a cycle: the median of the slopes between any two samples (Theil-Sen),
 * so that pages which other tasks allocate and free meanwhile hardly change it.
 */
static double slope(const double *x, const double *y, unsigned int n)
{
	static double slopes[CYCLES_MAX * CYCLES_MAX / 32];
	unsigned int i, k, nr = 0;

	for (i = 0; i < n; i++)
		for (k = i + 1; k < n; k++)
			slopes[nr++] = (y[i] - y[k]) / (x[k] - x[i]);
	qsort(slopes, nr, sizeof(*slopes), compare);
	return slopes[nr / 2];
}

static void one_cycle(struct __test_metadata *_metadata, const struct tlib_module *kept,
		      unsigned int i)
{
	struct faultlab_stats stats;

	ASSERT_EQ(0, tlib_module_reload(kept));
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &stats));
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_FAULT_WRITE]);
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_PAGES_PEAK]);
	ASSERT_EQ(0, use_module(i % 2));
	ASSERT_EQ(0, tlib_read_stats(TLIB_STATS, &stats));
	EXPECT_EQ(64, stats.value[FAULTLAB_STAT_FAULT_WRITE]);
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_PAGES]);
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_VMAS]);
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_REGIONS]);
	ASSERT_EQ(0, tlib_module_unload());
}

#define PATIENCE	150	/* seconds */

/*
 * With KASAN there are fewer cycles and samples, since a load takes seconds and
 * emptying the quarantine minutes. The limit is higher, since the number of free pages
 * varies more; small leaks are found by kmemleak, which such a kernel also has. If the
 * result is above the limit, the test goes on until it is below, for up to three times as
 * many cycles or PATIENCE seconds more. A real leak loses the same number of pages in each
 * further cycle, while other tasks' allocations are spread over more cycles.
 */
TEST_F_TIMEOUT(module, repeated_load_and_unload_leaks_no_memory, 800)
{
	const bool kasan = tlib_has_kasan();
	const unsigned int cycles = kasan ? 41 : tlib_scale(48, 200);
	const unsigned int every = kasan ? 10 : 4;
	const double most = kasan ? 8 : 1;	/* pages a cycle */
	double x[CYCLES_MAX / 4], y[CYCLES_MAX / 4], lost = 0;
	unsigned int i, n = 0;
	time_t end = 0;

	ASSERT_EQ(0, tlib_module_unload());
	tlib_free_pages(0); /* frees what earlier tests left in caches */
	for (i = 0; i < cycles || (i < 3 * cycles && time(NULL) < end); i++) {
		one_cycle(_metadata, &self->kept, i);
		if (i < WARM || i % every)
			continue;
		x[n] = i;
		y[n] = tlib_free_pages(n ? y[n - 1] - most * every : UINT64_MAX);
		ASSERT_LT(0, y[n]);
		n++;
		if (i + every < cycles)
			continue;
		lost = slope(x, y, n);
		if (lost < most)
			break;
		end = end ?: time(NULL) + PATIENCE;
	}
	EXPECT_EQ(0, tlib_module_reload(&self->kept));
	TH_LOG("%u cycles, from %.0f to %.0f free pages: %.2f pages lost a cycle", i,
	       y[0], y[n - 1], lost);
	EXPECT_GT(most, lost);
}

/* How many folios a pipe holds, each by a reference to one page; and their order. */
#define HELD_FOLIOS	4
#define HELD_ORDER	9

static int hold_pages(int *pipes, char value)
{
	struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PAGE,
		.flags = FAULTLAB_REGION_WHOLE,
		.order = HELD_ORDER,
		.bytes = HELD_FOLIOS * TLIB_PMD_SIZE,
	};
	int fd = tlib_region_full(&config), err = 0, i;
	char *mem = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, HELD_FOLIOS << HELD_ORDER);

	if (!mem || pipe(pipes))
		return -errno;
	for (i = 0; i < HELD_FOLIOS; i++) {
		struct iovec iov = { mem + i * TLIB_PMD_SIZE, 1 };

		mem[i * TLIB_PMD_SIZE] = value;
		if (vmsplice(pipes[1], &iov, 1, 0) != 1)
			err = -errno;
	}
	munmap(mem, HELD_FOLIOS * TLIB_PMD_SIZE);
	close(fd);
	return err;
}

static int let_go(int *pipes, char value)
{
	char bytes[HELD_FOLIOS];
	int i, err = 0;

	if (read(pipes[0], bytes, HELD_FOLIOS) != HELD_FOLIOS)
		err = -EIO;
	for (i = 0; i < HELD_FOLIOS && !err; i++)
		err = bytes[i] == value ? 0 : -EUCLEAN;
	close(pipes[0]);
	close(pipes[1]);
	return err;
}

/*
 * Pages that a pipe holds when the module is unloaded keep their contents until the
 * pipe is read, and are freed then. In each round the pipe holds 8 MiB. The test fails if
 * half of it stays allocated; other tasks allocate far less, and free it again.
 */
TEST_F_TIMEOUT(module, pages_held_by_a_pipe_survive_unload_and_are_freed_afterwards, 300)
{
	const __u64 folios = HELD_FOLIOS << HELD_ORDER;
	const unsigned int rounds = tlib_scale(3, 20);
	__u64 before, now = 0;
	unsigned int i;
	int pipes[2];

	before = tlib_free_pages(UINT64_MAX);
	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, hold_pages(pipes, 'a' + i));
		ASSERT_EQ(0, tlib_module_unload());
		EXPECT_EQ(0, let_go(pipes, 'a' + i));
		ASSERT_EQ(0, tlib_module_reload(&self->kept));
	}
	for (i = 0; i < 100; i++) {
		now = tlib_free_pages(0);
		if (now + rounds * folios / 2 > before)
			break;
		usleep(100 * 1000);
	}
	EXPECT_LT(before, now + rounds * folios / 2);
}

TEST_HARNESS_MAIN
