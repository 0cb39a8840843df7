// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs region/ID/{evict,unplug,gate,reset}, and the commands that write to them: they
 * do the same as the ioctls on the region's descriptor, but from another process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/tools/shell.h"
#include "lib/sys.h"

#define NR	8UL

FIXTURE(control)
{
	int fd;
	char dir[64];
	char *at;	/* NR pages, all mapped and written */
	__u32 id;
};

FIXTURE_SETUP(control)
{
	struct faultlab_info info;

	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, NR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, tlib_region_dir(self->fd, self->dir, sizeof(self->dir)));
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	self->id = info.id;
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	tlib_write(self->at, NR);
}

FIXTURE_TEARDOWN(control)
{
	close(self->fd);
}

/* Write to one of the region's files; the commands write to the same files. */
#define WRITE(file, words)	tlib_write_text(tlib_text("%s/%s", self->dir, file), words)
#define NR_MAPPED()		tlib_nr_mapped(self->fd, 0, self->at, NR)

static int command(const char *line, char *text)
{
	return tlib_shell(line, text, TLIB_TEXT_MAX);
}

TEST_F(control, a_valid_line_is_executed_and_an_invalid_one_refused)
{
	static const struct {
		const char *file;
		const char *words;
		int err;
		size_t mapped;	/* how many of the NR pages are mapped afterwards */
	} rows[] = {
		{ "evict", "pages=0\n", 0, NR - 1 },
		{ "evict", "pages=2-3\n", 0, NR - 2 },
		{ "evict", "pages=0x5-\n", 0, 5 },
		{ "evict", " pages=0-1\tcows\t\n", 0, NR - 2 },
		{ "evict", "drop pages=7\n", 0, NR - 1 },
		{ "evict", "\t\n", 0, 0 },
		{ "evict", "\n", 0, 0 },
		{ "evict", "cows drop\n", 0, 0 },
		{ "evict", "pages=0 pages=1\n", -EINVAL, NR },
		{ "evict", "pages=\n", -EINVAL, NR },
		{ "evict", "pages=3-2\n", -EINVAL, NR },
		{ "evict", "pages=0-8\n", -EINVAL, NR },
		{ "evict", "pages=9-\n", -EINVAL, NR },
		{ "evict", "0\n", -EINVAL, NR },
		{ "evict", "dropped\n", -EINVAL, NR },
		{ "evict", "cows\ndrop\n", -EINVAL, NR },
		{ "gate", "open\n", 0, NR },
		{ "gate", "close\n", 0, NR },
		{ "gate", "pass 3\n", 0, NR },
		{ "gate", "pass 0xffffffff\n", 0, NR },
		{ "gate", "pass 4294967296\n", -EINVAL, NR },
		{ "gate", "pass\n", -EINVAL, NR },
		{ "gate", "pass 1 2\n", -EINVAL, NR },
		{ "gate", "open 1\n", -EINVAL, NR },
		{ "gate", "\t\n", -EINVAL, NR },
		{ "gate", "shut\n", -EINVAL, NR },
		{ "unplug", "\t\n", -EINVAL, NR },
		{ "unplug", "0\n", -EINVAL, NR },
		{ "unplug", "11\n", -EINVAL, NR },
		{ "reset", "1\n", 0, NR },
		/* parts of lines, and more than one */
		{ "evict", "pages=0", -EINVAL, NR },
		{ "evict", "drop ", -EINVAL, NR },
		{ "evict", "pages=0\n\n", -EINVAL, NR },
		{ "gate", "open", -EINVAL, NR },
		{ "unplug", "1", -EINVAL, NR },
		{ "unplug", "1\n1\n", -EINVAL, NR },
		{ "reset", "1", -EINVAL, NR },
	};
	char words[200];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tlib_write(self->at, NR);
		EXPECT_EQ(rows[i].err, WRITE(rows[i].file, rows[i].words)) {
			TH_LOG("%s: '%s'", rows[i].file, rows[i].words);
		}
		EXPECT_EQ(rows[i].mapped, NR_MAPPED()) {
			TH_LOG("%s: '%s'", rows[i].file, rows[i].words);
		}
	}
	memset(words, ' ', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ(-E2BIG, WRITE(rows[i].file, words));
}

static ssize_t write_parts(const char *path, const char *first, const char *second)
{
	const struct iovec parts[] = {
		{ (void *)first, strlen(first) }, { (void *)second, strlen(second) },
	};
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t ret = writev(fd, parts, 2) < 0 ? -errno : 0;

	close(fd);
	return ret;
}

/* writev() to debugfs is a write() for each part. */
TEST_F(control, part_of_a_line_is_einval_and_evicts_nothing)
{
	const char *evict = tlib_text("%s/evict", self->dir);
	int fd = open(evict, O_WRONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EINVAL, write_parts(evict, "pages=0-3 ", "drop\n"));
	EXPECT_EQ(-1, write(fd, "", 0));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
	EXPECT_EQ(NR, NR_MAPPED());
}

