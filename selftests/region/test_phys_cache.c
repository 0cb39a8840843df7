// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory types of PHYS: in the entries, and in x86's PAT memtype list of physical
 * ranges (pat_memtype_list).
 *
 * The type that ioremap() and pgprot_noncached() call uncached is "uncached-minus", PCD
 * alone: an MTRR can still turn it into write-combining. Write-combining is PWT alone
 * (pat_bp_init()). The walk must use the same names as the memtype list.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/memory/memory.h"
#include "lib/tlib.h"
#include "lib/sys.h"
#include "faultlab_memory.h"

#define NR	8UL
#define BOOK	"/sys/kernel/debug/x86/pat_memtype_list"
#define BITS	(FAULTLAB_PTE_PWT | FAULTLAB_PTE_PCD | FAULTLAB_PTE_PAT | FAULTLAB_PTE_MEMTYPE)

/* By enum faultlab_cache. */
static const struct {
	const char *name;	/* in the memtype list */
	__u64 bits;
} types[] = {
	[FAULTLAB_CACHE_WB] = { "write-back", FAULTLAB_PTE_WB },
	[FAULTLAB_CACHE_WC] = { "write-combining", FAULTLAB_PTE_PWT | FAULTLAB_PTE_WC },
	[FAULTLAB_CACHE_UC] = { "uncached-minus", FAULTLAB_PTE_PCD | FAULTLAB_PTE_UC_MINUS },
};

_Static_assert(ARRAY_SIZE(types) == FAULTLAB_NR_CACHES, "add the new memory type");

static struct faultlab_config phys(enum faultlab_kind kind, enum faultlab_cache cache)
{
	return (struct faultlab_config) {
		.kind = kind,
		.flags = FAULTLAB_REGION_PHYS,
		.bytes = NR * tlib_page_size(),
		.cache = cache,
	};
}

static __u64 bits(int fd, const char *at)
{
	return tlib_entry(fd, 0, at).flags & BITS;
}

/*
 * The type that the memtype list has for the range of phys=; "none" if the range is not in
 * it, "no book" if the kernel has no list.
 */
static const char *booked(void)
{
	const char *found = "none";
	unsigned long long start;
	char line[256], phys[64];
	unsigned int i;
	FILE *book;

	book = fopen(BOOK, "re");
	if (!book)
		return "no book";
	if (tlib_read_text(TLIB_PARAMETERS "phys", phys, sizeof(phys)) < 0)
		*phys = '\0';
	while (fgets(line, sizeof(line), book)) {
		if (sscanf(line, "PAT: [mem %llx-", &start) != 1 ||
		    start != strtoull(phys, NULL, 0))
			continue;
		found = "another";
		for (i = 0; i < ARRAY_SIZE(types); i++)
			if (strstr(line, tlib_text("] %s\n", types[i].name)))
				found = types[i].name;
	}
	fclose(book);
	return found;
}

/* Checks the memtype list, if the kernel has one. */
#define EXPECT_BOOKED(name) do { \
	if (strcmp(booked(), "no book")) \
		EXPECT_STREQ(name, booked()); \
} while (0)

FIXTURE(cache)
{
	int fd;
	char *at;
	__u64 bits;		/* expected in the entries */
};

FIXTURE_VARIANT(cache)
{
	enum faultlab_cache cache;
	enum faultlab_kind kind;
	__u64 flags;
	__u32 around;
};

FIXTURE_VARIANT_ADD(cache, wb_pfn)
{
	.cache = FAULTLAB_CACHE_WB,
	.kind = FAULTLAB_KIND_PFN,
};

FIXTURE_VARIANT_ADD(cache, wb_around)
{
	.cache = FAULTLAB_CACHE_WB,
	.kind = FAULTLAB_KIND_PFN,
	.around = NR,
};

FIXTURE_VARIANT_ADD(cache, wb_mixed)
{
	.cache = FAULTLAB_CACHE_WB,
	.kind = FAULTLAB_KIND_MIXED,
};

FIXTURE_VARIANT_ADD(cache, wc_pfn)
{
	.cache = FAULTLAB_CACHE_WC,
	.kind = FAULTLAB_KIND_PFN,
};

FIXTURE_VARIANT_ADD(cache, wc_around)
{
	.cache = FAULTLAB_CACHE_WC,
	.kind = FAULTLAB_KIND_PFN,
	.around = NR,
};

