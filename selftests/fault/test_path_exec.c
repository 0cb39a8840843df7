// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: instruction fetch. /dev may be mounted noexec, so these open nodes of
 * the device on file systems of their own.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include "lib/memory/memory.h"

#define NR	4

/*
 * Code of a function that returns. checks_late: x86's access_error() checks VM_EXEC
 * only if the entry is present, so a fetch first maps the page, and is then refused.
 */
static const struct machine {
	const char *name;
	unsigned char code[4];
	bool checks_late;
} machines[] = {
	{ "x86_64",	{ 0xc3, 0xc3, 0xc3, 0xc3 }, true },
	{ "aarch64",	{ 0xc0, 0x03, 0x5f, 0xd6 }, false },
};

static const struct machine *this_machine(void)
{
	struct utsname name;
	size_t i;

	for (i = 0; !uname(&name) && i < ARRAY_SIZE(machines); i++)
		if (!strcmp(name.machine, machines[i].name))
			return &machines[i];
	return NULL;
}

static void put_code(char *at, const struct machine *machine)
{
	memcpy(at, machine->code, sizeof(machine->code));
	__builtin___clear_cache(at, at + sizeof(machine->code));
}

/*
 * Open a device node on a new tmpfs. Its path ends in /dev/faultlab, so that
 * tlib_settle() does not populate its mappings.
 */
static int open_node(unsigned long mount_flags)
{
	char dir[] = "/tmp/flab-XXXXXX";
	struct stat device;
	const char *node;
	int fd;

	if (!mkdtemp(dir) || mount("tmpfs", dir, "tmpfs", mount_flags, "size=64k"))
		return -1;
	node = tlib_text("%s" FAULTLAB_DEVICE, dir);
	if (mkdir(tlib_text("%s/dev", dir), 0700) ||
	    stat(FAULTLAB_DEVICE, &device) ||
	    mknod(node, S_IFCHR | 0600, device.st_rdev))
		return -1;
	fd = open(node, O_RDWR | O_CLOEXEC);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
	return fd;
}

FIXTURE(exec)
{
	int fd;
	const struct machine *machine;
	char *write;
	char *run;
	size_t page;
};

FIXTURE_VARIANT(exec)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(exec, tlib_memory_alone)

static int configure(int fd, const struct faultlab_memory *memory)
{
	const struct faultlab_config config =
		faultlab_memory_config(memory, NR * tlib_page_size());

	return faultlab_configure(fd, &config);
}

FIXTURE_SETUP(exec)
{
	int err;

	self->page = tlib_page_size();
	self->fd = open_node(0);
	ASSERT_LE(0, self->fd);
	err = configure(self->fd, variant->memory);
	if (faultlab_memory_lacks(err))
		SKIP(return, "%s", faultlab_memory_lacks(err));
	ASSERT_EQ(0, err);
	self->write = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	self->run = tlib_map(self->fd, PROT_READ | PROT_EXEC, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->write);
	ASSERT_NE(NULL, self->run);
	self->machine = this_machine();
	if (!self->machine)
		SKIP(return, "no code for this machine in machines[]");
	put_code(self->write, self->machine);
}

FIXTURE_TEARDOWN(exec)
{
	close(self->fd);
}

static sigjmp_buf back;
static siginfo_t cause;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	cause = *info;
	siglongjmp(back, 1);
}

/* Call the code at an address. Returns 0, or the signal that it ended in. */
static int call(const char *at)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	struct sigaction segv, bus;

	sigaction(SIGSEGV, &action, &segv);
	sigaction(SIGBUS, &action, &bus);
	cause = (siginfo_t) { 0 };
	if (!sigsetjmp(back, 1))
		((void (*)(void))at)();
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	return cause.si_signo;
}

/* Run call() once, so that the first faults of its own code and stack are not counted. */
static void warm_up(void)
{
	call(NULL);
}

TEST_F(exec, instruction_fetch_is_a_read_fault)
{
	bool faults = tlib_memory_asked(variant->memory, 1);
	struct tlib_mark mark;

	warm_up();
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, call(self->run));
	EXPECT_COUNTS(faults ? "fault_read 1 minor 1 locked 1 minflt 1" : "", &mark);
	EXPECT_ENTRY(tlib_memory_entry(variant->memory, "r"), self->fd, self->run);
	EXPECT_TRUE(tlib_entry(self->fd, 0, self->run).flags & FAULTLAB_PTE_EXEC);
	EXPECT_FALSE(tlib_entry(self->fd, 0, self->write).flags & FAULTLAB_PTE_EXEC);
	EXPECT_EQ(tlib_pfn(self->fd, self->write), tlib_pfn(self->fd, self->run));

	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, call(self->run));
	EXPECT_COUNTS("", &mark);
}

