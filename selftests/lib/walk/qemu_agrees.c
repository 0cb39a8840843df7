// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compare a walk with QEMU's answer. Both are sorted by address. tlib_qemu_reasons
 * lists all differences that are allowed, and each occurrence is counted.
 */
#include <stdio.h>
#include <string.h>

#include "lib/walk/qemu.h"
#include "util.h"

#define LARGE_PAT	(1ULL << 12)
#define SAVED_DIRTY	(1ULL << 58)	/* a bit that only Linux uses */

const char *const tlib_qemu_reasons[] = {
	[TLIB_QEMU_PROT_NONE] = "PROT_NONE, which the processor takes for not present",
	[TLIB_QEMU_NONPRESENT] = "not present: swap, migration, markers",
	[TLIB_QEMU_SAVED_DIRTY] = "dirty, kept in bit 58 while the entry is read-only",
	[TLIB_QEMU_PAT] = "PAT, which QEMU does not print: by the raw word alone",
};

static const struct {
	__u64 flag;
	__u64 bit;
} bits[] = {
	{ FAULTLAB_PTE_WRITE, TLIB_X86_WRITE },
	{ FAULTLAB_PTE_USER, TLIB_X86_USER },
	{ FAULTLAB_PTE_PWT, TLIB_X86_PWT },
	{ FAULTLAB_PTE_PCD, TLIB_X86_PCD },
	{ FAULTLAB_PTE_ACCESSED, TLIB_X86_ACCESSED },
	{ FAULTLAB_PTE_DIRTY, TLIB_X86_DIRTY },
	{ FAULTLAB_PTE_GLOBAL, TLIB_X86_GLOBAL },
};

static __u64 bytes_of(unsigned int level)
{
	return TLIB_PAGE << 9 * level;
}

/* The bits of a leaf that QEMU prints. */
static __u64 printed(__u64 raw, unsigned int level)
{
	if (level == FAULTLAB_LEVEL_PTE)
		raw &= ~TLIB_X86_BIT7;
	return raw & (TLIB_QEMU_BITS | (((1ULL << 50) - 1) & ~(bytes_of(level) - 1)));
}

/* The FAULTLAB_PTE_* flags that follow from the printed bits. */
static __u64 flags_of(__u64 word)
{
	__u64 flags = word & TLIB_X86_NX ? 0 : FAULTLAB_PTE_EXEC;

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (word & bits[i].bit)
			flags |= bits[i].flag;
	return flags;
}

/* The flags of a leaf in which QEMU and the walk may differ. The reason is counted. */
static __u64 excused(const struct faultlab_walk_entry *e, __u64 word,
		     struct tlib_qemu_score *score)
{
	__u64 flags = 0;

	if ((e->flags & FAULTLAB_PTE_DIRTY) && (e->raw & SAVED_DIRTY) &&
	    !(word & (TLIB_X86_DIRTY | TLIB_X86_WRITE))) {
		score->reasons[TLIB_QEMU_SAVED_DIRTY]++;
		flags |= FAULTLAB_PTE_DIRTY;
	}
	return flags;
}

/* PAT, which QEMU does not print, from the raw entry. */
static __u64 unprinted(const struct faultlab_walk_entry *e, struct tlib_qemu_score *score)
{
	const bool pte = e->level == FAULTLAB_LEVEL_PTE;

	if (!(e->raw & (pte ? TLIB_X86_BIT7 : LARGE_PAT)))
		return 0;
	score->reasons[TLIB_QEMU_PAT]++;
	return FAULTLAB_PTE_PAT;
}

/* Whether the processor sees no leaf though the walk reports an entry. */
static bool is_absent(const struct faultlab_walk_entry *e, struct tlib_qemu_score *score)
{
	const bool protnone = e->flags & FAULTLAB_PTE_PROTNONE;

	if (e->raw & TLIB_X86_PRESENT)
		return false;
	if (protnone)
		score->reasons[TLIB_QEMU_PROT_NONE]++;
	else if (e->flags & FAULTLAB_PTE_NONPRESENT)
		score->reasons[TLIB_QEMU_NONPRESENT]++;
	return protnone || (e->flags & FAULTLAB_PTE_NONPRESENT);
}

static void count(struct tlib_qemu_score *score, __u64 word, unsigned int level)
{
	score->leaves[level]++;
	for (unsigned int bit = 0; bit < 64; bit++) {
		if (!(TLIB_QEMU_BITS & (1ULL << bit)))
			continue;
		if (word & (1ULL << bit))
			score->set[bit]++;
		else
			score->clear[bit]++;
	}
}

/* A position in QEMU's list of leaves. */
struct place {
	const struct tlib_qemu_leaf *leaf, *end;
	struct tlib_qemu_score *score;
};

static struct place place_of(const struct tlib_qemu *qemu, __u64 start, __u64 end,
			     struct tlib_qemu_score *score)
{
	struct place p = { qemu->leaves, qemu->leaves + qemu->nr_leaves, score };

	while (p.leaf < p.end && p.leaf->addr < start)
		p.leaf++;
	while (p.end > p.leaf && p.end[-1].addr >= end)
		p.end--;
	score->why[0] = '\0';
	return p;
}

/* Whether QEMU's next leaf is this one. */
static bool next_is(struct place *p, __u64 addr, __u64 word, unsigned int level)
{
	const struct tlib_qemu_leaf *leaf = p->leaf;

	if (leaf < p->end && leaf->addr == addr && leaf->word == word) {
		count(p->score, word, level);
		p->leaf++;
		return true;
	}
	if (leaf < p->end)
		snprintf(p->score->why, sizeof(p->score->why),
			 "the walk has %#llx at %#llx, level %u; QEMU %#llx at %#llx", word, addr,
			 level, leaf->word, leaf->addr);
	else
		snprintf(p->score->why, sizeof(p->score->why),
			 "the walk has %#llx at %#llx, level %u; QEMU nothing more", word, addr,
			 level);
	return false;
}