FIXTURE_VARIANT_ADD(cache, wc_around_mkwrite)
{
	.cache = FAULTLAB_CACHE_WC,
	.kind = FAULTLAB_KIND_PFN,
	.flags = FAULTLAB_REGION_MKWRITE,
	.around = NR,
};

FIXTURE_VARIANT_ADD(cache, wc_mixed)
{
	.cache = FAULTLAB_CACHE_WC,
	.kind = FAULTLAB_KIND_MIXED,
};

FIXTURE_VARIANT_ADD(cache, uc_pfn)
{
	.cache = FAULTLAB_CACHE_UC,
	.kind = FAULTLAB_KIND_PFN,
};

FIXTURE_VARIANT_ADD(cache, uc_around)
{
	.cache = FAULTLAB_CACHE_UC,
	.kind = FAULTLAB_KIND_PFN,
	.around = NR,
};

FIXTURE_VARIANT_ADD(cache, uc_mixed)
{
	.cache = FAULTLAB_CACHE_UC,
	.kind = FAULTLAB_KIND_MIXED,
};

FIXTURE_SETUP(cache)
{
	struct faultlab_config config = phys(variant->kind, variant->cache);

	config.flags |= variant->flags;
	config.around = variant->around;
	self->bits = types[variant->cache].bits;
	self->fd = tlib_region_full(&config);
	if (self->fd == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	ASSERT_LE(0, self->fd);
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
}

FIXTURE_TEARDOWN(cache)
{
	tlib_unmap(self->at, NR);
	close(self->fd);
}

TEST_F(cache, entries_have_the_configured_memory_type)
{
	size_t i;

	EXPECT_EQ(0, faultlab_touch_write(self->at, 1, NULL));
	EXPECT_EQ(variant->around ?: 1, tlib_nr_mapped(self->fd, 0, self->at, NR));
	tlib_write(self->at, NR);
	for (i = 0; i < NR; i++) {
		EXPECT_ENTRY("page rw dirty special", self->fd, tlib_at(self->at, i));
		EXPECT_EQ(self->bits, bits(self->fd, tlib_at(self->at, i)));
	}
}

TEST_F(cache, entries_of_a_private_mapping_have_the_configured_memory_type)
{
	char *at = tlib_map(self->fd, PROT_READ, MAP_PRIVATE, 0, NR);
	size_t i;

	ASSERT_NE(NULL, at);
	for (i = 0; i < NR; i++) {
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(at, i), NULL));
		EXPECT_ENTRY("page r special", self->fd, tlib_at(at, i));
		EXPECT_EQ(self->bits, bits(self->fd, tlib_at(at, i)));
	}
}

TEST_F(cache, mprotect_keeps_the_memory_type)
{
	size_t length = NR * tlib_page_size();

	tlib_write(self->at, 1);
	ASSERT_EQ(0, mprotect(self->at, length, PROT_READ));
	EXPECT_EQ(self->bits, bits(self->fd, self->at));
	ASSERT_EQ(0, mprotect(self->at, length, TLIB_RW));
	tlib_write(self->at, NR);
	EXPECT_EQ(self->bits, bits(self->fd, self->at));
	EXPECT_EQ(self->bits, bits(self->fd, tlib_at(self->at, NR - 1)));
}