TEST_F(exec, new_code_is_run_without_a_fault)
{
	struct tlib_mark mark;

	warm_up();
	EXPECT_EQ(0, call(self->run));
	memset(self->write, 0, self->page);
	put_code(self->write + 64, self->machine);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, call(self->run + 64));
	EXPECT_COUNTS("", &mark);
}

TEST_F(exec, fetch_from_a_mapping_not_for_it_is_an_access_error)
{
	struct tlib_mark mark;

	warm_up();
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(SIGSEGV, call(self->write));
	EXPECT_COUNTS("", &mark);
	EXPECT_EQ(SEGV_ACCERR, cause.si_code);
	EXPECT_EQ(self->write, cause.si_addr);
}

TEST_F(exec, fetch_from_an_untouched_page_may_map_it_and_is_refused)
{
	char *at = tlib_map(self->fd, PROT_READ, MAP_SHARED, 0, NR);
	bool maps = self->machine->checks_late && tlib_memory_asked(variant->memory, 1);
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	warm_up();
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(SIGSEGV, call(at));
	EXPECT_COUNTS(maps ? "fault_read 1 minor 1 locked 1 minflt 1" : "", &mark);
	EXPECT_EQ(tlib_memory_mapped(variant->memory, maps, 1), tlib_mapped(self->fd, at));
	EXPECT_EQ(SEGV_ACCERR, cause.si_code);
}

TEST_F(exec, fetch_past_the_region_is_a_bus_error)
{
	char *at = tlib_map(self->fd, PROT_READ | PROT_EXEC, MAP_SHARED, NR, 1);
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	warm_up();
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(SIGBUS, call(at));
	EXPECT_COUNTS(tlib_memory_asked(variant->memory, 1) ? "fault_read 1 sigbus 1 locked 1" : "",
		      &mark);
	EXPECT_EQ(BUS_ADRERR, cause.si_code);
}

TEST_F(exec, rule_for_exec_is_about_fetches_alone)
{
	struct faultlab_rule rule = tlib_rule(0, NR, FAULTLAB_VERDICT_SIGBUS, 0);
	struct faultlab_touch touch;

	rule.access = FAULTLAB_ACCESS_EXEC;
	ASSERT_EQ(0, faultlab_rule(self->fd, FAULTLAB_RULE_SET, &rule));
	/* Kind remap has no faults, so no rule matches. */
	EXPECT_EQ(variant->memory->at_mmap ? 0 : SIGBUS, call(self->run));
	EXPECT_EQ(0, faultlab_touch_read(self->run, &touch));
	EXPECT_EQ(self->machine->code[0], touch.value);
	EXPECT_EQ(0, call(self->run));
}

TEST_F(exec, mprotect_takes_the_right_away_and_gives_it_back)
{
	struct tlib_mark mark;

	warm_up();
	EXPECT_EQ(0, call(self->run));
	ASSERT_EQ(0, mprotect(self->run, self->page, PROT_READ));
	EXPECT_EQ(SIGSEGV, call(self->run));
	EXPECT_EQ(SEGV_ACCERR, cause.si_code);
	ASSERT_EQ(0, mprotect(self->run, self->page, PROT_READ | PROT_EXEC));
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	EXPECT_EQ(0, call(self->run));
	EXPECT_COUNTS("", &mark);
}

TEST_F(exec, noexec_file_system_refuses_it)
{
	int fd = open_node(MS_NOEXEC);
	char *at;

	ASSERT_LE(0, fd);
	/* Only one region can have PHYS, so close the other one first. */
	tlib_unmap(self->write, NR);
	tlib_unmap(self->run, NR);
	close(self->fd);
	self->fd = fd;
	ASSERT_EQ(0, configure(fd, variant->memory));
	EXPECT_EQ(NULL, tlib_map(fd, PROT_READ | PROT_EXEC, MAP_SHARED, 0, NR));
	EXPECT_EQ(EPERM, errno);
	at = tlib_map(fd, PROT_READ, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, at);
	EXPECT_EQ(-1, mprotect(at, self->page, PROT_READ | PROT_EXEC));
	EXPECT_EQ(EACCES, errno);
}

TEST_HARNESS_MAIN
