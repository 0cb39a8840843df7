// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk --json: the output is well formed, formatted as json-c does it, and written
 * during the walk, so that the command's memory does not grow with the walked process.
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"
#include "lib/tools/shell.h"

#define FEW		16UL
#define MANY		4096UL
#define ROOM		(16UL << 20)
#define LAYOUT		(JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED)

/*
 * Memory of which every second page was read: each maps the zero page, and is a run of
 * its own.
 */
FIXTURE(json)
{
	char *at;
	char *text;
};

FIXTURE_SETUP(json)
{
	self->text = malloc(ROOM);
	ASSERT_NE(NULL, self->text);
	self->at = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 2 * MANY);
	ASSERT_NE(NULL, self->at);
	ASSERT_EQ(0, madvise(self->at, 2 * MANY * TLIB_PAGE, MADV_NOHUGEPAGE));
	for (size_t i = 0; i < 2 * MANY; i += 2)
		faultlab_touch_read(self->at + i * TLIB_PAGE, NULL);
}

FIXTURE_TEARDOWN(json)
{
	munmap(self->at, 2 * MANY * TLIB_PAGE);
	free(self->text);
}

static const char *const forms[] = { "--runs", "--entries", "--pages", "--raw" };

static const char *command(FIXTURE_DATA(json) * self, const char *form, size_t pages)
{
	return tlib_text("exec faultlab walk --json %s %d %lx+%luK", form, getpid(),
			 (unsigned long)self->at, 8 * pages);
}

/* Run a command. Returns its largest resident set (ru_maxrss), in KiB, or -1. */
static long peak_of(const char *line)
{
	struct rusage usage;
	int status;
	pid_t pid = fork();

	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", line, NULL);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status)
		return -1;
	return usage.ru_maxrss;
}

TEST_F(json, memory_use_does_not_grow_with_the_number_of_records)
{
	long few, many;

	for (unsigned int i = 0; i < ARRAY_SIZE(forms); i++) {
		few = peak_of(command(self, forms[i], FEW));
		many = peak_of(command(self, forms[i], MANY));
		ASSERT_LT(0, few);
		/*
		 * If the command built a tree in memory, each record would take a KiB
		 * or more.
		 */
		EXPECT_GT(few + 1024, many) {
			TH_LOG("%s: %ld KiB for %lu pages, %ld KiB for %lu", forms[i], few, FEW,
			       many, MANY);
		}
	}
}

/* Parse what the command prints. NULL: it failed, or printed no JSON. */
static json_object *parse(FIXTURE_DATA(json) * self, const char *line)
{
	FILE *pipe = popen(line, "r");
	size_t used = fread(self->text, 1, ROOM - 1, pipe);

	self->text[used] = '\0';
	return pclose(pipe) ? NULL : json_tokener_parse(self->text);
}

#define EXPECT_LAID_OUT(object) do {							\
	const char *_text = json_object_to_json_string_ext(object, LAYOUT);		\
											\
	EXPECT_EQ(strlen(self->text), strlen(_text) + 1);				\
	EXPECT_EQ(0, strncmp(self->text, _text, strlen(_text)));			\
	EXPECT_EQ('\n', self->text[strlen(self->text) - 1]);				\
} while (0)

TEST_F(json, output_is_formatted_exactly_as_json_c_formats_it)
{
	static const char *const lists[] = { "runs", "entries", "entries", "tables" };
	static const size_t sizes[] = { 0, 1, 5, MANY / 4 };
	json_object *object, *list;

	for (unsigned int i = 0; i < ARRAY_SIZE(forms); i++)
		for (unsigned int j = 0; j < ARRAY_SIZE(sizes); j++) {
			/* For size 0: a range of one mapped page that was not touched. */
			const char *line = sizes[j] ? command(self, forms[i], sizes[j]) :
				tlib_text("faultlab walk --json %s %d %lx+4K", forms[i], getpid(),
					  (unsigned long)self->at + TLIB_PAGE);

			object = parse(self, line);
			ASSERT_NE(NULL, object) {
				TH_LOG("%s of %zu: %.200s", forms[i], sizes[j], self->text);
			}
			EXPECT_LAID_OUT(object);
			ASSERT_TRUE(json_object_object_get_ex(object, lists[i], &list));
			if (i < 3)
				EXPECT_EQ(sizes[j], json_object_array_length(list));
			json_object_put(object);
		}
}

TEST_F(json, counts_holes_diff_chain_tables_and_kernel_are_valid_json)
{
	static const char *const options[] = {
		"--counts", "--holes", "--diff -- true", "--chain", "--tables",
	};
	json_object *object;

	for (unsigned int i = 0; i < ARRAY_SIZE(options); i++) {
		const char *where = i == 3 ? "" : tlib_text("%lx+64K", (unsigned long)self->at);

		object = parse(self, i == 3 ?
			       tlib_text("faultlab walk --json %d --chain %lx", getpid(),
					 (unsigned long)self->at) :
			       tlib_text("faultlab walk --json %d %s %s", getpid(), where,
					 options[i]));
		ASSERT_NE(NULL, object) {
			TH_LOG("%s: %.200s", options[i], self->text);
		}
		EXPECT_LAID_OUT(object);
		json_object_put(object);
	}
	object = parse(self, "faultlab walk --json --kernel ffffffff80000000+1G");
	ASSERT_NE(NULL, object);
	EXPECT_LAID_OUT(object);
	json_object_put(object);
}

TEST_F(json, diff_lists_the_changed_pages_and_their_number)
{
	json_object *object, *list, *sum;
	const char *clear;

	/*
	 * Write to the pages first: clear_refs has nothing to clear in an entry of the
	 * zero page.
	 */
	for (size_t i = 0; i < 16; i += 2)
		self->at[i * TLIB_PAGE] = 1;
	clear = tlib_text("sh -c 'echo 1 >/proc/%d/clear_refs'", getpid());
	object = parse(self, tlib_text("faultlab walk --json %d %lx+64K --diff -- %s", getpid(),
				       (unsigned long)self->at, clear));
	ASSERT_NE(NULL, object);
	EXPECT_LAID_OUT(object);
	ASSERT_TRUE(json_object_object_get_ex(object, "changes", &list));
	ASSERT_TRUE(json_object_object_get_ex(object, "pages_changed_flags", &sum));
	EXPECT_EQ(8, json_object_array_length(list));
	EXPECT_EQ(8, json_object_get_int(sum));
	json_object_put(object);
}

TEST_F(json, a_walk_that_cannot_begin_prints_nothing_on_stdout)
{
	char text[TLIB_TEXT_MAX];

	EXPECT_EQ(1, tlib_shell("faultlab walk --json 2 2>/dev/null", text, sizeof(text)));
	EXPECT_STREQ("", text);
	EXPECT_EQ(1, tlib_shell("faultlab walk --json --entries 4194303 2>/dev/null", text,
				sizeof(text)));
	EXPECT_STREQ("", text);
}

TEST_HARNESS_MAIN
