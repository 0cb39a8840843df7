// SPDX-License-Identifier: GPL-2.0-only
/* Records as lines of text. */
#include "line.h"

/* What is the same in all records here, and in their lines. */
#define HEAD(nr_type) \
	.time = 12000000345ULL, .type = (nr_type), .cpu = 3, .region = 7, .pid = 100, .tid = 101
#define HEAD_TEXT	"12.000000345 cpu 3 region 7 pid 100 tid 101"

static struct unit_line line;

static const char *text_of(const struct faultlab_record *record)
{
	flab_add_record(unit_line(&line), record);
	return line.text;
}

TEST(a_fault_is_a_line_of_all_its_fields)
{
	static const struct faultlab_record record = {
		HEAD(FAULTLAB_RECORD_FAULT),
		.fault = {
			.address = 0x7f0000001234, .vma_start = 0x7f0000000000, .index = 5,
			.duration_ns = 4000, .wait_ns = 3000, .access = FAULTLAB_ACCESS_WRITE,
			.flags = FAULTLAB_FLAG_WRITE | FAULTLAB_FLAG_ALLOW_RETRY, .rule = 2,
			.pages = 512, .callback = FAULTLAB_CALLBACK_FAULT,
			.lock = FAULTLAB_LOCK_MMAP, .verdict = FAULTLAB_VERDICT_MAJOR,
			.result = FAULTLAB_RESULT_MAJOR, .order = 9,
		},
	};

#define WHERE	" page 5 write fault major addr 0x7f0000001234 vma 0x7f0000000000 lock mmap"
#define WHAT	" order 9 pages 512 took 4000 waited 3000"
#define WHY	" verdict major rule 2 flags write allow_retry"

	EXPECT_STREQ(HEAD_TEXT WHERE WHAT WHY, text_of(&record));
}

TEST(a_number_without_a_name_is_a_question_mark)
{
	static const struct faultlab_record record = {
		HEAD(FAULTLAB_RECORD_FAULT),
		.fault = {
			.index = ~0ULL, .access = FAULTLAB_ACCESS_READ, .callback = 0xff,
			.lock = 0xff, .verdict = 0xff, .result = 0xff,
		},
	};

#define WHERE_UNNAMED	" page 18446744073709551615 read ? ? addr 0x0 vma 0x0 lock ?"
#define WHAT_UNNAMED	" order 0 pages 0 took 0 waited 0 verdict ? rule 0 flags "

	EXPECT_STREQ(HEAD_TEXT WHERE_UNNAMED WHAT_UNNAMED, text_of(&record));
}

TEST(a_stack_ends_after_its_entries_and_at_the_end_of_the_record)
{
	struct faultlab_record record = { HEAD(FAULTLAB_RECORD_STACK) };
	const char *at;
	unsigned int i;

	EXPECT_STREQ(HEAD_TEXT " stack", text_of(&record));
	for (i = 0; i < FAULTLAB_STACK_ENTRIES; i++)
		record.stack.entry[i] = 0xffff0000 + i;
	record.nr = 2;
	EXPECT_STREQ(HEAD_TEXT " stack 0xffff0000 0xffff0001", text_of(&record));
	record.nr = 0xffff;
	for (i = 0, at = text_of(&record); (at = strstr(at, " 0x")); at++)
		i++;
	EXPECT_EQ(FAULTLAB_STACK_ENTRIES, i);
}

TEST(a_call_for_a_vma_is_a_line_of_its_range_and_what_it_returned)
{
	static const struct faultlab_record record = {
		HEAD(FAULTLAB_RECORD_VMA),
		.vma = {
			.start = 0x10000, .end = 0x14000, .index = 1, .vm_flags = 0xfb,
			.at = 0x12000, .err = -EINVAL, .event = FAULTLAB_VMA_MAY_SPLIT,
			.why = FAULTLAB_WHY_NONE,
		},
	};

#define RANGE	" vma may_split - 0x10000-0x14000 page 1"

	EXPECT_STREQ(HEAD_TEXT RANGE " vm_flags 0xfb at 0x12000 err -22", text_of(&record));
}

TEST(lost_records_are_a_number)
{
	struct faultlab_record record = { HEAD(FAULTLAB_RECORD_LOST), .lost = { .records = 1 } };

	EXPECT_STREQ(HEAD_TEXT " lost 1", text_of(&record));
	record.lost.records = ~0ULL;
	EXPECT_STREQ(HEAD_TEXT " lost 18446744073709551615", text_of(&record));
}

TEST(a_record_of_an_unknown_type_is_its_head)
{
	struct faultlab_record record = { HEAD(0xffff) };

	EXPECT_STREQ(HEAD_TEXT, text_of(&record));
	record.type = FAULTLAB_RECORD_VMA + 1;
	EXPECT_STREQ(HEAD_TEXT, text_of(&record));
}

TEST(the_time_is_in_seconds_with_nine_places)
{
	static const struct {
		u64 time;
		const char *text;
	} rows[] = {
		{ 0, "0.000000000" }, { 1, "0.000000001" }, { 999999999, "0.999999999" },
		{ 1000000000, "1.000000000" }, { ~0ULL, "18446744073.709551615" },
	};
	struct faultlab_record record = { .type = 0xffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		record.time = rows[i].time;
		flab_add_record(unit_line(&line), &record);
		line.text[strcspn(line.text, " ")] = '\0';
		EXPECT_STREQ(rows[i].text, line.text);
	}
}

UNIT_SUITE(record_text,
	   UNIT_CASE(a_fault_is_a_line_of_all_its_fields),
	   UNIT_CASE(a_number_without_a_name_is_a_question_mark),
	   UNIT_CASE(a_stack_ends_after_its_entries_and_at_the_end_of_the_record),
	   UNIT_CASE(a_call_for_a_vma_is_a_line_of_its_range_and_what_it_returned),
	   UNIT_CASE(lost_records_are_a_number),
	   UNIT_CASE(a_record_of_an_unknown_type_is_its_head),
	   UNIT_CASE(the_time_is_in_seconds_with_nine_places))