TEST_F(control, evict_keeps_page_contents_and_drop_discards_them)
{
	struct faultlab_touch touch;

	ASSERT_EQ(0, WRITE("evict", "pages=1\n"));
	ASSERT_EQ(0, WRITE("evict", "pages=2 drop\n"));
	EXPECT_EQ(NR - 2, NR_MAPPED());
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 1), &touch));
	EXPECT_EQ('b', touch.value);
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 2), &touch));
	EXPECT_EQ(0, touch.value);
}

TEST_F(control, evict_with_cows_discards_private_copies)
{
	char *private = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, NR);
	struct faultlab_touch touch;

	ASSERT_NE(NULL, private);
	ASSERT_EQ(0, faultlab_touch_write(private, 'P', NULL));
	ASSERT_EQ(0, WRITE("evict", "pages=0\n"));
	EXPECT_EQ('P', *private);
	ASSERT_EQ(0, WRITE("evict", "pages=0 cows\n"));
	EXPECT_EQ(0, faultlab_touch_read(private, &touch));
	EXPECT_EQ('a', touch.value);
}

TEST_F(control, the_gate_file_shows_waiting_faults_and_pass_releases_them)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, 0);
	struct tlib_toucher touchers[2];
	char text[TLIB_TEXT_MAX];
	int i;

	rule.delay_kind = FAULTLAB_DELAY_GATE;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, WRITE("evict", "\n"));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, tlib_touch_start(&touchers[i], tlib_at(self->at, i), false, 0));
	ASSERT_EQ(0, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 2, 60000 * TLIB_MS, NULL));
	ASSERT_LT(0, tlib_read_text(tlib_text("%s/gate", self->dir), text, sizeof(text)));
	EXPECT_STREQ("open 0\nwaiting 2\npasses 0", text);
	ASSERT_EQ(0, WRITE("gate", "pass 3\n"));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, tlib_touch_join(&touchers[i]));
	ASSERT_LT(0, tlib_read_text(tlib_text("%s/gate", self->dir), text, sizeof(text)));
	EXPECT_STREQ("open 0\nwaiting 0\npasses 1", text);
}

static const char *gate_of(const char *dir)
{
	static char text[TLIB_TEXT_MAX];

	return tlib_read_text(tlib_text("%s/gate", dir), text, sizeof(text)) < 0 ? "?" : text;
}

TEST_F(control, a_gate_opened_by_the_file_stays_open_until_close)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_SERVE, 0);
	struct tlib_toucher toucher;
	unsigned int i;

	rule.delay_kind = FAULTLAB_DELAY_GATE;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	ASSERT_EQ(0, WRITE("evict", "\n"));
	ASSERT_EQ(0, WRITE("gate", "pass 1\n"));
	ASSERT_EQ(0, WRITE("gate", "open\n"));
	EXPECT_STREQ("open 1\nwaiting 0\npasses 1", gate_of(self->dir));
	for (i = 0; i < NR; i++)
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, i), NULL));
	ASSERT_EQ(0, WRITE("gate", "close\n"));
	EXPECT_STREQ("open 0\nwaiting 0\npasses 0", gate_of(self->dir));
	ASSERT_EQ(0, WRITE("evict", "\n"));
	ASSERT_EQ(0, tlib_touch_start(&toucher, self->at, false, 0));
	EXPECT_EQ(0, faultlab_gate(self->fd, FAULTLAB_GATE_AWAIT, 1, 60000 * TLIB_MS, NULL));
	ASSERT_EQ(0, WRITE("gate", "open\n"));
	EXPECT_EQ(0, tlib_touch_join(&toucher));
}

TEST_F(control, writing_1_to_unplug_unplugs_the_region)
{
	struct faultlab_touch touch;

	ASSERT_EQ(0, WRITE("unplug", "1\n"));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(self->at, &touch));
	EXPECT_EQ(SIGBUS, touch.signal);
	EXPECT_EQ(-ENODEV, WRITE("unplug", "1\n"));
	EXPECT_EQ(-ENODEV, WRITE("evict", "\n"));
	EXPECT_EQ(-ENODEV, WRITE("gate", "open\n"));
	EXPECT_EQ(0, WRITE("reset", "1\n"));
	EXPECT_EQ(-ENODEV, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
}

static __u64 measured(int fd)
{
	struct faultlab_latency l;

	return faultlab_latency(fd, 0, 0, 0, &l) ? ~0ULL : faultlab_latency_sum(&l);
}

