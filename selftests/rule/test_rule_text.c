// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules as text: the module and libfaultlab read and write the same language, and
 * refuse the same input.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/sys.h"

#define PAGES	64UL

FIXTURE(rule_text)
{
	int fd;
	char rules[96];		/* the region's file */
};

FIXTURE_SETUP(rule_text)
{
	char dir[64];

	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, tlib_region_dir(self->fd, dir, sizeof(dir)));
	if (access(dir, F_OK))
		SKIP(return, "no " FAULTLAB_DEBUGFS " (CONFIG_DEBUG_FS, mounted)");
	snprintf(self->rules, sizeof(self->rules), "%s/rules", dir);
}

FIXTURE_TEARDOWN(rule_text)
{
	close(self->fd);
}

static int append(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* Rules as a person may write them, and in canonical form; NULL: the same. */
static const struct {
	const char *written;
	const char *canonical;
} lines[] = {
	{ "serve", NULL },
	{ "major", NULL },
	{ "retry", NULL },
	{ "sigbus", NULL },
	{ "oom times=1", NULL },
	{ "hwpoison", NULL },
	{ "hwpoison-large:1", NULL },
	{ "hwpoison-large:0", "hwpoison-large" },
	{ "sigsegv", NULL },
	{ "nopage times=1000", NULL },
	{ "fallback", NULL },
	{ "unplug", NULL },
	{ "sigbus pages=3", NULL },
	{ "sigbus pages=3-5", NULL },
	{ "sigbus pages=3-3", "sigbus pages=3" },
	{ "sigbus pages=3-", NULL },
	{ "sigbus pages=0-", "sigbus" },
	{ "sigbus pages=0x3-0xa", "sigbus pages=3-10" },
	{ "sigbus pages=010", "sigbus pages=10" },
	{ "serve access=read,write,cow,mkwrite,pfn_mkwrite,exec,remote,around,huge", NULL },
	{ "sigbus access=write,read", "sigbus access=read,write" },
	{ "fallback access=huge", NULL },
	{ "serve delay=7", "serve delay=7us" },
	{ "serve delay=0", "serve" },
	{ "serve delay=2000us", "serve delay=2ms" },
	{ "serve delay=1500us", NULL },
	{ "serve delay=60000ms", "serve delay=60s" },
	{ "serve delay=1ms..20ms", NULL },
	{ "serve delay=0..1s", "serve delay=0us..1s" },
	{ "serve delay=exp:5ms", NULL },
	{ "serve delay=exp:5ms..0x10ms", "serve delay=exp:5ms..16ms" },
	{ "serve gate", NULL },
	{ "serve gate hold-lock", NULL },
	{ "sigbus skip=1 every=2 times=3", NULL },
	{ "sigbus skip=0 every=1", "sigbus" },
	{ "sigbus skip=18446744073709551615", NULL },
	{ "sigbus probability=0.25", NULL },
	{ "sigbus probability=0.000001", NULL },
	{ "sigbus probability=0.500000", "sigbus probability=0.5" },
	{ "sigbus probability=1", "sigbus" },
	{ "sigbus probability=1.0", "sigbus" },
	{ "fallback probability=1", "fallback" },
	{ "sigbus seed=0xff probability=0.9", "sigbus probability=0.9 seed=255" },
	{ "major hold-lock delay=1s", "major delay=1s hold-lock" },
	{ "serve unlocked", NULL },
	{ "retry stack", NULL },
	{ "serve stack times=1 hold-lock", "serve times=1 hold-lock stack" },
	{ "\t sigbus \t every=2\t# every other", "sigbus every=2" },
	{ "sigbus#", "sigbus" },
};

static const char *canonical(unsigned int i)
{
	return lines[i].canonical ? lines[i].canonical : lines[i].written;
}

TEST(the_library_writes_what_it_reads_in_canonical_form)
{
	char text[FAULTLAB_RULE_TEXT_MAX];
	struct faultlab_rule rule;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		ASSERT_EQ(0, faultlab_rule_parse(lines[i].written, &rule, NULL)) {
			TH_LOG("%s", lines[i].written);
		}
		EXPECT_STREQ(canonical(i), faultlab_rule_text(&rule, text, sizeof(text)));
		EXPECT_EQ(0, faultlab_rule_check(&rule, NULL)) {
			TH_LOG("%s", lines[i].written);
		}
	}
}

