// SPDX-License-Identifier: GPL-2.0-only
/* All operations that can split, shrink, move, grow or merge a VMA. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/tlib.h"
#include "lib/sys.h"
#include "lib/mm/vma_op.h"
#include "lib/newer.h"
#include "util.h"

enum tlib_vma_class tlib_vma_class(const struct faultlab_memory *memory)
{
	if (memory->pfnmap)
		return TLIB_VMA_FRAMES;
	if (!memory->dontexpand)
		return memory->mixedmap ? TLIB_VMA_INSERTED : TLIB_VMA_PLAIN;
	if (!memory->mixedmap)
		return TLIB_VMA_WHOLE;
	return memory->dontdump ? TLIB_VMA_MIXED : TLIB_VMA_INSERTED_WHOLE;
}

static char *part(const struct tlib_vma_part *p)
{
	return p->at + p->from;
}

static size_t part_bytes(const struct tlib_vma_part *p)
{
	return p->to - p->from;
}

static int answer(long ret)
{
	if (ret >= 0)
		return 0;
	/* ENOSYS: this kernel lacks the system call. */
	return errno == ENOSYS ? TLIB_ABSENT : -errno;
}

static int map_file(const struct tlib_vma_part *p, size_t at, size_t bytes, size_t offset)
{
	return answer((long)mmap(p->at + at, bytes, TLIB_RW, MAP_SHARED | MAP_FIXED, p->fd,
				 offset));
}

/*
 * Unmap, or map over it.
 */
static int op_munmap(const struct tlib_vma_part *p)
{
	return answer(munmap(part(p), part_bytes(p)));
}

static void undo_map(const struct tlib_vma_part *p)
{
	map_file(p, p->from, part_bytes(p), p->skip + p->from);
}

/* MAP_NORESERVE: without it mmap() refuses more than the machine has, and a part may be 2 GiB. */
static int op_map_anonymous(const struct tlib_vma_part *p)
{
	return answer((long)mmap(part(p), part_bytes(p), TLIB_RW,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0));
}

static int op_map_same(const struct tlib_vma_part *p)
{
	return map_file(p, p->from, part_bytes(p), p->skip + p->from);
}

static int op_map_start(const struct tlib_vma_part *p)
{
	return map_file(p, p->from, part_bytes(p), 0);
}

static int op_map_beside(const struct tlib_vma_part *p)
{
	return map_file(p, p->bytes, part_bytes(p), p->skip + p->bytes);
}

static void undo_map_beside(const struct tlib_vma_part *p)
{
	munmap(p->at + p->bytes, part_bytes(p));
}

static int op_remap_file_pages(const struct tlib_vma_part *p)
{
	return answer(remap_file_pages(part(p), part_bytes(p), 0,
				       (p->skip + p->from) / TLIB_PAGE, 0));
}

/*
 * Change the VMA's flags.
 */
static int op_mprotect_read(const struct tlib_vma_part *p)
{
	return answer(mprotect(part(p), part_bytes(p), PROT_READ));
}

static int op_mprotect_none(const struct tlib_vma_part *p)
{
	return answer(mprotect(part(p), part_bytes(p), PROT_NONE));
}

static void undo_mprotect(const struct tlib_vma_part *p)
{
	mprotect(part(p), part_bytes(p), TLIB_RW);
}

/* All parts use one key: the test is about the VMA's flags, not the key's rights. */
static int op_pkey(const struct tlib_vma_part *p)
{
	static int key = -1;

	/*
	 * x86 sets PKRU to init_pkru in a signal handler, which allows key 0 alone, and
	 * faultlab_touch() jumps out of handlers. So make init_pkru allow all keys.
	 */
	if (key < 0) {
		tlib_write_text("/sys/kernel/debug/x86/init_pkru", "0");
		key = syscall(SYS_pkey_alloc, 0, 0);
	}
	if (key < 0)
		return TLIB_ABSENT;
	return answer(syscall(SYS_pkey_mprotect, part(p), part_bytes(p), TLIB_RW, key));
}

static void undo_pkey(const struct tlib_vma_part *p)
{
	syscall(SYS_pkey_mprotect, part(p), part_bytes(p), TLIB_RW, 0);
}

