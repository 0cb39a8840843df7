// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU emulates the processor that walks this kernel's page tables. For each leaf its
 * `info tlb` agrees with the walker, or differs for a reason listed in qemu.h.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include "lib/walk/qemu.h"
#include "lib/walk/random_space.h"
#include "lib/sys.h"

#define ROOM		(1 << 21)	/* leaves; most are the kernel's */
#define MAX_RANGES	(1 << 18)
#define ENTRIES		(1 << 16)
#define WORDS		(1 << 19)
#define USER_END	(1ULL << 63)
#define IMAGE		0xffffffff80000000ULL	/* of the kernel, and a gigabyte at most */
#define IMAGE_END	(IMAGE + TLIB_PUD_SIZE)
#define TRIES		20
#define FIRST_CHUNK	1000

/* RAW returns a table in one piece, so its chunks need room for a whole one. */
static const size_t chunks[] = { 1, 2, 3, 7, 100 };
static const size_t raw_chunks[] = { 514, 515, 1400, 10000 };

/* Memory of every sort that programs have. */
static int make_plain(struct tlib_maker *m, unsigned int space)
{
	int err = tlib_make_mess();

	for (const struct tlib_piece *piece = tlib_pieces_plain; piece->name && !err; piece++) {
		err = piece->make(m);
		if (err == -ENOENT) {
			ksft_print_msg("this machine has no memory that is %s\n", piece->name);
			err = 0;
		}
	}
	return err;
}

/* Map a region of one kind of memory, in each way in which it can be mapped. */
static int make_region_of(struct tlib_maker *m, const struct faultlab_memory *memory)
{
	int err = tlib_make_region_of(m, memory, MAP_SHARED);

	if (!err && (memory->maps & FAULTLAB_MAPS_PRIVATE_WRITE))
		err = tlib_make_region_of(m, memory, MAP_PRIVATE);
	if (err == -ENOENT)
		ksft_print_msg("not available on this machine: %s\n", memory->name);
	return err == -ENOENT ? 0 : err;
}

/*
 * Regions of all kinds of memory but those with leaves of 1 GiB. Only one region at a
 * time can map the memory of phys=. So each space has one of the rows that use it, and
 * the first space also all other rows.
 */
static int make_regions(struct tlib_maker *m, unsigned int space)
{
	unsigned int nr_phys = 0;

	for (unsigned int i = 0; i < faultlab_nr_memories; i++) {
		const struct faultlab_memory *memory = &faultlab_memories[i];
		const bool phys = memory->flags & FAULTLAB_REGION_PHYS;
		int err;

		if (memory->leaf == FAULTLAB_LEAF_PUD || (phys ? nr_phys++ : 0) != space)
			continue;
		err = make_region_of(m, memory);
		if (err)
			return err;
	}
	return 0;
}

static unsigned int count_phys(void)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < faultlab_nr_memories; i++)
		nr += faultlab_memories[i].leaf != FAULTLAB_LEAF_PUD &&
		      (faultlab_memories[i].flags & FAULTLAB_REGION_PHYS);
	return nr;
}

/* Leaves of 1 GiB, of regions and of hugetlb. */
static int make_giants(struct tlib_maker *m, unsigned int space)
{
	int err = 0;

	for (unsigned int i = 0; i < faultlab_nr_memories && !err; i++)
		if (faultlab_memories[i].leaf == FAULTLAB_LEAF_PUD)
			err = make_region_of(m, &faultlab_memories[i]);
	for (const struct tlib_piece *piece = tlib_pieces_plain; piece->name && !err; piece++)
		if (!strcmp(piece->name, "gigantic"))
			err = piece->make(m);
	return err == -ENOENT ? 0 : err;
}

/* Whether this machine can have leaves of 1 GiB, of regions or of hugetlb. */
static bool has_giants(void)
{
	__u64 pages = 0;

	tlib_read_number("/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", &pages);
	return pages || tlib_kernel_since(6, 12);
}

/* A random space. */
static int make_by_chance(struct tlib_maker *m, unsigned int space)
{
	return tlib_make_space(m);
}

/* For the walk of the kernel's own tables. */
static int make_nothing(struct tlib_maker *m, unsigned int space)
{
	return 0;
}

FIXTURE(qemu)
{
	int fd;
	struct tlib_qemu qemu;
	struct tlib_ground ground;
	struct tlib_entries before, after;
	struct tlib_qemu_score score;
	__u64 *words;
	char *end;		/* tells the child to end */
	struct tlib_peer peer;
	unsigned int cpu;
};

FIXTURE_VARIANT(qemu)
{
	int (*make)(struct tlib_maker *m, unsigned int space);
	unsigned int spaces;	/* 0: one for each row that uses phys= */
	bool kernel;		/* walk the kernel image instead of the space */
	__u64 changes;		/* bits that must have been seen both set and clear */
	bool absent;		/* entries that are not present must have been seen */
	bool giants;		/* leaves of 1 GiB must have been seen */
};

