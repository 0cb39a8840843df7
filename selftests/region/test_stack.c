// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stack of a fault, from the exception to the module's handler: recorded for rules
 * that ask for it, and shown only to CAP_SYS_ADMIN.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

#define PAGES	16
#define ROOM	16

FIXTURE(stack)
{
	int fd;
	char *at;
	struct faultlab_rule rule;
	struct faultlab_record seen[ROOM];
};

FIXTURE_SETUP(stack)
{
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES);
	ASSERT_LE(0, self->fd);
	fcntl(self->fd, F_SETFL, O_NONBLOCK);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	ASSERT_NE(NULL, self->at);
	self->rule = tlib_rule(1, 1, FAULTLAB_VERDICT_SERVE, 0);
	self->rule.flags = FAULTLAB_RULE_STACK;
	ASSERT_EQ(0, faultlab_records_start(self->fd, 0, 0));
	tlib_settle();
}

FIXTURE_TEARDOWN(stack)
{
	close(self->fd);
}

/* The number of stack entries of the first record. *hidden: all of them are 0. */
static unsigned int entries(const struct faultlab_record *r, bool *hidden)
{
	unsigned int i, k, nr = 0;

	*hidden = true;
	for (i = 1; i <= r->fault.stack; i++) {
		for (k = 0; k < r[i].nr; k++)
			*hidden &= !r[i].stack.entry[k];
		nr += r[i].nr;
	}
	return nr;
}

TEST_F(stack, stack_records_follow_only_the_fault_record_of_the_matching_rule)
{
	struct faultlab_record *r = self->seen;
	ssize_t i, nr;
	bool hidden;

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &self->rule));
	for (i = 0; i < 3; i++)
		faultlab_touch_read(self->at + i * TLIB_PAGE, NULL);
	nr = faultlab_records_read(self->fd, r, ROOM);
	ASSERT_LE(4, nr);
	EXPECT_EQ(0, r[0].fault.stack);
	ASSERT_EQ(FAULTLAB_RECORD_FAULT, r[1].type);
	EXPECT_EQ(1, r[1].fault.index);
	ASSERT_EQ(nr - 3, r[1].fault.stack);
	for (i = 2; i < nr - 1; i++) {
		EXPECT_EQ(FAULTLAB_RECORD_STACK, r[i].type);
		EXPECT_EQ(r[1].time, r[i].time);
		EXPECT_EQ(r[1].tid, r[i].tid);
		EXPECT_EQ(i < nr - 2 ? FAULTLAB_STACK_ENTRIES : r[i].nr, r[i].nr);
	}
	EXPECT_LT(4, entries(&r[1], &hidden));
	EXPECT_FALSE(hidden);
	EXPECT_EQ(FAULTLAB_RECORD_FAULT, r[nr - 1].type);
	EXPECT_EQ(2, r[nr - 1].fault.index);
}

/* Whether a function is on the stack of the first record. */
static bool shows(const struct faultlab_symbols *symbols, const struct faultlab_record *r,
		  const char *name)
{
	char text[FAULTLAB_SYMBOL_TEXT_MAX];
	unsigned int i, k;

	for (i = 1; i <= r->fault.stack; i++)
		for (k = 0; k < r[i].nr; k++)
			if (strstr(faultlab_symbol(symbols, r[i].stack.entry[k], text,
						   sizeof(text)), name))
				return true;
	return false;
}

TEST_F(stack, the_stack_has_the_functions_from_the_exception_to_the_handler)
{
	struct faultlab_symbols *symbols = faultlab_symbols_open();
	struct faultlab_record *r = self->seen;

	if (!symbols)
		SKIP(return, "/proc/kallsyms shows no addresses (CONFIG_KALLSYMS, kptr_restrict)");
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &self->rule));
	faultlab_touch_read(self->at + TLIB_PAGE, NULL);
	ASSERT_LE(2, faultlab_records_read(self->fd, r, ROOM));
	EXPECT_TRUE(shows(symbols, r, "flab_vm_fault+0x"));
	EXPECT_TRUE(shows(symbols, r, " [faultlab]"));
	EXPECT_TRUE(shows(symbols, r, "handle_mm_fault+0x"));
	EXPECT_TRUE(shows(symbols, r, "asm_exc_page_fault+0x"));
	faultlab_symbols_close(symbols);
}

/*
 * A call that never returns can be a function's last instruction. Its return address
 * then belongs to the next function.
 */