static int advise(const struct tlib_vma_part *p, int advice)
{
	return answer(madvise(part(p), part_bytes(p), advice));
}

#define ADVICE(name) static int op_##name(const struct tlib_vma_part *p)	\
	{ return advise(p, MADV_##name); }
#define UNDO_ADVICE(name) static void undo_##name(const struct tlib_vma_part *p) \
	{ advise(p, MADV_##name); }
ADVICE(DONTFORK)
UNDO_ADVICE(DOFORK)
ADVICE(DONTDUMP)
UNDO_ADVICE(DODUMP)
ADVICE(SEQUENTIAL)
ADVICE(RANDOM)
UNDO_ADVICE(NORMAL)
ADVICE(HUGEPAGE)
ADVICE(NOHUGEPAGE)
UNDO_ADVICE(NOHUGEPAGE)
UNDO_ADVICE(HUGEPAGE)
ADVICE(MERGEABLE)
ADVICE(WILLNEED)
ADVICE(DONTNEED)
ADVICE(COLD)
ADVICE(PAGEOUT)
ADVICE(FREE)
ADVICE(REMOVE)
ADVICE(COLLAPSE)
ADVICE(WIPEONFORK)
ADVICE(POPULATE_READ)
ADVICE(POPULATE_WRITE)

static int op_mlock(const struct tlib_vma_part *p)
{
	return answer(mlock(part(p), part_bytes(p)));
}

static int op_mlock_onfault(const struct tlib_vma_part *p)
{
	return answer(mlock2(part(p), part_bytes(p), MLOCK_ONFAULT));
}

static void undo_mlock(const struct tlib_vma_part *p)
{
	munlock(part(p), part_bytes(p));
}

static int op_mseal(const struct tlib_vma_part *p)
{
	return answer(syscall(SYS_mseal, part(p), part_bytes(p), 0));
}

static int bind_part(const struct tlib_vma_part *p, int policy)
{
	unsigned long node = 1;

	return answer(syscall(SYS_mbind, part(p), part_bytes(p), policy,
			      policy == MPOL_DEFAULT ? NULL : &node, 64, 0));
}

static int op_mbind(const struct tlib_vma_part *p)
{
	return bind_part(p, MPOL_PREFERRED);
}

static int op_home_node(const struct tlib_vma_part *p)
{
	int err = bind_part(p, MPOL_BIND);

	return err ?: answer(syscall(SYS_set_mempolicy_home_node, part(p), part_bytes(p), 0, 0));
}

static void undo_mbind(const struct tlib_vma_part *p)
{
	bind_part(p, MPOL_DEFAULT);
}

/* Without CONFIG_ANON_VMA_NAME it is EINVAL for anonymous memory, too. */
static int op_name(const struct tlib_vma_part *p)
{
	static char own[TLIB_PAGE] __attribute__((aligned(TLIB_PAGE)));

	if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, own, sizeof(own), "own"))
		return TLIB_ABSENT;
	return answer(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, part(p), part_bytes(p), "part"));
}

/*
 * userfaultfd: one for each process, as it belongs to the mm that created it.
 */
static int uffd_of_mine(void)
{
	static pid_t owner;
	static int uffd;
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED,
	};

	if (owner == getpid())
		return uffd;
	owner = getpid();
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (uffd >= 0 && ioctl(uffd, UFFDIO_API, &api)) {
		close(uffd);
		uffd = -1;
	}
	return uffd;
}

static int op_uffd(const struct tlib_vma_part *p)
{
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)part(p), .len = part_bytes(p) },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_writeprotect wp = {
		.range = reg.range, .mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	int uffd = uffd_of_mine();

	if (uffd < 0)
		return TLIB_ABSENT;
	if (ioctl(uffd, UFFDIO_REGISTER, &reg))
		return -errno;
	return answer(ioctl(uffd, UFFDIO_WRITEPROTECT, &wp));
}

static void undo_uffd(const struct tlib_vma_part *p)
{
	struct uffdio_range range = { .start = (uintptr_t)part(p), .len = part_bytes(p) };

	ioctl(uffd_of_mine(), UFFDIO_UNREGISTER, &range);
}

/*
 * Move, shrink, grow.
 */
