// SPDX-License-Identifier: GPL-2.0-only
/*
 * A poisoned frame (PG_hwpoison) is never mapped again. One variant for each row of
 * memory; the test goes through the ways to poison a frame, the frame's places in its
 * folio, and the access paths that could map it, alone or along with other pages.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <signal.h>
#include <sys/uio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/memory/memory.h"
#include "lib/memory/broken.h"
#include "lib/space.h"
#include "lib/sys.h"

FIXTURE(hwpoison_map)
{
	struct tlib_broken b;
	int pipe[2];
	int mem;
};

FIXTURE_VARIANT(hwpoison_map)
{
	const struct faultlab_memory *memory;
};

TLIB_MEMORIES(hwpoison_map, tlib_memory_breaks);

/* MADV_HWPOISON signals processes that map a large folio, if it has a ->mapping. */
static void ignore(int sig)
{
}

FIXTURE_SETUP(hwpoison_map)
{
	int fd;

	fd = faultlab_memory_open(variant->memory, TLIB_PMD_SIZE);
	if (fd < 0 && faultlab_memory_lacks(fd))
		SKIP(return, "%s", faultlab_memory_lacks(fd));
	ASSERT_LE(0, fd);
	close(fd);
	if (access("/sys/devices/system/memory/hard_offline_page", F_OK))
		SKIP(return, "no hard_offline_page (CONFIG_MEMORY_FAILURE)");
	/*
	 * faultlab_touch_*() pass on a SIGBUS that their own access did not cause to this
	 * handler.
	 */
	signal(SIGBUS, ignore);
	ASSERT_EQ(0, pipe(self->pipe));
	self->mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->mem);
}

FIXTURE_TEARDOWN(hwpoison_map)
{
}

/* at: a new mapping of the whole region, of which no page is in the page table yet. */
typedef const char *(*how_fn)(const struct tlib_broken *b, char *at, int pipe, int mem);

/* Whether an access to the poisoned page is SIGBUS. Returns NULL, or what was wrong. */
static const char *refused(const struct tlib_broken *b, char *at, bool write)
{
	char *bad = tlib_at(at, b->bad);
	struct faultlab_touch touch;

	if (!(write ? faultlab_touch_write(bad, 1, &touch) : faultlab_touch_read(bad, &touch)))
		return "the access succeeded";
	if (touch.signal != SIGBUS || touch.code != BUS_MCEERR_AR)
		return tlib_text("signal %d code %d", touch.signal, touch.code);
	if (touch.addr / tlib_page_size() != (uintptr_t)bad / tlib_page_size())
		return tlib_text("address off by %ld", (long)(touch.addr - (uintptr_t)bad));
	return touch.lsb == 12 ? NULL : tlib_text("lsb %d", touch.lsb);
}

/*
 * Whether the other pages still have what was written to them. Returns NULL, or what was
 * wrong.
 */
static const char *others_go_on(const struct tlib_broken *b, char *at)
{
	struct faultlab_touch touch;
	size_t i;

	for (i = 0; i < b->pages; i++) {
		if (i == b->bad)
			continue;
		if (faultlab_touch_read(tlib_at(at, i), &touch))
			return tlib_text("page %zu: signal %d code %d", i, touch.signal,
					 touch.code);
		if (touch.value != tlib_broken_value(i))
			return tlib_text("page %zu reads %d", i, touch.value);
	}
	return NULL;
}

static const char *by_read(const struct tlib_broken *b, char *at, int pipe, int mem)
{
	return refused(b, at, false) ?: others_go_on(b, at);
}

static const char *by_write(const struct tlib_broken *b, char *at, int pipe, int mem)
{
	return refused(b, at, true) ?: others_go_on(b, at);
}

/* A neighbour's fault may map a window, a folio or a PMD around the poisoned page. */
static const char *by_neighbours(const struct tlib_broken *b, char *at, int pipe, int mem)
{
	return others_go_on(b, at) ?: refused(b, at, false);
}

static const char *by_neighbours_write(const struct tlib_broken *b, char *at, int pipe, int mem)
{
	size_t i = b->bad ? b->bad - 1 : b->bad + 1;

	if (faultlab_touch_write(tlib_at(at, i), tlib_broken_value(i), NULL))
		return "the neighbour cannot be written to";
	return by_neighbours(b, at, pipe, mem) ?: refused(b, at, true);
}

