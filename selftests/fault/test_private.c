// SPDX-License-Identifier: GPL-2.0-only
/*
 * Private mappings of every sort of memory. If CoW finds no normal page, the core
 * copies from the faulting address in the current task (__wp_page_copy_user()). So a
 * private mapping that can become writable may have only normal pages. And if another
 * process writes a byte, only that byte changes, whatever that process maps at this
 * address.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/memory/memory.h"
#include "lib/tlib.h"
#include "lib/space.h"
#include "lib/sys.h"
#include "faultlab_memory.h"

enum maps { SHARED, PRIVATE, READ_ONLY, NR_MAPS };	/* READ_ONLY is private, too */
enum pre { UNTOUCHED, READ, WRITTEN, NR_PRES };
enum how { PROC_MEM, POKE, WRITEV, NR_HOWS };

#define CELLS		(NR_MAPS * NR_PRES * NR_HOWS)
#define BYTE		100	/* which byte another process writes */
#define OWN		200	/* which byte the process itself has written */

FIXTURE(private)
{
	int fd;
	size_t pages;
	char *region;		/* a shared mapping of the whole region */
};

FIXTURE_VARIANT(private)
{
	const struct faultlab_memory *memory;
};

#define FAULTLAB_MEMORY(id, ...) FIXTURE_VARIANT_ADD(private, id)	\
	{ .memory = &faultlab_memories[FAULTLAB_MEMORY_##id] };
#include "faultlab_memories.h"
#undef FAULTLAB_MEMORY

static char content(size_t page, size_t byte)
{
	return (page * 31 + byte * 7) % 255 + 1;
}

static void open_region(struct __test_metadata *_metadata, const struct faultlab_memory *memory,
			int *fd, size_t *pages, char **region)
{
	const size_t folio = 1UL << memory->order;
	size_t i, k;

	*pages = (CELLS + folio - 1) / folio * folio;
	*fd = faultlab_memory_open(memory, *pages * TLIB_PAGE);
	if (faultlab_memory_lacks(*fd))
		SKIP(return, "%s", faultlab_memory_lacks(*fd));
	ASSERT_LE(0, *fd);
	*region = tlib_map(*fd, TLIB_RW, MAP_SHARED, 0, *pages);
	ASSERT_NE(NULL, *region);
	for (i = 0; i < CELLS; i++)
		for (k = 0; k < TLIB_PAGE; k++)
			tlib_at(*region, i)[k] = content(i, k);
}

FIXTURE_SETUP(private)
{
	open_region(_metadata, variant->memory, &self->fd, &self->pages, &self->region);
}

FIXTURE_TEARDOWN(private)
{
	close(self->fd);
}

struct seen {
	size_t leaves;
	size_t special;
};

static int see(const struct faultlab_walk_entry *e, void *arg)
{
	struct seen *seen = arg;

	seen->leaves += !!(e->flags & FAULTLAB_PTE_LEAF);
	seen->special += !!(e->flags & FAULTLAB_PTE_SPECIAL);
	return 0;
}

static struct seen look(int fd, const char *at, size_t pages)
{
	struct seen seen = { 0 };
	__u64 start = (uintptr_t)at;

	if (faultlab_walk_each(fd, 0, start, start + pages * TLIB_PAGE, 0, see, &seen))
		return (struct seen) { 0 };
	return seen;
}

/* Whether the VMA may ever be written to (VM_MAYWRITE). */
static int may_write(const char *at)
{
	bool here = false;
	int may = -1;
	char line[512];
	FILE *smaps = fopen("/proc/self/smaps", "re");

	while (smaps && may < 0 && fgets(line, sizeof(line), smaps)) {
		unsigned long start, end;

		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = (uintptr_t)at >= start && (uintptr_t)at < end;
		else if (here && !strncmp(line, "VmFlags:", 8))
			may = !!strstr(line, " mw");
	}
	if (smaps)
		fclose(smaps);
	return may;
}

TEST_F(private, private_mappings_can_become_writable_exactly_if_the_memory_allows_cow)
{
	const bool writable = variant->memory->maps & FAULTLAB_MAPS_PRIVATE_WRITE;
	char *at = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, self->pages);
	const int prots[] = { PROT_READ, PROT_NONE };
	unsigned int i;

	if (writable) {
		ASSERT_NE(NULL, at);
	} else {
		EXPECT_EQ(NULL, at);
		EXPECT_EQ(EINVAL, errno);
	}
	for (i = 0; i < 2; i++) {
		at = tlib_map(self->fd, prots[i], MAP_PRIVATE, 0, self->pages);
		ASSERT_NE(NULL, at);
		EXPECT_EQ(writable, may_write(at));
		EXPECT_EQ(writable ? 0 : -1, mprotect(at, self->pages * TLIB_PAGE, TLIB_RW));
		if (!writable)
			EXPECT_EQ(EACCES, errno);
	}
}

/* Operations on a private mapping, which starts at @at. Each leaves something mapped. */
static int do_read(char *at, size_t pages)
{
	return faultlab_touch_read(at, NULL);
}

static int do_write(char *at, size_t pages)
{
	return faultlab_touch_write(at, 1, NULL);
}

static int do_read_write(char *at, size_t pages)
{
	return faultlab_touch_read(at, NULL) ?: faultlab_touch_write(at, 1, NULL);
}

static int do_read_protect(char *at, size_t pages)
{
	if (mprotect(at, pages * TLIB_PAGE, PROT_READ) || faultlab_touch_read(at, NULL))
		return -EIO;
	return mprotect(at, pages * TLIB_PAGE, TLIB_RW);
}

static int do_protect_none(char *at, size_t pages)
{
	if (faultlab_touch_read(at, NULL) || mprotect(at, pages * TLIB_PAGE, PROT_NONE))
		return -EIO;
	return mprotect(at, pages * TLIB_PAGE, TLIB_RW) ?: faultlab_touch_read(at, NULL);
}

static int do_populate(char *at, size_t pages)
{
	return madvise(at, TLIB_PAGE, MADV_POPULATE_READ);
}

static int do_get(char *at, size_t pages)
{
	struct iovec there = { at, 1 }, here = { &(char) { 0 }, 1 };

	return process_vm_readv(getpid(), &here, 1, &there, 1, 0) == 1 ? 0 : -errno;
}

static const struct {
	const char *name;
	int (*fn)(char *at, size_t pages);
} deeds[] = {
	{ "read", do_read },
	{ "write", do_write },
	{ "read, write", do_read_write },
	{ "read as read-only, mprotect()", do_read_protect },
	{ "PROT_NONE and back", do_protect_none },
	{ "MADV_POPULATE_READ", do_populate },
	{ "get_user_pages()", do_get },
};

struct deed {
	unsigned int nr;
	int fd;
	char *at;
	size_t pages;
};

/*
 * Returns 0 if the operation worked, something is mapped, and no entry is special. Else a
 * bit is set for each of these three that is not so.
 */
static int do_and_look(void *arg)
{
	const struct deed *d = arg;
	struct seen seen;
	int wrong = 0;

	if (deeds[d->nr].fn(d->at, d->pages))
		wrong |= 1;
	seen = look(d->fd, d->at, d->pages);
	if (!seen.leaves)
		wrong |= 2;
	if (seen.special)
		wrong |= 4;
	return wrong;
}

/*
 * Rows that allow writable private mappings; the test above checks that others refuse
 * them.
 */
FIXTURE(writable)
{
	int fd;
	size_t pages;
	char *region;
};

FIXTURE_VARIANT(writable)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(writable, tlib_memory_copies)

FIXTURE_SETUP(writable)
{
	open_region(_metadata, variant->memory, &self->fd, &self->pages, &self->region);
}

FIXTURE_TEARDOWN(writable)
{
	close(self->fd);
}

TEST_F(writable, private_mapping_never_holds_a_special_entry)
{
	struct deed d = { .fd = self->fd, .pages = self->pages };

	for (d.nr = 0; d.nr < ARRAY_SIZE(deeds); d.nr++) {
		d.at = tlib_map(self->fd, TLIB_RW, MAP_PRIVATE, 0, self->pages);
		ASSERT_NE(NULL, d.at);
		EXPECT_EQ(0, do_and_look(&d)) {
			TH_LOG("%s", deeds[d.nr].name);
		}
		/* The same in a child, in the mapping that it has inherited. */
		EXPECT_EQ(0, tlib_reap(tlib_spawn(do_and_look, &d))) {
			TH_LOG("%s in a child", deeds[d.nr].name);
		}
		ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
		EXPECT_EQ(0, do_and_look(&d)) {
			TH_LOG("%s after an evict", deeds[d.nr].name);
		}
		tlib_unmap(d.at, self->pages);
	}
}

/*
 * The process that others write to. Page n of a mapping is the cell with that number.
 */
struct target {
	size_t pages;
	char *at[NR_MAPS];	/* NULL: the row has no such mapping */
	char (*copy)[TLIB_PAGE];	/* contents of the cells' pages, for the parent */
	struct tlib_peer peer;
};

static unsigned int cell(enum maps map, enum pre pre, enum how how)
{
	return (map * NR_PRES + pre) * NR_HOWS + how;
}

static void prepare(const struct target *t, unsigned int nr, enum maps map, enum pre pre)
{
	char *page = tlib_at(t->at[map], nr);

	if (pre == WRITTEN && map != READ_ONLY)
		page[OWN] = 'w';
	else if (pre != UNTOUCHED)
		(void)*(volatile char *)page;
}

static void be_written_to(struct target *t)
{
	unsigned int nr;

	for (nr = 0; nr < CELLS; nr++)
		if (t->at[nr / (NR_PRES * NR_HOWS)])
			prepare(t, nr, nr / (NR_PRES * NR_HOWS), nr / NR_HOWS % NR_PRES);
	tlib_peer_nudge(&t->peer);
	tlib_peer_await(&t->peer);
	for (nr = 0; nr < CELLS; nr++)
		if (t->at[nr / (NR_PRES * NR_HOWS)])
			memcpy(t->copy[nr], tlib_at(t->at[nr / (NR_PRES * NR_HOWS)], nr),
			       TLIB_PAGE);
	_exit(0);
}

/* Returns 0 or -errno. For POKE the target must be stopped. */
static int write_byte(pid_t pid, int mem, enum how how, char *at, char byte)
{
	struct iovec here = { &byte, 1 }, there = { at, 1 };
	long word;

	switch (how) {
	case PROC_MEM:
		return pwrite(mem, &byte, 1, (uintptr_t)at) == 1 ? 0 : -errno;
	case WRITEV:
		return process_vm_writev(pid, &here, 1, &there, 1, 0) == 1 ? 0 : -errno;
	default:
		errno = 0;
		word = ptrace(PTRACE_PEEKDATA, pid, at, NULL);
		if (errno)
			return -errno;
		word = (word & ~0xffL) | (__u8)byte;
		return ptrace(PTRACE_POKEDATA, pid, at, (void *)word) ? -errno : 0;
	}
}

/*
 * /proc/PID/mem and ptrace use .access if GUP finds no page; process_vm_writev() does
 * not.
 */
static int expected(const struct faultlab_memory *memory, enum maps map, enum how how)
{
	const int refused = how == WRITEV ? -EFAULT : -EIO;

	switch (map) {
	case SHARED:
		return memory->gup == FAULTLAB_GUP || how != WRITEV ? 0 : refused;
	case PRIVATE:
		return 0;
	default:
		/* FOLL_FORCE makes a copy if the mapping could become writable. */
		return how != WRITEV && (memory->maps & FAULTLAB_MAPS_PRIVATE_WRITE) ? 0 : refused;
	}
}

static size_t nr_wrong(const char *page, unsigned int nr, bool written, bool own)
{
	size_t i, n = 0;

	for (i = 0; i < TLIB_PAGE; i++) {
		char want = content(nr, i);

		if (i == BYTE && written)
			want = 'Z';
		if (i == OWN && own)
			want = 'w';
		n += page[i] != want;
	}
	return n;
}

static bool map_all(const struct faultlab_memory *memory, int fd, struct target *t)
{
	t->at[SHARED] = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, t->pages);
	t->at[READ_ONLY] = tlib_map(fd, PROT_READ, MAP_PRIVATE, 0, t->pages);
	if (memory->maps & FAULTLAB_MAPS_PRIVATE_WRITE)
		t->at[PRIVATE] = tlib_map(fd, TLIB_RW, MAP_PRIVATE, 0, t->pages);
	return t->at[SHARED] && t->at[READ_ONLY] &&
	       !!t->at[PRIVATE] == !!(memory->maps & FAULTLAB_MAPS_PRIVATE_WRITE);
}