TEST_F(stack, a_symbol_lookup_treats_an_address_as_a_return_address)
{
	struct faultlab_symbols *symbols = faultlab_symbols_open();
	char text[FAULTLAB_SYMBOL_TEXT_MAX], line[256];
	unsigned long long address = 0;
	FILE *file;

	if (!symbols)
		SKIP(return, "/proc/kallsyms shows no addresses (CONFIG_KALLSYMS, kptr_restrict)");
	file = popen("grep -m 1 ' T vfs_write$' /proc/kallsyms", "r");
	ASSERT_NE(NULL, fgets(line, sizeof(line), file));
	pclose(file);
	address = strtoull(line, NULL, 16);
	EXPECT_NE(0, strncmp(faultlab_symbol(symbols, address, text, sizeof(text)),
			     "vfs_write+", 10));
	EXPECT_STREQ("vfs_write+0x1", faultlab_symbol(symbols, address + 1, text, sizeof(text)));
	faultlab_symbols_close(symbols);
}

TEST_F(stack, the_stack_of_a_fault_in_a_system_call_shows_vfs_write)
{
	struct faultlab_symbols *symbols = faultlab_symbols_open();
	struct faultlab_record *r = self->seen;
	int pipes[2];

	if (!symbols)
		SKIP(return, "/proc/kallsyms shows no addresses (CONFIG_KALLSYMS, kptr_restrict)");
	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &self->rule));
	EXPECT_EQ(1, write(pipes[1], self->at + TLIB_PAGE, 1));
	ASSERT_LE(2, faultlab_records_read(self->fd, r, ROOM));
	EXPECT_EQ(0, r->fault.flags & FAULTLAB_FLAG_USER);
	EXPECT_TRUE(shows(symbols, r, "vfs_write+0x"));
	faultlab_symbols_close(symbols);
	close(pipes[0]);
	close(pipes[1]);
}

struct nobody {
	int fd;
	char *at;
	struct faultlab_rule *rule;
};

static int ask_as_nobody(void *arg)
{
	struct nobody *n = arg;

	if (tlib_become_nobody())
		return 1;
	return faultlab_rule(n->fd, FAULTLAB_RULE_SET, n->rule) == -EPERM ? 0 : 2;
}

TEST_F(stack, a_stack_rule_by_an_unprivileged_task_is_eperm)
{
	struct nobody n = { .fd = self->fd, .rule = &self->rule };

	EXPECT_EQ(0, tlib_reap(tlib_spawn(ask_as_nobody, &n)));
}

static int read_as_nobody(void *arg)
{
	struct faultlab_record r[ROOM];
	struct nobody *n = arg;
	bool hidden;

	if (tlib_become_nobody())
		return 1;
	faultlab_touch_read(n->at + TLIB_PAGE, NULL);
	if (faultlab_records_read(n->fd, r, ROOM) < 2 || !r[0].fault.stack)
		return 2;
	return entries(r, &hidden) > 4 && hidden ? 0 : 3;
}

TEST_F(stack, an_unprivileged_reader_gets_the_depth_but_zeros_as_addresses)
{
	struct nobody n = { .fd = self->fd, .at = self->at };

	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &self->rule));
	EXPECT_EQ(0, tlib_reap(tlib_spawn(read_as_nobody, &n)));
}

TEST_F(stack, records_that_reuse_the_slots_of_a_stack_contain_none_of_it)
{
	static const __u8 nothing[sizeof(self->seen[0].fault.pad)];
	int fd = tlib_region(FAULTLAB_KIND_PAGE, 0, PAGES), i;
	char *at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, PAGES);
	struct faultlab_record *r = self->seen;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	self->rule.length = FAULTLAB_TO_END;
	ASSERT_EQ(0, faultlab_records_start(fd, 8, 0));
	ASSERT_EQ(0, faultlab_rule(fd, FAULTLAB_RULE_SET, &self->rule));
	for (i = 0; i < PAGES; i++)
		faultlab_touch_read(at + i * TLIB_PAGE, NULL);
	ASSERT_LT(0, faultlab_records_read(fd, r, ROOM));
	ASSERT_EQ(0, faultlab_rules(fd, FAULTLAB_RULE_SET, NULL, 0));
	ASSERT_EQ(0, faultlab_evict(fd, 0, FAULTLAB_TO_END, 0));
	for (i = 0; i < 8; i++)
		faultlab_touch_read(at + i * TLIB_PAGE, NULL);
	ASSERT_EQ(8, faultlab_records_read(fd, r, ROOM));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(0, memcmp(nothing, r[i].fault.pad, sizeof(nothing)));
	close(fd);
}

TEST_HARNESS_MAIN