TEST_F(cache, fork_keeps_the_memory_type)
{
	int status;
	pid_t pid;

	tlib_write(self->at, NR - 1);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		tlib_write(self->at, NR);
		_exit(bits(self->fd, self->at) != self->bits ||
		      bits(self->fd, tlib_at(self->at, NR - 1)) != self->bits);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(cache, the_pat_memtype_list_has_the_range_until_the_region_is_gone)
{
	if (!strcmp(booked(), "no book"))
		SKIP(return, "no " BOOK " (CONFIG_X86_PAT, CONFIG_DEBUG_FS)");
	EXPECT_STREQ(types[variant->cache].name, booked());
	tlib_write(self->at, NR);
	EXPECT_STREQ(types[variant->cache].name, booked());
	/* The mapping keeps the region alive. */
	ASSERT_EQ(0, close(self->fd));
	EXPECT_STREQ(types[variant->cache].name, booked());
	tlib_unmap(self->at, NR);
	EXPECT_STREQ("none", booked());
	/* The fixture's teardown needs a region. */
	self->fd = faultlab_open();
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
}

TEST_F(cache, proc_mem_reads_and_writes_what_the_mapping_shows)
{
	off_t at = (off_t)(unsigned long)tlib_at(self->at, 1);
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	const size_t length = 3 * tlib_page_size();
	char *buf = malloc(length);

	ASSERT_LE(0, mem);
	ASSERT_NE(NULL, buf);
	tlib_write(self->at, NR);
	EXPECT_EQ((ssize_t)length, pread(mem, buf, length, at));
	EXPECT_EQ(0, memcmp(tlib_at(self->at, 1), buf, length));
	memset(buf, 'w', length);
	/* An unaligned length, for which memcpy_toio() copies single bytes. */
	EXPECT_EQ(101, pwrite(mem, buf, 101, at + 3));
	EXPECT_EQ('b', *tlib_at(self->at, 1));
	EXPECT_EQ(0, memcmp(tlib_at(self->at, 1) + 3, buf, 101));
	EXPECT_EQ(0, tlib_at(self->at, 1)[104]);
	EXPECT_LT(0, tlib_stat(self->fd, FAULTLAB_STAT_ACCESS));
	free(buf);
	close(mem);
}

TEST_F(cache, ptrace_peeks_and_pokes_the_memory_by_access)
{
	long *word = (long *)tlib_at(self->at, 2);
	int status;
	pid_t pid;

	*word = 0x1122334455667788;
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFSTOPPED(status));
	EXPECT_EQ(0x1122334455667788, ptrace(PTRACE_PEEKDATA, pid, word, NULL));
	EXPECT_EQ(0, ptrace(PTRACE_POKEDATA, pid, word + 1, 0x55));
	EXPECT_EQ(0x55, word[1]);
	EXPECT_EQ(2, tlib_stat(self->fd, FAULTLAB_STAT_ACCESS));
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
}

TEST_F(cache, content_survives_an_evict)
{
	struct faultlab_touch touch;
	size_t i;

	tlib_write(self->at, NR);
	ASSERT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ(0, tlib_nr_mapped(self->fd, 0, self->at, NR));
	for (i = 0; i < NR; i++) {
		EXPECT_EQ(0, faultlab_touch_read(tlib_at(self->at, i), &touch));
		EXPECT_EQ('a' + (int)i, touch.value);
	}
}

TEST_F(cache, a_second_region_with_phys_is_ebusy_for_every_memory_type)
{
	struct faultlab_config config;
	int other = faultlab_open();
	unsigned int i;

	tlib_write(self->at, NR);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		config = phys(FAULTLAB_KIND_PFN, i);
		EXPECT_EQ(-EBUSY, faultlab_configure(other, &config));
	}
	EXPECT_BOOKED(types[variant->cache].name);
	EXPECT_EQ('a', *self->at);
	close(other);
}

TEST(kind_remap_has_the_configured_type_in_shared_and_private_mappings)
{
	static const int flags[] = { MAP_SHARED, MAP_PRIVATE };
	struct faultlab_config config;
	unsigned int i, j;
	char *at;
	int fd;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		config = phys(FAULTLAB_KIND_REMAP, i);
		fd = tlib_region_full(&config);
		if (fd == -ENXIO)
			SKIP(return, "the module was loaded without phys=");
		ASSERT_LE(0, fd);
		for (j = 0; j < ARRAY_SIZE(flags); j++) {
			at = tlib_map(fd, PROT_READ, flags[j], 0, NR);
			ASSERT_NE(NULL, at);
			EXPECT_EQ(NR, tlib_nr_mapped(fd, 0, at, NR));
			EXPECT_EQ(types[i].bits, bits(fd, tlib_at(at, NR - 1)));
			tlib_unmap(at, NR);
		}
		close(fd);
	}
}

TEST(the_memory_type_can_be_changed_until_the_first_mmap)
{
	static const enum faultlab_cache order[] = {
		FAULTLAB_CACHE_WC, FAULTLAB_CACHE_UC, FAULTLAB_CACHE_WB, FAULTLAB_CACHE_UC,
		FAULTLAB_CACHE_WC, FAULTLAB_CACHE_WC,
	};
	struct faultlab_config config;
	int fd = faultlab_open();
	unsigned int i;
	char *at;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		config = phys(FAULTLAB_KIND_PFN, order[i]);
		if (i == 0 && faultlab_configure(fd, &config) == -ENXIO)
			SKIP(return, "the module was loaded without phys=");
		EXPECT_EQ(0, faultlab_configure(fd, &config));
		EXPECT_BOOKED(types[order[i]].name);
	}
	at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, at);
	tlib_write(at, NR);
	EXPECT_EQ(types[FAULTLAB_CACHE_WC].bits, bits(fd, at));
	config.cache = FAULTLAB_CACHE_UC;
	EXPECT_EQ(-EBUSY, faultlab_configure(fd, &config));
	tlib_unmap(at, NR);
	close(fd);
}

