// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames, raw entries, kernel addresses, stacks and other tasks are secrets. A task sees
 * them only if it has CAP_SYS_ADMIN, and if the file was opened with CAP_SYS_ADMIN, too.
 * Tests each interface of doors.h for each viewer, with a descriptor from each opener.
 * test_lockdown does the same under lockdown.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/secret/doors.h"
#include "lib/sys.h"

FIXTURE(secrets)
{
	struct tlib_doors doors;
	int fds[TLIB_NR_DOORS];
	int sights[TLIB_NR_DOORS];
};

FIXTURE_VARIANT(secrets)
{
	enum tlib_viewer opener;
	enum tlib_viewer caller;
};

#define OPENED_AND_USED(o, c)	\
	FIXTURE_VARIANT_ADD(secrets, opened_by_##o##_used_by_##c) {	\
		.opener = TLIB_VIEWER_##o, .caller = TLIB_VIEWER_##c }

OPENED_AND_USED(ROOT, ROOT);
OPENED_AND_USED(ROOT, BARE);
OPENED_AND_USED(ROOT, USER);
OPENED_AND_USED(BARE, ROOT);
OPENED_AND_USED(BARE, BARE);
OPENED_AND_USED(BARE, USER);
OPENED_AND_USED(USER, ROOT);
OPENED_AND_USED(USER, BARE);
OPENED_AND_USED(USER, USER);
OPENED_AND_USED(ROOT, CONTAINED);
OPENED_AND_USED(CONTAINED, ROOT);
OPENED_AND_USED(CONTAINED, CONTAINED);

FIXTURE_SETUP(secrets)
{
	if (!tlib_viewer_exists(variant->opener) || !tlib_viewer_exists(variant->caller))
		SKIP(return, TLIB_NO_USER_NS);
	if (access(FAULTLAB_DEBUGFS "/records", F_OK))
		SKIP(return, "no debugfs (CONFIG_DEBUG_FS, mounted)");
	ASSERT_EQ(0, tlib_doors_begin(&self->doors));
}

FIXTURE_TEARDOWN(secrets)
{
	tlib_doors_end(&self->doors);
}

TEST_F(secrets, secrets_are_visible_only_if_opener_and_caller_are_privileged)
{
	int i, sight;

	ASSERT_EQ(0, tlib_doors_open(&self->doors, variant->opener, self->fds));
	ASSERT_EQ(0, tlib_doors_look(&self->doors, variant->caller, self->fds, self->sights));
	for (i = 0; i < TLIB_NR_DOORS; i++) {
		sight = tlib_doors_expected(&tlib_doors[i], variant->opener, variant->caller,
					    false);
		EXPECT_STREQ(tlib_sight_text(&tlib_doors[i], sight),
			     tlib_sight_text(&tlib_doors[i], self->sights[i]));
	}
	tlib_doors_close(self->fds);
}

FIXTURE(passed_descriptor)
{
	struct tlib_doors doors;
};

FIXTURE_SETUP(passed_descriptor)
{
	if (access(FAULTLAB_DEBUGFS "/records", F_OK))
		SKIP(return, "no debugfs (CONFIG_DEBUG_FS, mounted)");
	ASSERT_EQ(0, tlib_doors_begin(&self->doors));
}

FIXTURE_TEARDOWN(passed_descriptor)
{
	tlib_doors_end(&self->doors);
}

static int read_as_user(void *arg)
{
	int fd = *(int *)arg;
	char byte;

	if (tlib_become(TLIB_VIEWER_USER))
		return 255;
	return read(fd, &byte, 1) < 0 ? errno : 0;
}

/*
 * After root has read one byte, seq_file's buffer has the rest of the text. A read by
 * another user must not return it.
 */
TEST_F(passed_descriptor, a_debugfs_file_that_root_began_to_read_is_eperm_for_others)
{
	char path[96] = FAULTLAB_DEBUGFS "/", byte;
	int i, fd;

	ASSERT_EQ(0, tlib_write_text(FAULTLAB_DEBUGFS "/walk", tlib_text("0 %p", path)));
	for (i = 0; i < TLIB_NR_DOORS; i++) {
		if (!tlib_doors[i].path)
			continue;
		sprintf(path + strlen(FAULTLAB_DEBUGFS "/"), tlib_doors[i].path,
			self->doors.id);
		fd = open(path, O_RDONLY);
		ASSERT_LE(0, fd);
		ASSERT_EQ(1, read(fd, &byte, 1));
		/* Rules are not secret. */
		EXPECT_EQ(strstr(path, "rules") ? 0 : EPERM,
			  tlib_reap(tlib_spawn(read_as_user, &fd))) {
			TH_LOG("%s", path);
		}
		EXPECT_EQ(1, read(fd, &byte, 1));
		close(fd);
	}
}

/* Files that can be written to, each with a valid command. */
static const struct {
	const char *path;
	const char *text;
} written[] = {
	{ "walk", "0 0" }, { "records", "0" }, { "latency", "0" }, { "reset", "1" },
	{ "region/%u/latency", "0" }, { "region/%u/reset", "1\n" }, { "region/%u/gate", "close\n" },
	{ "region/%u/rules", "major\n" }, { "region/%u/evict", "\n" },
	{ "region/%u/unplug", "1\n" },
};

struct writing {
	int fd;
	const char *text;
	enum tlib_viewer viewer;
};

static int write_as(void *arg)
{
	const struct writing *w = arg;

	if (tlib_become(w->viewer))
		return 255;
	return write(w->fd, w->text, strlen(w->text)) < 0 ? errno : 0;
}

TEST_F(passed_descriptor, a_write_by_others_to_a_debugfs_file_opened_by_root_is_eperm)
{
	static const int answers[] = {
		[TLIB_VIEWER_ROOT] = 0, [TLIB_VIEWER_BARE] = EPERM, [TLIB_VIEWER_USER] = EPERM,
		[TLIB_VIEWER_CONTAINED] = EPERM,
	};
	char path[96];
	unsigned int i, viewer;

	for (i = 0; i < ARRAY_SIZE(written); i++) {
		sprintf(path, FAULTLAB_DEBUGFS "/");
		sprintf(path + strlen(path), written[i].path, self->doors.id);
		for (viewer = 0; viewer < ARRAY_SIZE(answers); viewer++) {
			struct writing w = { -1, written[i].text, viewer };

			if (!tlib_viewer_exists(viewer))
				continue;
			w.fd = open(path, O_WRONLY);
			ASSERT_LE(0, w.fd);
			EXPECT_EQ(answers[viewer], tlib_reap(tlib_spawn(write_as, &w))) {
				TH_LOG("%s, viewer %u", path, viewer);
			}
			close(w.fd);
		}
	}
}

struct set_uid {
	int fd;
	int out;
	const char *file;	/* to read instead of fd */
	char program[64];
};

/* A user starts a set-uid program with a file that the user has opened as its stdin. */
static int exec_set_uid(void *arg)
{
	struct set_uid *s = arg;

	if (tlib_become(TLIB_VIEWER_USER) || (!s->file && dup2(s->fd, STDIN_FILENO) < 0) ||
	    dup2(s->out, STDOUT_FILENO) < 0)
		return 1;
	execl(s->program, "cat", s->file, NULL);
	return 2;
}

/* Whether the set-uid program really has its owner's capabilities. */
static bool is_privileged(struct set_uid s)
{
	char text[4096];
	int pipes[2];
	ssize_t nr = 0, n;
	__u64 caps = 0;
	char *line;

	if (pipe(pipes))
		return false;
	s.out = pipes[1];
	s.file = "/proc/self/status";
	if (tlib_reap(tlib_spawn(exec_set_uid, &s)))
		return false;
	close(pipes[1]);
	while ((n = read(pipes[0], text + nr, sizeof(text) - 1 - nr)) > 0)
		nr += n;
	close(pipes[0]);
	text[nr] = '\0';
	line = strstr(text, "CapEff:");
	return line && sscanf(line, "CapEff: %llx", &caps) == 1 && caps;
}

TEST_F(passed_descriptor, a_set_uid_program_reads_zeros_for_stacks_from_a_users_descriptor)
{
	struct set_uid s = { .program = "/tmp/faultlab-set-uid-cat" };
	struct faultlab_record r[32];
	int fds[TLIB_NR_DOORS], pipes[2], stacks = 0, i, k;
	ssize_t nr;

	/* Not busybox's cat, which drops the privileges of its owner. */
	ASSERT_EQ(0, system(tlib_text("cp -L /bin/cat %s && chmod 4755 %s", s.program,
				      s.program)));
	ASSERT_TRUE(is_privileged(s));
	ASSERT_EQ(0, tlib_doors_open(&self->doors, TLIB_VIEWER_USER, fds));
	ASSERT_EQ(0, pipe(pipes));
	for (i = 0; strcmp(tlib_doors[i].name, "stacks in records"); i++)
		;
	s.fd = fds[i];
	s.out = pipes[1];
	/* cat prints the records, and fails when there are no more. */
	EXPECT_EQ(1, tlib_reap(tlib_spawn(exec_set_uid, &s)));
	unlink(s.program);
	close(pipes[1]);
	nr = read(pipes[0], r, sizeof(r)) / sizeof(*r);
	for (i = 0; i < nr; i++) {
		stacks += r[i].type == FAULTLAB_RECORD_STACK;
		for (k = 0; r[i].type == FAULTLAB_RECORD_STACK && k < r[i].nr; k++)
			EXPECT_EQ(0, r[i].stack.entry[k]);
	}
	EXPECT_LT(0, stacks);
	close(pipes[0]);
	tlib_doors_close(fds);
}

/* Whether the table of doors has a file; in its rows the region's number is a pattern. */
static bool is_door(const char *path)
{
	unsigned int id, i;
	char door[96];

	if (sscanf(path, FAULTLAB_DEBUGFS "/region/%u/", &id) != 1)
		id = 0;
	for (i = 0; i < TLIB_NR_DOORS; i++) {
		if (!tlib_doors[i].path)
			continue;
		snprintf(door, sizeof(door), tlib_doors[i].path, id);
		if (!strcmp(path + strlen(FAULTLAB_DEBUGFS "/"), door))
			return true;
	}
	return false;
}

static char open_doors[1024];	/* files that show an address, but are in no row of doors */
static int files;

static int look_for_address(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char text[TLIB_TEXT_MAX];

	if (type != FTW_F || !(st->st_mode & 0444) || is_door(path))
		return 0;
	files++;
	if (tlib_read_text(path, text, sizeof(text)) < 0 || strstr(text, "0x"))
		strncat(open_doors, path, sizeof(open_doors) - strlen(open_doors) - 1);
	return 0;
}

TEST_F(passed_descriptor, no_other_debugfs_file_shows_an_address)
{
	nftw(FAULTLAB_DEBUGFS, look_for_address, 8, FTW_PHYS);
	EXPECT_STREQ("", open_doors);
	EXPECT_LE(4, files);
}

TEST_F(passed_descriptor, the_parameter_phys_is_readable_by_root_only)
{
	struct stat file;

	ASSERT_EQ(0, stat(TLIB_PARAMETERS "phys", &file));
	EXPECT_EQ(0400, file.st_mode & 07777);
}

/* Whether the caller has used a capability since its fork (PF_SUPERPRIV). */
static bool has_used_privilege(void)
{
	char text[512];
	const char *at;
	unsigned long flags = 0;

	if (tlib_read_text("/proc/self/stat", text, sizeof(text)) <= 0)
		return false;
	at = strrchr(text, ')');
	sscanf(at, ") %*c %*d %*d %*d %*d %*d %lu", &flags);
	return flags & 0x100;
}

static int ask_for_privilege_by_rules(void *arg)
{
	static const struct {
		const char *what;
		struct faultlab_rule rule;
		bool asks;
	} rows[] = {
		{ "no wait", { .verdict = FAULTLAB_VERDICT_SIGBUS }, false },
		{ "a condition", { .verdict = FAULTLAB_VERDICT_OOM, .times = 1 }, false },
		{ "a retry without a wait", { .verdict = FAULTLAB_VERDICT_RETRY }, false },
		/* The flag is never cleared, so this row is last. */
		{ "a delay", { .delay_us = 1 }, true },
	};
	int fd = faultlab_open();
	unsigned int i;

	(void)arg;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct faultlab_rule rule = rows[i].rule;

		rule.length = FAULTLAB_TO_END;
		if (has_used_privilege() || faultlab_rule(fd, FAULTLAB_RULE_SET, &rule) ||
		    has_used_privilege() != rows[i].asks)
			return 1 + i;
	}
	return 0;
}

TEST(setting_a_rule_checks_for_a_capability_only_if_the_rule_delays)
{
	EXPECT_EQ(0, tlib_reap(tlib_spawn(ask_for_privilege_by_rules, NULL)));
}

TEST_HARNESS_MAIN
