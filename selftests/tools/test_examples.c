// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs in examples/ do what they say.
 */
#include <stdio.h>
#include <string.h>

#include <kselftest_harness.h>
#include <liburing.h>
#include "lib/tlib.h"
#include "lib/tools/shell.h"
#include "lib/sys.h"

static char output[TLIB_TEXT_MAX];

#define shell(command)	tlib_shell(command, output, sizeof(output))

TEST(example_delay_reports_a_wait_for_one_of_four_pages)
{
	float ms[4];

	ASSERT_EQ(0, shell("build/bin/examples/delay"));
	ASSERT_EQ(4, sscanf(output, "page 0: %f ms\npage 1: %f ms\npage 2: %f ms\npage 3: %f ms\n",
			    &ms[0], &ms[1], &ms[2], &ms[3])) {
		TH_LOG("%s", output);
	}
	EXPECT_LE(200, ms[2]);
	EXPECT_NE(NULL, strstr(output, "\n4 writes: "));
	EXPECT_NE(NULL, strstr(output, "; 1 came back after a wait\n"));
}

/* The number of reads depends on timing, but each read returns many records. */
TEST(example_record_uring_reads_100_records_in_at_most_4_reads)
{
	unsigned int records, reads, first, last, next = 0;
	struct io_uring ring;
	char *line, *save;

	if (io_uring_queue_init(1, &ring, 0))
		SKIP(return, "the kernel has no CONFIG_IO_URING, or forbids it");
	io_uring_queue_exit(&ring);
	ASSERT_EQ(0, shell("build/bin/examples/record-uring")) {
		TH_LOG("%s", output);
	}
	for (line = strtok_r(output, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "a read: %u records, pages %u to %u", &records, &first,
			   &last) != 3)
			break;
		EXPECT_EQ(next, first);
		EXPECT_EQ(records, last - first + 1);
		next = last + 1;
	}
	ASSERT_NE(NULL, line);
	ASSERT_EQ(2, sscanf(line, "%u records by %u reads", &records, &reads));
	EXPECT_EQ(100, records);
	EXPECT_EQ(100, next);
	EXPECT_GE(4, reads);
}

TEST_HARNESS_MAIN
