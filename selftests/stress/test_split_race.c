// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMA is split, moved and replaced while other threads fault in it and one evicts the
 * translations. The module zaps a PUD leaf in .may_split if it is to be split, and all
 * large leaves in .open if they are to be moved (.mremap comes after move_page_tables(),
 * which is too late). A fault must not map a leaf again between that callback and the
 * moment when the core locks faults out: .may_split comes before vma_start_write().
 */
#include <fcntl.h>
#include <kselftest_harness.h>
#include <sched.h>
#include "lib/memory/memory.h"
#include "lib/mm/vma_op.h"
#include "lib/sys.h"

#define AT		((char *)(1UL << 42))
#define ROOM		(4 * TLIB_PUD_SIZE)
#define WINDOW		(8 * TLIB_PUD_SIZE)
#define FAULTLAB	"/dev/faultlab"

/* Three kinds of pages: only read, written by one thread, and filled by pread(). */
#define NR_READ		6
#define NR_WRITTEN	2
#define NR_FILLED	2
#define FILLED		0x5a

FIXTURE(race)
{
	int fd;
	size_t bytes;
	size_t folio;
	bool stop;
	unsigned long rounds[3];	/* successful accesses, by kind of page */
	unsigned long wrong;
	__u8 written[NR_WRITTEN];	/* the last value */
	unsigned long evicted;
	unsigned long evict_failed;
	int source;			/* a file that is full of FILLED */
};

FIXTURE_VARIANT(race)
{
	const struct faultlab_memory *memory;
};

static bool maps_more_than_a_page(const struct faultlab_memory *memory)
{
	return memory->leaf != FAULTLAB_LEAF_PTE || memory->along > 1;
}

TLIB_MEMORIES(race, maps_more_than_a_page)

/*
 * Pages at both ends of a leaf and in between: first those that are read, then those
 * that are written, then those that are filled.
 */
static size_t page_of(struct _test_data_race *self, unsigned int i)
{
	const size_t last = self->bytes / TLIB_PAGE - 1;
	const size_t pages[] = { 0, 5, 511, 512, 1023, last, 6, 513, 7, last - 1 };

	return pages[i];
}

static char *at_of(struct _test_data_race *self, unsigned int i)
{
	return AT + page_of(self, i) * TLIB_PAGE;
}

static bool stopped(struct _test_data_race *self)
{
	return __atomic_load_n(&self->stop, __ATOMIC_ACQUIRE);
}

static void done(struct _test_data_race *self, unsigned int who)
{
	__atomic_add_fetch(&self->rounds[who], 1, __ATOMIC_RELEASE);
}

static void *reader(void *arg)
{
	struct _test_data_race *self = arg;
	struct faultlab_touch t;
	unsigned int i;

	for (i = 0; !stopped(self); i = (i + 1) % NR_READ) {
		if (faultlab_touch_read(at_of(self, i), &t))
			continue;
		if (t.value != 'a' + i)
			__atomic_add_fetch(&self->wrong, 1, __ATOMIC_RELAXED);
		done(self, 0);
	}
	return NULL;
}

static void *writer(void *arg)
{
	struct _test_data_race *self = arg;
	unsigned int i;
	__u8 value = 0;

	for (i = 0; !stopped(self); i = (i + 1) % NR_WRITTEN) {
		value++;
		if (faultlab_touch_write(at_of(self, NR_READ + i), value, NULL))
			continue;
		self->written[i] = value;
		done(self, 1);
	}
	return NULL;
}

static void *filler(void *arg)
{
	struct _test_data_race *self = arg;
	unsigned int i;

	for (i = 0; !stopped(self); i = (i + 1) % NR_FILLED)
		if (pread(self->source, at_of(self, NR_READ + NR_WRITTEN + i), TLIB_PAGE, 0) ==
		    TLIB_PAGE)
			done(self, 2);
	return NULL;
}

static void *evicter(void *arg)
{
	struct _test_data_race *self = arg;
	static const struct { __u64 offset, bytes; } ranges[] = {
		{ 0, FAULTLAB_TO_END }, { TLIB_PMD_SIZE, TLIB_PMD_SIZE }, { 0, TLIB_PAGE },
	};
	unsigned int i;

	for (i = 0; !stopped(self); i = (i + 1) % ARRAY_SIZE(ranges)) {
		if (faultlab_evict(self->fd, ranges[i].offset, ranges[i].bytes, 0))
			__atomic_add_fetch(&self->evict_failed, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&self->evicted, 1, __ATOMIC_RELEASE);
		sched_yield();
	}
	return NULL;
}

/*
 * Map the whole region again, as one VMA. VMAs that never merge would stay split after the
 * operation before.
 */
static int map_whole(struct _test_data_race *self)
{
	return mmap(AT, self->bytes, TLIB_RW, MAP_SHARED | MAP_FIXED, self->fd, 0) == AT ? 0 : -1;
}

FIXTURE_SETUP(race)
{
	const struct faultlab_memory *memory = variant->memory;
	char filled[TLIB_PAGE];
	unsigned int i;

	self->bytes = memory->leaf == FAULTLAB_LEAF_PUD ? TLIB_PUD_SIZE : 3 * TLIB_PMD_SIZE;
	self->folio = memory->flags & FAULTLAB_REGION_WHOLE ? TLIB_PAGE << memory->order :
							      TLIB_PAGE;
	self->fd = faultlab_memory_open(memory, self->bytes);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, map_whole(self));
	for (i = 0; i < NR_READ; i++)
		ASSERT_EQ(0, faultlab_touch_write(at_of(self, i), 'a' + i, NULL));
	memset(filled, FILLED, sizeof(filled));
	self->source = memfd_create("source", MFD_CLOEXEC);
	ASSERT_EQ(TLIB_PAGE, write(self->source, filled, TLIB_PAGE));
}