static bool is_end(struct place *p)
{
	if (p->leaf < p->end)
		snprintf(p->score->why, sizeof(p->score->why),
			 "QEMU has %#llx at %#llx, and the walk nothing", p->leaf->word,
			 p->leaf->addr);
	return p->leaf == p->end;
}

static bool is_decoded(const struct faultlab_walk_entry *e, __u64 word,
		       struct tlib_qemu_score *score)
{
	const __u64 known = flags_of(~0ULL) | FAULTLAB_PTE_EXEC | FAULTLAB_PTE_PAT;
	__u64 flags = (flags_of(word) | unprinted(e, score)) ^ (e->flags & known);
	__u64 pfn = (word & ~TLIB_QEMU_BITS) / TLIB_PAGE;

	flags &= ~excused(e, word, score);
	if (!flags && e->pfn == pfn && e->bytes == bytes_of(e->level) &&
	    (e->flags & FAULTLAB_PTE_LEAF) && (e->raw & TLIB_X86_PRESENT))
		return true;
	snprintf(score->why, sizeof(score->why),
		 "%#llx at %#llx, level %u: the walk has flags %#llx, frame %#llx, %#llx bytes; by QEMU flags %#llx are other ones, and the frame is %#llx",
		 word, e->addr, e->level, e->flags, e->pfn, e->bytes, flags, pfn);
	return false;
}

/* Ranges built from a walk, compared with those of `info mem`. */
struct row {
	const struct tlib_qemu_range *range, *end;
	struct tlib_qemu_range now;
	struct tlib_qemu_score *score;
};

static bool row_ends(struct row *row)
{
	static const struct tlib_qemu_range nothing;
	const struct tlib_qemu_range *range = row->range, *now = &row->now;

	if (now->start == now->end)
		return true;
	if (range < row->end && !memcmp(range, now, sizeof(*now))) {
		row->range++;
		row->score->ranges++;
		return true;
	}
	if (range == row->end)
		range = &nothing;
	snprintf(row->score->why, sizeof(row->score->why),
		 "the walk has [%#llx, %#llx) with rights %#llx, all levels considered; QEMU [%#llx, %#llx) with %#llx",
		 now->start, now->end, now->rights, range->start, range->end, range->rights);
	return false;
}

static bool row_goes_on(struct row *row, const struct faultlab_walk_entry *e, __u64 rights)
{
	if (e->addr != row->now.end || rights != row->now.rights) {
		if (!row_ends(row))
			return false;
		row->now = (struct tlib_qemu_range) { e->addr, e->addr, rights };
	}
	row->now.end = e->addr + e->bytes;
	return true;
}

static __u64 rights_of(const struct faultlab_walk_entry *e)
{
	return (e->flags & FAULTLAB_PTE_USER ? TLIB_X86_USER : 0) |
	       (e->flags & FAULTLAB_PTE_WRITE ? TLIB_X86_WRITE : 0);
}

static struct row row_of(const struct tlib_qemu *qemu, __u64 start, __u64 end,
			 struct tlib_qemu_score *score)
{
	struct row row = {
		qemu->ranges, qemu->ranges + qemu->nr_ranges, { start, start, 0 }, score,
	};

	while (row.range < row.end && row.range->start < start)
		row.range++;
	while (row.end > row.range && row.end[-1].start >= end)
		row.end--;
	return row;
}

bool tlib_qemu_agrees(const struct tlib_qemu *qemu, __u64 start, __u64 end,
		      const struct tlib_entries *entries, struct tlib_qemu_score *score)
{
	__u64 above[6] = { [5] = ~0ULL };	/* the rights that the levels above allow */
	struct place place = place_of(qemu, start, end, score);
	struct row row = row_of(qemu, start, end, score);

	for (size_t i = 0; i < entries->nr; i++) {
		const struct faultlab_walk_entry *e = &entries->at[i];
		__u64 word = printed(e->raw, e->level);

		if (e->flags & FAULTLAB_PTE_TABLE) {
			above[e->level] = above[e->level + 1] & rights_of(e);
			/* The level below may be folded: it then has no entry. */
			if (e->level)
				above[e->level - 1] = above[e->level];
			continue;
		}
		if (is_absent(e, score))
			continue;
		if (!next_is(&place, e->addr, word, e->level) || !is_decoded(e, word, score))
			return false;
		if (qemu->has_ranges &&
		    !row_goes_on(&row, e, above[e->level + 1] & rights_of(e)))
			return false;
	}
	return is_end(&place) && row_ends(&row);
}

bool tlib_qemu_agrees_raw(const struct tlib_qemu *qemu, __u64 start, __u64 end,
			  const __u64 *words, size_t nr, struct tlib_qemu_score *score)
{
	struct place place = place_of(qemu, start, end, score);

	for (const __u64 *at = words; at < words + nr;) {
		const struct faultlab_walk_raw *raw = (const void *)at;

		at = (const void *)(raw + 1);
		for (unsigned int i = 0; i < raw->nr; i++, at++) {
			if (!(*at & TLIB_X86_PRESENT) ||
			    (raw->level != FAULTLAB_LEVEL_PTE && !(*at & TLIB_X86_BIT7)))
				continue;
			if (!next_is(&place, raw->addr + i * bytes_of(raw->level),
				     printed(*at, raw->level), raw->level))
				return false;
		}
	}
	return is_end(&place);
}
