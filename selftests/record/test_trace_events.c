// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trace events, through tracefs alone: a separate instance shows each callback, evict
 * and mmap, decoded.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

#define TRACEFS		"/sys/kernel/tracing"
#define INSTANCE	TRACEFS "/instances/faultlab_test"
#define EVENTS		INSTANCE "/events/faultlab"
#define PAGES		16

FIXTURE(trace)
{
	int fd;
	__u32 id;
	char *at;
	char text[TLIB_TEXT_MAX];
};

FIXTURE_SETUP(trace)
{
	struct faultlab_info info;

	if (access(TRACEFS "/instances", F_OK))
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	if (access(TRACEFS "/events/faultlab", F_OK))
		SKIP(return, "no " TRACEFS "/events/faultlab (CONFIG_FTRACE, EVENT_TRACING)");
	ASSERT_EQ(0, mkdir(INSTANCE, 0700));
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, faultlab_info(self->fd, &info));
	self->id = info.id;
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
	tlib_settle();
}

FIXTURE_TEARDOWN(trace)
{
	tlib_write_text(EVENTS "/enable", "0");
	rmdir(INSTANCE);
	close(self->fd);
}

/* The number of lines that contain both texts. */
static unsigned int count(const char *text, const char *one, const char *two)
{
	char line[1024];
	unsigned int nr = 0;
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		snprintf(line, sizeof(line), "%.*s ", (int)len, text);
		nr += strstr(line, one) && strstr(line, two);
	}
	return nr;
}

TEST_F(trace, each_callback_is_an_enter_and_an_exit_event)
{
	const char *of = tlib_text(" region=%u page=1 ", self->id);

	ASSERT_EQ(0, tlib_write_text(EVENTS "/enable", "1"));
	faultlab_touch_read(self->at, NULL);
	faultlab_touch_write(self->at + TLIB_PAGE, 1, NULL);
	ASSERT_EQ(0, tlib_write_text(EVENTS "/enable", "0"));
	ASSERT_LT(0, tlib_read_text(INSTANCE "/trace", self->text, sizeof(self->text)));
	EXPECT_EQ(2, count(self->text, "flab_fault_enter: ", " access="));
	EXPECT_EQ(2, count(self->text, "flab_fault_exit: ", " access="));
	EXPECT_EQ(1, count(self->text, "flab_fault_enter: ", of));
	EXPECT_EQ(1, count(self->text, of, tlib_text(" address=0x%lx access=write flags=WRITE|",
						     (unsigned long)self->at + TLIB_PAGE)));
	EXPECT_EQ(1, count(self->text, of, "|USER"));
	EXPECT_EQ(1, count(self->text, of, " verdict=serve rule=0 order=0 extra=0 ret=LOCKED "));
	EXPECT_EQ(1, count(self->text, of, tlib_kernel_has_vma_lock() ? " lock=vma " :
									  " lock=mmap "));
}

/* docs/guide/tracing.md documents these numbers. */
TEST_F(trace, filters_compare_access_with_the_bits_of_the_abi)
{
	ASSERT_EQ(0, tlib_write_text(EVENTS "/flab_fault_exit/filter",
				     tlib_text("access == %d", FAULTLAB_ACCESS_WRITE)));
	ASSERT_EQ(0, tlib_write_text(EVENTS "/flab_fault_exit/enable", "1"));
	faultlab_touch_read(self->at, NULL);
	faultlab_touch_write(self->at + TLIB_PAGE, 1, NULL);
	ASSERT_EQ(0, tlib_write_text(EVENTS "/enable", "0"));
	ASSERT_LT(0, tlib_read_text(INSTANCE "/trace", self->text, sizeof(self->text)));
	EXPECT_EQ(1, count(self->text, "flab_fault_exit: ", " access="));
	EXPECT_EQ(1, count(self->text, "flab_fault_exit: ", " access=write "));
}

TEST_F(trace, exit_events_show_verdict_rule_and_result_by_name)
{
	struct faultlab_rule rules[] = {
		tlib_rule(0, 1, FAULTLAB_VERDICT_SIGBUS, 0),
		tlib_rule(1, 1, FAULTLAB_VERDICT_RETRY, 0),
	};

	ASSERT_EQ(0, faultlab_rules(self->fd, FAULTLAB_RULE_SET, rules, 2));
	ASSERT_EQ(0, tlib_write_text(EVENTS "/flab_fault_exit/enable", "1"));
	faultlab_touch_read(self->at, NULL);
	faultlab_touch_read(self->at + TLIB_PAGE, NULL);
	ASSERT_EQ(0, tlib_write_text(EVENTS "/enable", "0"));
	ASSERT_LT(0, tlib_read_text(INSTANCE "/trace", self->text, sizeof(self->text)));
	EXPECT_EQ(1, count(self->text, " verdict=sigbus rule=1 ", " ret=SIGBUS "));
	EXPECT_EQ(1, count(self->text, " verdict=retry rule=2 ", " ret=RETRY "));
	EXPECT_EQ(1, count(self->text, " verdict=retry rule=2 ", " ret=LOCKED "));
}

