// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab record: when and how it ends, and how it reports lost records.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <json-c/json.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/record/record.h"
#include "lib/record/recorder.h"
#include "lib/tools/shell.h"
#include "lib/sys.h"

#define PAGES		64UL
#define OUTPUT_MAX	(64 << 10)

static char output[OUTPUT_MAX];

#define shell(command)	tlib_shell(command, output, sizeof(output))

FIXTURE(record)
{
	char directory[32];
};

FIXTURE_SETUP(record)
{
	strcpy(self->directory, "/tmp/test_record.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->directory));
	ASSERT_EQ(0, chdir(self->directory));
}

FIXTURE_TEARDOWN(record)
{
	unlink("faultlab.records");
	rmdir(self->directory);
}

static __u64 number_at(struct json_object *object, const char *name)
{
	struct json_object *number;

	return json_object_object_get_ex(object, name, &number) ?
	       json_object_get_uint64(number) : 0;
}

TEST_F(record, recorded_and_lost_records_add_up_to_all_faults)
{
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	struct tlib_recorder recorder;
	struct json_object *report;
	struct faultlab_info info;
	__u64 slots, faults;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, faultlab_info(fd, &info));
	ASSERT_EQ(0, tlib_read_number(TLIB_PARAMETERS "record_slots", &slots));
	ASSERT_EQ(0, tlib_recorder_start(&recorder, "faultlab.records", info.id));
	/*
	 * While the recorder is stopped, the ring of one CPU fills, and further records
	 * are lost.
	 */
	ASSERT_EQ(0, kill(recorder.pid, SIGSTOP));
	ASSERT_EQ(0, tlib_pin(sched_getcpu()));
	for (faults = 0; faults < slots + 512; faults += PAGES) {
		tlib_touch_pages(at, 0, PAGES);
		ASSERT_EQ(0, madvise(at, PAGES * tlib_page_size(), MADV_DONTNEED));
	}
	ASSERT_EQ(0, kill(recorder.pid, SIGCONT));
	ASSERT_EQ(0, tlib_recorder_end(&recorder, output, sizeof(output)));
	EXPECT_EQ(faults, tlib_stat(fd, FAULTLAB_STAT_FAULT_READ));
	EXPECT_EQ(NULL, strstr(output, ", 0 lost,"));
	ASSERT_EQ(0, shell("faultlab report --json --by region"));
	report = json_tokener_parse(output);
	ASSERT_NE(NULL, report);
	EXPECT_LE(512, number_at(report, "lost"));
	/* Both numbers can include records of other tasks. */
	EXPECT_LE(faults, number_at(report, "records") + number_at(report, "lost"));
	json_object_put(report);
}

/* The command is read from the file itself; `report` prints the same bytes. */
TEST_F(record, the_file_has_the_command_quoted_and_with_dots_where_truncated)
{
	char command[136] = "";
	int fd;

	EXPECT_EQ(3, shell(tlib_text("faultlab record -- sh -c 'exit 3' %0150d", 0)));
	fd = open("faultlab.records", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(command), pread(fd, command, sizeof(command), 120));
	EXPECT_EQ(0, strncmp(command, "sh -c 'exit 3' 0000", 19)) {
		TH_LOG("%.136s", command);
	}
	EXPECT_EQ(0, memcmp(command + 136 - 6, "00...", 6));
	close(fd);
}

TEST_F(record, vma_records_are_written_only_with_option_vmas)
{
	ASSERT_EQ(0, shell("faultlab record -- faultlab try --kind pfn --pages 1"));
	ASSERT_EQ(0, shell("faultlab report --vmas"));
	EXPECT_NE(NULL, strstr(output, "no records of VMA callbacks"));
	ASSERT_EQ(0, shell("faultlab record --vmas -- faultlab try --kind pfn --pages 1"));
	ASSERT_EQ(0, shell("faultlab report --vmas"));
	/* `try` does not call munmap(); its exit ends the mapping. */
	EXPECT_NE(NULL, strstr(output, "\nmmap         -                  1           -\n")) {
		TH_LOG("%s", output);
	}
	EXPECT_NE(NULL, strstr(output, "\nclose        end                1           -\n"));
	ASSERT_EQ(0, shell("faultlab report --records"));
	EXPECT_NE(NULL, strstr(output, " page 0 read fault minor "));
}

TEST_F(record, record_exits_with_the_status_of_a_failed_command)
{
	EXPECT_EQ(3, shell("faultlab record -- sh -c 'exit 3'"));
	EXPECT_NE(NULL, strstr(output, "faultlab: sh ended with status 3.\n"));
	EXPECT_EQ(1, shell("faultlab record -- nonsense"));
	EXPECT_NE(NULL, strstr(output, "faultlab: cannot run nonsense: "));
	EXPECT_EQ(1, shell("faultlab record -o nowhere/records -- true"));
	EXPECT_NE(NULL, strstr(output, "faultlab: cannot write nowhere/records: "));
}

TEST_F(record, option_duration_ends_the_recording_and_its_command)
{
	EXPECT_EQ(1, shell("faultlab record --duration 0.1 -- sleep 1000"));
	EXPECT_NE(NULL, strstr(output, "faultlab: sleep ended by signal 15 (Terminated).\n"));
	EXPECT_EQ(0, shell("faultlab record --duration 0.1"));
	EXPECT_NE(NULL, strstr(output, "faultlab.records: 0 records, 0 lost, "));
}

TEST_F(record, invalid_options_have_status_2)
{
	static const char *const options[] = {
		"--duration x", "--region x", "--nonsense", "-o",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		EXPECT_EQ(2, shell(tlib_text("faultlab record %s", options[i]))) {
			TH_LOG("%s", options[i]);
		}
		EXPECT_EQ(0, strncmp(output, "faultlab: ", 10));
	}
}

TEST_HARNESS_MAIN