TEST(a_new_region_reads_zeros_whatever_memory_type_wrote_before)
{
	struct faultlab_config config;
	unsigned int i, page;
	char *at;
	int fd;

	for (i = 0; i < 2 * ARRAY_SIZE(types); i++) {
		config = phys(FAULTLAB_KIND_PFN, i % ARRAY_SIZE(types));
		fd = tlib_region_full(&config);
		if (fd == -ENXIO)
			SKIP(return, "the module was loaded without phys=");
		at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, NR);
		ASSERT_NE(NULL, at);
		for (page = 0; page < NR; page++)
			EXPECT_EQ(0, *tlib_at(at, page));
		tlib_write(at, NR);
		tlib_unmap(at, NR);
		close(fd);
	}
}

/*
 * All mappings of a frame have one memory type, for every row with PHYS. A second type
 * would be undefined on some architectures; x86 prevents it by the memtype list.
 */
FIXTURE(one_type)
{
	int fd;
};

FIXTURE_VARIANT(one_type)
{
	const struct faultlab_memory *memory;
};

static bool is_phys(const struct faultlab_memory *memory)
{
	return memory->flags & FAULTLAB_REGION_PHYS;
}

TLIB_MEMORIES(one_type, is_phys)

FIXTURE_SETUP(one_type)
{
	int fd = faultlab_memory_open(variant->memory, 0);

	if (fd < 0 && faultlab_memory_lacks(fd))
		SKIP(return, "%s", faultlab_memory_lacks(fd));
	ASSERT_LE(0, fd);
	close(fd);
}

FIXTURE_TEARDOWN(one_type)
{
}

struct types_seen {
	__u64 other;	/* the number of leaves with another memory type */
	__u64 leaves;
	__u64 bits;
};

static int see_type(const struct faultlab_walk_entry *e, void *arg)
{
	struct types_seen *seen = arg;

	if (!(e->flags & FAULTLAB_PTE_LEAF))
		return 0;
	seen->leaves++;
	seen->other += (e->flags & BITS) != seen->bits;
	return 0;
}

TEST_F(one_type, all_mappings_of_a_frame_have_the_same_memory_type)
{
	static const struct { int prot, flags; } maps[] = {
		{ TLIB_RW, MAP_SHARED }, { PROT_READ, MAP_SHARED },
		{ PROT_READ, MAP_PRIVATE }, { TLIB_RW, MAP_PRIVATE },
	};
	const size_t pages = variant->memory->leaf || variant->memory->along > 1 ? 512 : 32;
	const size_t bytes = pages * tlib_page_size();
	struct faultlab_memory memory = *variant->memory;
	unsigned int i, page;
	char *at[4];

	for (memory.cache = 0; memory.cache < ARRAY_SIZE(types); memory.cache++) {
		struct types_seen seen = { .bits = types[memory.cache].bits };

		self->fd = faultlab_memory_open(&memory, bytes);
		ASSERT_LE(0, self->fd);
		for (i = 0; i < ARRAY_SIZE(maps); i++) {
			at[i] = tlib_map(self->fd, maps[i].prot, maps[i].flags, 0, pages);
			/*
			 * Private writable mappings are refused: their copies would be
			 * RAM of another type.
			 */
			EXPECT_EQ(maps[i].flags == MAP_SHARED || maps[i].prot == PROT_READ,
				  !!at[i]);
			if (!at[i])
				continue;
			for (page = 0; page < pages; page += 7)
				EXPECT_EQ(0, faultlab_touch_read(tlib_at(at[i], page), NULL));
			EXPECT_EQ(0, faultlab_walk_each(self->fd, 0, (uintptr_t)at[i],
							(uintptr_t)at[i] + bytes, 0,
							see_type, &seen));
		}
		EXPECT_LT(0, seen.leaves);
		EXPECT_EQ(0, seen.other);
		EXPECT_BOOKED(types[memory.cache].name);
		for (i = 0; i < ARRAY_SIZE(maps); i++)
			if (at[i])
				tlib_unmap(at[i], pages);
		close(self->fd);
	}
}

TEST_HARNESS_MAIN