#define ALWAYS (TLIB_X86_WRITE | TLIB_X86_ACCESSED | TLIB_X86_DIRTY | TLIB_X86_NX)

FIXTURE_VARIANT_ADD(qemu, plain)
{
	.make = make_plain, .spaces = 1, .changes = ALWAYS, .absent = true,
};

FIXTURE_VARIANT_ADD(qemu, regions)
{
	.make = make_regions, .changes = ALWAYS | TLIB_X86_PWT | TLIB_X86_PCD,
};

FIXTURE_VARIANT_ADD(qemu, leaves_of_1_gib)
{
	.make = make_giants, .spaces = 1, .changes = ALWAYS, .giants = true,
};

FIXTURE_VARIANT_ADD(qemu, random)
{
	.make = make_by_chance, .spaces = 5, .changes = ALWAYS, .absent = true,
};

FIXTURE_VARIANT_ADD(qemu, kernel_image)
{
	.make = make_nothing, .spaces = 1, .kernel = true,
	.changes = TLIB_X86_WRITE | TLIB_X86_NX,
};

FIXTURE_SETUP(qemu)
{
	int err;

	if (tlib_has_kasan())
		SKIP(return, "QEMU would list KASAN's shadow, all of it, page by page");
	err = tlib_qemu_open(&self->qemu, ROOM, MAX_RANGES);
	if (err == -ENOENT)
		SKIP(return, "no port of QEMU's monitor: not a machine of scripts/vm");
	ASSERT_EQ(0, err);
	if (variant->kernel && !system("grep -qw pti /proc/cpuinfo"))
		SKIP(return, "page table isolation: a process has no tables of the kernel");
	self->cpu = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	self->fd = faultlab_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, tlib_entries_init(&self->before, ENTRIES));
	ASSERT_EQ(0, tlib_entries_init(&self->after, ENTRIES));
	madvise(self->before.at, ENTRIES * sizeof(*self->before.at), MADV_DONTFORK);
	madvise(self->after.at, ENTRIES * sizeof(*self->after.at), MADV_DONTFORK);
	self->words = mmap(NULL, WORDS * sizeof(*self->words), TLIB_RW,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->words);
	self->end = mmap(NULL, TLIB_PAGE, TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->end);
	ASSERT_EQ(0, tlib_ground_take(&self->ground));
}

FIXTURE_TEARDOWN(qemu)
{
	tlib_ground_give_back(&self->ground);
	tlib_qemu_close(&self->qemu);
	close(self->fd);
}

/*
 * Start a child that makes a space, stays on one processor, and then changes nothing.
 */