TEST_F(rule_text, the_module_formats_rules_as_the_library_does)
{
	char text[TLIB_TEXT_MAX];
	struct faultlab_rule rule;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		ASSERT_EQ(0, faultlab_rule_parse(lines[i].written, &rule, NULL));
		ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule)) {
			TH_LOG("%s", lines[i].written);
		}
		ASSERT_LT(0, tlib_read_text(self->rules, text, sizeof(text)));
		EXPECT_STREQ(tlib_text("%s # 0 hits", canonical(i)), text);
	}
}

TEST_F(rule_text, the_module_parses_rules_as_the_library_does)
{
	char text[FAULTLAB_RULE_TEXT_MAX];
	struct faultlab_rule rule;
	unsigned int i;
	size_t nr;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		ASSERT_EQ(0, tlib_write_text(self->rules, tlib_text("%s\n", lines[i].written))) {
			TH_LOG("%s", lines[i].written);
		}
		nr = 1;
		ASSERT_EQ(0, faultlab_rules_read(self->fd, &rule, &nr));
		ASSERT_EQ(1, nr);
		EXPECT_STREQ(canonical(i), faultlab_rule_text(&rule, text, sizeof(text)));
	}
}

TEST_F(rule_text, the_text_of_the_rules_file_can_be_written_back)
{
	char text[TLIB_TEXT_MAX], again[TLIB_TEXT_MAX];
	struct faultlab_rule rules[ARRAY_SIZE(lines)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		ASSERT_EQ(0, faultlab_rule_parse(lines[i].written, &rules[i], NULL));
	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, ARRAY_SIZE(lines)));
	ASSERT_LT(0, tlib_read_text(self->rules, text, sizeof(text)));
	ASSERT_EQ(0, tlib_write_text(self->rules, ""));
	EXPECT_EQ(0, tlib_read_text(self->rules, again, sizeof(again)));
	strcat(text, "\n");
	ASSERT_EQ(0, tlib_write_text(self->rules, text));
	text[strlen(text) - 1] = '\0';
	ASSERT_LT(0, tlib_read_text(self->rules, again, sizeof(again)));
	EXPECT_STREQ(text, again);
}

static const char *const bad[] = {
	/* no such word */
	"x", "SIGBUS", "sigbus foo", "pages=3 sigbus", "sigbus sigbus", "sigbus =", "=",
	"sigbus access=reads", "sigbus Pages=3", "sigbus pages =3", "done_cow", "0",
	/* a word twice, or two that exclude each other */
	"sigbus pages=1 pages=2", "sigbus hold-lock hold-lock", "sigbus delay=1 gate",
	"sigbus gate delay=1", "sigbus access=read,read",
	/* a value missing, or not allowed */
	"sigbus pages", "sigbus pages=", "sigbus gate=", "sigbus unlocked=1", "sigbus access=",
	"sigbus access=read,", "sigbus times=", "sigbus:", "sigbus:0", "hwpoison-large:",
	"hwpoison-large:x", "hwpoison-large:0x100000000",
	/* numbers */
	"sigbus pages=-3", "sigbus pages=5-3", "sigbus pages=3-4-5", "sigbus pages=0x",
	"sigbus pages=0X3", "sigbus pages=4503599627370495", "sigbus pages=0-4503599627370495",
	"sigbus pages=+1", "sigbus pages=a", "sigbus pages=3,4", "sigbus times=1k",
	"sigbus skip=18446744073709551616", "sigbus skip=0x10000000000000000",
	"sigbus every=0", "sigbus times=0", "sigbus seed=-1", "sigbus times=1.5",
	/* times and fractions */
	"sigbus delay=ms", "sigbus delay=1m", "sigbus delay=1 ms", "sigbus delay=1.5ms",
	"sigbus delay=1ms..", "sigbus delay=..1ms", "sigbus delay=1ms...2ms",
	"sigbus delay=1ms..2ms..3ms", "sigbus delay=exp:", "sigbus delay=exp",
	"sigbus delay=18446744073709551615s", "sigbus probability=0", "sigbus probability=0.0",
	"sigbus probability=.5", "sigbus probability=0.", "sigbus probability=1.5",
	"sigbus probability=0.0000001", "sigbus probability=2", "sigbus probability=50%",
	/* rules that FAULTLAB_IOC_RULE refuses as well */
	"fallback access=read", "fallback access=mkwrite", "fallback delay=1", "fallback gate",
	"sigbus access=around", "major access=mkwrite", "retry access=pfn_mkwrite",
	"retry hold-lock", "oom", "nopage", "oom times=1001", "nopage times=1001",
	"hwpoison-large:2", "sigbus unlocked", "serve unlocked access=mkwrite",
	"serve delay=60000001", "serve delay=1000001us hold-lock", "serve delay=2ms..1ms",
	"serve delay=exp:0", "serve delay=exp:2s..1s", "serve gate access=mkwrite",
	"fallback every=2", "serve access=huge probability=0.5",
	"sigbus times=9223372036854775808",
};

