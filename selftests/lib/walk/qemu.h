/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's monitor, which scripts/vm gives the guest as a virtio port. `info tlb` prints
 * the processor's page tables from CR3 on. It is independent of Linux' code, and the
 * guest is stopped meanwhile, so memory does not change.
 */
#ifndef TLIB_QEMU_H
#define TLIB_QEMU_H

#include <stdio.h>

#include "lib/space.h"

/* The bits of an entry as the processor reads them. */
#define TLIB_X86_PRESENT	(1ULL << 0)
#define TLIB_X86_WRITE		(1ULL << 1)
#define TLIB_X86_USER		(1ULL << 2)
#define TLIB_X86_PWT		(1ULL << 3)
#define TLIB_X86_PCD		(1ULL << 4)
#define TLIB_X86_ACCESSED	(1ULL << 5)
#define TLIB_X86_DIRTY		(1ULL << 6)
#define TLIB_X86_BIT7		(1ULL << 7)	/* above PTE: a leaf; in a PTE: PAT */
#define TLIB_X86_GLOBAL		(1ULL << 8)
#define TLIB_X86_NX		(1ULL << 63)

/* What `info tlb` prints of an entry: its frame and these bits, for a PTE not bit 7. */
#define TLIB_QEMU_BITS	(TLIB_X86_WRITE | TLIB_X86_USER | TLIB_X86_PWT | TLIB_X86_PCD |	\
			 TLIB_X86_ACCESSED | TLIB_X86_DIRTY | TLIB_X86_BIT7 |			\
			 TLIB_X86_GLOBAL | TLIB_X86_NX)

struct tlib_qemu_leaf {
	__u64 addr;
	__u64 word;	/* TLIB_QEMU_BITS and the frame, at their places in an entry */
};

/* A line of `info mem`: adjacent memory with equal rights, all levels combined. */
struct tlib_qemu_range {
	__u64 start, end;
	__u64 rights;	/* TLIB_X86_USER, TLIB_X86_WRITE */
};

struct tlib_qemu {
	int port;
	FILE *answers;
	__u32 nr_asked;
	bool has_ranges;	/* not with five levels: QEMU 7.2 gets `info mem` wrong */
	struct tlib_qemu_leaf *leaves;
	struct tlib_qemu_range *ranges;
	size_t nr_leaves, nr_ranges;
	size_t room_leaves, room_ranges;
};

/* 0, or -errno: -ENOENT where there is no such port. */
int tlib_qemu_open(struct tlib_qemu *qemu, size_t leaves, size_t ranges);
void tlib_qemu_close(struct tlib_qemu *qemu);

/*
 * Read into qemu->leaves and qemu->ranges all that is mapped in the address space of
 * the task that runs on processor cpu. Returns 0, -EAGAIN if that processor was not in
 * tlib_spin(), -ENOSPC if there is no room, or -EPIPE.
 */
int tlib_qemu_ask(struct tlib_qemu *qemu, unsigned int cpu);

/*
 * Spin in user mode, without writing to memory, until *end is not 0. The two labels are
 * the bounds of the loop.
 */
void tlib_spin(const volatile char *end);
extern const char tlib_spin_first[], tlib_spin_last[];

/* All reasons for which QEMU and the walker may differ. */
enum tlib_qemu_reason {
	TLIB_QEMU_PROT_NONE, TLIB_QEMU_NONPRESENT, TLIB_QEMU_SAVED_DIRTY, TLIB_QEMU_PAT,
	TLIB_NR_QEMU_REASONS
};

extern const char *const tlib_qemu_reasons[TLIB_NR_QEMU_REASONS];

/* How much was compared and equal: leaves, and each of TLIB_QEMU_BITS set and clear. */
struct tlib_qemu_score {
	size_t leaves[5];		/* by enum faultlab_level */
	size_t set[64], clear[64];	/* by bit */
	size_t reasons[TLIB_NR_QEMU_REASONS];
	size_t ranges;
	char why[256];			/* the first difference */
};

/*
 * Whether QEMU agrees with a walk of [start, end): leaf by leaf and by ranges for all
 * entries, tables included; leaf by leaf for the words of tables (the form RAW).
 */
bool tlib_qemu_agrees(const struct tlib_qemu *qemu, __u64 start, __u64 end,
		      const struct tlib_entries *entries, struct tlib_qemu_score *score);
bool tlib_qemu_agrees_raw(const struct tlib_qemu *qemu, __u64 start, __u64 end,
			  const __u64 *words, size_t nr, struct tlib_qemu_score *score);

#endif /* TLIB_QEMU_H */
