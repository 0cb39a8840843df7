// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each operation that splits, shrinks, moves, grows or merges a VMA, on each part of a
 * mapping of each sort of memory: no leaf spans two VMAs, no page is lost, evict still
 * finds all mappings, and a refused operation changes nothing. The kernel log must stay
 * clean.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include <limits.h>
#include <signal.h>
#include "lib/walk/random_space.h"
#include "lib/sys.h"
#include "lib/mm/vma_op.h"

/*
 * Far from other mappings. ROOM: where to move a mapping, with the same alignment as
 * AT.
 */
#define AT		((char *)(1UL << 42))
#define ROOM		(4 * TLIB_PUD_SIZE)
#define WINDOW		(8 * TLIB_PUD_SIZE)
#define SMALL		(3 * TLIB_PMD_SIZE)
#define FAULTLAB	"/dev/faultlab"

/* Parts of a mapping. Negative numbers are relative to its end. */
static const struct cut {
	const char *name;
	long from, to;
} cuts[] = {
#define K	TLIB_PAGE
#define M	TLIB_PMD_SIZE
#define END	LONG_MIN
	{ "first 4 KiB", 0, K },
	{ "4 KiB within a leaf", 5 * K, 6 * K },
	{ "4 KiB before 2 MiB", M - K, M },
	{ "4 KiB from 2 MiB on", M, M + K },
	{ "last 4 KiB", -K, END },
	{ "first 2 MiB", 0, M },
	{ "second 2 MiB", M, 2 * M },
	{ "2 MiB off by 4 KiB", K, M + K },
	{ "last 2 MiB", -M, END },
	{ "all but 16 KiB at each end", 4 * K, -4 * K },
	{ "all", 0, END },
#undef K
#undef M
};

#define NR_PROBES	32

/*
 * The pages that are compared, and what was last written to each. Shared with children,
 * since an evict by a child unmaps the parent's pages, too.
 */
struct probes {
	size_t nr;
	struct {
		size_t index;	/* in the region */
		__u8 value;
	} page[NR_PROBES];
	bool gone;		/* kind remap, after an evict: pages are not mapped again */
	char problem[1500];	/* from a child */
};

FIXTURE(split)
{
	int fd;
	size_t bytes;
	struct probes *probes;
	__u8 salt;
	unsigned int done;
};

FIXTURE_VARIANT(split)
{
	const struct faultlab_memory *memory;
};