static int move(char *from, size_t bytes, size_t new_bytes, int flags, char *to)
{
	return answer((long)mremap(from, bytes, new_bytes, MREMAP_MAYMOVE | MREMAP_FIXED | flags,
				   to));
}

#define MOVE(name, skew) static int op_##name(const struct tlib_vma_part *p)	\
	{ return move(part(p), part_bytes(p), part_bytes(p), 0, p->room + p->from + (skew)); } \
	static void undo_##name(const struct tlib_vma_part *p)			\
	{ move(p->room + p->from + (skew), part_bytes(p), part_bytes(p), 0, part(p)); }
MOVE(move, 0)
MOVE(move_by_page, TLIB_PAGE)
MOVE(move_by_pmd, TLIB_PMD_SIZE)

static int op_dontunmap(const struct tlib_vma_part *p)
{
	return move(part(p), part_bytes(p), part_bytes(p), MREMAP_DONTUNMAP, p->room + p->from);
}

static int op_duplicate(const struct tlib_vma_part *p)
{
	return move(part(p), 0, part_bytes(p), 0, p->room + p->from);
}

static void undo_elsewhere(const struct tlib_vma_part *p)
{
	munmap(p->room, p->bytes + TLIB_PMD_SIZE);
}

static int op_grow_away(const struct tlib_vma_part *p)
{
	return move(part(p), part_bytes(p), part_bytes(p) + TLIB_PMD_SIZE, 0, p->room + p->from);
}

static void undo_grow_away(const struct tlib_vma_part *p)
{
	munmap(p->room + p->to, TLIB_PMD_SIZE);
	move(p->room + p->from, part_bytes(p), part_bytes(p), 0, part(p));
}

static int op_grow(const struct tlib_vma_part *p)
{
	if (p->to != p->bytes)
		return TLIB_ABSENT;
	return answer((long)mremap(part(p), part_bytes(p), part_bytes(p) + TLIB_PMD_SIZE, 0));
}

static void undo_grow(const struct tlib_vma_part *p)
{
	munmap(p->at + p->bytes, TLIB_PMD_SIZE);
}

static int op_shrink(const struct tlib_vma_part *p)
{
	return answer((long)mremap(p->at, p->bytes, p->to, 0));
}

static void undo_shrink(const struct tlib_vma_part *p)
{
	if (p->to < p->bytes)
		map_file(p, p->to, p->bytes - p->to, p->skip + p->to);
}

/*
 * Read or clear through /proc.
 */
static int op_smaps(const struct tlib_vma_part *p)
{
	static char text[1 << 16];
	ssize_t n = tlib_read_text("/proc/self/smaps", text, sizeof(text));

	return n < 0 ? n : 0;
}

static int op_numa_maps(const struct tlib_vma_part *p)
{
	static char text[1 << 16];
	ssize_t n = tlib_read_text("/proc/self/numa_maps", text, sizeof(text));

	return n == -ENOENT ? TLIB_ABSENT : n < 0 ? n : 0;
}

static int op_clear_refs(const struct tlib_vma_part *p)
{
	return tlib_write_number("/proc/self/clear_refs", 1);
}

static int op_clear_soft_dirty(const struct tlib_vma_part *p)
{
	return tlib_write_number("/proc/self/clear_refs", 4);
}

#define ALL		((1U << TLIB_NR_VMA_CLASSES) - 1)
#define NONE		0
#define ONLY(class)	(1U << TLIB_VMA_##class)
#define SPLITS		.cuts = ALL, .flags = TLIB_CUTS
#define KEEPS		.cuts = NONE

/*
 * The lists in .want are by enum tlib_vma_class: plain, inserted, whole, inserted_whole,
 * mixed, frames.
 */
#define OP(text, fn, back, ...) { .name = text, .run = op_##fn, .undo = back, __VA_ARGS__ }
#define ALIKE(err)	.want = { err, err, err, err, err, err }
#define LAST(err)	.want = { 0, 0, 0, 0, 0, err }
#define FIRST_TWO(err)	.want = { 0, 0, err, err, err, err }
#define FIRST(err)	.want = { 0, err, err, err, err, err }

