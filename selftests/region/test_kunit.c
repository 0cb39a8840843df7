// SPDX-License-Identifier: GPL-2.0-only
/*
 * The unit tests (selftests/unit) in the kernel: flab_kunit.ko has them as KUnit suites, which
 * run when it is loaded. debugfs has their results until it is unloaded, at the end.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/sys.h"
#include "util.h"

#define SUITES	"/sys/kernel/debug/kunit"
#define LOADED	"/sys/module/flab_kunit"

#define NO_KUNIT	"no CONFIG_KUNIT with CONFIG_KUNIT_DEBUGFS"

FIXTURE(kunit)
{
};

FIXTURE_VARIANT(kunit)
{
	const char *name;
};

#define SUITES_OF_UNIT(X) \
	X(config) X(dice) X(latency) X(names) X(page_index) X(record_text) X(resume) X(rule) \
	X(rule_text) X(value)

#define SUITE(suite) FIXTURE_VARIANT_ADD(kunit, suite) { .name = "flab_" #suite };
#define ONE(suite) + 1

SUITES_OF_UNIT(SUITE)

FIXTURE_SETUP(kunit)
{
	if (access(SUITES, F_OK))
		SKIP(return, NO_KUNIT);
	ASSERT_EQ(0, access(LOADED, F_OK));
}

FIXTURE_TEARDOWN(kunit)
{
}

struct results {
	int planned, passed, failed;
};

/* Counts the cases, and logs those that failed: what KUnit said since the case before. */
static void read_results(struct __test_metadata *_metadata, FILE *file, struct results *results)
{
	char said[4096] = "", line[512];

	while (fgets(line, sizeof(line), file)) {
		const char *text = line + strspn(line, " ");
		const size_t used = strlen(said);

		/* Cases and their plan are indented, the result of the suite is not. */
		if (text == line)
			continue;
		snprintf(said + used, sizeof(said) - used, "%s", text);
		if (sscanf(text, "1..%d", &results->planned) == 1) {
			said[0] = '\0';
		} else if (!strncmp(text, "ok ", strlen("ok "))) {
			results->passed++;
			said[0] = '\0';
		} else if (!strncmp(text, "not ok ", strlen("not ok "))) {
			results->failed++;
			TH_LOG("%s", said);
			said[0] = '\0';
		}
	}
}

TEST_F(kunit, all_cases_of_the_suite_pass)
{
	struct results results = { .planned = -1 };
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), SUITES "/%s/results", variant->name);
	file = fopen(path, "re");
	ASSERT_NE(NULL, file) {
		TH_LOG("no %s", path);
	}
	read_results(_metadata, file, &results);
	fclose(file);
	EXPECT_EQ(0, results.failed);
	EXPECT_LT(0, results.passed);
	EXPECT_EQ(results.planned, results.passed + results.failed);
}

/* Else a suite that is missing in the list above would run unseen. */
TEST(all_suites_of_the_module_are_known)
{
	struct dirent *entry;
	int found = 0;
	DIR *dir;

	if (access(SUITES, F_OK))
		SKIP(return, NO_KUNIT);
	dir = opendir(SUITES);
	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir)))
		found += !strncmp(entry->d_name, "flab_", strlen("flab_"));
	closedir(dir);
	EXPECT_EQ(0 SUITES_OF_UNIT(ONE), found);
}

static int run(void *arg)
{
	char **argv = arg;
	int argc = 0;

	while (argv[argc])
		argc++;
	exit(test_harness_run(argc, argv));
}

/* The module is loaded by no test: all suites together may take longer than its time limit. */
int main(int argc, char **argv)
{
	int status;

	if (!access(SUITES, F_OK))
		tlib_insmod("flab_kunit");
	/* In a child, since the harness ends its process. */
	status = tlib_reap(tlib_spawn(run, argv));
	if (!access(LOADED, F_OK) && system("rmmod flab_kunit")) {
		fprintf(stderr, "flab_kunit cannot be unloaded\n");
		return 1;
	}
	return status < 0 ? 1 : status;
}
