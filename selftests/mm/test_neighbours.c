// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two adjacent VMAs, and all operations that split or merge them. VMAs that the core
 * may merge (no VM_SPECIAL, no .close) are merged exactly when a shmem mapping with
 * the same history is, on the same kernel. All others are never merged. No boundary
 * ends up within a folio of WHOLE.
 */
#include <errno.h>
#include <kselftest_harness.h>
#include "lib/walk/random_space.h"
#include "lib/sys.h"
#include "lib/mm/vma_op.h"

#define AT		((char *)(1UL << 42))
#define ROOM		(4 * TLIB_PUD_SIZE)
#define WINDOW		(8 * TLIB_PUD_SIZE)
#define PEER_AT		(AT + 4 * WINDOW)
#define FAULTLAB	"/dev/faultlab"
#define PEER		"memfd:peer"

/*
 * How the second of two adjacent VMAs differs from the first. Each has two units, and the
 * second follows the first in memory.
 */
enum pair {
	FOLLOWS,	/* does not differ: it follows the first in the file, too */
	GAP,		/* does not follow the first in the file */
	OTHER_PROT,
	OTHER_ADVICE,
	OTHER_FILE,
	NR_PAIRS
};

static const char * const pair_names[] = {
	"contiguous", "gap in the file", "second read-only", "second MADV_RANDOM",
	"second of another region",
};

/* The parts to which operations are applied. Start and end are in units, plus pages. */
static const struct {
	int from, to;
	int from_pages, to_pages;
} parts[] = {
	{ 1, 2, 0, 0 }, { 2, 3, 0, 0 }, { 1, 3, 0, 0 }, { 0, 2, 0, 0 }, { 2, 4, 0, 0 },
	{ 0, 4, 0, 0 }, { 2, 2, 0, 1 }, { 2, 2, -1, 0 }, { 1, 3, 1, -1 },
};

FIXTURE(vma_pair)
{
	int fd, other;		/* descriptors of two regions */
	int peer, other_peer;	/* descriptors of two shmem files */
	size_t unit;
	size_t folio;
	size_t bytes;		/* of a region */
	unsigned int done;
};

FIXTURE_VARIANT(vma_pair)
{
	const struct faultlab_memory *memory;
};

