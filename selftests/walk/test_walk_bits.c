// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk's flags of an entry match the bits that the processor defines, and what was
 * done to the page.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/userfaultfd.h>

#include <kselftest_harness.h>
#include "lib/space.h"
#include "lib/sys.h"

#define BIT(n)	(1ULL << (n))

#ifndef __x86_64__
#error "The bits below are those of x86-64."
#endif

/* Intel SDM vol. 3, 4.5; bits 9 to 11 and 58 as Linux uses them (pgtable_types.h). */
static const struct {
	unsigned int bit;
	__u64 flag;
} pte_bits[] = {
	{ 1, FAULTLAB_PTE_WRITE },
	{ 2, FAULTLAB_PTE_USER },
	{ 3, FAULTLAB_PTE_PWT },
	{ 4, FAULTLAB_PTE_PCD },
	{ 5, FAULTLAB_PTE_ACCESSED },
	{ 8, FAULTLAB_PTE_GLOBAL },
	{ 10, FAULTLAB_PTE_UFFD_WP },
	{ 11, FAULTLAB_PTE_SOFT_DIRTY },
};

/* The PAT as pat_bp_init() sets it up. Linux uses no entry with slot 4 or 6. */
static const __u64 memtypes[8] = {
	FAULTLAB_PTE_WB, FAULTLAB_PTE_WC, FAULTLAB_PTE_UC_MINUS, FAULTLAB_PTE_UC,
	0, FAULTLAB_PTE_WP, 0, FAULTLAB_PTE_WT,
};

static __u64 expected_pfn(const struct faultlab_walk_entry *e)
{
	__u64 raw = e->flags & FAULTLAB_PTE_PROTNONE ? ~e->raw : e->raw;
	__u64 pfn = (raw & (BIT(52) - 1)) >> 12;

	/* Bit 12 of a large leaf is its PAT bit, not part of the frame. */
	return e->level == FAULTLAB_LEVEL_PTE ? pfn : pfn & ~1ULL;
}

static __u64 expected_leaf(const struct faultlab_walk_entry *e)
{
	bool present = e->raw & BIT(0);
	__u64 flags = FAULTLAB_PTE_LEAF;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pte_bits); i++)
		if (e->raw & BIT(pte_bits[i].bit))
			flags |= pte_bits[i].flag;
	if (!(e->raw & BIT(63)))
		flags |= FAULTLAB_PTE_EXEC;
	/* Linux keeps the dirty bit of a read-only entry in bit 58. */
	if (e->raw & (BIT(6) | BIT(58)))
		flags |= FAULTLAB_PTE_DIRTY;
	if (e->level == FAULTLAB_LEVEL_PTE)
		flags |= (e->raw & BIT(9) ? FAULTLAB_PTE_SPECIAL : 0) |
			 (e->raw & BIT(7) ? FAULTLAB_PTE_PAT : 0);
	else if (e->raw & BIT(12))
		flags |= FAULTLAB_PTE_PAT;
	if (present)
		flags |= memtypes[(e->raw & (BIT(3) | BIT(4))) >> 3 |
				  (flags & FAULTLAB_PTE_PAT ? 4 : 0)];
	if (!present) {
		/*
		 * In an entry that is not present, Linux uses bit 8 for PROT_NONE. Bits that
		 * only the processor reads have no meaning there.
		 */
		flags &= ~(FAULTLAB_PTE_USER | FAULTLAB_PTE_EXEC | FAULTLAB_PTE_GLOBAL |
			   FAULTLAB_PTE_PWT | FAULTLAB_PTE_PCD | FAULTLAB_PTE_PAT);
		flags |= e->raw & BIT(8) ? FAULTLAB_PTE_PROTNONE : 0;
	}
	return flags;
}

FIXTURE(bits)
{
	int fd;
	char *mem;	/* 512 pages with a page table of their own, no huge pages */
};

FIXTURE_SETUP(bits)
{
	self->fd = tlib_region(FAULTLAB_KIND_PAGE, 0, 16);
	ASSERT_LE(0, self->fd);
	self->mem = tlib_map_apart(-1, TLIB_RW, MAP_PRIVATE, 512);
	ASSERT_NE(NULL, self->mem);
	ASSERT_EQ(0, madvise(self->mem, TLIB_PMD_SIZE, MADV_NOHUGEPAGE));
}

