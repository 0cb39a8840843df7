// SPDX-License-Identifier: GPL-2.0-only
/*
 * With lockdown=confidentiality the module hides the kernel's secrets from root, too.
 * Lockdown ends only with a reboot. So this test runs last on its machine, and only
 * if FAULTLAB_LOCKDOWN=1 says that the machine is disposable.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/secret/doors.h"
#include "lib/sys.h"

#define SECURITY	"/sys/kernel/security"
#define LOCKDOWN	SECURITY "/lockdown"

static const char * const levels[] = { "none", "integrity", "confidentiality" };

#define NR_LEVELS	3

FIXTURE(lockdown)
{
	struct tlib_doors doors;
	int fds[NR_LEVELS][TLIB_NR_VIEWERS][TLIB_NR_DOORS];
};

FIXTURE_SETUP(lockdown)
{
	const char *allowed = getenv("FAULTLAB_LOCKDOWN");
	unsigned int level, opener;

	if (!allowed || strcmp(allowed, "1"))
		SKIP(return, "only a boot ends it: FAULTLAB_LOCKDOWN=1 allows it");
	if (access(LOCKDOWN, F_OK))
		mount("securityfs", SECURITY, "securityfs", 0, NULL);
	if (access(LOCKDOWN, F_OK))
		SKIP(return, "no " LOCKDOWN " (CONFIG_SECURITY_LOCKDOWN_LSM)");
	if (access(FAULTLAB_DEBUGFS "/records", F_OK))
		SKIP(return, "no debugfs (CONFIG_DEBUG_FS, mounted)");
	ASSERT_EQ(0, tlib_doors_begin(&self->doors));
	/*
	 * Open everything now: some files cannot be opened once the kernel is locked
	 * down.
	 */
	for (level = 0; level < NR_LEVELS; level++)
		for (opener = 0; opener < TLIB_NR_VIEWERS; opener++)
			if (tlib_viewer_exists(opener))
				ASSERT_EQ(0, tlib_doors_open(&self->doors, opener,
							     self->fds[level][opener]));
}

FIXTURE_TEARDOWN(lockdown)
{
	tlib_doors_end(&self->doors);
}

static void expect_doors(struct __test_metadata *_metadata, FIXTURE_DATA(lockdown) * self,
			 unsigned int level)
{
	int sights[TLIB_NR_DOORS], sight;
	unsigned int opener, i;

	for (opener = 0; opener < TLIB_NR_VIEWERS; opener++) {
		if (!tlib_viewer_exists(opener))
			continue;
		/* Look with the privileges of the opener. */
		ASSERT_EQ(0, tlib_doors_look(&self->doors, opener, self->fds[level][opener],
					     sights));
		for (i = 0; i < TLIB_NR_DOORS; i++) {
			sight = tlib_doors_expected(&tlib_doors[i], opener, opener,
						    level == 2);
			EXPECT_STREQ(tlib_sight_text(&tlib_doors[i], sight),
				     tlib_sight_text(&tlib_doors[i], sights[i])) {
				TH_LOG("%s, lockdown=%s", tlib_viewer_names[opener],
				       levels[level]);
			}
		}
		tlib_doors_close(self->fds[level][opener]);
	}
}

/*
 * From the level "integrity" on, debugfs itself refuses to open files that can be written
 * to.
 */
static void expect_files(struct __test_metadata *_metadata, FIXTURE_DATA(lockdown) * self,
			 unsigned int level)
{
	static const struct {
		const char *name;
		bool readable;
		bool writable;
	} files[] = {
		{ "walk", true, true }, { "records", true, true }, { "latency", true, true },
		{ "region/%u/rules", true, true }, { "region/%u/latency", true, true },
		{ "region/%u/gate", true, true },
		{ "stats", true, false }, { "regions", true, false },
		{ "region/%u/stats", true, false }, { "region/%u/cpus", true, false },
		{ "region/%u/vmas", true, false },
		{ "reset", false, true }, { "region/%u/reset", false, true },
		{ "region/%u/evict", false, true }, { "region/%u/unplug", false, true },
	};
	char path[96], text[TLIB_TEXT_MAX];
	unsigned int i;
	int refused, fd;
	ssize_t read;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		sprintf(path, FAULTLAB_DEBUGFS "/");
		sprintf(path + strlen(path), files[i].name, self->doors.id);
		refused = files[i].writable && level ? -EPERM : 0;
		read = files[i].readable ? tlib_read_text(path, text, sizeof(text)) : refused;
		EXPECT_EQ(refused, read < 0 ? read : 0) {
			TH_LOG("%s, lockdown=%s", path, levels[level]);
		}
		if (!files[i].writable)
			continue;
		fd = open(path, O_WRONLY | O_CLOEXEC);
		EXPECT_EQ(refused, fd < 0 ? -errno : 0) {
			TH_LOG("writing to %s, lockdown=%s", path, levels[level]);
		}
		if (fd >= 0)
			close(fd);
	}
}

TEST_F(lockdown, only_level_confidentiality_hides_kernel_secrets_from_root)
{
	char text[64];
	unsigned int level;

	for (level = 0; level < NR_LEVELS; level++) {
		if (level)
			ASSERT_EQ(0, tlib_write_text(LOCKDOWN, levels[level]));
		ASSERT_LT(0, tlib_read_text(LOCKDOWN, text, sizeof(text)));
		ASSERT_NE(NULL, strstr(text, tlib_text("[%s]", levels[level])));
		expect_doors(_metadata, self, level);
		expect_files(_metadata, self, level);
	}
}

TEST_HARNESS_MAIN