const struct tlib_vma_op tlib_vma_ops[] = {
	OP("munmap", munmap, undo_map, .cuts = ALL, .flags = TLIB_CUTS | TLIB_OP_MOVES),
	OP("mmap of anonymous memory over it", map_anonymous, undo_map, .cuts = ALL,
	   .flags = TLIB_CUTS | TLIB_OP_MOVES | TLIB_OP_REPLACES),
	OP("mmap of the same over it", map_same, NULL, .cuts = ALL,
	   .flags = TLIB_CUTS | TLIB_OP_MOVES | TLIB_OP_REPLACES),
	OP("mmap of the region's start over it", map_start, undo_map, .cuts = ALL,
	   .flags = TLIB_CUTS | TLIB_OP_MOVES | TLIB_OP_REPLACES),
	OP("remap_file_pages", remap_file_pages, NULL, .cuts = ALL,
	   .flags = TLIB_CUTS | TLIB_OP_MOVES | TLIB_OP_REPLACES),
	OP("mmap beside", map_beside, undo_map_beside, .cuts = ALL,
	   .flags = TLIB_OP_BESIDE | TLIB_OP_MOVES),

	OP("mprotect PROT_READ", mprotect_read, undo_mprotect, SPLITS),
	OP("mprotect PROT_NONE", mprotect_none, undo_mprotect, SPLITS),
	OP("pkey_mprotect", pkey, undo_pkey, SPLITS),
	OP("MADV_DONTFORK", DONTFORK, undo_DOFORK, SPLITS),
	/* VMAs that have VM_DONTDUMP already are not split. */
	OP("MADV_DONTDUMP", DONTDUMP, undo_DODUMP,
	   .cuts = ONLY(PLAIN) | ONLY(INSERTED) | ONLY(WHOLE) | ONLY(INSERTED_WHOLE),
	   .flags = TLIB_CUTS),
	OP("MADV_SEQUENTIAL", SEQUENTIAL, undo_NORMAL, SPLITS),
	OP("MADV_RANDOM", RANDOM, undo_NORMAL, SPLITS),
	OP("MADV_HUGEPAGE", HUGEPAGE, undo_NOHUGEPAGE, SPLITS),
	OP("MADV_NOHUGEPAGE", NOHUGEPAGE, undo_HUGEPAGE, SPLITS),
	/* mlock_fixup(), vma_supports_mlock(): skips VM_SPECIAL without an error. */
	OP("mlock", mlock, undo_mlock, .cuts = ONLY(PLAIN), .flags = TLIB_CUTS),
	OP("mlock2 MLOCK_ONFAULT", mlock_onfault, undo_mlock, .cuts = ONLY(PLAIN),
	   .flags = TLIB_CUTS),
	OP("mseal", mseal, NULL, .cuts = ALL, .flags = TLIB_CUTS | TLIB_OP_SEALS),
	OP("mbind", mbind, undo_mbind, SPLITS),
	OP("set_mempolicy_home_node", home_node, undo_mbind, SPLITS),
	/* madvise_vma_anon_name() refuses mappings of files. */
	OP("PR_SET_VMA_ANON_NAME", name, NULL, ALIKE(-EBADF), .flags = TLIB_OP_FILE),
	/* vma_can_userfault(): see test_do_uffd.c. */
	OP("UFFDIO_REGISTER", uffd, undo_uffd, FIRST(-EINVAL), .cuts = ONLY(PLAIN),
	   .flags = TLIB_CUTS),

	OP("mremap to where it is as aligned", move, undo_move, .cuts = ALL,
	   .flags = TLIB_CUTS | TLIB_OP_MOVES),
	OP("mremap by 4 KiB off", move_by_page, undo_move_by_page, .cuts = ALL,
	   .flags = TLIB_CUTS | TLIB_OP_MOVES, .skew = TLIB_PAGE),
	OP("mremap by 2 MiB off", move_by_pmd, undo_move_by_pmd, .cuts = ALL,
	   .flags = TLIB_CUTS | TLIB_OP_MOVES, .skew = TLIB_PMD_SIZE),
	/* vma_to_resize() refuses the next four for VM_DONTEXPAND or VM_PFNMAP. */
	OP("MREMAP_DONTUNMAP", dontunmap, undo_elsewhere, FIRST_TWO(-EINVAL), .cuts = NONE,
	   .flags = TLIB_OP_MOVES),
	OP("mremap of size 0", duplicate, undo_elsewhere, FIRST_TWO(-EFAULT), .cuts = NONE,
	   .flags = TLIB_OP_MOVES),
	OP("mremap to more elsewhere", grow_away, undo_grow_away, FIRST_TWO(-EFAULT),
	   .cuts = ALL, .flags = TLIB_CUTS | TLIB_OP_MOVES),
	OP("mremap to more", grow, undo_grow, FIRST_TWO(-EFAULT), .cuts = NONE,
	   .flags = TLIB_OP_MOVES),
	OP("mremap to less", shrink, undo_shrink, .cuts = ALL,
	   .flags = TLIB_CUTS_TO | TLIB_OP_MOVES),

	/* These split no VMA but visit its entries. Reasons: test_do_madvise.c. */
	OP("MADV_MERGEABLE", MERGEABLE, NULL, KEEPS),
	OP("MADV_WILLNEED", WILLNEED, NULL, KEEPS),
	OP("MADV_DONTNEED", DONTNEED, NULL, LAST(-EINVAL), KEEPS),
	OP("MADV_COLD", COLD, NULL, LAST(-EINVAL), KEEPS),
	OP("MADV_PAGEOUT", PAGEOUT, NULL, LAST(-EINVAL), KEEPS),
	OP("MADV_FREE", FREE, NULL, ALIKE(-EINVAL), KEEPS),
	OP("MADV_REMOVE", REMOVE, NULL, ALIKE(-ENODEV), .flags = TLIB_OP_FILE),
	OP("MADV_COLLAPSE", COLLAPSE, NULL, ALIKE(-EINVAL), .flags = TLIB_OP_FILE),
	OP("MADV_WIPEONFORK", WIPEONFORK, NULL, ALIKE(-EINVAL), KEEPS),
	OP("MADV_POPULATE_READ", POPULATE_READ, NULL, LAST(-EINVAL), KEEPS),
	OP("MADV_POPULATE_WRITE", POPULATE_WRITE, NULL, LAST(-EINVAL), KEEPS),
	OP("read of smaps", smaps, NULL, KEEPS),
	OP("read of numa_maps", numa_maps, NULL, KEEPS),
	OP("clear_refs 1", clear_refs, NULL, KEEPS),
	OP("clear_refs 4", clear_soft_dirty, NULL, KEEPS),
};

