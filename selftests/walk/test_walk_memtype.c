// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory types by name: the type in this machine's PAT that an entry's bits select, and
 * what the command shows.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"
#include "lib/tools/shell.h"

#define NR		8UL
#define PAT_MSR		0x277
#define KERNEL_IMAGE	0xffffffff80000000ULL	/* then modules, and the fixmap */

/* The memory types as numbers in the PAT MSR: Intel SDM vol. 3, table 12-10. */
static const __u64 encodings[8] = {
	FAULTLAB_PTE_UC, FAULTLAB_PTE_WC, 0, 0,
	FAULTLAB_PTE_WT, FAULTLAB_PTE_WP, FAULTLAB_PTE_WB, FAULTLAB_PTE_UC_MINUS,
};

struct seen {
	__u8 pat[8];
	__u64 types;	/* of the entries that were seen */
	size_t leaves;
	size_t wrong;
	struct faultlab_walk_entry first;	/* the first wrong entry */
};

static int see(const struct faultlab_walk_entry *e, void *arg)
{
	const unsigned int pat_bit = e->level == FAULTLAB_LEVEL_PTE ? 7 : 12;
	struct seen *seen = arg;
	__u64 type;

	/*
	 * An entry that is not present has no type: the processor ignores its other
	 * bits.
	 */
	if (!(e->flags & FAULTLAB_PTE_LEAF) || !(e->raw & 1)) {
		type = 0;
	} else {
		type = encodings[seen->pat[(e->raw >> 3 & 3) | (e->raw >> pat_bit & 1) << 2] & 7];
		seen->leaves++;
	}
	seen->types |= type;
	if ((e->flags & FAULTLAB_PTE_MEMTYPE) != type && !seen->wrong++)
		seen->first = *e;
	return 0;
}

FIXTURE(memtype)
{
	int fd;
	struct seen seen;
};

FIXTURE_SETUP(memtype)
{
	int msr;

	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 1);
	ASSERT_LE(0, self->fd);
	if (access("/dev/cpu/0/msr", R_OK))
		tlib_modprobe("msr");
	msr = open("/dev/cpu/0/msr", O_RDONLY | O_CLOEXEC);
	if (msr < 0)
		SKIP(return, "no /dev/cpu/0/msr (CONFIG_X86_MSR)");
	ASSERT_EQ(8, pread(msr, self->seen.pat, 8, PAT_MSR));
	close(msr);
}

FIXTURE_TEARDOWN(memtype)
{
	close(self->fd);
}

#define EXPECT_TRUE_TYPES(met) do {							\
	EXPECT_EQ(0, self->seen.wrong) {						\
		TH_LOG("first at %#llx: flags %#llx, raw %#llx", self->seen.first.addr,	\
		       self->seen.first.flags, self->seen.first.raw);			\
	}										\
	EXPECT_LT(0, self->seen.leaves);						\
	EXPECT_EQ(met, self->seen.types & (met));					\
} while (0)

TEST_F(memtype, memory_types_of_a_process_match_the_pat)
{
	/*
	 * O_SYNC makes /dev/mem map memory uncached. The page is in the hole for PCI,
	 * and is never touched.
	 */
	int mem = open("/dev/mem", O_RDONLY | O_SYNC | O_CLOEXEC);
	char *at = tlib_map(mem, PROT_READ, MAP_SHARED, 0xfe800, 1);

	ASSERT_EQ(0, tlib_make_mess());
	ASSERT_EQ(0, faultlab_walk_each(self->fd, 0, 0, TLIB_EVERYWHERE, TLIB_WALK_ALL, see,
					&self->seen));
	EXPECT_TRUE_TYPES(FAULTLAB_PTE_WB | (at ? FAULTLAB_PTE_UC_MINUS : 0));
}

TEST_F(memtype, memory_types_of_phys_regions_match_the_pat)
{
	static const struct {
		enum faultlab_cache cache;
		__u64 type;
	} caches[] = {
		{ FAULTLAB_CACHE_WB, FAULTLAB_PTE_WB },
		{ FAULTLAB_CACHE_WC, FAULTLAB_PTE_WC },
		{ FAULTLAB_CACHE_UC, FAULTLAB_PTE_UC_MINUS },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		const struct faultlab_config config = {
			.kind = FAULTLAB_KIND_PFN,
			.flags = FAULTLAB_REGION_PHYS,
			.bytes = NR * TLIB_PAGE,
			.cache = caches[i].cache,
		};
		int fd = tlib_region_full(&config);
		char *at;

		if (fd == -ENXIO)
			SKIP(return, "the module was loaded without phys=");
		at = tlib_map(fd, TLIB_RW, MAP_SHARED, 0, NR);
		ASSERT_NE(NULL, at);
		tlib_write(at, NR);
		self->seen.types = 0;
		self->seen.wrong = 0;
		self->seen.leaves = 0;
		ASSERT_EQ(0, faultlab_walk_each(fd, 0, (uintptr_t)at,
						(uintptr_t)at + NR * TLIB_PAGE, 0, see,
						&self->seen));
		EXPECT_TRUE_TYPES(caches[i].type);
		EXPECT_EQ(caches[i].type, self->seen.types);
		tlib_unmap(at, NR);
		close(fd);
	}
}