/* The writer maps at the target's addresses: nothing, or its own memory. */
static bool put_in_place(struct target *t, bool memory)
{
	size_t bytes = t->pages * TLIB_PAGE;
	unsigned int map, i;

	for (map = 0; map < NR_MAPS; map++) {
		if (!t->at[map])
			continue;
		munmap(t->at[map], bytes);
		if (!memory)
			continue;
		if (mmap(t->at[map], bytes, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			 -1, 0) != t->at[map])
			return false;
		for (i = 0; i < CELLS; i++)
			memset(tlib_at(t->at[map], i), 'S', TLIB_PAGE);
	}
	return true;
}

static const char * const map_names[] = { "shared", "private", "private read-only" };
static const char * const pre_names[] = { "untouched", "read", "written" };
static const char * const how_names[] = {
	"/proc/PID/mem", "PTRACE_POKEDATA", "process_vm_writev()",
};

static void write_all(struct __test_metadata *_metadata, const struct faultlab_memory *memory,
		      struct target *t, int *errs)
{
	int mem = open(tlib_text("/proc/%d/mem", t->peer.pid), O_RDWR | O_CLOEXEC);
	unsigned int map, pre, how;

	ASSERT_LE(0, mem);
	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, t->peer.pid, NULL, NULL));
	ASSERT_EQ(t->peer.pid, waitpid(t->peer.pid, NULL, __WALL));
	for (map = 0; map < NR_MAPS; map++)
		for (pre = 0; t->at[map] && pre < NR_PRES; pre++)
			for (how = 0; how < NR_HOWS; how++) {
				unsigned int nr = cell(map, pre, how);

				errs[nr] = write_byte(t->peer.pid, mem, how,
						      tlib_at(t->at[map], nr) + BYTE, 'Z');
				EXPECT_EQ(expected(memory, map, how), errs[nr]) {
					TH_LOG("%s, %s, by %s", map_names[map], pre_names[pre],
					       how_names[how]);
				}
			}
	ASSERT_EQ(0, ptrace(PTRACE_DETACH, t->peer.pid, NULL, NULL));
	close(mem);
}

