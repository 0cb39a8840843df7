// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab top on a terminal of 80x24, of other sizes, and without a terminal.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/tools/screen.h"
#include "lib/tools/shell.h"
#include "lib/sys.h"

#define PAGES	16UL

#define DOWN	"\033OB"
#define ESCAPE	"\033"

static char *const top[] = { "faultlab", "top", "--interval", "0.3", NULL };

struct place {
	char *at;
	int fd;
};

/* A region in which something happens: a child touches it and evicts it. */
FIXTURE(top)
{
	struct tlib_screen screen;
	struct faultlab_info info;
	struct place place;
	pid_t pid;
};

static int touch_and_evict(void *arg)
{
	struct place *place = arg;
	unsigned int page;

	for (;;) {
		for (page = 0; page < PAGES; page++)
			faultlab_touch_write(tlib_at(place->at, page), 1, NULL);
		faultlab_evict(place->fd, 0, FAULTLAB_TO_END, 0);
		usleep(1000);
	}
	return 0;
}

FIXTURE_SETUP(top)
{
	self->place.fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_LE(0, self->place.fd);
	ASSERT_EQ(0, faultlab_info(self->place.fd, &self->info));
	self->place.at = tlib_map(self->place.fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->place.at);
	self->pid = tlib_spawn(touch_and_evict, &self->place);
	ASSERT_LT(0, self->pid);
}

FIXTURE_TEARDOWN(top)
{
	kill(self->pid, SIGKILL);
	tlib_reap(self->pid);
	if (self->screen.pid > 0)
		kill(self->screen.pid, SIGKILL);
	tlib_unmap(self->place.at, PAGES);
	close(self->place.fd);
}

static void quit(struct __test_metadata *_metadata, struct tlib_screen *screen)
{
	tlib_screen_type(screen, "q");
	EXPECT_EQ(0, tlib_screen_end(screen));
	EXPECT_EQ(0, screen->overflows);
}

/* The start of the region's line, up to its kind. */
static const char *row(__u32 region)
{
	return tlib_text("%6u page ", region);
}

TEST_F(top, a_terminal_of_80x24_has_a_title_a_region_a_process_and_the_keys)
{
	struct tlib_screen *screen = &self->screen;

	ASSERT_EQ(0, tlib_screen_start(screen, 24, 80, top));
	EXPECT_TRUE(tlib_screen_await(screen, 0, " faultlab top: all regions"));
	EXPECT_TRUE(tlib_screen_await(screen, 0, "Linux "));
	EXPECT_TRUE(tlib_screen_await(screen, -1, " q quit  s sort (faults)"));
	EXPECT_TRUE(tlib_screen_shows(screen, row(self->info.id)));
	EXPECT_TRUE(tlib_screen_shows(screen, tlib_text(" %8u test_tool_top ", self->pid)));
	EXPECT_TRUE(tlib_screen_shows(screen, "faults/s: "));
	quit(_metadata, screen);
}

TEST_F(top, return_shows_one_region_and_escape_all_regions)
{
	struct tlib_screen *screen = &self->screen;

	ASSERT_EQ(0, tlib_screen_start(screen, 24, 80, top));
	ASSERT_TRUE(tlib_screen_shows(screen, tlib_text(">%s", row(self->info.id))));
	tlib_screen_type(screen, DOWN "\r");
	EXPECT_TRUE(tlib_screen_await(screen, 0, tlib_text(": region %u, page, ", self->info.id)));
	EXPECT_TRUE(tlib_screen_shows(screen, " COUNTER "));
	EXPECT_TRUE(tlib_screen_shows(screen, " fault_write "));
	tlib_screen_type(screen, ESCAPE);
	EXPECT_TRUE(tlib_screen_await(screen, 0, ": all regions"));
	quit(_metadata, screen);
}

TEST_F(top, key_s_changes_the_sort_order_and_key_r_resets_the_counters)
{
	struct tlib_screen *screen = &self->screen;
	struct faultlab_stats stats;

	ASSERT_EQ(0, tlib_screen_start(screen, 24, 80, top));
	ASSERT_TRUE(tlib_screen_await(screen, -1, "s sort (faults)"));
	tlib_screen_type(screen, "s");
	EXPECT_TRUE(tlib_screen_await(screen, -1, "s sort (time)"));
	kill(self->pid, SIGSTOP);
	tlib_screen_type(screen, "r");
	EXPECT_TRUE(tlib_screen_await(screen, -1, "The counters of all regions are 0 again."));
	EXPECT_EQ(0, faultlab_stats(self->place.fd, &stats));
	EXPECT_EQ(0, stats.value[FAULTLAB_STAT_FAULT_WRITE]);
	quit(_metadata, screen);
}

TEST_F(top, the_view_follows_the_size_of_the_terminal)
{
	struct tlib_screen *screen = &self->screen;

	ASSERT_EQ(0, tlib_screen_start(screen, 24, 80, top));
	ASSERT_TRUE(tlib_screen_await(screen, 23, " q quit"));
	ASSERT_EQ(0, tlib_screen_resize(screen, 40, 120));
	EXPECT_TRUE(tlib_screen_await(screen, 39, " q quit"));
	ASSERT_EQ(0, tlib_screen_resize(screen, 10, 40));
	EXPECT_TRUE(tlib_screen_await(screen, 9, " q quit"));
	quit(_metadata, screen);
}

TEST_F(top, top_exits_when_its_terminal_is_closed)
{
	ASSERT_EQ(0, tlib_screen_start(&self->screen, 24, 80, top));
	ASSERT_TRUE(tlib_screen_await(&self->screen, 0, " faultlab top"));
	close(self->screen.fd);
	EXPECT_NE(-SIGKILL, tlib_reap(self->screen.pid));
}

TEST_F(top, without_a_terminal_it_prints_lines)
{
	char text[TLIB_TEXT_MAX], *line, *save;
	unsigned int all = 0, region = 0;

	ASSERT_EQ(0, tlib_shell("faultlab top --count 3 --interval 0.5", text, sizeof(text)));
	EXPECT_EQ(NULL, strchr(text, '\033'));
	EXPECT_EQ(0, strncmp(text, "time     region  faults/s", 25));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		EXPECT_GE(80, strlen(line)) {
			TH_LOG("%s", line);
		}
		all += !strncmp(line + 8, "    all ", 8);
		region += !strncmp(line + 8, tlib_text(" %6u ", self->info.id), 8);
	}
	EXPECT_EQ(3, all);
	EXPECT_EQ(3, region);
}

TEST(invalid_options_have_status_2)
{
	static const char *const options[] = {
		"--count x", "--count 0", "--interval 0", "--interval x", "--nonsense", "17",
	};
	char text[TLIB_TEXT_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		EXPECT_EQ(2, tlib_shell(tlib_text("faultlab top %s", options[i]), text,
					sizeof(text))) {
			TH_LOG("%s", options[i]);
		}
	}
}

TEST_HARNESS_MAIN