TEST_F(memtype, memory_types_from_the_kernel_image_up_match_the_pat)
{
	/* The fixmap has the interrupt controllers, uncached. */
	ASSERT_EQ(0, faultlab_walk_each(self->fd, 0, KERNEL_IMAGE, 0, FAULTLAB_WALK_KERNEL, see,
					&self->seen));
	EXPECT_TRUE_TYPES(FAULTLAB_PTE_WB | FAULTLAB_PTE_UC);
}

TEST_F(memtype, a_prot_none_page_has_no_memory_type)
{
	char *at = tlib_map(-1, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS, 0, NR);

	tlib_write(at, NR);
	ASSERT_EQ(0, mprotect(at, NR * TLIB_PAGE, PROT_NONE));
	EXPECT_EQ(FAULTLAB_PTE_PROTNONE, tlib_entry(self->fd, 0, at).flags &
		  (FAULTLAB_PTE_PROTNONE | FAULTLAB_PTE_MEMTYPE));
}

/* The output of faultlab walk for this process, which waits for the command. */
FIXTURE(command_output)
{
	int fd;
	char *at;
	char text[TLIB_TEXT_MAX];
};

FIXTURE_VARIANT(command_output)
{
	enum faultlab_cache cache;
	const char *name;	/* how the type must be shown */
	const char *filter;	/* the word for --require */
	const char *word;	/* a line of the legend */
};

FIXTURE_VARIANT_ADD(command_output, wc)
{
	.cache = FAULTLAB_CACHE_WC,
	.name = "wc",
	.filter = "wc",
	.word = "          wc  write-combining memory",
};

FIXTURE_VARIANT_ADD(command_output, uc)
{
	.cache = FAULTLAB_CACHE_UC,
	.name = "uc-",
	.filter = "uc-",
	.word = "         uc-  uncached memory, unless an MTRR makes it wc",
};

FIXTURE_SETUP(command_output)
{
	const struct faultlab_config config = {
		.kind = FAULTLAB_KIND_PFN,
		.flags = FAULTLAB_REGION_PHYS,
		.bytes = NR * TLIB_PAGE,
		.cache = variant->cache,
	};

	self->fd = tlib_region_full(&config);
	if (self->fd == -ENXIO)
		SKIP(return, "the module was loaded without phys=");
	self->at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, NR);
	ASSERT_NE(NULL, self->at);
	tlib_write(self->at, NR);
}

FIXTURE_TEARDOWN(command_output)
{
	close(self->fd);
}

static const char *walk(FIXTURE_DATA(command_output) * self, const char *options)
{
	int status = tlib_shell(tlib_text("faultlab walk %d %lx+%luK %s", getpid(),
					  (unsigned long)self->at, 4 * NR, options),
				self->text, sizeof(self->text));

	return status ? "" : self->text;
}

#define EXPECT_HAS(part) EXPECT_NE(NULL, strstr(self->text, part)) {		\
	TH_LOG("no \"%s\" in\n%s", part, self->text);				\
}

#define EXPECT_LACKS(part) EXPECT_EQ(NULL, strstr(self->text, part)) {		\
	TH_LOG("\"%s\" in\n%s", part, self->text);				\
}

TEST_F(command_output, the_memory_type_is_shown_by_name_not_by_pwt_and_pcd)
{
	static const char *const forms[] = { "--runs", "--entries", "--pages" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		ASSERT_STRNE("", walk(self, forms[i]));
		EXPECT_HAS(tlib_text(" special %s", variant->name));
		EXPECT_HAS(variant->word);
		EXPECT_LACKS("pwt");
		EXPECT_LACKS("pcd");
	}
	ASSERT_STRNE("", walk(self, "--counts"));
	EXPECT_HAS(tlib_text(", %s 32K\n", variant->name));
	ASSERT_STRNE("", walk(self, "--json"));
	EXPECT_HAS(tlib_text("\"%s\"", variant->name));
	ASSERT_STRNE("", walk(self, "--dot"));
	EXPECT_HAS(tlib_text("special %s</TD>", variant->name));
}

TEST_F(command_output, require_and_exclude_filter_by_memory_type)
{
	ASSERT_STRNE("", walk(self, tlib_text("--require %s", variant->filter)));
	EXPECT_HAS("1 run, 8 pages (32K), ");
	ASSERT_STRNE("", walk(self, tlib_text("--exclude %s", variant->filter)));
	EXPECT_HAS("0 runs, 0 pages, ");
	ASSERT_STRNE("", walk(self, "--require wb"));
	EXPECT_HAS("0 runs, 0 pages, ");
}

TEST(write_back_is_not_shown_but_can_be_required)
{
	char text[TLIB_TEXT_MAX];
	char *at = tlib_map(-1, TLIB_RW, MAP_PRIVATE | MAP_ANONYMOUS, 0, 1);

	*at = 1;
	EXPECT_EQ(0, tlib_shell(tlib_text("faultlab walk %d %lx+4K --runs", getpid(),
					  (unsigned long)at), text, sizeof(text)));
	EXPECT_EQ(NULL, strstr(text, "wb"));
	EXPECT_EQ(0, tlib_shell(tlib_text("faultlab walk %d %lx+4K --runs --require wb | tail -1",
					  getpid(), (unsigned long)at), text, sizeof(text)));
	EXPECT_EQ(&text[0], strstr(text, "1 run, 1 page (4K), "));
}

TEST_HARNESS_MAIN
