// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab report with bad input: a file that is no recording or is damaged, or a bad
 * option, gets a message and an exit status.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/tools/shell.h"
#include "lib/sys.h"

static char output[TLIB_TEXT_MAX];

#define shell(command)	tlib_shell(command, output, sizeof(output))

#define HEADER		256	/* bytes, then records of 128 */
#define RECORD		128

/* A damaged copy of the good file: cut to @length, and with one byte changed. */
struct damage {
	size_t length;
	size_t offset;		/* of the changed byte; 0: none is changed */
};

FIXTURE(damaged_file)
{
	char directory[32];
	char good[16 * RECORD];	/* a file with six records, or most of it */
	size_t size;
};

FIXTURE_VARIANT(damaged_file)
{
	struct damage damage;
	const char *made_by;	/* a command that makes the file, if it is not a damaged copy */
	int status;
	const char *says;
};

/*
 * The first variant makes the good recording, and the others use the same file. It is not
 * removed: /run is empty after a reboot.
 */
FIXTURE_SETUP(damaged_file)
{
	const char *path = tlib_text("/run/test_report.good.%d", getppid());
	int fd;

	strcpy(self->directory, "/tmp/test_report.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->directory));
	ASSERT_EQ(0, chdir(self->directory));
	if (access(path, R_OK))
		ASSERT_EQ(0, shell(tlib_text("faultlab record -o %s -- faultlab try --pages 6",
					     path)));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	self->size = read(fd, self->good, sizeof(self->good));
	ASSERT_LE(HEADER + 6 * RECORD, self->size);
	close(fd);
}

FIXTURE_TEARDOWN(damaged_file)
{
	tlib_shell(tlib_text("rm -rf %s", self->directory), output, sizeof(output));
}

static int write_damaged(char *good, size_t size, const struct damage *damage)
{
	size_t length = damage->length ?: size;
	int fd = open("bad", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ssize_t n;

	if (damage->offset)
		good[damage->offset] = 7;
	n = write(fd, good, length);
	close(fd);
	return n == length ? 0 : -1;
}

#define BAD(what, how, status_, says_)							\
FIXTURE_VARIANT_ADD(damaged_file, what) { .made_by = how, .status = status_, .says = says_ }
#define CUT(what, bytes, status_, says_)						\
FIXTURE_VARIANT_ADD(damaged_file, what) { .damage = { .length = bytes },			\
	.status = status_, .says = says_ }
#define PATCHED(what, at, says_)							\
FIXTURE_VARIANT_ADD(damaged_file, what) { .damage = { .offset = at }, .status = 1, .says = says_ }

BAD(missing, ":", 1, "there is no file bad: 'faultlab record' writes one.");
BAD(empty, ": >bad", 1, "bad is not a file of records: it is too short.");
BAD(directory, "mkdir bad", 1, "bad is not a file of records: it is no regular file.");
PATCHED(wrong_magic, 1, "bad is not a file of 'faultlab record'.");
PATCHED(wrong_version, 8, "bad was written by another version of faultlab.");
PATCHED(wrong_page_size, 20, "bad is damaged: its header is not valid.");
PATCHED(wrong_record_type, HEADER + 8, "bad is damaged: record 1 of ");
CUT(cut_in_a_record, HEADER + 3 * RECORD + 60, 1, "bad is incomplete: it ends within a record.");
CUT(not_ended_by_record, HEADER + 6 * RECORD, 0, "bad has no end mark of 'faultlab record': ");

TEST_F(damaged_file, report_names_the_problem_and_sets_the_exit_status)
{
	ASSERT_EQ(0, variant->made_by ? shell(variant->made_by) :
		  write_damaged(self->good, self->size, &variant->damage));
	EXPECT_EQ(variant->status, shell("faultlab report bad"));
	EXPECT_NE(NULL, strstr(output, tlib_text("faultlab: %s", variant->says))) {
		TH_LOG("%s", output);
	}
}

TEST(invalid_options_have_status_2)
{
	static const char *const options[] = {
		"a b", "--by nonsense", "--json --csv", "--heat --csv", "--region x", "--nonsense",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		EXPECT_EQ(2, shell(tlib_text("faultlab report %s", options[i]))) {
			TH_LOG("%s", options[i]);
		}
		EXPECT_EQ(0, strncmp(output, "faultlab: ", 10));
	}
}

TEST_HARNESS_MAIN
