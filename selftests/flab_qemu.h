/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's monitor, which a machine of scripts/vm has as a port. `info tlb` says what
 * the processor's page tables hold: read by somebody who knows nothing of Linux, from
 * CR3 on, in memory that stands still meanwhile.
 */
#ifndef FLAB_QEMU_H
#define FLAB_QEMU_H

#include <stdio.h>

#include "flab_space.h"

/* The bits of an entry as the processor reads them. */
#define FLAB_X86_PRESENT	(1ULL << 0)
#define FLAB_X86_WRITE		(1ULL << 1)
#define FLAB_X86_USER		(1ULL << 2)
#define FLAB_X86_PWT		(1ULL << 3)
#define FLAB_X86_PCD		(1ULL << 4)
#define FLAB_X86_ACCESSED	(1ULL << 5)
#define FLAB_X86_DIRTY		(1ULL << 6)
#define FLAB_X86_BIT7		(1ULL << 7)	/* above PTE: a leaf; in one it is PAT */
#define FLAB_X86_GLOBAL		(1ULL << 8)
#define FLAB_X86_NX		(1ULL << 63)

/* What `info tlb` prints of an entry: these, of a PTE not bit 7, and its frame. */
#define FLAB_QEMU_BITS	(FLAB_X86_WRITE | FLAB_X86_USER | FLAB_X86_PWT | FLAB_X86_PCD |	\
			 FLAB_X86_ACCESSED | FLAB_X86_DIRTY | FLAB_X86_BIT7 |			\
			 FLAB_X86_GLOBAL | FLAB_X86_NX)

struct flab_qemu_leaf {
	__u64 addr;
	__u64 word;	/* FLAB_QEMU_BITS and the frame, where they are in an entry */
};

/* What is mapped in a row with the rights that all levels give: `info mem`. */
struct flab_qemu_range {
	__u64 start, end;
	__u64 rights;	/* FLAB_X86_USER, FLAB_X86_WRITE */
};

struct flab_qemu {
	int port;
	FILE *answers;
	__u32 nr_asked;
	bool has_ranges;	/* not of five levels: there QEMU 7.2 confuses what is present */
	struct flab_qemu_leaf *leaves;
	struct flab_qemu_range *ranges;
	size_t nr_leaves, nr_ranges;
	size_t room_leaves, room_ranges;
};

/* 0, or -errno: -ENOENT where there is no such port. */
int flab_qemu_open(struct flab_qemu *qemu, size_t leaves, size_t ranges);
void flab_qemu_close(struct flab_qemu *qemu);

/*
 * All that is mapped for whoever runs on that processor: 0, -EAGAIN if nobody was in
 * flab_spin() just then, -ENOSPC for want of room, -EPIPE.
 */
int flab_qemu_ask(struct flab_qemu *qemu, unsigned int cpu);

/* Runs in user mode, and changes nothing, until *end is not 0; and the instructions of it. */
void flab_spin(const volatile char *end);
extern const char flab_spin_first[], flab_spin_last[];

/* Every reason for which QEMU and the walker differ, and how often it was one. */
enum flab_qemu_reason {
	FLAB_QEMU_PROT_NONE, FLAB_QEMU_NONPRESENT, FLAB_QEMU_SAVED_DIRTY, FLAB_QEMU_PAT,
	FLAB_NR_QEMU_REASONS
};

extern const char *const flab_qemu_reasons[FLAB_NR_QEMU_REASONS];

/* What was the same, for each of FLAB_QEMU_BITS. */
struct flab_qemu_score {
	size_t leaves[5];		/* by enum faultlab_level */
	size_t set[64], clear[64];	/* by bit */
	size_t reasons[FLAB_NR_QEMU_REASONS];
	size_t ranges;
	char why[256];			/* the first difference */
};

/*
 * Whether QEMU says the same of [start, end): of all entries of a walk, tables among
 * them, leaf by leaf and in ranges; of words of tables (the RAW form), leaf by leaf.
 */
bool flab_qemu_agrees(const struct flab_qemu *qemu, __u64 start, __u64 end,
		      const struct flab_entries *entries, struct flab_qemu_score *score);
bool flab_qemu_agrees_raw(const struct flab_qemu *qemu, __u64 start, __u64 end,
			  const __u64 *words, size_t nr, struct flab_qemu_score *score);

#endif /* FLAB_QEMU_H */