#define FAULTLAB_MEMORY(id, ...) FIXTURE_VARIANT_ADD(vma_pair, id)	\
	{ .memory = &faultlab_memories[FAULTLAB_MEMORY_##id] };
#include "faultlab_memories.h"
#undef FAULTLAB_MEMORY

static size_t unit_of(const struct faultlab_memory *memory)
{
	if (memory->leaf == FAULTLAB_LEAF_PUD)
		return TLIB_PUD_SIZE / 2;
	return TLIB_PAGE << memory->order;
}

static __u8 content(bool other, size_t index)
{
	return 1 + index % 101 + (other ? 120 : 0);
}

/* The pages that are compared: the first and the last page of each unit. */
static size_t probe_index(struct _test_data_vma_pair *self, size_t i)
{
	return (i + 1) / 2 * (self->unit / TLIB_PAGE) - i % 2;
}

static int fill(struct _test_data_vma_pair *self, int fd, bool other)
{
	size_t i, index;
	char *at = mmap(AT, self->bytes, TLIB_RW, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	int err = 0;

	if (at != AT)
		return -1;
	for (i = 0; !err && (index = probe_index(self, i)) < self->bytes / TLIB_PAGE; i++)
		err = faultlab_touch_write(AT + index * TLIB_PAGE, content(other, index), NULL);
	munmap(AT, self->bytes);
	return err;
}

FIXTURE_SETUP(vma_pair)
{
	const struct faultlab_memory *memory = variant->memory;

	self->unit = unit_of(memory);
	self->folio = memory->flags & FAULTLAB_REGION_WHOLE ? self->unit : TLIB_PAGE;
	self->bytes = memory->leaf == FAULTLAB_LEAF_PUD ? TLIB_PUD_SIZE : 8 * self->unit;
	self->fd = faultlab_memory_open(memory, self->bytes);
	if (faultlab_memory_lacks(self->fd))
		SKIP(return, "%s", faultlab_memory_lacks(self->fd));
	ASSERT_LE(0, self->fd);
	/* Only one region can have PHYS, so the other region is of kind pfn without it. */
	if (memory->flags & FAULTLAB_REGION_PHYS)
		memory = faultlab_memory(pfn);
	self->other = faultlab_memory_open(memory, 8 * unit_of(memory));
	self->peer = memfd_create("peer", MFD_CLOEXEC);
	self->other_peer = memfd_create("peer", MFD_CLOEXEC);
	ASSERT_LE(0, self->other);
	ASSERT_LE(0, self->peer);
	ASSERT_LE(0, self->other_peer);
	ASSERT_EQ(0, ftruncate(self->peer, 16 * self->unit));
	ASSERT_EQ(0, ftruncate(self->other_peer, 16 * self->unit));
	ASSERT_EQ(0, fill(self, self->fd, false));
	if (!(variant->memory->flags & FAULTLAB_REGION_PHYS))
		ASSERT_EQ(0, fill(self, self->other, true));
}

FIXTURE_TEARDOWN(vma_pair)
{
	munmap(AT, WINDOW);
	munmap(PEER_AT, WINDOW);
	if (self->fd >= 0)
		close(self->fd);
}

static bool map_pair(struct _test_data_vma_pair *self, char *at, int fd, int other, enum pair pair)
{
	size_t half = 2 * self->unit, offset = half;
	int prot = pair == OTHER_PROT ? PROT_READ : TLIB_RW;

	if (pair == GAP)
		offset = half == self->bytes ? 0 : half + self->unit;
	return mmap(at, half, TLIB_RW, MAP_SHARED | MAP_FIXED, fd, 0) == at &&
	       mmap(at + half, half, prot, MAP_SHARED | MAP_FIXED,
		    pair == OTHER_FILE ? other : fd, offset) == at + half &&
	       (pair != OTHER_ADVICE || !madvise(at + half, half, MADV_RANDOM));
}

/* Read all probes through the VMAs; past the end of a region it must be SIGBUS. */
static const char *read_all(struct _test_data_vma_pair *self, const struct faultlab_memory *memory,
			    const struct tlib_layout *layout, enum pair pair)
{
	struct faultlab_touch t;
	size_t i, index, first, nr;
	unsigned int v;

	for (v = 0; v < layout->nr; v++) {
		first = layout->vma[v].offset / TLIB_PAGE;
		nr = (layout->vma[v].end - layout->vma[v].start) / TLIB_PAGE;
		for (i = 0; i < 16; i++) {
			index = probe_index(self, i);
			if (!layout->vma[v].read || index < first || index - first >= nr)
				continue;
			faultlab_touch_read((char *)layout->vma[v].start +
					    (index - first) * TLIB_PAGE, &t);
			if (index >= self->bytes / TLIB_PAGE ? t.signal == SIGBUS :
			    !t.signal && t.value == content(false, index))
				continue;
			if (pair == OTHER_FILE && !t.signal &&
			    (t.value == content(true, index) ||
			     (memory->flags & FAULTLAB_REGION_PHYS && !t.value)))
				continue;
			if (pair == OTHER_FILE && t.signal == SIGBUS &&
			    memory->flags & FAULTLAB_REGION_PHYS)
				continue;
			return tlib_text("page %zu at %#llx: signal %d, value %d", index,
					 layout->vma[v].start - (uintptr_t)AT +
					 (index - first) * TLIB_PAGE, t.signal, t.value);
		}
	}
	return NULL;
}

/* The module must count as many VMAs as there are. */
static const char *counted(struct _test_data_vma_pair *self, const struct tlib_layout *layout)
{
	__u64 nr = tlib_stat(self->fd, FAULTLAB_STAT_VMAS) +
		   tlib_stat(self->other, FAULTLAB_STAT_VMAS);

	return nr == layout->nr ? NULL :
	       tlib_text("vmas is %llu, and there are %u", nr, layout->nr);
}

static const char *whole(struct _test_data_vma_pair *self, const struct tlib_layout *layout)
{
	unsigned int v;

	for (v = 0; v < layout->nr; v++)
		if (layout->vma[v].start % self->folio || layout->vma[v].end % self->folio ||
		    layout->vma[v].offset % self->folio)
			return tlib_text("a boundary within a folio: %llx-%llx",
					 layout->vma[v].start - (uintptr_t)AT,
					 layout->vma[v].end - (uintptr_t)AT);
	return NULL;
}

/*
 * VMAs that never merge: each boundary of a VMA before the operation must still be one,
 * unless the operation unmapped or replaced what was on both sides of it, or the last VMA
 * has grown.
 */
static const char *unmerged(const struct tlib_layout *before, const struct tlib_layout *after,
			    const struct tlib_vma_op *op, const struct tlib_vma_part *p)
{
	unsigned int a, b;
	int end;

	for (b = 0; b < before->nr; b++) {
		for (end = 0; end < 2; end++) {
			__u64 at = end ? before->vma[b].end : before->vma[b].start;

			if ((op->flags & TLIB_OP_MOVES) && at > (uintptr_t)p->at + p->from &&
			    (at < (uintptr_t)p->at + p->to ||
			     (p->to == p->bytes && at == (uintptr_t)p->at + p->to)))
				continue;
			for (a = 0; a < after->nr; a++)
				if (at > after->vma[a].start && at < after->vma[a].end)
					return tlib_text("merged over the boundary at %llx",
							 at - (uintptr_t)AT);
		}
	}
	return NULL;
}

/*
 * One operation on the pair, and on the pair of shmem mappings with the same history.
 */
struct step {
	struct _test_data_vma_pair *self;
	const struct faultlab_memory *memory;
	const struct tlib_vma_op *op;
	enum pair pair;
	struct tlib_vma_part part, peer;
	struct tlib_layout before;
	bool in_child;
};

static const char *check(struct step *s)
{
	char is[TLIB_LAYOUT_TEXT], is_peer[TLIB_LAYOUT_TEXT];
	struct tlib_layout layout, peer;
	const char *bad;
	size_t leaves;

	if (tlib_layout_read(&layout, FAULTLAB, AT, AT + WINDOW) ||
	    tlib_layout_read(&peer, PEER, PEER_AT, PEER_AT + WINDOW))
		return "maps is not readable";
	tlib_layout_text(&layout, AT, false, is);
	tlib_layout_text(&peer, PEER_AT, false, is_peer);
	bad = tlib_layout_leaves(&layout, s->self->fd, &leaves);
	bad = bad ?: whole(s->self, &layout);
	if (s->memory->merges)
		bad = bad ?: strcmp(is, is_peer) ? "the VMAs differ from those of shmem" : NULL;
	else
		bad = bad ?: unmerged(&s->before, &layout, s->op, &s->part);
	bad = bad ?: s->in_child ? NULL : counted(s->self, &layout);
	bad = bad ?: read_all(s->self, s->memory, &layout, s->pair);
	bad = bad ?: tlib_layout_leaves(&layout, s->self->fd, &leaves);
	s->before = layout;
	return bad ? tlib_text("%s; %s; shmem %s", bad, is, is_peer) : NULL;
}

/*
 * Whether the result @got is right for VMAs that never merge. The operation may fail where
 * one on a single VMA would not. With WHOLE it may be refused because of a boundary within
 * a folio; whole() checks that there never is one. mremap() and remap_file_pages() refuse
 * a part that spans two VMAs. Populating fails if half of the part is read-only or past
 * the end of the region.
 */
static bool is_answer(const struct step *s, int want, int got)
{
	const size_t half = 2 * s->self->unit;

	if (got == want)
		return true;
	if (s->self->folio != TLIB_PAGE)
		return !s->op->want[tlib_vma_class(s->memory)] &&
		       (!got || got == -EINVAL || got == -EFAULT || got == -ENOMEM);
	if (s->part.to <= half)
		return false;
	if (s->part.from < half && (s->op->flags & TLIB_OP_MOVES) &&
	    (got == -EFAULT || got == -EINVAL))
		return true;
	return (s->pair == OTHER_PROT || s->pair == OTHER_FILE) && !want;
}

static const char *act(struct step *s)
{
	enum tlib_vma_class class = tlib_vma_class(s->memory);
	int want = tlib_vma_op_wants(s->op, class, &s->part), got, peer = 0;
	const char *bad;

	got = s->op->run(&s->part);
	if (got == TLIB_ABSENT)
		return NULL;
	/* Do not compare with shmem if the operation's result depends on the file. */
	if (s->memory->merges && !(s->op->flags & TLIB_OP_FILE))
		peer = s->op->run(&s->peer);
	if (s->op->flags & TLIB_OP_FILE ? got != want : s->memory->merges ? got != peer :
						       !is_answer(s, want, got))
		return tlib_text("returned %d, expected %d, shmem %d", got, want, peer);
	bad = check(s);
	if (bad || !s->op->undo)
		return bad ? tlib_text("%d, %s", got, bad) : NULL;
	s->op->undo(&s->part);
	if (s->memory->merges)
		s->op->undo(&s->peer);
	bad = check(s);
	return bad ? tlib_text("after undo: %s", bad) : NULL;
}

static const char *act_in_child(struct step *s)
{
	char *said = mmap(NULL, TLIB_PAGE, TLIB_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *bad;
	pid_t pid = fork();

	if (!pid) {
		s->in_child = true;
		bad = act(s);
		snprintf(said, TLIB_PAGE, "%s", bad ?: "right");
		_exit(0);
	}
	tlib_reap(pid);
	bad = strcmp(said, "right") ? tlib_text("child: %s", said) : NULL;
	munmap(said, TLIB_PAGE);
	return bad;
}

static const char *try(struct _test_data_vma_pair *self, const struct faultlab_memory *memory,
		       enum pair pair, unsigned int part, const struct tlib_vma_op *op)
{
	struct step s = {
		.self = self, .memory = memory, .op = op, .pair = pair,
		.part = {
			.fd = self->fd, .folio = self->folio, .at = AT, .bytes = 4 * self->unit,
			.from = parts[part].from * self->unit + parts[part].from_pages * TLIB_PAGE,
			.to = parts[part].to * self->unit + parts[part].to_pages * TLIB_PAGE,
			.room = AT + ROOM,
		},
	};
	const char *bad;

	if (s.part.from >= s.part.to)
		return NULL;
	s.peer = s.part;
	s.peer.fd = self->peer;
	s.peer.at = PEER_AT;
	s.peer.room = PEER_AT + ROOM;
	if (!map_pair(self, AT, self->fd, self->other, pair) ||
	    !map_pair(self, PEER_AT, self->peer, self->other_peer, pair))
		return "mmap failed";
	tlib_layout_read(&s.before, FAULTLAB, AT, AT + WINDOW);
	bad = read_all(self, memory, &s.before, pair);
	bad = bad ?: op->flags & TLIB_OP_SEALS ? act_in_child(&s) : act(&s);
	munmap(AT, WINDOW);
	munmap(PEER_AT, WINDOW);
	self->done++;
	return bad;
}

/* Run a sample of all combinations, which differs from row to row. */
static bool is_skipped(const struct faultlab_memory *memory, unsigned int nr)
{
	bool dense = memory->merges || memory->flags & FAULTLAB_REGION_WHOLE;

	return !tlib_in_sample(nr + 17 * (memory - faultlab_memories), dense ? 61 : 151,
			       dense ? 5 : 13);
}

TEST_F(vma_pair, mergeable_vmas_merge_as_shmem_does_and_vm_special_never)
{
	unsigned int pair, part, op, nr = 0, failed = 0;
	const char *bad;

	for (pair = 0; pair < NR_PAIRS; pair++) {
		for (part = 0; part < ARRAY_SIZE(parts); part++) {
			for (op = 0; op < tlib_nr_vma_ops; op++) {
				if (is_skipped(variant->memory, nr++))
					continue;
				bad = try(self, variant->memory, pair, part, &tlib_vma_ops[op]);
				EXPECT_EQ(NULL, bad)
					TH_LOG("%s, %s, %d+%d to %d+%d, %s: %s",
					       variant->memory->name, pair_names[pair],
					       parts[part].from, parts[part].from_pages,
					       parts[part].to, parts[part].to_pages,
					       tlib_vma_ops[op].name, bad);
				failed += !!bad;
				ASSERT_GT(20, failed);
			}
		}
	}
	EXPECT_LT(0, self->done);
}

TEST_HARNESS_MAIN