FIXTURE_TEARDOWN(bits)
{
	close(self->fd);
}

#define ENTRY(addr)	tlib_entry(self->fd, 0, addr)
#define FLAGS(addr, mask) (tlib_entry(self->fd, 0, addr).flags & (mask))

#define EXPECT_DECODED(entry) do {						\
	const struct faultlab_walk_entry *_e = (entry);				\
										\
	EXPECT_EQ(expected_leaf(_e), _e->flags & ~(__u64)FAULTLAB_PTE_VMA_SOFT_DIRTY) {	\
		TH_LOG("raw %#llx at %#llx", _e->raw, _e->addr);		\
	}									\
	EXPECT_EQ(expected_pfn(_e), _e->pfn) {					\
		TH_LOG("raw %#llx at %#llx", _e->raw, _e->addr);		\
	}									\
} while (0)

TEST_F(bits, flags_of_every_leaf_match_its_raw_entry)
{
	struct tlib_entries entries;
	struct tlib_peer peer;
	size_t i, huge = 0;

	ASSERT_EQ(0, tlib_entries_init(&entries, 16384));
	ASSERT_EQ(0, tlib_messy_peer(&peer));
	ASSERT_EQ(0, tlib_entries_walk(&entries, self->fd, peer.pid, 0, TLIB_EVERYWHERE, 0, 512));
	EXPECT_LT(100, entries.nr);
	for (i = 0; i < entries.nr; i++) {
		if (!(entries.at[i].flags & FAULTLAB_PTE_LEAF))
			continue;
		huge += entries.at[i].level == FAULTLAB_LEVEL_PMD;
		EXPECT_DECODED(&entries.at[i]);
	}
	TH_LOG("%zu leaves, %zu of them huge", entries.nr, huge);
	/* tlib_make_mess() must have made entries of all these sorts, or little is tested. */
	EXPECT_LT(0, tlib_entries_count(&entries, 0, FAULTLAB_PTE_PROTNONE));
	EXPECT_LT(0, tlib_entries_count(&entries, 0, FAULTLAB_PTE_SPECIAL));
	EXPECT_LT(0, tlib_entries_count(&entries, 0, FAULTLAB_PTE_EXEC));
	EXPECT_LT(0, tlib_entries_count(&entries, 0, FAULTLAB_PTE_WRITE));
	tlib_peer_nudge(&peer);
	EXPECT_EQ(0, tlib_peer_join(&peer));
}

TEST_F(bits, flags_of_every_table_entry_match_its_raw_entry)
{
	struct tlib_entries entries;
	__u64 raw, flags;
	size_t i;

	ASSERT_EQ(0, tlib_entries_init(&entries, 16384));
	ASSERT_EQ(0, tlib_entries_walk(&entries, self->fd, 0, 0, TLIB_EVERYWHERE,
				       FAULTLAB_WALK_TABLES, 512));
	for (i = 0; i < entries.nr; i++) {
		raw = entries.at[i].raw;
		if (!(entries.at[i].flags & FAULTLAB_PTE_TABLE))
			continue;
		flags = FAULTLAB_PTE_TABLE | (raw & BIT(1) ? FAULTLAB_PTE_WRITE : 0) |
			(raw & BIT(2) ? FAULTLAB_PTE_USER : 0) |
			(raw & BIT(3) ? FAULTLAB_PTE_PWT : 0) |
			(raw & BIT(4) ? FAULTLAB_PTE_PCD : 0) |
			(raw & BIT(5) ? FAULTLAB_PTE_ACCESSED : 0) |
			(raw & BIT(63) ? 0 : FAULTLAB_PTE_EXEC);
		EXPECT_EQ(flags, entries.at[i].flags & ~FAULTLAB_PTE_FOLDED);
		EXPECT_EQ((raw & (BIT(52) - 1)) >> 12, entries.at[i].pfn);
		EXPECT_EQ(BIT(0), raw & (BIT(0) | BIT(7)));
	}
	EXPECT_LT(3, tlib_entries_count(&entries, FAULTLAB_LEVEL_PMD, FAULTLAB_PTE_TABLE));
}