static const char *by_system_call(const struct tlib_broken *b, char *at, int pipe, int mem)
{
	char *bad = tlib_at(at, b->bad);

	if (write(pipe, bad, 1) != -1 || errno != EFAULT)
		return "write(2) of the poisoned page is not EFAULT";
	if (write(pipe, tlib_at(at, b->bad + 1), 1) != 1)
		return "write(2) of the next page fails";
	return NULL;
}

static const char *by_madvise(const struct tlib_broken *b, char *at, int pipe, int mem)
{
	const int err = b->memory->pfnmap ? EINVAL : EHWPOISON;
	char *bad = tlib_at(at, b->bad);

	if (!madvise(bad, 4096, MADV_POPULATE_READ) || errno != err)
		return tlib_text("MADV_POPULATE_READ: %d", errno);
	return NULL;
}

static const char *by_gup(const struct tlib_broken *b, char *at, int pipe, int mem)
{
	struct iovec bad = { .iov_base = tlib_at(at, b->bad), .iov_len = 1 };
	char byte;
	struct iovec here = { .iov_base = &byte, .iov_len = 1 };

	if (vmsplice(pipe, &bad, 1, 0) != -1 || (errno != EFAULT && errno != EHWPOISON))
		return tlib_text("vmsplice(): %d", errno);
	if (process_vm_readv(getpid(), &here, 1, &bad, 1, 0) != -1 || errno != EFAULT)
		return tlib_text("process_vm_readv(): %d", errno);
	return NULL;
}

/* /proc/self/mem uses get_user_pages() and, where that finds no page, .access. */
static const char *by_debugger(const struct tlib_broken *b, char *at, int pipe, int mem)
{
	off_t bad = (uintptr_t)tlib_at(at, b->bad);
	char byte = 1;

	if (pread(mem, &byte, 1, bad) != -1 || errno != EIO)
		return tlib_text("read of /proc/PID/mem: errno %d", errno);
	if (pread(mem, &byte, 1, bad + 4096) != 1 ||
	    (__u8)byte != tlib_broken_value(b->bad + 1))
		return "/proc/PID/mem does not read the next page";
	return NULL;
}

static const char *by_debugger_write(const struct tlib_broken *b, char *at, int pipe, int mem)
{
	off_t bad = (uintptr_t)tlib_at(at, b->bad);

	if (pwrite(mem, "x", 1, bad) != -1 || errno != EIO)
		return tlib_text("write to /proc/PID/mem: errno %d", errno);
	return NULL;
}

#define SHARED		FAULTLAB_MAPS_SHARED
#define READS		FAULTLAB_MAPS_PRIVATE_READ
#define WRITES		FAULTLAB_MAPS_PRIVATE_WRITE

static const struct {
	const char *name;
	__u32 maps;	/* FAULTLAB_MAPS_* */
	how_fn fn;
} hows[] = {
	{ "read", SHARED, by_read },
	{ "write", SHARED, by_write },
	{ "neighbours' reads", SHARED, by_neighbours },
	{ "a neighbour's write", SHARED, by_neighbours_write },
	{ "system call", SHARED, by_system_call },
	{ "madvise()", SHARED, by_madvise },
	{ "get_user_pages()", SHARED, by_gup },
	{ "/proc/PID/mem", SHARED, by_debugger },
	{ "/proc/PID/mem, write", SHARED, by_debugger_write },
	{ "private read", READS, by_read },
	{ "private, neighbours' reads", READS, by_neighbours },
	{ "private writable, read", WRITES, by_read },
	{ "private writable, copy", WRITES, by_write },
	{ "private writable, neighbours", WRITES, by_neighbours_write },
	{ "private writable, /proc/PID/mem", WRITES, by_debugger_write },
};

static char *map_as(const struct tlib_broken *b, __u32 maps)
{
	return tlib_map(b->fd, maps == READS ? PROT_READ : TLIB_RW,
			maps == SHARED ? MAP_SHARED : MAP_PRIVATE, 0, b->pages);
}

/*
 * Kind remap, which maps everything at mmap and has no faults: mmap() of a range with the
 * poisoned page fails, that of the pages before it or after it succeeds.
 */