#define FAULTLAB_MEMORY(id, ...) FIXTURE_VARIANT_ADD(split, id)	\
	{ .memory = &faultlab_memories[FAULTLAB_MEMORY_##id] };
#include "faultlab_memories.h"
#undef FAULTLAB_MEMORY

FIXTURE_SETUP(split)
{
	const struct faultlab_memory *memory = variant->memory;

	self->bytes = memory->leaf == FAULTLAB_LEAF_PUD ? TLIB_PUD_SIZE : SMALL;
	self->fd = faultlab_memory_open(memory, self->bytes);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	self->probes = mmap(NULL, sizeof(*self->probes), TLIB_RW, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	ASSERT_NE(MAP_FAILED, self->probes);
}

FIXTURE_TEARDOWN(split)
{
	munmap(AT, WINDOW);
	if (self->fd >= 0)
		close(self->fd);
}

static void probe(struct probes *p, long index, size_t pages)
{
	size_t i;

	if (index < 0 || index >= (long)pages)
		return;
	for (i = 0; i < p->nr; i++)
		if (p->page[i].index == (size_t)index)
			return;
	if (p->nr < NR_PROBES)
		p->page[p->nr++].index = index;
}

/*
 * Pages around both ends of the mapping and of the part, and around the ends of leaves.
 */
static void choose_probes(struct probes *p, const struct tlib_vma_part *part)
{
	const long ends[] = { 0, 4, 5, 512, 1024, part->from / TLIB_PAGE, part->to / TLIB_PAGE,
			      part->bytes / TLIB_PAGE };
	size_t i;

	p->nr = 0;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		probe(p, ends[i] - 1, part->bytes / TLIB_PAGE);
		probe(p, ends[i], part->bytes / TLIB_PAGE);
		probe(p, ends[i] + 1, part->bytes / TLIB_PAGE);
	}
}

/* The address of a page of the region in a VMA, or NULL. */
static char *place(const struct tlib_layout *layout, unsigned int vma, size_t index)
{
	__u64 offset = index * TLIB_PAGE, first = layout->vma[vma].offset;

	if (offset < first || offset - first >= layout->vma[vma].end - layout->vma[vma].start)
		return NULL;
	return (char *)layout->vma[vma].start + (offset - first);
}

static const char *wrong(const char *what, const char *at, const struct faultlab_touch *t)
{
	return tlib_text("%s of %#lx: signal %d, code %d, value %d", what, (long)(at - AT),
			 t->signal, t->code, t->value);
}

static const char *read_back(struct _test_data_split *self, const struct tlib_layout *layout,
			     unsigned int vma)
{
	const struct probes *p = self->probes;
	struct faultlab_touch t;
	char *at;
	size_t i;

	for (i = 0; i < p->nr; i++) {
		at = place(layout, vma, p->page[i].index);
		if (!at)
			continue;
		faultlab_touch_read(at, &t);
		if (!layout->vma[vma].read ? t.signal != SIGSEGV :
		    self->probes->gone ? t.signal != SIGBUS :
		    t.signal || t.value != p->page[i].value)
			return wrong(tlib_text("%d expected, read", p->page[i].value), at, &t);
	}
	/* The first page past the end of the region */
	at = place(layout, vma, self->bytes / TLIB_PAGE);
	if (!at || !layout->vma[vma].read)
		return NULL;
	faultlab_touch_read(at, &t);
	return t.signal == SIGBUS ? NULL : wrong("read past the end", at, &t);
}

static const char *write_anew(struct _test_data_split *self, const struct tlib_layout *layout,
			      unsigned int vma)
{
	struct probes *p = self->probes;
	struct faultlab_touch t;
	char *at;
	size_t i;

	for (i = 0; i < p->nr; i++) {
		at = place(layout, vma, p->page[i].index);
		if (!at)
			continue;
		faultlab_touch_write(at, p->page[i].value + 1, &t);
		if (!layout->vma[vma].write ? t.signal != SIGSEGV :
		    self->probes->gone ? t.signal != SIGBUS : t.signal)
			return wrong("write", at, &t);
		p->page[i].value += !t.signal;
	}
	return NULL;
}

/*
 * Check the addresses of the old mapping that are in no VMA of the region after the
 * operation. An access must end in SIGSEGV, or with @replaced read zeros of anonymous
 * memory.
 */
static const char *read_outside(struct _test_data_split *self, const struct tlib_layout *layout,
				bool replaced)
{
	struct faultlab_touch t;
	size_t i;

	for (i = 0; i < self->probes->nr; i++) {
		char *at = AT + self->probes->page[i].index * TLIB_PAGE;

		if (tlib_layout_find(layout, (uintptr_t)at) >= 0)
			continue;
		faultlab_touch_read(at, &t);
		if (replaced ? t.signal || t.value : t.signal != SIGSEGV)
			return wrong("read outside", at, &t);
	}
	return NULL;
}

static const char *each_vma(struct _test_data_split *self, const struct tlib_layout *layout,
			    const char *(*fn)(struct _test_data_split *self,
					      const struct tlib_layout *layout, unsigned int vma))
{
	const char *bad = NULL;
	unsigned int i;

	for (i = 0; !bad && i < layout->nr; i++)
		bad = fn(self, layout, i);
	return bad;
}

/* Checks after each operation. */
static const char *check(struct _test_data_split *self, const struct faultlab_memory *memory,
			 struct tlib_layout *layout)
{
	const char *bad;
	size_t leaves;

	bad = tlib_layout_leaves(layout, self->fd, &leaves);
	bad = bad ?: each_vma(self, layout, read_back);
	bad = bad ?: each_vma(self, layout, write_anew);
	bad = bad ?: tlib_layout_leaves(layout, self->fd, &leaves);
	if (bad)
		return bad;
	if (faultlab_evict(self->fd, 0, FAULTLAB_TO_END, 0))
		return "evict failed";
	self->probes->gone = memory->at_mmap;
	bad = tlib_layout_leaves(layout, self->fd, &leaves);
	if (!bad && leaves)
		bad = tlib_text("%zu leaves after evict", leaves);
	bad = bad ?: each_vma(self, layout, read_back);
	return bad ?: tlib_layout_leaves(layout, self->fd, &leaves);
}

static const char *act(struct _test_data_split *self, const struct faultlab_memory *memory,
		       const struct tlib_vma_op *op, const struct tlib_vma_part *part)
{
	int want = tlib_vma_op_wants(op, tlib_vma_class(memory), part), got;
	char was[TLIB_LAYOUT_TEXT], is[TLIB_LAYOUT_TEXT];
	struct tlib_layout layout;
	const char *bad = NULL;

	if (tlib_layout_read(&layout, FAULTLAB, AT, AT + WINDOW))
		return "maps is not readable";
	tlib_layout_text(&layout, AT, true, was);
	got = op->run(part);
	if (got == TLIB_ABSENT)
		return NULL;
	if (tlib_layout_read(&layout, FAULTLAB, AT, AT + WINDOW))
		return "maps is not readable afterwards";
	tlib_layout_text(&layout, AT, true, is);
	if (got != want)
		bad = tlib_text("returned %d, expected %d", got, want);
	else if (want && strcmp(was, is))
		bad = tlib_text("refused, but the VMAs changed from %s to %s", was, is);
	bad = bad ?: read_outside(self, &layout, !strncmp(op->name, "mmap of anonymous", 17) &&
				  !got);
	bad = bad ?: check(self, memory, &layout);
	return bad ? tlib_text("%s; VMAs: %s", bad, is) : NULL;
}

/*
 * Do the operation in a child, on its copies of the VMAs; the parent's do not change.
 */
static const char *act_in_child(struct _test_data_split *self, const struct faultlab_memory *memory,
				const struct tlib_vma_op *op, const struct tlib_vma_part *part)
{
	struct tlib_layout layout;
	const char *bad;
	pid_t pid;

	snprintf(self->probes->problem, sizeof(self->probes->problem), "no result from the child");
	pid = fork();
	if (pid < 0)
		return "no fork";
	if (!pid) {
		bad = act(self, memory, op, part);
		snprintf(self->probes->problem, sizeof(self->probes->problem), "%s", bad ?: "");
		_exit(0);
	}
	if (tlib_reap(pid))
		return "the child died";
	if (*self->probes->problem)
		return tlib_text("child: %s", self->probes->problem);
	if (tlib_layout_read(&layout, FAULTLAB, AT, AT + WINDOW) || layout.nr != 1)
		return "the parent's VMA has changed";
	return check(self, memory, &layout);
}

static void cut_of(const struct faultlab_memory *memory, const struct cut *cut, size_t bytes,
		   struct tlib_vma_part *part)
{
	part->from = cut->from < 0 ? bytes + cut->from : cut->from;
	part->to = cut->to == END ? bytes : cut->to < 0 ? bytes + cut->to : cut->to;
	part->folio = memory->flags & FAULTLAB_REGION_WHOLE ? TLIB_PAGE << memory->order :
							      TLIB_PAGE;
}

static const char *try(struct _test_data_split *self, const struct faultlab_memory *memory,
		       const struct tlib_vma_op *op, const struct cut *cut, bool child)
{
	struct tlib_vma_part part = {
		.fd = self->fd, .at = AT, .bytes = self->bytes, .room = AT + ROOM,
	};
	struct probes *p = self->probes;
	const char *bad;
	size_t i;

	cut_of(memory, cut, self->bytes, &part);
	if (mmap(AT, self->bytes, TLIB_RW, MAP_SHARED | MAP_FIXED_NOREPLACE, self->fd, 0) != AT)
		return "mmap failed";
	self->probes->gone = false;
	choose_probes(p, &part);
	self->salt += 7;
	for (i = 0; i < p->nr; i++) {
		p->page[i].value = self->salt + i;
		if (faultlab_touch_write(AT + p->page[i].index * TLIB_PAGE, p->page[i].value,
					 NULL))
			return "first write failed";
	}
	bad = child || (op->flags & TLIB_OP_SEALS) ? act_in_child(self, memory, op, &part) :
						     act(self, memory, op, &part);
	munmap(AT, WINDOW);
	self->done++;
	return bad;
}

/*
 * Run a sample of all pairs of operation and part. It differs for each row and each test,
 * and is larger for large leaves. The strides are primes, so that each part is tested.
 */
static bool is_skipped(const struct faultlab_memory *memory, unsigned int pair)
{
	static const struct {
		unsigned int brief, full;
	} every[] = {
		[FAULTLAB_LEAF_PTE] = { 199, 17 },
		[FAULTLAB_LEAF_PMD] = { 61, 5 },
		[FAULTLAB_LEAF_PUD] = { 31, 3 },
	};

	return !tlib_in_sample(pair + 7 * (memory - faultlab_memories),
			       every[memory->leaf].brief, every[memory->leaf].full);
}

static void try_all(struct __test_metadata *_metadata, struct _test_data_split *self,
		    const struct faultlab_memory *memory, unsigned int first, bool child)
{
	unsigned int op, cut, pair = first, failed = 0;
	const char *bad;

	for (op = 0; op < tlib_nr_vma_ops; op++) {
		for (cut = 0; cut < ARRAY_SIZE(cuts); cut++) {
			if (is_skipped(memory, pair++))
				continue;
			bad = try(self, memory, &tlib_vma_ops[op], &cuts[cut], child);
			EXPECT_EQ(NULL, bad)
				TH_LOG("%s, %s: %s: %s", memory->name, tlib_vma_ops[op].name,
				       cuts[cut].name, bad);
			failed += !!bad;
			ASSERT_GT(20, failed);
		}
	}
	EXPECT_LT(0, self->done);
}

/* With a rule for one page, no leaf may map that page along with others. */
static int add_rule(int fd)
{
	struct faultlab_rule rule = tlib_rule(512 + 7, 1, FAULTLAB_VERDICT_MAJOR, 0);

	return faultlab_rule(fd, FAULTLAB_RULE_SET, &rule);
}

TEST_F(split, after_vma_operations_no_leaf_spans_two_vmas_and_no_data_is_lost)
{
	try_all(_metadata, self, variant->memory, 0, false);
}

TEST_F(split, with_a_rule_for_one_page_no_leaf_spans_two_vmas_and_no_data_is_lost)
{
	ASSERT_EQ(0, add_rule(self->fd));
	try_all(_metadata, self, variant->memory, 3, false);
}

TEST_F(split, vma_operations_in_a_child_leave_the_vma_of_the_parent_unchanged)
{
	try_all(_metadata, self, variant->memory, 5, true);
}

TEST_HARNESS_MAIN