/* A read fault of a shared mapping leaves it writable, so no second fault follows. */
TEST_F(bits, a_read_sets_accessed_and_a_write_sets_dirty)
{
	const __u64 both = FAULTLAB_PTE_ACCESSED | FAULTLAB_PTE_DIRTY;
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 16);
	struct tlib_mark mark;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, tlib_counts_begin(self->fd, &mark));
	ASSERT_EQ(0, faultlab_touch_read(at, NULL));
	EXPECT_EQ(FAULTLAB_PTE_ACCESSED, FLAGS(at, both));
	EXPECT_TRUE(FLAGS(at, FAULTLAB_PTE_WRITE));
	ASSERT_EQ(0, faultlab_touch_write(at, 1, NULL));
	EXPECT_EQ(both, FLAGS(at, both));
	EXPECT_COUNTS("fault_read 1 minor 1 locked 1 pages +1 minflt 1", &mark);
}

TEST_F(bits, clear_refs_clears_accessed_and_the_next_read_sets_it)
{
	ASSERT_EQ(0, faultlab_touch_write(self->mem, 1, NULL));
	ASSERT_EQ(0, tlib_write_text("/proc/self/clear_refs", "1"));
	/*
	 * clear_refs leaves the old entry in the TLB, so a read would not set the accessed
	 * bit. mprotect() flushes the TLB.
	 */
	ASSERT_EQ(0, mprotect(self->mem, TLIB_PMD_SIZE, PROT_READ));
	EXPECT_EQ(FAULTLAB_PTE_DIRTY, FLAGS(self->mem, FAULTLAB_PTE_ACCESSED | FAULTLAB_PTE_DIRTY));
	ASSERT_EQ(0, faultlab_touch_read(self->mem, NULL));
	EXPECT_EQ(FAULTLAB_PTE_ACCESSED, FLAGS(self->mem, FAULTLAB_PTE_ACCESSED));
}

TEST_F(bits, mprotect_changes_the_flags_write_exec_user_and_protnone)
{
	static const struct {
		int prot;
		__u64 flags;
	} rows[] = {
		{ PROT_READ, FAULTLAB_PTE_USER },
		{ PROT_READ | PROT_EXEC, FAULTLAB_PTE_USER | FAULTLAB_PTE_EXEC },
		{ PROT_NONE, FAULTLAB_PTE_PROTNONE },
		{ PROT_READ | PROT_WRITE, FAULTLAB_PTE_USER | FAULTLAB_PTE_WRITE },
		{ PROT_READ | PROT_WRITE | PROT_EXEC,
		  FAULTLAB_PTE_USER | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_EXEC },
		{ PROT_NONE, FAULTLAB_PTE_PROTNONE },
		{ PROT_READ, FAULTLAB_PTE_USER },
	};
	const __u64 mask = FAULTLAB_PTE_USER | FAULTLAB_PTE_WRITE | FAULTLAB_PTE_EXEC |
			   FAULTLAB_PTE_PROTNONE | FAULTLAB_PTE_GLOBAL;
	struct faultlab_walk_entry e;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, mprotect(self->mem, TLIB_PMD_SIZE, TLIB_RW));
		ASSERT_EQ(0, faultlab_touch_write(self->mem, i, NULL));
		ASSERT_EQ(0, mprotect(self->mem, TLIB_PMD_SIZE, rows[i].prot));
		if (rows[i].prot & PROT_WRITE) {
			ASSERT_EQ(0, faultlab_touch_write(self->mem, i, NULL));
		}
		e = ENTRY(self->mem);
		EXPECT_EQ(rows[i].flags, e.flags & mask) {
			TH_LOG("row %u", i);
		}
		EXPECT_DECODED(&e);
	}
}

FIXTURE(kinds)
{
	int fd;
};

FIXTURE_VARIANT(kinds)
{
	enum faultlab_kind kind;
	__u64 flags;
	bool write;
	__u64 expected;
};

