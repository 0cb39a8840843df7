// SPDX-License-Identifier: GPL-2.0-only
/*
 * docs/guide/tracing.md and docs/reference/ground-truth.md: each command for tracefs, perf and
 * trace-cmd does what the text says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/record/doc.h"
#include "lib/tools/shell.h"
#include "lib/sys.h"

#define EVENTS		"/sys/kernel/tracing/events/faultlab"
#define OUTPUT_MAX	(256 << 10)

static char output[OUTPUT_MAX];

#define shell(command)	tlib_shell(command, output, sizeof(output))

FIXTURE(doc)
{
	struct tlib_doc doc;
};

FIXTURE_VARIANT(doc)
{
	const char *file;
	const char *section;
	const char *program;	/* that the commands need; NULL: none */
	const char *package;
	unsigned int lines;	/* commands in the section */
};

#define TRACING	"docs/guide/tracing.md"
#define TRUTH	"docs/reference/ground-truth.md"
#define PERF	"perf", "linux-perf"

FIXTURE_VARIANT_ADD(doc, tracefs) { TRACING, "## Without a tool", NULL, NULL, 8 };
FIXTURE_VARIANT_ADD(doc, perf) { TRACING, "## perf", PERF, 6 };
FIXTURE_VARIANT_ADD(doc, trace_cmd) { TRACING, "## trace-cmd", "trace-cmd", "trace-cmd", 4 };
FIXTURE_VARIANT_ADD(doc, truth_by_perf) { TRUTH, "## By hand: perf", PERF, 1 };
FIXTURE_VARIANT_ADD(doc, truth_by_tracefs) { TRUTH, "## By hand: tracefs", NULL, NULL, 6 };

FIXTURE_SETUP(doc)
{
	ASSERT_EQ(0, tlib_doc_open(&self->doc, variant->file, variant->section));
	if (variant->program && !tlib_has_program(variant->program))
		SKIP(return, "no %s (package %s)", variant->program, variant->package);
	if (access(EVENTS, F_OK))
		SKIP(return, "the kernel has no CONFIG_EVENT_TRACING, or nobody mounted tracefs");
}

FIXTURE_TEARDOWN(doc)
{
	tlib_doc_close(&self->doc);
}

/* Whether the command should print something. `perf stat` prints on stderr. */
static bool shows(const char *command)
{
	return !strstr(command, "echo ") &&
	       (!strstr(command, ">/dev/null") || strstr(command, "perf stat "));
}

/* Whether `perf stat` counted every event, and counted events of faultlab. */
static bool all_counted(const char *text)
{
	char count[32], event[64];
	const char *line;

	for (line = text; line; line = strchr(line + 1, '\n'))
		if (sscanf(line, " %31s %63s", count, event) == 2 &&
		    !strncmp(event, "faultlab:", 9) && !strcmp(count, "0"))
			return false;
	return !strstr(text, "<not ");
}

/*
 * trace-cmd ends its recorders when the command ends. On a busy machine a recorder may
 * not have begun by then, and the file is empty. If so, repeat recording and report, at
 * most twice.
 */
static int run(const char *command)
{
	static char record[1024];
	int tries = 2, status = shell(command);

	if (strstr(command, "trace-cmd record"))
		snprintf(record, sizeof(record), "%s", command);
	while (strstr(command, "trace-cmd report") && !strstr(output, "flab_") && tries--) {
		ksft_print_msg("once more: %s\n", record);
		shell(record);
		status = shell(command);
	}
	return status;
}

TEST_F_TIMEOUT(doc, each_command_of_the_section_succeeds_and_shows_events, 600)
{
	unsigned int lines = 0;
	const char *command;

	while ((command = tlib_doc_next(&self->doc))) {
		lines++;
		EXPECT_EQ(0, run(command)) {
			TH_LOG("%s\n%s", command, output);
		}
		/* The output contains an event, or a row of a histogram. */
		EXPECT_TRUE(!shows(command) || strstr(output, "flab_") ||
			    strstr(output, "\n{ ")) {
			TH_LOG("%s\n%s", command, output);
		}
		EXPECT_TRUE(!strstr(command, "perf stat ") || all_counted(output)) {
			TH_LOG("%s\n%s", command, output);
		}
	}
	EXPECT_EQ(variant->lines, lines);
}

FIXTURE(perf)
{
};

FIXTURE_SETUP(perf)
{
	if (!tlib_has_program("perf"))
		SKIP(return, "no perf (package linux-perf)");
}

FIXTURE_TEARDOWN(perf)
{
}

/* perf and the counters that `try` prints count the same faults. */
TEST_F_TIMEOUT(perf, perf_stat_counts_as_many_callbacks_as_the_counters, 600)
{
	static const char run[] = "faultlab try --pages 40 --touch read,write --flags mkwrite";
	const char *at;

	ASSERT_EQ(0, shell(tlib_text("perf stat -x, -e faultlab:flab_fault_exit -- %s", run)));
	at = strstr(output, ",,faultlab:flab_fault_exit");
	ASSERT_NE(NULL, at);
	EXPECT_EQ(0, strncmp(at - 3, "\n80", 3)) {
		TH_LOG("%s", output);
	}
	EXPECT_NE(NULL, strstr(output, "\nfault_mkwrite                        40\n"));
	EXPECT_NE(NULL, strstr(output, "\nfault_read                           40\n"));
}

TEST_HARNESS_MAIN