const unsigned int tlib_nr_vma_ops = ARRAY_SIZE(tlib_vma_ops);

/*
 * The error of an operation that is refused because of WHOLE. If mmap() over a mapping
 * cannot unmap it, kernels before 6.12 return ENOMEM, whatever the error was.
 */
static int torn_error(const struct tlib_vma_op *op)
{
	return (op->flags & TLIB_OP_REPLACES) && !tlib_kernel_since(6, 12) ? -ENOMEM : -EINVAL;
}

/*
 * Whether the operation would split a VMA within a folio, move a VMA off the alignment of
 * its folios, or map a part of a folio beside it. With WHOLE the module refuses that.
 */
static bool tears(const struct tlib_vma_op *op, const struct tlib_vma_part *p)
{
	if (op->flags & TLIB_OP_BESIDE)
		return part_bytes(p) % p->folio;
	return op->skew % p->folio ||
	       ((op->flags & TLIB_CUTS_FROM) && p->from % p->folio) ||
	       ((op->flags & TLIB_CUTS_TO) && p->to % p->folio);
}

int tlib_vma_op_wants(const struct tlib_vma_op *op, enum tlib_vma_class class,
		      const struct tlib_vma_part *p)
{
	/*
	 * Since 6.7 mremap() grows a VMA by a merge (vma_merge_extend()), and a VMA with
	 * VM_MIXEDMAP never merges.
	 */
	if (op->run == op_grow && class == TLIB_VMA_INSERTED && tlib_kernel_since(6, 7))
		return -ENOMEM;
	if (op->want[class])
		return op->want[class];
	return op->cuts & 1U << class && tears(op, p) ? torn_error(op) : 0;
}