static int user_refuses(const char *line, const char **why)
{
	struct faultlab_rule rule;
	int err = faultlab_rule_parse(line, &rule, why);

	return err ? err : faultlab_rule_check(&rule, why);
}

TEST(the_library_refuses_each_invalid_line_with_a_reason)
{
	const char *why;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		why = "";
		EXPECT_EQ(-EINVAL, user_refuses(bad[i], &why)) {
			TH_LOG("%s", bad[i]);
		}
		EXPECT_LT(10, strlen(why)) {
			TH_LOG("%s: %s", bad[i], why);
		}
	}
	EXPECT_EQ(-ENODATA, user_refuses(" \t# nothing", &why));
	EXPECT_EQ(-ENODATA, user_refuses("", NULL));
}

TEST_F(rule_text, the_module_refuses_each_invalid_line_and_keeps_its_rules)
{
	char text[TLIB_TEXT_MAX];
	unsigned int i;

	ASSERT_EQ(0, tlib_write_text(self->rules, "major pages=7\n"));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, tlib_write_text(self->rules, tlib_text("%s\n", bad[i]))) {
			TH_LOG("%s", bad[i]);
		}
		EXPECT_EQ(-EINVAL, append(self->rules, tlib_text("serve\n%s\n", bad[i]))) {
			TH_LOG("%s", bad[i]);
		}
	}
	ASSERT_LT(0, tlib_read_text(self->rules, text, sizeof(text)));
	EXPECT_STREQ("major pages=7 # 0 hits", text);
}

TEST_F(rule_text, a_write_replaces_the_rules_and_an_append_adds_to_them)
{
	char text[TLIB_TEXT_MAX];

	ASSERT_EQ(0, tlib_write_text(self->rules, "major\n\n# a comment\nsigbus # last\n"));
	ASSERT_EQ(0, append(self->rules, "retry\n"));
	ASSERT_LT(0, tlib_read_text(self->rules, text, sizeof(text)));
	EXPECT_STREQ("major # 0 hits\nsigbus # 0 hits\nretry # 0 hits", text);
	ASSERT_EQ(0, tlib_write_text(self->rules, "unplug\n"));
	ASSERT_LT(0, tlib_read_text(self->rules, text, sizeof(text)));
	EXPECT_STREQ("unplug # 0 hits", text);
	ASSERT_EQ(0, tlib_write_text(self->rules, "# none\n"));
	EXPECT_EQ(0, tlib_read_text(self->rules, text, sizeof(text)));
}

TEST_F(rule_text, hits_are_a_comment_behind_the_rule)
{
	char *mem = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	char text[TLIB_TEXT_MAX];

	ASSERT_NE(NULL, mem);
	ASSERT_EQ(0, tlib_write_text(self->rules, "sigbus pages=0-1\nmajor pages=2\n"));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(tlib_at(mem, 0), NULL));
	EXPECT_EQ(-EFAULT, faultlab_touch_read(tlib_at(mem, 1), NULL));
	EXPECT_EQ(0, faultlab_touch_read(tlib_at(mem, 2), NULL));
	ASSERT_LT(0, tlib_read_text(self->rules, text, sizeof(text)));
	EXPECT_STREQ("sigbus pages=0-1 # 2 hits\nmajor pages=2 # 1 hit", text);
}

/*
 * A writer may write a line in several parts. The first part of a rule can be a valid rule
 * that is for more pages or faults, so a write without a newline is refused.
 */
TEST_F(rule_text, a_line_without_newline_is_einval_and_keeps_the_rules)
{
	static const char line[] = "sigbus pages=1-9\n";
	char part[sizeof(line)], text[TLIB_TEXT_MAX];
	size_t len;

	ASSERT_EQ(0, tlib_write_text(self->rules, "major pages=7\n"));
	for (len = 1; len < strlen(line); len++) {
		memcpy(part, line, len);
		part[len] = '\0';
		EXPECT_EQ(-EINVAL, tlib_write_text(self->rules, part)) {
			TH_LOG("%s", part);
		}
		EXPECT_EQ(-EINVAL, append(self->rules, part));
	}
	ASSERT_LT(0, tlib_read_text(self->rules, text, sizeof(text)));
	EXPECT_STREQ("major pages=7 # 0 hits", text);
	EXPECT_EQ(0, tlib_write_text(self->rules, line));
}