static void compare_all(struct __test_metadata *_metadata, const struct target *t,
			const int *errs)
{
	unsigned int map, pre, how;

	for (map = 0; map < NR_MAPS; map++)
		for (pre = 0; t->at[map] && pre < NR_PRES; pre++)
			for (how = 0; how < NR_HOWS; how++) {
				unsigned int nr = cell(map, pre, how);
				const bool own = pre == WRITTEN && map != READ_ONLY;

				EXPECT_EQ(0, nr_wrong(t->copy[nr], nr, !errs[nr], own)) {
					TH_LOG("%s, %s, by %s", map_names[map], pre_names[pre],
					       how_names[how]);
				}
			}
}

static void be_written_to_by_a_stranger(struct __test_metadata *_metadata,
					const struct faultlab_memory *memory, int fd,
					size_t pages, bool has_memory)
{
	struct target t = { .pages = pages };
	int errs[CELLS] = { 0 };

	t.copy = mmap(NULL, CELLS * TLIB_PAGE, TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, t.copy);
	ASSERT_TRUE(map_all(memory, fd, &t));
	ASSERT_LE(0, tlib_peer_fork(&t.peer));
	if (!t.peer.pid)
		be_written_to(&t);
	ASSERT_EQ(0, tlib_peer_await(&t.peer));
	ASSERT_TRUE(put_in_place(&t, has_memory));
	write_all(_metadata, memory, &t, errs);
	ASSERT_EQ(0, tlib_peer_nudge(&t.peer));
	ASSERT_EQ(0, tlib_peer_join(&t.peer));
	compare_all(_metadata, &t, errs);
}

TEST_F(private, a_byte_written_by_another_process_changes_only_that_byte)
{
	be_written_to_by_a_stranger(_metadata, variant->memory, self->fd, self->pages, false);
}

TEST_F(private, a_write_by_another_process_copies_nothing_of_its_own_memory)
{
	be_written_to_by_a_stranger(_metadata, variant->memory, self->fd, self->pages, true);
}

TEST_HARNESS_MAIN
