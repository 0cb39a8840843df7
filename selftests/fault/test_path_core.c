// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access paths: a core dump of a process that dies with a mapping.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <link.h>
#include <signal.h>
#include <sys/resource.h>
#include "lib/sys.h"
#include "lib/memory/memory.h"

#define NR	4	/* pages of the region; the mapping has one past its end */
#define PATTERN	"/proc/sys/kernel/core_pattern"
#define CORE	"/tmp/flab-core"

/* Bits of /proc/PID/coredump_filter (Documentation/filesystems/proc.rst). */
#define DUMP_DEFAULT		0x33
#define DUMP_MAPPED_SHARED	0x8

FIXTURE(core)
{
	int fd;
	char *at;
	char pattern[128];
};

FIXTURE_VARIANT(core)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(core, tlib_memory_alone)

FIXTURE_SETUP(core)
{
	self->fd = tlib_memory_region(variant->memory, NR);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR + 1);
	ASSERT_NE(NULL, self->at);
	if (tlib_read_text(PATTERN, self->pattern, sizeof(self->pattern)) < 0)
		SKIP(return, "the kernel has no CONFIG_COREDUMP");
	ASSERT_EQ(0, tlib_write_text(PATTERN, CORE));
	unlink(CORE);
}

/* In the parent: also if the test crashed. */
FIXTURE_TEARDOWN_PARENT(core)
{
	if (*self->pattern)
		tlib_write_text(PATTERN, self->pattern);
	unlink(CORE);
	unlink(CORE ".0");
}

/* A child touches the first page and dies. Returns whether it left a core file. */
static bool dump(char *at, unsigned int filter)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	pid_t pid = fork();
	int status;

	if (!pid) {
		setrlimit(RLIMIT_CORE, &unlimited);
		tlib_write_text("/proc/self/coredump_filter", tlib_text("%u", filter));
		tlib_write(at, 1);
		raise(SIGABRT);
		_exit(1);
	}
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WCOREDUMP(status);
}

/* The program header of a mapping in the core; .p_type is PT_NULL if there is none. */
static ElfW(Phdr) segment(int core, const void *at)
{
	ElfW(Phdr) load;
	ElfW(Ehdr) head;
	size_t i;

	if (pread(core, &head, sizeof(head), 0) != sizeof(head))
		return (ElfW(Phdr)) { .p_type = PT_NULL };
	for (i = 0; i < head.e_phnum; i++)
		if (pread(core, &load, sizeof(load), head.e_phoff + i * sizeof(load)) ==
		    sizeof(load) && load.p_type == PT_LOAD && load.p_vaddr == (uintptr_t)at)
			return load;
	return (ElfW(Phdr)) { .p_type = PT_NULL };
}

static int open_core(void)
{
	return open(CORE, O_RDONLY | O_CLOEXEC);
}

/*
 * The device node has not been unlinked, so vma_dump_size() treats the shared mapping as
 * one of a file, which the default filter does not dump.
 */
TEST_F(core, default_filter_leaves_shared_mappings_out)
{
	ElfW(Phdr) load;
	int core;

	ASSERT_TRUE(dump(self->at, DUMP_DEFAULT));
	core = open_core();
	ASSERT_LE(0, core);
	load = segment(core, self->at);
	EXPECT_EQ(PT_LOAD, load.p_type);
	EXPECT_EQ((NR + 1) * tlib_page_size(), load.p_memsz);
	EXPECT_EQ(0, load.p_filesz);
	EXPECT_EQ(tlib_memory_asked(variant->memory, 1),
		  tlib_stat(self->fd, FAULTLAB_STAT_FAULT_WRITE));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_READ));
}

/*
 * get_dump_page() faults in missing pages if there is a .fault, so a dump allocates the
 * whole region. Pages whose fault fails are a hole in the core file. VMAs with
 * VM_DONTDUMP or VM_IO are never dumped.
 */
TEST_F(core, dump_of_shared_mappings_faults_all_pages_in)
{
	ElfW(Phdr) load;
	bool dumps = !variant->memory->dontdump;
	char text[2] = "xx";
	int core;

	ASSERT_TRUE(dump(self->at, DUMP_MAPPED_SHARED));
	core = open_core();
	ASSERT_LE(0, core);
	load = segment(core, self->at);
	EXPECT_EQ(PT_LOAD, load.p_type);
	EXPECT_EQ(dumps ? (NR + 1) * tlib_page_size() : 0, load.p_filesz);
	EXPECT_EQ(tlib_memory_pages(variant->memory,
				    tlib_memory_mapped(variant->memory, dumps ? NR : 1, NR)),
		  tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
	EXPECT_EQ(dumps ? NR : 0, tlib_stat(self->fd, FAULTLAB_STAT_FAULT_READ));
	EXPECT_EQ(dumps ? 1 : 0, tlib_stat(self->fd, FAULTLAB_STAT_SIGBUS));
	EXPECT_EQ(0, tlib_stat(self->fd, FAULTLAB_STAT_ACCESS));
	if (!dumps)
		return;
	EXPECT_EQ(1, pread(core, &text[0], 1, load.p_offset));
	EXPECT_EQ(1, pread(core, &text[1], 1, load.p_offset + NR * tlib_page_size()));
	EXPECT_EQ('a', text[0]);
	EXPECT_EQ(0, text[1]);
}

TEST_F(core, dontdump_leaves_it_out)
{
	ElfW(Phdr) load;
	int core;

	ASSERT_EQ(0, madvise(self->at, (NR + 1) * tlib_page_size(), MADV_DONTDUMP));
	ASSERT_TRUE(dump(self->at, DUMP_MAPPED_SHARED));
	core = open_core();
	ASSERT_LE(0, core);
	load = segment(core, self->at);
	EXPECT_EQ(0, load.p_filesz);
	EXPECT_EQ(tlib_memory_pages(variant->memory, tlib_memory_mapped(variant->memory, 1, NR)),
		  tlib_stat(self->fd, FAULTLAB_STAT_PAGES));
}

TEST_HARNESS_MAIN