TEST_F(trace, evict_and_unplug_are_flab_evict_events)
{
	ASSERT_EQ(0, tlib_write_text(EVENTS "/flab_evict/enable", "1"));
	ASSERT_EQ(0, faultlab_evict(self->fd, TLIB_PAGE, 2 * TLIB_PAGE, FAULTLAB_EVICT_COWS));
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	ASSERT_EQ(0, tlib_write_text(EVENTS "/enable", "0"));
	ASSERT_LT(0, tlib_read_text(INSTANCE "/trace", self->text, sizeof(self->text)));
	EXPECT_EQ(1, count(self->text, "flab_evict: ",
			   tlib_text("region=%u pages=1-2 cows=1 ", self->id)));
	EXPECT_EQ(2, count(self->text, "flab_evict: ", tlib_text("region=%u ", self->id)));
}

TEST_F(trace, mmap_is_an_event_with_range_and_error)
{
	char *at;

	ASSERT_EQ(0, tlib_write_text(EVENTS "/flab_mmap/enable", "1"));
	at = mmap(NULL, 4 * TLIB_PAGE, PROT_READ, MAP_SHARED, self->fd, 2 * TLIB_PAGE);
	ASSERT_NE(MAP_FAILED, at);
	ASSERT_EQ(0, faultlab_unplug(self->fd));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, TLIB_PAGE, PROT_READ, MAP_PRIVATE, self->fd, 0));
	ASSERT_EQ(0, tlib_write_text(EVENTS "/enable", "0"));
	ASSERT_LT(0, tlib_read_text(INSTANCE "/trace", self->text, sizeof(self->text)));
	EXPECT_EQ(1, count(self->text, "flab_mmap: ",
			   tlib_text("region=%u page=2 range=0x%lx-0x%lx ", self->id,
				     (unsigned long)at, (unsigned long)at + 4 * TLIB_PAGE)));
	EXPECT_EQ(1, count(self->text, "flab_mmap: ", " err=-19 "));
}

TEST_F(trace, each_vma_callback_is_a_flab_vma_event)
{
	static const char *const lines[] = {
		"event=mmap why=-", "event=may_split why=-", "event=open why=split",
		"event=close why=unmap",
	};
	int pfns = tlib_region(FAULTLAB_KIND_PFN, 0, 4);
	const char *from = self->text;
	unsigned int i;
	char *at;

	ASSERT_LE(0, pfns);
	ASSERT_EQ(0, tlib_write_text(EVENTS "/flab_vma/enable", "1"));
	at = tlib_map(pfns, TLIB_RW, MAP_SHARED, 0, 4);
	tlib_unmap(at, 2);
	ASSERT_EQ(0, tlib_write_text(EVENTS "/enable", "0"));
	ASSERT_LT(0, tlib_read_text(INSTANCE "/trace", self->text, sizeof(self->text)));
	EXPECT_EQ(ARRAY_SIZE(lines), count(self->text, "flab_vma: ", " region="));
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		from = strstr(from, lines[i]);
		ASSERT_NE(NULL, from) {
			TH_LOG("missing or out of order: %s", lines[i]);
		}
	}
	close(pfns);
}

/* Tools that read the formats know no C names, so these must be numbers. */
TEST_F(trace, event_formats_have_numbers_instead_of_enum_names)
{
	static const char *const events[] = { "flab_fault_enter", "flab_fault_exit" };
	static const char *const unresolved[] = { "FLAB_", "FAULTLAB_", "FAULT_FLAG_",
						  "VM_FAULT_" };
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		ASSERT_LT(0, tlib_read_text(tlib_text(EVENTS "/%s/format", events[i]),
					    self->text, sizeof(self->text)));
		EXPECT_NE(NULL, strstr(self->text, "\"pfn_mkwrite\""));
		for (k = 0; k < ARRAY_SIZE(unresolved); k++) {
			EXPECT_EQ(NULL, strstr(self->text, unresolved[k])) {
				TH_LOG("%s: %.60s", events[i], strstr(self->text, unresolved[k]));
			}
		}
	}
}

TEST_HARNESS_MAIN
