// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/faultlab: its files, their content, and who may read them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

#define REGIONS	FAULTLAB_DEBUGFS "/regions"
#define RESET	FAULTLAB_DEBUGFS "/reset"
#define WALK	FAULTLAB_DEBUGFS "/walk"

FIXTURE(debugfs)
{
	int fd;
	char dir[64];		/* the region's */
	char stats[80];		/* its stats file */
};

FIXTURE_SETUP(debugfs)
{
	if (access(TLIB_STATS, F_OK))
		SKIP(return, "no " TLIB_STATS " (CONFIG_DEBUG_FS, mounted)");
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, tlib_region_dir(self->fd, self->dir, sizeof(self->dir)));
	snprintf(self->stats, sizeof(self->stats), "%s/stats", self->dir);
}

FIXTURE_TEARDOWN(debugfs)
{
	close(self->fd);
}

TEST_F(debugfs, stats_lists_every_counter_in_order_and_nothing_else)
{
	char text[TLIB_TEXT_MAX], expected[TLIB_TEXT_MAX] = "";
	struct faultlab_stats stats;
	const char * const files[] = { TLIB_STATS, self->stats };
	unsigned int i, file;

	for (file = 0; file < 2; file++) {
		ASSERT_EQ(0, tlib_read_stats(files[file], &stats));
		expected[0] = '\0';
		for (i = 0; i < FAULTLAB_NR_STATS; i++)
			sprintf(expected + strlen(expected), "%s%s %llu", i ? "\n" : "",
				faultlab_stat_name(i), stats.value[i]);
		ASSERT_LT(0, tlib_read_text(files[file], text, sizeof(text)));
		EXPECT_STREQ(expected, text);
	}
}

TEST_F(debugfs, files_are_accessible_to_root_only)
{
	const struct {
		const char *path;
		mode_t mode;
	} files[] = {
		{ TLIB_STATS, S_IFREG | 0400 },
		{ REGIONS, S_IFREG | 0400 },
		{ RESET, S_IFREG | 0200 },
		{ WALK, S_IFREG | 0600 },
		{ self->stats, S_IFREG | 0400 },
		{ tlib_text("%s/vmas", self->dir), S_IFREG | 0400 },
	};
	struct stat st;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		ASSERT_EQ(0, stat(files[i].path, &st));
		EXPECT_EQ(files[i].mode, st.st_mode) {
			TH_LOG("%s", files[i].path);
		}
		EXPECT_EQ(0, st.st_uid);
		EXPECT_EQ(0, st.st_gid);
	}
}

TEST_F(debugfs, regions_shows_kind_size_pages_owner_and_flags)
{
	char text[TLIB_TEXT_MAX], comm[17] = "", flags[64] = "", kind[8] = "";
	unsigned int id, vmas, pid, pages;
	struct faultlab_info info;
	unsigned long long bytes;
	char *line, *mem;
	int fd;

	ASSERT_EQ(0, prctl(PR_SET_NAME, "flab-owner"));
	fd = tlib_region(FAULTLAB_KIND_PFN, FAULTLAB_REGION_MKWRITE | FAULTLAB_REGION_WHOLE, 5);
	mem = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 5);
	ASSERT_NE(NULL, mem);
	memset(mem, 1, 2 * TLIB_PAGE);
	ASSERT_EQ(0, faultlab_info(fd, &info));
	ASSERT_LT(0, tlib_read_text(REGIONS, text, sizeof(text)));
	EXPECT_EQ(0, strncmp(text, "id ", 3));
	line = strstr(text, tlib_text("\n%-6u ", info.id));
	ASSERT_NE(NULL, line);
	ASSERT_EQ(8, sscanf(line + 1, "%u %7s %llu %u %u %u %63s %16s", &id, kind, &bytes,
			    &pages, &vmas, &pid, flags, comm));
	EXPECT_STREQ("pfn", kind);
	EXPECT_EQ(5 * TLIB_PAGE, bytes);
	EXPECT_EQ(2, pages);
	EXPECT_EQ(1, vmas);
	EXPECT_EQ(getpid(), pid);
	EXPECT_STREQ("flab-owner", comm);
	EXPECT_STREQ("mkwrite,whole", flags);

	ASSERT_EQ(0, faultlab_unplug(fd));
	ASSERT_LT(0, tlib_read_text(REGIONS, text, sizeof(text)));
	line = strstr(text, tlib_text("\n%-6u ", info.id));
	ASSERT_NE(NULL, line);
	EXPECT_NE(NULL, strstr(line, "mkwrite,whole,unplugged"));
	close(fd);
}

TEST_F(debugfs, closing_a_region_removes_its_directory_although_a_file_is_open)
{
	int file = open(self->stats, O_RDONLY | O_CLOEXEC);
	char text[TLIB_TEXT_MAX];

	ASSERT_LE(0, file);
	ASSERT_LT(0, read(file, text, 64));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(-1, access(self->dir, F_OK));
	EXPECT_EQ(ENOENT, errno);
	/*
	 * debugfs does not call the module for a removed file, even if seq_file's buffer
	 * still has text of it.
	 */
	EXPECT_EQ(-1, pread(file, text, sizeof(text), 0));
	EXPECT_EQ(EIO, errno);
	close(file);
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
}

TEST_F(debugfs, an_invalid_walk_request_is_einval)
{
	static const char *const bad[] = {
		"", " ", "x", "0", "0 ", "-1 0", "0 x", "0 0 0", "0 0 x", "0 0 4096 1",
		"0 -1", "99999999999 0", "0 0x10000000000000000", "0  0",
		"0 0xffffffffffffffff 4096", "0\n0",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, tlib_write_text(WALK, bad[i])) {
			TH_LOG("\"%s\"", bad[i]);
		}
	}
	EXPECT_EQ(0, tlib_write_text(WALK, "0 0x1000"));
	EXPECT_EQ(0, tlib_write_text(WALK, "0 4096 8192\n"));
	EXPECT_EQ(0, tlib_write_text(WALK, " 0 4096 8192 "));
	EXPECT_EQ(0, tlib_write_text(WALK, "0 010000 0x1"));
}

TEST_F(debugfs, a_walk_of_a_missing_or_kernel_task_is_esrch)
{
	char text[256];

	ASSERT_EQ(0, tlib_write_text(WALK, "2147483647 0"));
	EXPECT_EQ(-ESRCH, tlib_read_text(WALK, text, sizeof(text)));
	ASSERT_EQ(0, tlib_write_text(WALK, "2 0"));
	EXPECT_EQ(-ESRCH, tlib_read_text(WALK, text, sizeof(text)));
	ASSERT_EQ(0, tlib_write_text(WALK, "0 0"));
	EXPECT_LT(0, tlib_read_text(WALK, text, sizeof(text)));
}

TEST_HARNESS_MAIN