#define KIND(name, k, f, w, e) FIXTURE_VARIANT_ADD(kinds, name) \
	{ .kind = FAULTLAB_KIND_##k, .flags = f, .write = w, .expected = e }

#define W	FAULTLAB_PTE_WRITE
#define D	FAULTLAB_PTE_DIRTY
#define S	FAULTLAB_PTE_SPECIAL

KIND(page_read, PAGE, 0, false, W);
KIND(page_written, PAGE, 0, true, W | D);
KIND(page_with_mkwrite_read, PAGE, FAULTLAB_REGION_MKWRITE, false, 0);
KIND(page_with_mkwrite_written, PAGE, FAULTLAB_REGION_MKWRITE, true, W | D);
KIND(page_inserted_read, PAGE, FAULTLAB_REGION_INSERT, false, W);
KIND(pfn_read, PFN, 0, false, W | S);
KIND(pfn_with_mkwrite_read, PFN, FAULTLAB_REGION_MKWRITE, false, S);
KIND(pfn_with_mkwrite_written, PFN, FAULTLAB_REGION_MKWRITE, true, W | D | S);

FIXTURE_SETUP(kinds)
{
	self->fd = tlib_region(variant->kind, variant->flags, 4);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(kinds)
{
	close(self->fd);
}

TEST_F(kinds, the_first_access_makes_an_entry_with_the_flags_of_the_kind)
{
	char *at = tlib_map(self->fd, TLIB_RW, MAP_SHARED, 0, 4);
	struct faultlab_walk_entry e;

	ASSERT_NE(NULL, at);
	ASSERT_EQ(0, variant->write ? faultlab_touch_write(at, 1, NULL) :
				      faultlab_touch_read(at, NULL));
	e = tlib_entry(self->fd, 0, at);
	EXPECT_EQ(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_USER | FAULTLAB_PTE_ACCESSED |
		  FAULTLAB_PTE_WB | variant->expected,
		  e.flags & ~(__u64)(FAULTLAB_PTE_SOFT_DIRTY | FAULTLAB_PTE_VMA_SOFT_DIRTY));
	EXPECT_DECODED(&e);
}

TEST_F(bits, device_memory_has_pcd_and_uc_minus)
{
	int mem = open("/dev/mem", O_RDONLY | O_SYNC | O_CLOEXEC);
	/* An address in the hole for PCI. The test maps it, but never touches it. */
	char *at = mem < 0 ? NULL : tlib_map(mem, PROT_READ, MAP_SHARED, 0xfe800, 1);
	struct faultlab_walk_entry e;

	if (!at)
		SKIP(return, "no /dev/mem that maps device memory (CONFIG_DEVMEM)");
	close(mem);
	e = ENTRY(at);
	/* UC- is PCD alone (the PAT that Linux sets up: slot 2). */
	EXPECT_EQ(FAULTLAB_PTE_PCD | FAULTLAB_PTE_UC_MINUS | FAULTLAB_PTE_SPECIAL,
		  e.flags & (FAULTLAB_PTE_PCD | FAULTLAB_PTE_PWT | FAULTLAB_PTE_PAT |
			     FAULTLAB_PTE_MEMTYPE | FAULTLAB_PTE_SPECIAL));
	EXPECT_EQ(0xfe800, e.pfn);
	EXPECT_DECODED(&e);
}

TEST_F(bits, a_page_protected_by_userfaultfd_has_uffd_wp_and_no_write)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	struct uffdio_register reg = {
		.range = { (uintptr_t)self->mem, TLIB_PMD_SIZE },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_writeprotect wp = {
		.range = { (uintptr_t)self->mem, TLIB_PAGE },
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	struct faultlab_walk_entry e;

	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api))
		SKIP(return, "no CONFIG_HAVE_ARCH_USERFAULTFD_WP");
	memset(self->mem, 1, 2 * TLIB_PAGE);
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_REGISTER, &reg));
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_WRITEPROTECT, &wp));
	e = ENTRY(self->mem);
	EXPECT_EQ(FAULTLAB_PTE_UFFD_WP, e.flags & (FAULTLAB_PTE_UFFD_WP | FAULTLAB_PTE_WRITE));
	EXPECT_DECODED(&e);
	EXPECT_EQ(FAULTLAB_PTE_WRITE, FLAGS(self->mem + TLIB_PAGE,
					    FAULTLAB_PTE_UFFD_WP | FAULTLAB_PTE_WRITE));
	close(uffd);
}

TEST_HARNESS_MAIN
