// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tools that watch the ioctls of /dev/faultlab: strace decodes their direction and
 * size, and valgrind finds no uninitialised data in what the command passes and reads.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <kselftest_harness.h>
#include "lib/tlib.h"
#include "lib/tools/shell.h"

#define ROOM	(1UL << 20)

FIXTURE(ioctls)
{
	char *text;
};

FIXTURE_SETUP(ioctls)
{
	self->text = malloc(ROOM);
	ASSERT_NE(NULL, self->text);
}

FIXTURE_TEARDOWN(ioctls)
{
	free(self->text);
}

/*
 * An ioctl request as strace prints it if strace does not know its name: direction, type,
 * number, size.
 */
static const char *decoded(unsigned long request)
{
	return tlib_text("_IOC(%s_IOC_WRITE, 0xfb, %#lx, %#lx)",
			 _IOC_DIR(request) & _IOC_READ ? "_IOC_READ|" : "",
			 (unsigned long)_IOC_NR(request), (unsigned long)_IOC_SIZE(request));
}

TEST_F(ioctls, strace_decodes_number_size_and_direction_of_the_ioctls)
{
	static const struct {
		const char *command;
		unsigned long requests[6];
	} rows[] = {
		{ "faultlab walk --counts $$", { FAULTLAB_IOC_WALK } },
		{ "faultlab try --rule 'sigbus pages=1'",
		  { FAULTLAB_IOC_CONFIG, FAULTLAB_IOC_RULE, FAULTLAB_IOC_INFO, FAULTLAB_IOC_STATS,
		    FAULTLAB_IOC_WALK, FAULTLAB_IOC_FEATURES } },
	};
	unsigned int i, j;

	if (!tlib_has_program("strace"))
		SKIP(return, "no strace (package strace)");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, tlib_shell(tlib_text("strace -f -e trace=ioctl %s", rows[i].command),
					self->text, ROOM));
		for (j = 0; j < ARRAY_SIZE(rows[i].requests) && rows[i].requests[j]; j++) {
			EXPECT_NE(NULL, strstr(self->text, decoded(rows[i].requests[j]))) {
				TH_LOG("%s: no %s", rows[i].command, decoded(rows[i].requests[j]));
			}
		}
	}
}

/* Commands that together use all ioctls, run under valgrind. */
FIXTURE(valgrind)
{
	char *text;
};

FIXTURE_VARIANT(valgrind)
{
	const char *command;
};

FIXTURE_VARIANT_ADD(valgrind, runs) { "walk --runs $$" };
FIXTURE_VARIANT_ADD(valgrind, pages) { "walk --pages $$" };
FIXTURE_VARIANT_ADD(valgrind, counts) { "walk --counts $$" };
FIXTURE_VARIANT_ADD(valgrind, raw) { "walk --raw --json $$" };
FIXTURE_VARIANT_ADD(valgrind, rules) { "try --pages 2 --rule 'sigbus pages=1'" };

FIXTURE_SETUP(valgrind)
{
	self->text = malloc(ROOM);
	ASSERT_NE(NULL, self->text);
}

FIXTURE_TEARDOWN(valgrind)
{
	free(self->text);
}

/* The library touches address 0 on purpose, to run its signal handler once. */
#define SUPPRESS	"/tmp/touch.supp"
#define SUPPRESSION	"{\\n touch\\n Memcheck:Addr1\\n fun:touch\\n}\\n"

/* takes minutes under emulation */
TEST_F_TIMEOUT(valgrind, the_command_runs_without_a_valgrind_error, 600)
{
	int status;

	if (!tlib_has_program("valgrind"))
		SKIP(return, "no valgrind (package valgrind)");
	ASSERT_EQ(0, tlib_shell("printf '" SUPPRESSION "' >" SUPPRESS, self->text, ROOM));
	status = tlib_shell(tlib_text("valgrind -q --error-exitcode=99 --suppressions=" SUPPRESS
				      " faultlab %s >/dev/null", variant->command),
			    self->text, ROOM);
	EXPECT_EQ(0, status);
	EXPECT_STREQ("", self->text);
}

TEST_HARNESS_MAIN