static int drop_ptrace(void)
{
	const cap_value_t ptrace[] = { CAP_SYS_PTRACE };
	cap_t caps = cap_get_proc();
	int err = cap_set_flag(caps, CAP_EFFECTIVE, 1, ptrace, CAP_CLEAR) || cap_set_proc(caps);

	cap_free(caps);
	return err;
}

/* Sets a rule by text, then faults in kernel mode. Returns ns waited, or -1. */
static long long waited_in_kernel(const char *path, int fd, bool ptrace)
{
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, 1);
	const __u64 before = tlib_stat(fd, FAULTLAB_STAT_DELAY_NS);
	int zero = open("/dev/zero", O_RDONLY);

	if ((!ptrace && drop_ptrace()) || tlib_write_text(path, "serve delay=20ms\n") ||
	    faultlab_evict(fd, 0, FAULTLAB_TO_END, 0) || read(zero, at, 1) != 1)
		return -1;
	close(zero);
	tlib_unmap(at, 1);
	return tlib_stat(fd, FAULTLAB_STAT_DELAY_NS) - before;
}

TEST_F(rule_text, a_written_rule_delays_faults_of_system_calls_only_with_cap_sys_ptrace)
{
	EXPECT_LE(20 * 1000000LL, waited_in_kernel(self->rules, self->fd, true));
	EXPECT_EQ(0, waited_in_kernel(self->rules, self->fd, false));
}

/*
 * Ask the module whether it accepts a rule, without setting it: pass the rule as the first
 * of two. If it is accepted, the second is refused with -ENOSPC, and neither is set.
 */
static int module_refuses(int fd, const struct faultlab_rule *rule)
{
	struct faultlab_rule rules[2] = {
		*rule, { .offset = 1ULL << 62, .length = FAULTLAB_TO_END },
	};
	int err = faultlab_rules(fd, FAULTLAB_RULE_SET, rules, 2);

	return err == -ENOSPC ? 0 : err;
}

/* Advance to the next combination, like an odometer. */
static bool turn(unsigned int *hands, const unsigned int *sizes, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (++hands[i] < sizes[i])
			return true;
		hands[i] = 0;
	}
	return false;
}

TEST_F(rule_text, the_library_and_the_module_refuse_the_same_rules)
{
	static const __u64 times[] = {
		0, 1, FAULTLAB_MAX_TIMES, FAULTLAB_MAX_TIMES + 1, 1ULL << 63,
	};
	static const __u64 delays[] = { 0, 1, FAULTLAB_MAX_HOLD_US, FAULTLAB_MAX_HOLD_US + 1,
					FAULTLAB_MAX_DELAY_US + 1 };
	enum { VERDICT, ACCESS, FLAGS, KIND, DELAY, LONGEST, TIMES, ARG, HANDS };
	const unsigned int sizes[HANDS] = {
		FAULTLAB_NR_VERDICTS + 1, 11, 4, FAULTLAB_NR_DELAYS + 1, ARRAY_SIZE(delays), 3,
		ARRAY_SIZE(times), 3,
	};
	unsigned int h[HANDS] = { 0 }, different = 0;
	unsigned long accepted = 0, step = 0;
	struct faultlab_rule rule;
	const char *why;
	int err;

	do {
		/*
		 * The short form tests every 13th combination. 13 is prime, so that each
		 * pair of values is tested.
		 */
		if (step++ % tlib_scale(13, 1))
			continue;
		rule = (struct faultlab_rule) {
			.length = FAULTLAB_TO_END,
			.verdict = h[VERDICT],
			.access = h[ACCESS] ? 1U << (h[ACCESS] - 1) : 0,
			.flags = h[FLAGS],
			.delay_kind = h[KIND],
			.delay_us = delays[h[DELAY]],
			.delay_max_us = delays[h[LONGEST]],
			.times = times[h[TIMES]],
			.arg = h[ARG],
		};
		why = "";
		err = module_refuses(self->fd, &rule);
		accepted += !err;
		if (faultlab_rule_check(&rule, &why) == err || different++ > 10)
			continue;
		EXPECT_EQ(0, err) {
			TH_LOG("the library accepts a rule that the module refuses");
		}
		EXPECT_STREQ("", why);
		TH_LOG("verdict %u access 0x%x flags %u delay %u:%llu..%llu times %llu arg %u",
		       rule.verdict, rule.access, rule.flags, rule.delay_kind, rule.delay_us,
		       rule.delay_max_us, rule.times, rule.arg);
	} while (turn(h, sizes, HANDS));
	EXPECT_EQ(0, different);
	EXPECT_LT(100, accepted);
}

TEST_HARNESS_MAIN