TEST_F(control, reset_clears_the_counters_of_this_region_only)
{
	int other = tlib_region(FAULTLAB_KIND_PAGE, 0, NR);
	char *at = tlib_map(other, TLIB_RW, MAP_SHARED, 0, NR);

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, faultlab_latency_start(self->fd, 0));
	ASSERT_EQ(0, faultlab_latency_start(other, 0));
	ASSERT_EQ(0, WRITE("evict", "\n"));
	ASSERT_EQ(0, faultlab_touch_read(self->at, NULL));
	tlib_write(at, NR);
	EXPECT_EQ(1, measured(self->fd));
	EXPECT_EQ(NR, measured(other));
	EXPECT_EQ(NR, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	ASSERT_EQ(0, WRITE("reset", "1\n"));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(NR, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(NR, tlib_stat(other, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(0, measured(self->fd));
	EXPECT_EQ(NR, measured(other));
	close(other);
}

TEST_F(control, the_commands_evict_gate_reset_and_unplug_act_on_a_region_by_id)
{
	struct faultlab_touch touch;
	char *private = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, 1);
	char text[TLIB_TEXT_MAX];

	ASSERT_NE(NULL, private);
	ASSERT_EQ(0, faultlab_touch_write(private, 'P', NULL));
	EXPECT_EQ(0, command(tlib_text("faultlab evict %u 2-3", self->id), text));
	EXPECT_EQ(NR - 2, NR_MAPPED());
	EXPECT_EQ(0, command(tlib_text("faultlab evict %u 0 --cows", self->id), text));
	EXPECT_EQ(0, faultlab_touch_read(private, &touch));
	EXPECT_EQ('a', touch.value);
	tlib_unmap(private, 1);
	EXPECT_EQ(0, command(tlib_text("faultlab gate %u open", self->id), text));
	EXPECT_STREQ("open 1\nwaiting 0\npasses 0", gate_of(self->dir));
	EXPECT_EQ(0, command(tlib_text("faultlab gate %u close", self->id), text));
	EXPECT_EQ(0, command(tlib_text("faultlab evict %u --drop --cows", self->id), text));
	EXPECT_EQ(0, NR_MAPPED());
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(0, command(tlib_text("faultlab gate %u pass 2", self->id), text));
	EXPECT_EQ(0, command(tlib_text("faultlab gate %u", self->id), text));
	EXPECT_STREQ("open 0\nwaiting 0\npasses 2\n", text);
	EXPECT_NE(0, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(0, command(tlib_text("faultlab reset %u", self->id), text));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(0, command(tlib_text("faultlab unplug %u", self->id), text));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(self->at, &touch));
	EXPECT_EQ(SIGBUS, touch.signal);
}

/*
 * The use case of docs/reference/rules.md: a running program loses its memory, and gets
 * it back.
 */
TEST_F(control, a_sigbus_rule_and_an_evict_take_memory_away_until_rule_clear)
{
	struct faultlab_touch touch;
	char text[TLIB_TEXT_MAX];

	EXPECT_EQ(0, command(tlib_text("faultlab rule %u set sigbus", self->id), text));
	EXPECT_NE(NULL, strstr(text, tlib_text("'faultlab evict %u'", self->id)));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 3), NULL));
	EXPECT_EQ(0, command(tlib_text("faultlab evict %u", self->id), text));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(tlib_at(self->at, 3), &touch));
	EXPECT_EQ(SIGBUS, touch.signal);
	EXPECT_EQ(0, command(tlib_text("faultlab rule %u clear", self->id), text));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, 3), &touch));
	EXPECT_EQ('d', touch.value);
}

TEST_F(control, an_impossible_command_prints_a_reason_and_has_status_1_or_2)
{
	const struct {
		const char *line;
		int status;
		const char *text;
	} rows[] = {
		{ "faultlab evict", 2, "number of a region is missing" },
		{ "faultlab evict x", 2, "not the number of a region" },
		{ tlib_text("faultlab evict %u 1 2", self->id), 2, "one range" },
		{ tlib_text("faultlab evict %u 1 --now", self->id), 2, "has no option" },
		{ tlib_text("faultlab evict %u 3-2", self->id), 2, "not a range" },
		{ tlib_text("faultlab evict %u '1 drop'", self->id), 2, "not a range" },
		{ tlib_text("faultlab evict %u 9-", self->id), 1, "ends before these pages" },
		{ tlib_text("faultlab evict %u --drop 9-", self->id), 1, "is for whole folios" },
		{ tlib_text("faultlab gate %u shut", self->id), 2, "open, close or pass N" },
		{ tlib_text("faultlab gate %u pass", self->id), 2, "needs a number of faults" },
		{ tlib_text("faultlab unplug %u now", self->id), 2, "takes a region only" },
		{ "faultlab unplug 4000000000", 1, "no such region" },
		{ "faultlab reset", 2, "number of a region is missing" },
	};
	char text[TLIB_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(rows[i].status, command(rows[i].line, text)) {
			TH_LOG("%s: %s", rows[i].line, text);
		}
		EXPECT_NE(NULL, strstr(text, rows[i].text)) {
			TH_LOG("%s: %s", rows[i].line, text);
		}
	}
	EXPECT_EQ(NR, NR_MAPPED());
}

TEST_HARNESS_MAIN
