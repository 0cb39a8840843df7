// SPDX-License-Identifier: GPL-2.0-only
/*
 * docs/tracing.md: each line for bpftrace does what it says. It takes long to begin: the
 * short form runs the first one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "flab.h"
#include "flab_doc.h"
#include "flab_shell.h"
#include "flab_sys.h"

#define OUTPUT_MAX	(256 << 10)

static char output[OUTPUT_MAX];

#define shell(command)	flab_shell(command, output, sizeof(output))

/* What the maps of each line have: `faultlab run --pages 40` is 40 faults. */
static const char *const expected[] = {
	"@[faultlab, ", "@read_ns", "@by_task_and_region[faultlab, ", "@retries[faultlab, ",
};

FIXTURE(bpftrace)
{
	struct flab_doc doc;
};

FIXTURE_SETUP(bpftrace)
{
	ASSERT_EQ(0, flab_doc_open(&self->doc, "docs/tracing.md", "## bpftrace"));
	if (!flab_has_program("bpftrace"))
		SKIP(return, "no bpftrace (package bpftrace)");
	if (access("/sys/kernel/btf/vmlinux", F_OK))
		SKIP(return, "the kernel has no CONFIG_DEBUG_INFO_BTF");
	if (flab_full())
		flab_keep_program("bpftrace");
}

FIXTURE_TEARDOWN(bpftrace)
{
	flab_doc_close(&self->doc);
	flab_drop_programs();
}

TEST_F_TIMEOUT(bpftrace, lines_do_what_they_say, 600)
{
	unsigned int lines = 0;
	const char *command;

	while ((command = flab_doc_next(&self->doc))) {
		ASSERT_GT(ARRAY_SIZE(expected), lines);
		if (!lines || flab_full()) {
			EXPECT_EQ(0, shell(command));
			EXPECT_NE(NULL, strstr(output, expected[lines])) {
				TH_LOG("%s\n%s", command, output);
			}
			EXPECT_TRUE(strstr(output, ": 40\n") || lines == 1);
		}
		lines++;
	}
	EXPECT_EQ(ARRAY_SIZE(expected), lines);
}

TEST_HARNESS_MAIN