static int start(FIXTURE_DATA(qemu) * self, const FIXTURE_VARIANT(qemu) * variant,
		 unsigned int space, __u64 seed)
{
	struct tlib_maker maker = {
		.random.state = seed << 20,
		.ground = &self->ground,
		.five = tlib_five_levels(),
	};
	cpu_set_t cpus;
	pid_t pid;

	*self->end = 0;
	pid = tlib_peer_fork(&self->peer);
	if (pid)
		return pid < 0 ? -errno : tlib_peer_await(&self->peer);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/*
	 * Clear the accessed bits of all entries, then run code that sets some of them
	 * again, so that the test sees the bit both set and clear.
	 */
	if (variant->make(&maker, space) || tlib_write_text("/proc/self/clear_refs", "1") ||
	    tlib_make_mess())
		_exit(1);
	CPU_ZERO(&cpus);
	CPU_SET(self->cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		_exit(2);
	tlib_settle();
	tlib_peer_nudge(&self->peer);
	tlib_spin(self->end);
	_exit(0);
}

static int walk(FIXTURE_DATA(qemu) * self, const FIXTURE_VARIANT(qemu) * variant,
		struct tlib_entries *entries, size_t chunk)
{
	if (variant->kernel)
		return tlib_entries_walk(entries, self->fd, 0, IMAGE, IMAGE_END,
					 FAULTLAB_WALK_TABLES | FAULTLAB_WALK_KERNEL, chunk);
	return tlib_entries_walk(entries, self->fd, self->peer.pid, 0, TLIB_EVERYWHERE,
				 FAULTLAB_WALK_TABLES, chunk);
}

static bool are_same(const struct tlib_entries *one, const struct tlib_entries *other)
{
	return one->nr == other->nr &&
	       !memcmp(one->at, other->at, one->nr * sizeof(*one->at));
}

/*
 * QEMU's answer counts if the walks before and after it are equal. Returns 0, 1 if they
 * never were, or -errno.
 */
static int ask(FIXTURE_DATA(qemu) * self, const FIXTURE_VARIANT(qemu) * variant)
{
	int err;

	for (unsigned int i = 0; i < TRIES; i++) {
		err = walk(self, variant, &self->before, FIRST_CHUNK) ?:
		      tlib_qemu_ask(&self->qemu, self->cpu) ?:
		      walk(self, variant, &self->after, FIRST_CHUNK);
		if (!err && are_same(&self->before, &self->after))
			return 0;
		if (err && err != -EAGAIN)
			return err;
	}
	return err ?: 1;
}

static ssize_t walk_raw(FIXTURE_DATA(qemu) * self, size_t chunk)
{
	struct faultlab_walk walk = {
		.size = sizeof(walk), .flags = FAULTLAB_WALK_TABLES, .pid = self->peer.pid,
		.end = TLIB_EVERYWHERE, .form = FAULTLAB_WALK_RAW,
	};
	size_t nr = 0;

	while (walk.start != walk.end) {
		if (nr + chunk > WORDS)
			return -ENOSPC;
		walk.entries = (uintptr_t)(self->words + nr);
		walk.nr = chunk;
		if (ioctl(self->fd, FAULTLAB_IOC_WALK, &walk))
			return -errno;
		nr += walk.nr;
		walk.start = walk.next;
	}
	return nr;
}

static void tell(const struct tlib_qemu_score *score)
{
	static const struct {
		const char *name;
		unsigned int bit;
	} bits[] = {
		{ "W", 1 }, { "U", 2 }, { "PWT", 3 }, { "PCD", 4 }, { "A", 5 }, { "D", 6 },
		{ "large", 7 }, { "G", 8 }, { "NX", 63 },
	};
	char text[256];
	int used = 0;

	ksft_print_msg("equal: %zu PTE, %zu PMD, %zu PUD leaves, in %zu ranges\n",
		       score->leaves[0], score->leaves[1], score->leaves[2], score->ranges);
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		used += snprintf(text + used, sizeof(text) - used, " %s %zu/%zu", bits[i].name,
				 score->set[bits[i].bit], score->clear[bits[i].bit]);
	ksft_print_msg("set/clear:%s\n", text);
	for (size_t i = 0; i < TLIB_NR_QEMU_REASONS; i++)
		if (score->reasons[i])
			ksft_print_msg("%zu entries differ: %s\n", score->reasons[i],
				       tlib_qemu_reasons[i]);
}

static bool saw_both(const struct tlib_qemu_score *score, __u64 mask)
{
	for (unsigned int bit = 0; bit < 64; bit++)
		if (mask & (1ULL << bit) && (!score->set[bit] || !score->clear[bit]))
			return false;
	return true;
}

static void check_words(struct __test_metadata *_metadata, FIXTURE_DATA(qemu) * self)
{
	for (size_t b = 0; b < ARRAY_SIZE(raw_chunks); b++) {
		ssize_t nr = walk_raw(self, raw_chunks[b]);

		ASSERT_LT(0, nr);
		EXPECT_TRUE(tlib_qemu_agrees_raw(&self->qemu, 0, USER_END, self->words, nr,
						 &self->score)) {
			TH_LOG("%zu raw words at a time: %s", raw_chunks[b], self->score.why);
		}
	}
}

TEST_F_TIMEOUT(qemu, walker_and_qemu_report_the_same_leaves, 600)
{
	const unsigned int spaces = variant->spaces ?: count_phys();
	const __u64 seed = tlib_first_seed();

	for (unsigned int i = 0; i < spaces && !_metadata->exit_code; i++) {
		ASSERT_EQ(0, start(self, variant, i, seed + i));
		ASSERT_EQ(0, ask(self, variant));
		EXPECT_TRUE(tlib_qemu_agrees(&self->qemu, variant->kernel ? IMAGE : 0,
					     variant->kernel ? IMAGE_END : USER_END,
					     &self->before, &self->score)) {
			TH_LOG("%s", self->score.why);
		}
		for (size_t b = 0; b < ARRAY_SIZE(chunks); b++) {
			ASSERT_EQ(0, walk(self, variant, &self->after, chunks[b]));
			EXPECT_TRUE(are_same(&self->before, &self->after)) {
				TH_LOG("%zu entries at a time", chunks[b]);
			}
		}
		if (!variant->kernel)
			check_words(_metadata, self);
		*self->end = 1;
		EXPECT_EQ(0, tlib_peer_join(&self->peer));
		if (_metadata->exit_code)
			TH_LOG("seed %llu", seed + i);
	}
	tell(&self->score);
	ASSERT_TRUE(saw_both(&self->score, variant->changes));
	if (variant->absent) {
		EXPECT_LT(0, self->score.reasons[TLIB_QEMU_PROT_NONE] +
			  self->score.reasons[TLIB_QEMU_NONPRESENT]);
	}
	if (variant->giants && !self->score.leaves[FAULTLAB_LEVEL_PUD] && !has_giants())
		SKIP(return, "no .huge_fault of PFN mappings, and no hugetlb page of 1 GiB");
	if (variant->giants)
		EXPECT_LT(0, self->score.leaves[FAULTLAB_LEVEL_PUD]);
}

TEST_HARNESS_MAIN