FIXTURE_TEARDOWN(race)
{
	munmap(AT, WINDOW);
	if (self->fd >= 0)
		close(self->fd);
}

/* No other thread changes VMAs, so leaves must fit into them at any time. */
static const char *leaves_fit(struct _test_data_race *self)
{
	struct tlib_layout layout;
	size_t leaves;

	if (tlib_layout_read(&layout, FAULTLAB, AT, AT + WINDOW))
		return "maps is not readable";
	return tlib_layout_leaves(&layout, self->fd, &leaves);
}

static const struct tlib_vma_op *op_named(const char *name)
{
	unsigned int i;

	for (i = 0; i < tlib_nr_vma_ops; i++)
		if (!strcmp(tlib_vma_ops[i].name, name))
			return &tlib_vma_ops[i];
	return NULL;
}

static const char *change(struct _test_data_race *self, const struct faultlab_memory *memory,
			  const struct tlib_vma_op *op, unsigned int round)
{
	const size_t cuts[][2] = {
		{ 5 * TLIB_PAGE, 6 * TLIB_PAGE }, { TLIB_PMD_SIZE, 2 * TLIB_PMD_SIZE },
		{ 0, TLIB_PAGE }, { self->bytes - TLIB_PMD_SIZE, self->bytes },
		{ 0, self->bytes },
	};
	const size_t *cut = cuts[round % ARRAY_SIZE(cuts)];
	const struct tlib_vma_part part = {
		.fd = self->fd, .folio = self->folio, .at = AT, .bytes = self->bytes,
		.from = cut[0], .to = cut[1], .room = AT + ROOM,
	};
	int want = tlib_vma_op_wants(op, tlib_vma_class(memory), &part), got;
	const char *bad;

	if (map_whole(self))
		return "mmap failed";
	/* Start with a leaf. The other threads remove it and map it again. */
	faultlab_touch_read(AT, NULL);
	got = op->run(&part);
	if (got != want)
		return tlib_text("returned %d, expected %d", got, want);
	bad = leaves_fit(self);
	if (op->undo)
		op->undo(&part);
	bad = bad ?: leaves_fit(self);
	munmap(part.room, self->bytes + TLIB_PMD_SIZE);
	return bad;
}

static void race_with(struct __test_metadata *_metadata, struct _test_data_race *self,
		      const struct faultlab_memory *memory, const char *name)
{
	void *(*const fns[])(void *) = { reader, writer, filler, evicter };
	const struct tlib_vma_op *op = op_named(name);
	/* PUD leaves get more rounds, as the core's code for them is the least tested. */
	unsigned int i, round, rounds = tlib_scale(memory->leaf == FAULTLAB_LEAF_PUD ? 10 : 5, 25);
	pthread_t thread[ARRAY_SIZE(fns)];
	const char *bad = NULL;

	ASSERT_NE(NULL, op);
	self->stop = false;
	self->evicted = 0;
	memset(self->rounds, 0, sizeof(self->rounds));
	for (i = 0; i < ARRAY_SIZE(fns); i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, fns[i], self));
	for (i = 0; i < ARRAY_SIZE(self->rounds); i++)
		tlib_hammer_await(&self->rounds[i]);
	tlib_hammer_await(&self->evicted);

	for (round = 0; !bad && round < rounds; round++)
		bad = change(self, memory, op, round);
	__atomic_store_n(&self->stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < ARRAY_SIZE(fns); i++)
		pthread_join(thread[i], NULL);

	EXPECT_EQ(NULL, bad)
		TH_LOG("%s, %s, round %u: %s", memory->name, name, round - 1, bad);
	EXPECT_EQ(0, self->wrong);
	EXPECT_EQ(0, self->evict_failed);
	ASSERT_EQ(0, map_whole(self));
	for (i = 0; i < NR_READ; i++)
		EXPECT_EQ('a' + i, *at_of(self, i));
	for (i = 0; i < NR_WRITTEN; i++)
		EXPECT_EQ(self->written[i], *(__u8 *)at_of(self, NR_READ + i));
	for (i = 0; i < NR_FILLED; i++)
		EXPECT_EQ(FILLED, *at_of(self, NR_READ + NR_WRITTEN + i));
	EXPECT_EQ(0, faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0));
	EXPECT_EQ('a', *AT);
}

static const char * const raced[] = {
	"mprotect PROT_READ", "MADV_SEQUENTIAL", "munmap", "mmap of the same over it",
	"mremap to where it is as aligned", "mremap by 2 MiB off",
};

/*
 * The short form runs one operation for each row (two for a PUD row), and a different
 * one for the next row.
 */
static bool is_skipped(const struct faultlab_memory *memory, unsigned int op)
{
	const unsigned int row = memory - faultlab_memories;
	const unsigned int every = memory->leaf == FAULTLAB_LEAF_PUD ? 3 : ARRAY_SIZE(raced);

	return !tlib_full() && (op + row) % every;
}

TEST_F_TIMEOUT(race, vma_operations_during_faults_and_evicts_leave_no_leaf_across_vmas, 600)
{
	unsigned int i, done = 0;

	for (i = 0; i < ARRAY_SIZE(raced) && !_metadata->exit_code; i++) {
		if (is_skipped(variant->memory, i))
			continue;
		race_with(_metadata, self, variant->memory, raced[i]);
		done++;
	}
	EXPECT_LT(0, done);
}

TEST_HARNESS_MAIN
