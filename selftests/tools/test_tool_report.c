// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab report: each output form reports what was counted, and a file without
 * records gets a message. All tests use one recording.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <json-c/json.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/record/recorder.h"
#include "lib/tools/shell.h"

#define PAGES		32UL
#define STACKS		5	/* faults whose rule asked for the stack */
#define CSV	"%31[^,],\"%*[^\"]\",%llu,%*f,%llu,%llu,%llu,%llu,%llu,%llu"
#define OUTPUT_MAX	(256 << 10)

static char output[OUTPUT_MAX];

#define shell(command)	tlib_shell(command, output, sizeof(output))

/*
 * One recording for all cases, made before the first: each case is a process of its
 * own, and to start a command takes long.
 */
static struct {
	int err;
	pid_t owner;
	char directory[32];	/* the recording is the file `good` in it */
	struct tlib_mark mark;
	char said[256];		/* the output of record */
	char json[OUTPUT_MAX];	/* the output of report --json */
} recording;

/*
 * Cause the faults of the recording: reads that fail, that are delayed, that are plain,
 * and that have a stack; then writes.
 */
static int work(char *at, int fd)
{
	struct faultlab_rule rules[] = {
		tlib_rule(1, 2, FAULTLAB_VERDICT_SIGBUS, 0),
		tlib_rule(4, 3, FAULTLAB_VERDICT_SERVE, 1000),
		tlib_rule(8, 2, FAULTLAB_VERDICT_MAJOR, 0),
		tlib_rule(10, STACKS, FAULTLAB_VERDICT_SERVE, 0),
	};
	int err;
	size_t i;

	rules[0].access = FAULTLAB_ACCESS_READ;
	rules[1].access = FAULTLAB_ACCESS_READ;
	rules[3].access = FAULTLAB_ACCESS_READ;
	rules[3].flags = FAULTLAB_RULE_STACK;
	err = faultlab_rules(fd, FAULTLAB_RULE_SET, rules, ARRAY_SIZE(rules));
	for (i = 0; i < PAGES / 2; i++)
		faultlab_touch_read(tlib_at(at, i), NULL);
	for (i = 0; i < PAGES; i++)
		faultlab_touch_write(tlib_at(at, i), 1, NULL);
	return err;
}

static int make_recording(int fd)
{
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	struct tlib_recorder recorder;
	struct faultlab_info info;
	int err;

	if (!at || faultlab_info(fd, &info))
		return -1;
	err = tlib_recorder_start(&recorder, "good", info.id);
	if (!err)
		err = tlib_counts_begin(fd, &recording.mark);
	if (!err)
		err = work(at, fd);
	tlib_counts_end(&recording.mark);
	tlib_unmap(at, PAGES);
	return err ?: tlib_recorder_end(&recorder, recording.said, sizeof(recording.said));
}

static void __attribute__((constructor)) record_once(void)
{
	int fd = tlib_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, PAGES);

	recording.owner = getpid();
	strcpy(recording.directory, "/tmp/test_report.XXXXXX");
	if (fd < 0 || !mkdtemp(recording.directory) || chdir(recording.directory))
		recording.err = -1;
	else
		recording.err = make_recording(fd);
	close(fd);
	if (!recording.err)
		recording.err = tlib_shell("faultlab report good --json", recording.json,
					   sizeof(recording.json));
}

static void __attribute__((destructor)) remove_recording(void)
{
	if (getpid() == recording.owner)
		tlib_shell(tlib_text("rm -rf %s", recording.directory), output, sizeof(output));
}

static __u64 number_at(struct json_object *object, const char *name)
{
	struct json_object *number;

	return json_object_object_get_ex(object, name, &number) ?
	       json_object_get_uint64(number) : 0;
}

/* The number of records in the row @name of the report's table @by. */
static __u64 reported(struct json_object *report, const char *by, const char *name)
{
	struct json_object *tables, *rows, *row, *is;
	size_t i;

	if (!json_object_object_get_ex(report, "by", &tables) ||
	    !json_object_object_get_ex(tables, by, &rows))
		return ~0ULL;
	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		if (json_object_object_get_ex(row, "name", &is) &&
		    !strcmp(json_object_get_string(is), name))
			return number_at(row, "records");
	}
	return 0;
}

/* The records of all rows of a table. */
static __u64 sum(struct json_object *rows)
{
	__u64 records = 0;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++)
		records += number_at(json_object_array_get_idx(rows, i), "records");
	return records;
}

static __u64 moved(const char *name)
{
	return tlib_moved(&recording.mark, faultlab_stat_by_name(name));
}

FIXTURE(report)
{
	struct json_object *json;
	__u64 records;
};

FIXTURE_SETUP(report)
{
	ASSERT_EQ(0, recording.err) {
		TH_LOG("%s%s", recording.said, recording.json);
	}
	self->json = json_tokener_parse(recording.json);
	ASSERT_NE(NULL, self->json);
	self->records = number_at(self->json, "records");
}

FIXTURE_TEARDOWN(report)
{
	json_object_put(self->json);
}

TEST_F(report, numbers_by_outcome_and_access_match_the_counters)
{
	static const char *const outcomes[] = {
		"minor", "major", "retry", "sigbus", "oom", "hwpoison", "sigsegv",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(outcomes); i++) {
		EXPECT_EQ(moved(outcomes[i]), reported(self->json, "outcome", outcomes[i])) {
			TH_LOG("%s", outcomes[i]);
		}
	}
	EXPECT_EQ(2, moved("sigbus"));
	EXPECT_EQ(3, moved("retry"));
	/*
	 * A fault that is retried has a record of each call of .fault, but the counter
	 * fault_read counts it once. All three retried faults are reads.
	 */
	EXPECT_EQ(moved("fault_read") + moved("retry"), reported(self->json, "access", "read"));
	EXPECT_EQ(moved("fault_write"), reported(self->json, "access", "write"));
	EXPECT_EQ(moved("fault_mkwrite"), reported(self->json, "access", "mkwrite"));
	EXPECT_EQ(PAGES, moved("fault_mkwrite"));
}

