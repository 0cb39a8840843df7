// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab record and faultlab report: what is counted is what is reported, and a
 * file that is none gets a sentence.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <json-c/json.h>

#include <kselftest_harness.h>
#include "flab.h"
#include "flab_shell.h"
#include "flab_sys.h"

#define PAGES		32UL
#define CSV	"%31[^,],\"%*[^\"]\",%llu,%*f,%llu,%llu,%llu,%llu,%llu,%llu"
#define OUTPUT_MAX	(256 << 10)

static char output[OUTPUT_MAX];

#define shell(command)	flab_shell(command, output, sizeof(output))

/* A recorder beside the test, until its `cat` has no more to read. */
struct recorder {
	FILE *to;
	pid_t pid;	/* of faultlab record */
};

static bool recorder_start(struct recorder *recorder, __u32 region)
{
	static const char command[] = "sh -c 'echo $PPID >pid.new; mv pid.new pid; cat'";
	FILE *said;
	int i;

	recorder->to = popen(flab_text("faultlab record -o records --region %u -- %s 2>last",
				       region, command), "we");
	for (i = 0; recorder->to && i < 2000; i++) {
		said = fopen("pid", "re");
		if (said) {
			i = fscanf(said, "%d", &recorder->pid);
			fclose(said);
			return i == 1;
		}
		usleep(10000);
	}
	return false;
}

static int recorder_end(struct recorder *recorder)
{
	return pclose(recorder->to);
}

static __u64 number_at(struct json_object *object, const char *name)
{
	struct json_object *number;

	return json_object_object_get_ex(object, name, &number) ?
	       json_object_get_uint64(number) : 0;
}

/* How many records a table of the report has of that name. */
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

/* What all rows of a table come to. */
static __u64 sum(struct json_object *rows)
{
	__u64 records = 0;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++)
		records += number_at(json_object_array_get_idx(rows, i), "records");
	return records;
}

FIXTURE(record)
{
	char directory[32];
	struct recorder recorder;
	struct flab_mark mark;
	struct faultlab_info info;
	int fd;
	char *at;
};

