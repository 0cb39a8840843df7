// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of tasks and files are chosen by others: no command passes their control
 * characters on to a terminal, and JSON stays valid.
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/record/recorder.h"
#include "lib/tools/screen.h"
#include "lib/tools/shell.h"
#include "lib/space.h"
#include "lib/sys.h"

/*
 * An escape sequence for a colour, a line feed, the two characters that JSON quotes, a byte
 * that is invalid in UTF-8, and U+009B, which is CSI as one character.
 */
#define NAME	"\033[31mx\n\"\\\377\302\233"
/* How all commands must show the start of NAME. */
#define SHOWN	"\\033[31mx\\012\""
#define DIR	"/tmp/tlib_names"
#define RECORD	DIR "/records"
#define PAGES	8UL

FIXTURE(names)
{
	/* A child whose name is NAME. It has opened a region, and maps a file called NAME. */
	struct tlib_peer peer;
	struct faultlab_info info;
	char *file;
	pid_t pid;
	char text[TLIB_TEXT_MAX];
};

/*
 * The child: it takes NAME as its name, and touches its region again for each nudge of the
 * parent.
 */
static void be_called_so(struct tlib_peer *peer, char *file)
{
	int fd = -1;
	char *at = NULL;

	if (!prctl(PR_SET_NAME, NAME))
		fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	if (fd >= 0)
		at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	if (!at || faultlab_touch_read(file, NULL))
		_exit(1);
	for (;;) {
		struct faultlab_info info;

		tlib_write(at, PAGES);
		if (faultlab_info(fd, &info) || write(peer->sock, &info, sizeof(info)) < 0 ||
		    tlib_peer_await(peer))
			_exit(0);
		faultlab_evict(fd, 0, FAULTLAB_TO_END, 0);
	}
}

FIXTURE_SETUP(names)
{
	int fd;

	ASSERT_NE(NULL, setlocale(LC_ALL, "C.UTF-8"));
	ASSERT_EQ(0, system("mkdir -p " DIR));
	fd = open(DIR "/" NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, TLIB_PAGE));
	self->file = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 1);
	ASSERT_NE(NULL, self->file);
	self->pid = tlib_peer_fork(&self->peer);
	ASSERT_LE(0, self->pid);
	if (!self->pid)
		be_called_so(&self->peer, self->file);
	ASSERT_EQ(sizeof(self->info), read(self->peer.sock, &self->info, sizeof(self->info)));
}

FIXTURE_TEARDOWN(names)
{
	close(self->peer.sock);
	kill(self->pid, SIGKILL);
	tlib_reap(self->pid);
	EXPECT_EQ(0, system("rm -r " DIR));
}

/* Is it valid UTF-8 without control characters, as the C library sees it? */
static bool is_clean(const char *text)
{
	mbstate_t state = { 0 };
	wchar_t wide;
	size_t n;

	for (; *text; text += n) {
		n = mbrtowc(&wide, text, MB_CUR_MAX, &state);
		if (n > MB_CUR_MAX || (wide != L'\n' && wide != L'\t' && iswcntrl(wide)))
			return false;
	}
	return true;
}

#define EXPECT_CLEAN(shown) do {							\
	EXPECT_TRUE(is_clean(self->text)) {						\
		TH_LOG("control characters:");							\
		fflush(stdout);								\
	}										\
	EXPECT_NE(NULL, strstr(self->text, shown)) {					\
		TH_LOG("no \"%s\" in %zu bytes", shown, strlen(self->text));		\
	}										\
} while (0)

static int run(FIXTURE_DATA(names) * self, const char *command)
{
	return tlib_shell(command, self->text, sizeof(self->text));
}

TEST_F(names, a_file_name_is_escaped_in_every_form_of_walk)
{
	char command[64], diff[80];
	const char *const forms[] = {
		"+4K --runs", "+4K --entries", "+4K --pages", "+4K --counts", "+4K --holes",
		"+4K --raw", "+4K --dot", " --runs", "", diff,
	};
	unsigned int i;

	snprintf(command, sizeof(command), "faultlab walk %d %lx", self->pid,
		 (unsigned long)self->file);
	snprintf(diff, sizeof(diff), "+4K --diff -- sh -c 'echo 1 >/proc/%d/clear_refs'",
		 self->pid);
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		ASSERT_EQ(0, run(self, tlib_text("%s%s", command, forms[i]))) {
			TH_LOG("%s: %s", forms[i], self->text);
		}
		EXPECT_CLEAN(strstr(forms[i], "--dot") ? "\\033[31mx\\012&#34;" : SHOWN);
	}
}