TEST_F(report, each_table_adds_up_to_all_records)
{
	struct json_object *tables;
	unsigned int nr = 0;

	EXPECT_LT(PAGES, self->records);
	ASSERT_TRUE(json_object_object_get_ex(self->json, "by", &tables));
	json_object_object_foreach(tables, name, rows) {
		EXPECT_EQ(self->records, sum(rows)) {
			TH_LOG("%s", name);
		}
		nr++;
	}
	EXPECT_EQ(9, nr);
}

TEST_F(report, csv_has_ten_fields_a_line_and_adds_up_to_all_records)
{
	__u64 all = 0, lines = 0;
	char *line, *save, by[32];

	ASSERT_EQ(0, shell("faultlab report good --csv --by callback"));
	line = strtok_r(output, "\n", &save);
	ASSERT_NE(NULL, line);
	EXPECT_STREQ("by,name,records,share,p50_ns,p90_ns,p99_ns,max_ns,total_ns,wait_ns", line);
	while ((line = strtok_r(NULL, "\n", &save))) {
		__u64 count, ns[6];

		EXPECT_EQ(8, sscanf(line, CSV, by, &count, ns, ns + 1, ns + 2, ns + 3, ns + 4,
				    ns + 5)) {
			TH_LOG("%s", line);
		}
		EXPECT_STREQ("callback", by);
		EXPECT_TRUE(ns[0] <= ns[1] && ns[1] <= ns[2] && ns[2] <= ns[3] && ns[3] <= ns[4]);
		all += count;
		lines++;
	}
	EXPECT_EQ(2, lines);
	EXPECT_EQ(self->records, all);
}

/* How often @what occurs in the output. */
static unsigned int count(const char *what)
{
	unsigned int nr = 0;
	const char *at;

	for (at = strstr(output, what); at; at = strstr(at + 1, what))
		nr++;
	return nr;
}

TEST_F(report, option_records_prints_a_line_for_each_record)
{
	ASSERT_EQ(0, shell("faultlab report good --records"));
	EXPECT_EQ(self->records, count("\n"));
	EXPECT_EQ(self->records, count(" verdict "));
}

TEST_F(report, text_fits_100_columns_and_ends_with_failures_and_retries)
{
	char *line, *save, *last = NULL;

	ASSERT_EQ(0, shell("faultlab report good"));
	for (line = strtok_r(output, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		EXPECT_GE(100, strlen(line)) {
			TH_LOG("%s", line);
		}
		last = line;
	}
	ASSERT_NE(NULL, last);
	EXPECT_EQ(0, strncmp(last, "2 failed, 3 retried; ", 21)) {
		TH_LOG("%s", last);
	}
}

TEST_F(report, a_region_without_records_is_reported_as_such)
{
	ASSERT_EQ(0, shell("faultlab report good --region 99999"));
	EXPECT_NE(NULL, strstr(output, " records is of that region or process.\n"));
	EXPECT_EQ(NULL, strstr(output, "Nothing was recorded."));
}

TEST_F(report, the_heat_map_has_a_row_for_each_range_of_pages)
{
	char *row;

	ASSERT_EQ(0, shell("faultlab report good --heat"));
	EXPECT_EQ(PAGES / 2, count("|\n"));
	row = strstr(output, " 30-31 |");
	ASSERT_NE(NULL, row);
	EXPECT_GT(strcspn(row + 8, "|"), strcspn(row + 8, ".:=+*#%@-"));
}

TEST_F(report, a_heat_map_file_that_is_neither_svg_nor_png_is_refused)
{
	EXPECT_EQ(2, shell("faultlab report good --plot map.gif"));
	EXPECT_NE(NULL, strstr(output, "faultlab: 'map.gif' must end in"));
}

TEST_F(report, the_heat_map_is_written_as_svg_and_png)
{
	EXPECT_EQ(0, shell("faultlab report good --plot map.svg && tail -3 map.svg"));
	EXPECT_NE(NULL, strstr(output, "</svg>")) {
		TH_LOG("%s", output);
	}
	EXPECT_EQ(0, shell("faultlab report good --plot map.png && head -c 4 map.png"));
	EXPECT_NE(NULL, strstr(output, "PNG")) {
		TH_LOG("%s", output);
	}
}

TEST_F(report, stacks_are_symbolised_and_folded)
{
	char *line, *save;
	__u64 faults = 0;

	ASSERT_EQ(0, shell("faultlab report good --stacks"));
	EXPECT_LE(1, count("\n    handle_mm_fault+0x"));
	/* A stack begins with the module's callback, the only function of the module in it. */
	EXPECT_LE(1, count(", read\n    flab_vm_fault+0x"));
	EXPECT_EQ(count(", read\n"), count(" [faultlab]\n"));
	EXPECT_EQ(1, count(tlib_text("\n%u records with a stack, ", STACKS)));
	ASSERT_EQ(0, shell("faultlab report good --folded"));
	for (line = strtok_r(output, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		EXPECT_EQ(0, strncmp(line, "read;", 5));
		EXPECT_NE(NULL, strstr(line, ";handle_mm_fault;"));
		EXPECT_EQ(0, strncmp(strrchr(line, ';'), ";flab_vm_fault ", 15));
		faults += strtoull(strrchr(line, ' '), NULL, 10);
	}
	EXPECT_EQ(STACKS, faults);
}

TEST_HARNESS_MAIN
