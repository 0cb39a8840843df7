// SPDX-License-Identifier: GPL-2.0-only
/*
 * docs/guide/tracing.md and docs/reference/ground-truth.md: each bpftrace command does
 * what the text says. bpftrace starts slowly, so the short form runs only the first one
 * of each file.
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

#define OUTPUT_MAX	(256 << 10)

static char output[OUTPUT_MAX];

#define shell(command)	tlib_shell(command, output, sizeof(output))

FIXTURE(bpftrace)
{
	struct tlib_doc doc;
};

FIXTURE_VARIANT(bpftrace)
{
	const char *file;
	const char *section;
	/* What each line prints: `faultlab try --pages 40` is 40 faults. */
	struct {
		const char *map;
		const char *count;
	} expected[4];
};

FIXTURE_VARIANT_ADD(bpftrace, tracing) {
	"docs/guide/tracing.md", "## bpftrace", {
		{ "@[faultlab, ", ": 40\n" },
		{ "@read_ns", "|" },
		{ "@by_task_and_region[faultlab, ", ": 40\n" },
		{ "@retries[faultlab, ", ": 40\n" },
	}
};

FIXTURE_VARIANT_ADD(bpftrace, ground_truth) {
	"docs/reference/ground-truth.md", "## By hand: bpftrace", {
		{ "@handle_mm_fault: ", "@flab_fault_exit: 40\n" },
	}
};

FIXTURE_SETUP(bpftrace)
{
	ASSERT_EQ(0, tlib_doc_open(&self->doc, variant->file, variant->section));
	if (!tlib_has_program("bpftrace"))
		SKIP(return, "no bpftrace (package bpftrace)");
	if (access("/sys/kernel/btf/vmlinux", F_OK))
		SKIP(return, "the kernel has no CONFIG_DEBUG_INFO_BTF");
}

FIXTURE_TEARDOWN(bpftrace)
{
	tlib_doc_close(&self->doc);
}

TEST_F_TIMEOUT(bpftrace, each_bpftrace_command_prints_what_the_document_says, 600)
{
	unsigned int lines = 0;
	const char *command;

	while ((command = tlib_doc_next(&self->doc))) {
		ASSERT_GT(ARRAY_SIZE(variant->expected), lines);
		ASSERT_NE(NULL, variant->expected[lines].map);
		if (!lines || tlib_full()) {
			EXPECT_EQ(0, shell(command));
			EXPECT_NE(NULL, strstr(output, variant->expected[lines].map)) {
				TH_LOG("%s\n%s", command, output);
			}
			EXPECT_NE(NULL, strstr(output, variant->expected[lines].count)) {
				TH_LOG("%s\n%s", command, output);
			}
		}
		lines++;
	}
	EXPECT_TRUE(lines == ARRAY_SIZE(variant->expected) || !variant->expected[lines].map);
}

TEST_HARNESS_MAIN