/* Is it valid JSON whose strings are clean, too? */
static bool is_clean_json(const char *text)
{
	json_object *object = json_tokener_parse(text);
	bool clean = object && is_clean(json_object_to_json_string_ext(object, 0));

	json_object_put(object);
	return clean;
}

TEST_F(names, the_name_of_the_opener_of_a_region_is_escaped_in_lists)
{
	ASSERT_EQ(0, run(self, "cat /sys/kernel/debug/faultlab/regions"));
	EXPECT_CLEAN(SHOWN);
	ASSERT_EQ(0, run(self, "faultlab stat --regions"));
	EXPECT_CLEAN(SHOWN);
	/* The heading, and one line for the only region. */
	ASSERT_EQ(0, run(self, "faultlab stat --regions | grep -c ."));
	EXPECT_STREQ("2\n", self->text);
	ASSERT_EQ(0, run(self, "faultlab stat --regions --json"));
	EXPECT_CLEAN("\\\\033[31mx\\\\012\\\"");
	EXPECT_TRUE(is_clean_json(self->text));
}

TEST_F(names, task_names_of_a_recording_are_escaped_in_every_report)
{
	static const char *const options[] = {
		"", "--by task,region", "--csv", "--records", "--heat", "--json",
	};
	struct tlib_recorder recorder;
	unsigned int i;

	ASSERT_EQ(0, tlib_recorder_start(&recorder, RECORD, self->info.id));
	ASSERT_EQ(0, tlib_peer_nudge(&self->peer));
	ASSERT_EQ(sizeof(self->info), read(self->peer.sock, &self->info, sizeof(self->info)));
	ASSERT_EQ(0, tlib_recorder_end(&recorder, self->text, sizeof(self->text)));
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		ASSERT_EQ(0, run(self, tlib_text("faultlab report " RECORD " %s", options[i])));
		EXPECT_CLEAN(i == 1 ? SHOWN : "");
	}
	EXPECT_CLEAN("\\\\033[31mx\\\\012\\\"");
	EXPECT_TRUE(is_clean_json(self->text));
}

/*
 * Undo the escaping of the names in a recording file. Returns how many names were
 * changed, and a negative number on failure.
 */
static int spoil(const char *path)
{
	static const char safe[] = "\\033[31mx", bare[] = "\033[31mxxxx";
	static char bytes[1 << 20];
	int fd = open(path, O_RDWR | O_CLOEXEC), n = 0;
	ssize_t size = read(fd, bytes, sizeof(bytes));
	char *at = bytes;

	_Static_assert(sizeof(safe) == sizeof(bare), "one takes the place of the other");
	while (size > 0 && (at = memmem(at, bytes + size - at, safe, sizeof(safe) - 1))) {
		if (pwrite(fd, bare, sizeof(bare) - 1, at - bytes) != sizeof(bare) - 1)
			n = -1000000;
		at += sizeof(safe) - 1;
		n++;
	}
	close(fd);
	return n;
}

/*
 * The writer of a recording file chooses the names in it, so report cannot trust them. The
 * test puts control characters into the names of a recording.
 */
TEST_F(names, escape_sequences_in_a_recording_file_are_escaped_by_report)
{
	struct tlib_recorder recorder;

	ASSERT_EQ(0, tlib_recorder_start(&recorder, RECORD, self->info.id));
	ASSERT_EQ(0, tlib_peer_nudge(&self->peer));
	ASSERT_EQ(sizeof(self->info), read(self->peer.sock, &self->info, sizeof(self->info)));
	ASSERT_EQ(0, tlib_recorder_end(&recorder, self->text, sizeof(self->text)));
	ASSERT_LT(1, spoil(RECORD));
	ASSERT_EQ(0, run(self, "faultlab report " RECORD " --by task,region"));
	EXPECT_CLEAN("\\033[31mx");
	ASSERT_EQ(0, run(self, "faultlab report --json " RECORD));
	EXPECT_TRUE(is_clean_json(self->text));
}

TEST_F(names, task_names_are_escaped_by_top)
{
	static char *const top[] = { "faultlab", "top", "--interval", "0.3", NULL };
	struct tlib_screen screen;

	ASSERT_EQ(0, tlib_screen_start(&screen, 24, 100, top));
	EXPECT_TRUE(tlib_screen_shows(&screen, "\\033[31mx"));
	tlib_screen_type(&screen, "q");
	EXPECT_EQ(0, tlib_screen_end(&screen));
}

TEST_HARNESS_MAIN
