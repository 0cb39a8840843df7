// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab bench: each figure can be measured and parsed, with a few pages. The values
 * are not tested.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/sys.h"

#define MAX_PAGES	TLIB_PARAMETERS "max_pages"
#define TRACEFS		"/sys/kernel/tracing"
#define EVENT		TRACEFS "/events/faultlab/flab_fault_exit/enable"

/*
 * Run a command; put its output, with stderr, into @text, and return its exit status.
 */
static int shell(const char *command, char *text)
{
	FILE *from = popen(tlib_text("exec 2>&1; %s", command), "re");
	size_t used;
	int status;

	if (!from)
		return -1;
	used = fread(text, 1, TLIB_TEXT_MAX - 1, from);
	text[used] = '\0';
	status = pclose(from);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Field nr, from 0, of a line of CSV, which is left as it is. */
static const char *field(const char *line, unsigned int nr)
{
	static char text[128];

	for (; nr && line; nr--) {
		line = strchr(line, ',');
		line = line ? line + 1 : NULL;
	}
	if (!line)
		return "";
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, ",\n"), line);
	return text;
}

static bool is_number(const char *text)
{
	char *end;

	strtod(text, &end);
	return *text && !*end;
}

FIXTURE(bench)
{
	__u64 max_pages;
	char text[TLIB_TEXT_MAX];
};

FIXTURE_SETUP(bench)
{
	/* One measurement needs a region of 1 TiB. */
	ASSERT_EQ(0, tlib_read_number(MAX_PAGES, &self->max_pages));
	ASSERT_EQ(0, tlib_write_number(MAX_PAGES, 1ULL << 28));
}

/* In the parent: also if the test crashed. */
FIXTURE_TEARDOWN_PARENT(bench)
{
	tlib_write_number(MAX_PAGES, self->max_pages);
}

TEST_F(bench, csv_has_both_figures_and_a_result_for_every_goal)
{
	enum { KERNEL, GROUP, NAME, UNIT, OF, OURS, SPREAD, PEER, THEIRS, PEER_SPREAD, RATIO,
	       GOAL, STRETCH, RESULT };
	unsigned int rows = 0;
	char *line, *rest;

	ASSERT_EQ(0, shell("faultlab bench --tiny --csv", self->text));
	ASSERT_EQ(&self->text[0], strstr(self->text, "kernel,group,name,"));
	strtok_r(self->text, "\n", &rest);
	while ((line = strtok_r(NULL, "\n", &rest))) {
		/*
		 * The cost of an event is a difference of two times, so it may be zero
		 * or negative.
		 */
		EXPECT_TRUE(is_number(field(line, OURS)) && is_number(field(line, THEIRS)) &&
			    (atof(field(line, OURS)) > 0 || strstr(line, ",watch,event"))) {
			TH_LOG("%s", line);
		}
		EXPECT_LT(0, atof(field(line, GOAL)));
		EXPECT_TRUE(!strcmp(field(line, RESULT), "met") ||
			    !strcmp(field(line, RESULT), "missed"));
		EXPECT_STREQ("", field(line, RESULT + 1));
		rows++;
	}
	EXPECT_LT(15, rows);
}

TEST_F(bench, ends_with_the_number_of_goals)
{
	ASSERT_EQ(0, shell("faultlab bench --tiny munmap | tail -1", self->text));
	EXPECT_EQ(&self->text[0], strstr(self->text, "2 goals, "));
	EXPECT_NE(NULL, strstr(self->text, "times by the clock"));
}

TEST_F(bench, group_watch_leaves_an_enabled_event_enabled)
{
	if (access(TRACEFS "/events", F_OK))
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	if (access(EVENT, F_OK))
		SKIP(return, "no " EVENT " (CONFIG_FTRACE, EVENT_TRACING)");
	ASSERT_EQ(0, tlib_write_text(EVENT, "1"));
	EXPECT_EQ(0, shell("faultlab bench --tiny watch >/dev/null", self->text));
	EXPECT_LT(0, tlib_read_text(EVENT, self->text, TLIB_TEXT_MAX));
	EXPECT_STREQ("1", self->text);
	EXPECT_EQ(0, tlib_write_text(EVENT, "0"));
	EXPECT_EQ(-1, access(TRACEFS "/instances/faultlab_bench", F_OK));
}

TEST_F(bench, json_has_unit_peer_and_ratio)
{
	ASSERT_EQ(0, shell("faultlab bench --tiny --json --instructions munmap", self->text));
	EXPECT_EQ('{', self->text[0]);
	EXPECT_NE(NULL, strstr(self->text, "\"of\": \"instructions\""));
	EXPECT_NE(NULL, strstr(self->text, "\"peer\": \"shmem-write\\/munmap\""));
	EXPECT_NE(NULL, strstr(self->text, "\"ratio\": "));
}

TEST_F(bench, option_sparse_prints_a_cost_for_eight_sparsities)
{
	unsigned int rows = 0;
	char *line, *rest;

	ASSERT_EQ(0, shell("faultlab bench --sparse --tiny --csv", self->text));
	EXPECT_STREQ("gib,pte_tables,tables,cost", strtok_r(self->text, "\n", &rest));
	while ((line = strtok_r(NULL, "\n", &rest))) {
		EXPECT_LT(0, atof(field(line, 0)));
		EXPECT_LT(0, atof(field(line, 3)));
		rows++;
	}
	EXPECT_EQ(8, rows);
}

TEST_F(bench, an_unknown_group_or_json_with_csv_has_status_2)
{
	EXPECT_EQ(2, shell("faultlab bench nonsense", self->text));
	EXPECT_NE(NULL, strstr(self->text, "bench has no group 'nonsense'"));
	EXPECT_EQ(2, shell("faultlab bench --json --csv", self->text));
}

TEST_HARNESS_MAIN