FIXTURE_SETUP(record)
{
	flab_keep_program("faultlab");
	strcpy(self->directory, "/tmp/test_record.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->directory));
	ASSERT_EQ(0, chdir(self->directory));
	self->fd = flab_region(FAULTLAB_KIND_PAGE, FAULTLAB_REGION_MKWRITE, PAGES);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, faultlab_info(self->fd, &self->info));
	self->at = flab_map(self->fd, FLAB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
	ASSERT_TRUE(recorder_start(&self->recorder, self->info.id));
}

FIXTURE_TEARDOWN(record)
{
	flab_unmap(self->at, PAGES);
	close(self->fd);
	flab_shell(flab_text("rm -rf %s", self->directory), output, sizeof(output));
}

/* Reads that fail, are delayed and are plain; then a write to what was read. */
static void work(char *at, int fd)
{
	struct faultlab_rule rules[] = {
		flab_rule(1, 2, FAULTLAB_VERDICT_SIGBUS, 0),
		flab_rule(4, 3, FAULTLAB_VERDICT_SERVE, 1000),
		flab_rule(8, 2, FAULTLAB_VERDICT_MAJOR, 0),
	};
	size_t i;

	rules[0].access = FAULTLAB_ACCESS_READ;
	rules[1].access = FAULTLAB_ACCESS_READ;
	faultlab_rules(fd, FAULTLAB_RULE_SET, rules, ARRAY_SIZE(rules));
	for (i = 0; i < PAGES / 2; i++)
		faultlab_touch_read(flab_at(at, i), NULL);
	for (i = 0; i < PAGES; i++)
		faultlab_touch_write(flab_at(at, i), 1, NULL);
}

static __u64 moved(const struct flab_mark *mark, const char *name)
{
	return flab_moved(mark, faultlab_stat_by_name(name));
}

TEST_F(record, a_report_has_as_many_of_each_outcome_and_access_as_the_counters)
{
	static const char *const outcomes[] = {
		"minor", "major", "retry", "sigbus", "oom", "hwpoison", "sigsegv",
	};
	struct json_object *report;
	unsigned int i;

	ASSERT_EQ(0, flab_begin(self->fd, &self->mark));
	work(self->at, self->fd);
	flab_end(&self->mark);
	ASSERT_EQ(0, recorder_end(&self->recorder));
	ASSERT_EQ(0, shell("faultlab report records --json"));
	report = json_tokener_parse(output);
	ASSERT_NE(NULL, report);
	for (i = 0; i < ARRAY_SIZE(outcomes); i++) {
		EXPECT_EQ(moved(&self->mark, outcomes[i]),
			  reported(report, "outcome", outcomes[i])) {
			TH_LOG("%s", outcomes[i]);
		}
	}
	EXPECT_LT(0, reported(report, "outcome", "sigbus"));
	EXPECT_LT(0, reported(report, "outcome", "retry"));
	/* A pass that asks to come again is a record, but no fault: all are reads. */
	EXPECT_EQ(moved(&self->mark, "fault_read") + moved(&self->mark, "retry"),
		  reported(report, "access", "read"));
	EXPECT_EQ(moved(&self->mark, "fault_write"), reported(report, "access", "write"));
	EXPECT_EQ(moved(&self->mark, "fault_mkwrite"), reported(report, "access", "mkwrite"));
	EXPECT_EQ(PAGES, moved(&self->mark, "fault_mkwrite"));
	json_object_put(report);
}

TEST_F(record, each_table_of_a_report_has_all_records)
{
	struct json_object *report, *tables;
	unsigned int nr = 0;

	work(self->at, self->fd);
	ASSERT_EQ(0, recorder_end(&self->recorder));
	ASSERT_EQ(0, shell("faultlab report records --json"));
	report = json_tokener_parse(output);
	ASSERT_NE(NULL, report);
	EXPECT_LT(PAGES, number_at(report, "records"));
	ASSERT_TRUE(json_object_object_get_ex(report, "by", &tables));
	json_object_object_foreach(tables, name, rows) {
		EXPECT_EQ(number_at(report, "records"), sum(rows)) {
			TH_LOG("%s", name);
		}
		nr++;
	}
	EXPECT_EQ(9, nr);
	json_object_put(report);
}

TEST_F(record, csv_has_ten_fields_a_line_and_the_same_sum)
{
	__u64 records, all = 0, lines = 0;
	char *line, *save, by[32];

	work(self->at, self->fd);
	ASSERT_EQ(0, recorder_end(&self->recorder));
	ASSERT_EQ(0, shell("faultlab report records --records | wc -l"));
	records = strtoull(output, NULL, 0);
	ASSERT_EQ(0, shell("faultlab report records --csv --by callback"));
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
	EXPECT_EQ(records, all);
}

TEST_F(record, the_heat_map_has_a_row_for_each_range_of_pages)
{
	work(self->at, self->fd);
	ASSERT_EQ(0, recorder_end(&self->recorder));
	ASSERT_EQ(0, shell("faultlab report records --heat | grep -c '|$'"));
	EXPECT_EQ(PAGES / 2, strtoul(output, NULL, 0));
	ASSERT_EQ(0, shell("faultlab report records --heat | grep '^ *30-31 |.*[.:=+*#%@-]'"));
}

TEST_F(record, the_heat_map_becomes_a_picture)
{
	work(self->at, self->fd);
	ASSERT_EQ(0, recorder_end(&self->recorder));
	if (!flab_has_program("gnuplot"))
		SKIP(return, "no gnuplot (package gnuplot-nox)");
	EXPECT_EQ(0, shell("faultlab report records --plot map.svg && tail -3 map.svg"));
	EXPECT_NE(NULL, strstr(output, "</svg>"));
	EXPECT_EQ(0, shell("faultlab report records --plot map.png && head -c 4 map.png"));
	EXPECT_NE(NULL, strstr(output, "PNG"));
	EXPECT_EQ(2, shell("faultlab report records --plot map.gif"));
}

TEST_F(record, stacks_are_symbolised_and_folded)
{
	struct faultlab_rule rule = flab_rule(0, PAGES, FAULTLAB_VERDICT_SERVE, 0);
	unsigned int faults;

	rule.access = FAULTLAB_ACCESS_READ;
	rule.flags = FAULTLAB_RULE_STACK;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	for (faults = 0; faults < 5; faults++)
		faultlab_touch_read(flab_at(self->at, faults), NULL);
	ASSERT_EQ(0, recorder_end(&self->recorder));
	ASSERT_EQ(0, shell("faultlab report records --stacks"));
	EXPECT_NE(NULL, strstr(output, "\n    handle_mm_fault+0x"));
	EXPECT_NE(NULL, strstr(output, " [faultlab]\n"));
	ASSERT_EQ(0, shell("faultlab report records --folded | grep -v handle_mm_fault; :"));
	EXPECT_STREQ("", output);
	ASSERT_EQ(0, shell("faultlab report records --folded >folded"));
	ASSERT_EQ(0, shell("awk '{ n += $NF } END { print n }' folded"));
	EXPECT_EQ(5, atoi(output));
}

TEST_F(record, what_is_lost_and_what_is_recorded_are_all)
{
	const unsigned int rounds = 16384 / PAGES;
	struct json_object *report;
	unsigned int i, page;

	ASSERT_EQ(0, kill(self->recorder.pid, SIGSTOP));
	ASSERT_EQ(0, flab_begin(self->fd, &self->mark));
	for (i = 0; i < rounds; i++) {
		for (page = 0; page < PAGES; page++)
			faultlab_touch_read(flab_at(self->at, page), NULL);
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	}
	flab_end(&self->mark);
	ASSERT_EQ(0, kill(self->recorder.pid, SIGCONT));
	ASSERT_EQ(0, recorder_end(&self->recorder));
	ASSERT_EQ(0, shell("faultlab report records --json"));
	report = json_tokener_parse(output);
	ASSERT_NE(NULL, report);
	EXPECT_EQ(rounds * PAGES, moved(&self->mark, "fault_read"));
	EXPECT_LT(0, number_at(report, "lost"));
	/* Those of others are lost, too, if there are any. */
	EXPECT_LE(rounds * PAGES, number_at(report, "records") + number_at(report, "lost"));
	json_object_put(report);
	ASSERT_EQ(0, shell("cat last"));
	EXPECT_EQ(NULL, strstr(output, ", 0 lost,"));
}

TEST_F(record, the_status_of_a_command_that_fails_is_that_of_the_recording)
{
	ASSERT_EQ(0, recorder_end(&self->recorder));
	EXPECT_EQ(3, shell("faultlab record -- sh -c 'exit 3'"));
	EXPECT_NE(NULL, strstr(output, "faultlab: sh ended with status 3.\n"));
	EXPECT_EQ(1, shell("faultlab record -- nonsense"));
	EXPECT_NE(NULL, strstr(output, "faultlab: cannot run nonsense: "));
	EXPECT_EQ(1, shell("faultlab record -o nowhere/records -- true"));
	EXPECT_NE(NULL, strstr(output, "faultlab: cannot write nowhere/records: "));
}

TEST_F(record, a_recording_ends_in_time_and_its_command_with_it)
{
	ASSERT_EQ(0, recorder_end(&self->recorder));
	EXPECT_EQ(1, shell("faultlab record --duration 0.1 -- sleep 1000"));
	EXPECT_NE(NULL, strstr(output, "faultlab: sleep ended by signal 15 (Terminated).\n"));
	EXPECT_EQ(0, shell("faultlab record --duration 0.1"));
	EXPECT_EQ(0, shell("faultlab report"));
	EXPECT_NE(NULL, strstr(output, "Nothing was recorded.\n"));
}

FIXTURE(bad)
{
	char directory[32];
};

FIXTURE_VARIANT(bad)
{
	const char *made_by;	/* from `good`: six records and the notes of them */
	int status;
	const char *says;
};

/* One recording serves all variants; it ends with the machine. */
FIXTURE_SETUP(bad)
{
	const char *good;

	flab_keep_program("faultlab");
	strcpy(self->directory, "/tmp/test_record.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->directory));
	ASSERT_EQ(0, chdir(self->directory));
	good = flab_text("/run/test_record.good.%d", getppid());
	if (access(good, R_OK))
		ASSERT_EQ(0, shell(flab_text("faultlab record -o %s -- faultlab run --pages 6",
					     good)));
	ASSERT_EQ(0, symlink(good, "good"));
}

FIXTURE_TEARDOWN(bad)
{
	flab_shell(flab_text("rm -rf %s", self->directory), output, sizeof(output));
}

#define BAD(what, how, status_, says_)						\
FIXTURE_VARIANT_ADD(bad, what) { .made_by = how, .status = status_, .says = says_ }

#define PATCHED(offset)	\
	"cp good bad; printf '\\7' | dd of=bad bs=1 seek=" #offset " conv=notrunc status=none"

BAD(absent, ":", 1, "there is no bad: 'faultlab record' makes one.");
BAD(empty, ": >bad", 1, "bad is no file of records: it is too short.");
BAD(directory, "mkdir bad", 1, "bad is no file of records, but something else than a file.");
BAD(other, "head -c 4096 /dev/urandom >bad", 1, "bad is no file of records: ");
BAD(version, PATCHED(8), 1, "bad was written by another version of faultlab.");
BAD(page, PATCHED(20), 1, "bad is damaged: its header makes no sense.");
BAD(type, PATCHED(264), 1, "bad is damaged: record 1 of ");
BAD(cut, "head -c 700 good >bad", 1, "bad is cut: it ends within a record.");
BAD(unended, "head -c 1024 good >bad", 0, "bad was not ended by 'faultlab record': ");

TEST_F(bad, a_file_gets_a_sentence_and_a_status)
{
	ASSERT_EQ(0, shell(variant->made_by));
	EXPECT_EQ(variant->status, shell("faultlab report bad"));
	EXPECT_NE(NULL, strstr(output, flab_text("faultlab: %s", variant->says))) {
		TH_LOG("%s", output);
	}
}

TEST(options_that_make_no_sense_have_status_2)
{
	static const char *const commands[] = {
		"report a b", "report --by nonsense", "report --json --csv", "report --heat --csv",
		"report --region x", "report --nonsense", "record --duration x",
		"record --region x", "record --nonsense", "record -o",
	};
	unsigned int i;

	flab_keep_program("faultlab");
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		EXPECT_EQ(2, shell(flab_text("faultlab %s", commands[i]))) {
			TH_LOG("%s", commands[i]);
		}
		EXPECT_EQ(0, strncmp(output, "faultlab: ", 10));
	}
}

TEST_HARNESS_MAIN