static const char *at_mmap(const struct tlib_broken *b)
{
	char *at = tlib_map(b->fd, TLIB_RW, MAP_SHARED, 0, b->pages), *behind;
	const char *wrong = NULL;
	struct faultlab_touch touch;

	if (at || errno != EHWPOISON)
		return at ? "mmap() of the whole region works" : tlib_text("mmap(): %d", errno);
	if (b->bad) {
		at = tlib_map(b->fd, TLIB_RW, MAP_SHARED, 0, b->bad);
		if (!at)
			return "mmap() of the pages before the poisoned one fails";
		if (tlib_nr_onto(b->fd, at, b->bad, b->pfn))
			wrong = "the poisoned page is mapped";
		tlib_unmap(at, b->bad);
	}
	behind = tlib_map(b->fd, TLIB_RW, MAP_SHARED, b->bad + 1, b->pages - b->bad - 1);
	if (!behind)
		return "mmap() of the pages after the poisoned one fails";
	if (faultlab_touch_read(behind, &touch) || touch.value != tlib_broken_value(b->bad + 1))
		wrong = "the next page has lost its content";
	tlib_unmap(behind, b->pages - b->bad - 1);
	return wrong;
}

static const char *one_way(const struct tlib_broken *b, unsigned int how, int pipe, int mem)
{
	char *at = map_as(b, hows[how].maps);
	const char *wrong;

	if (!at)
		return tlib_text("mmap(): %d", errno);
	wrong = hows[how].fn(b, at, pipe, mem);
	if (!wrong && tlib_nr_onto(b->fd, at, b->pages, b->pfn))
		wrong = "the poisoned page is mapped by a neighbour's fault";
	/* An evict, too, must not leave the poisoned page mapped. */
	if (!wrong && faultlab_evict(b->fd, 0, FAULTLAB_TO_END, 0))
		wrong = "evict failed";
	if (!wrong && tlib_nr_onto(b->fd, at, b->pages, b->pfn))
		wrong = "the poisoned page is mapped after an evict";
	tlib_unmap(at, b->pages);
	return wrong;
}

/* Returns how many access paths were tried, or 0, and sets *wrong. */
static unsigned int all_ways(const struct tlib_broken *b, const char **wrong, int *pipe, int mem)
{
	unsigned int i, n = 0;

	*wrong = NULL;
	if (b->memory->at_mmap) {
		*wrong = at_mmap(b);
		return !*wrong;
	}
	for (i = 0; i < ARRAY_SIZE(hows); i++) {
		const char *why;

		if (!(b->memory->maps & hows[i].maps))
			continue;
		why = one_way(b, i, pipe[1], mem);
		if (why) {
			*wrong = tlib_text("%s: %s", hows[i].name, why);
			return 0;
		}
		n++;
	}
	return n;
}

/*
 * Which places of a folio to poison. A poisoned folio is lost until the next boot, so only
 * few large ones are used. The short form poisons one place for each way to poison, and a
 * different place for the next row of memory; the long form poisons all places.
 */
static bool is_wanted(const struct faultlab_memory *memory, unsigned int how, unsigned int place)
{
	const unsigned int row = memory - faultlab_memories;

	if (!memory->order)
		return place == TLIB_BROKEN_MIDDLE;
	return tlib_full() || place == (how + row) % TLIB_NR_PLACES;
}

TEST_F(hwpoison_map, no_access_path_maps_a_poisoned_frame_again)
{
	unsigned int how, place, tried = 0;
	const char *wrong;
	int err;

	for (how = 0; how < TLIB_NR_POISONS; how++) {
		for (place = 0; place < TLIB_NR_PLACES; place++) {
			if (!is_wanted(variant->memory, how, place))
				continue;
			err = tlib_broken_make(&self->b, variant->memory, how,
					       tlib_broken_place(variant->memory, place));
			if (err == -ENOENT)
				continue;
			ASSERT_EQ(0, err) {
				TH_LOG("%s, place %u", tlib_poison_name(how), place);
			}
			EXPECT_NE(0, all_ways(&self->b, &wrong, self->pipe, self->mem)) {
				TH_LOG("poisoned by %s, page %zu: %s", tlib_poison_name(how),
				       self->b.bad, wrong);
			}
			tlib_broken_close(&self->b);
			tried++;
		}
	}
	EXPECT_LE(1, tried);
}

TEST_HARNESS_MAIN
