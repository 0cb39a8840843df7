// SPDX-License-Identifier: GPL-2.0-only
/*
 * The four dimensions of the matrix.
 */
#include <stdio.h>
#include <sys/mman.h>

#include "matrix/matrix.h"

const char *const matrix_columns[MATRIX_NR_COLUMNS] = {
	[MATRIX_RESULT] = "result",
	[MATRIX_CALLBACKS] = "callbacks",
	[MATRIX_FAULTS] = "faults",
	[MATRIX_LOCK] = "lock",
};

const struct matrix_mapping matrix_mappings[] = {
	{ "shared-r", PROT_READ, MAP_SHARED, 0 },
	{ "shared-rw", PROT_READ | PROT_WRITE, MAP_SHARED, FACT_WRITABLE },
	{ "shared-rx", PROT_READ | PROT_EXEC, MAP_SHARED, FACT_EXEC },
	{ "private-r", PROT_READ, MAP_PRIVATE, FACT_PRIVATE },
	{ "private-rw", PROT_READ | PROT_WRITE, MAP_PRIVATE, FACT_PRIVATE | FACT_WRITABLE },
	{ "private-rx", PROT_READ | PROT_EXEC, MAP_PRIVATE, FACT_PRIVATE | FACT_EXEC },
	{ "rdonly-shared-r", PROT_READ, MAP_SHARED, FACT_RDONLY },
	{ "rdonly-shared-rw", PROT_READ | PROT_WRITE, MAP_SHARED, FACT_RDONLY | FACT_WRITABLE },
	{ "rdonly-private-rw", PROT_READ | PROT_WRITE, MAP_PRIVATE,
	  FACT_RDONLY | FACT_PRIVATE | FACT_WRITABLE },
};

const unsigned int matrix_nr_mappings = ARRAY_SIZE(matrix_mappings);

#define TWO_PAGES	"8192 bytes"
#define PAGE_AND_HALF	"6144 bytes"

/* Indexed by enum matrix_path_id. */
const struct matrix_path matrix_paths[MATRIX_NR_PATHS] = {
	{ "mmap", "mapped", "mmap() alone",
	  FACT_MAPS, MATRIX_NO_SPAN, 0,
	  matrix_path_mmap, matrix_answer_call },
	{ "load", "1 byte", "the task reads a byte",
	  FACT_CPU, MATRIX_BYTE, 0,
	  matrix_path_load, matrix_answer_touch },
	{ "store", "1 byte", "the task writes a byte",
	  FACT_CPU | FACT_WRITES, MATRIX_BYTE, 1,
	  matrix_path_store, matrix_answer_touch },
	{ "exec", "returned", "the task calls a function that is there",
	  FACT_CPU | FACT_FETCH, MATRIX_NO_SPAN, 0,
	  matrix_path_exec, matrix_answer_touch },
	{ "read", TWO_PAGES, "read() of a file into the mapping",
	  FACT_COPY | FACT_WRITES | FACT_TWO, MATRIX_PAGES, MATRIX_WRITTEN,
	  matrix_path_read, matrix_answer_bytes },
	{ "write", TWO_PAGES, "write() of the mapping into a file",
	  FACT_COPY | FACT_TWO, MATRIX_PAGES, 0,
	  matrix_path_write, matrix_answer_bytes },
	{ "zero-read", TWO_PAGES, "read() of /dev/zero, which clears the mapping",
	  FACT_COPY | FACT_WRITES | FACT_TWO, MATRIX_PAGES, 0,
	  matrix_path_zero_read, matrix_answer_bytes },
	{ "direct-read", TWO_PAGES, "read() with O_DIRECT of a block device into the mapping",
	  FACT_GUP | FACT_WRITES | FACT_TWO, MATRIX_PAGES, MATRIX_WRITTEN,
	  matrix_path_direct_read, matrix_answer_bytes },
	{ "direct-write", TWO_PAGES, "write() with O_DIRECT of the mapping to a block device",
	  FACT_GUP | FACT_TWO, MATRIX_PAGES, 0,
	  matrix_path_direct_write, matrix_answer_bytes },
	{ "vm-readv", TWO_PAGES, "process_vm_readv() from another process's mapping",
	  FACT_GUP | FACT_TWO, MATRIX_PAGES, 0,
	  matrix_path_vm_readv, matrix_answer_bytes },
	{ "vm-writev", PAGE_AND_HALF, "process_vm_writev() into another process's mapping",
	  FACT_GUP | FACT_WRITES | FACT_TWO, MATRIX_PART, MATRIX_WRITTEN,
	  matrix_path_vm_writev, matrix_answer_bytes },
	{ "peek", "8 bytes", "PTRACE_PEEKDATA",
	  FACT_GUP | FACT_FORCE, MATRIX_WORD, 0,
	  matrix_path_peek, matrix_answer_call },
	{ "poke", "8 bytes", "PTRACE_POKEDATA",
	  FACT_GUP | FACT_FORCE | FACT_WRITES, MATRIX_WORD, MATRIX_WRITTEN,
	  matrix_path_poke, matrix_answer_call },
	{ "mem-read", TWO_PAGES, "read() of /proc/PID/mem",
	  FACT_GUP | FACT_FORCE | FACT_TWO, MATRIX_PAGES, 0,
	  matrix_path_mem_read, matrix_answer_bytes },
	{ "mem-write", PAGE_AND_HALF, "write() to /proc/PID/mem",
	  FACT_GUP | FACT_FORCE | FACT_WRITES | FACT_TWO, MATRIX_PART, MATRIX_WRITTEN,
	  matrix_path_mem_write, matrix_answer_bytes },
	{ "uring-read", TWO_PAGES, "IORING_OP_READ of a pipe into the mapping",
	  FACT_COPY | FACT_WRITES | FACT_TWO, MATRIX_PAGES, MATRIX_WRITTEN,
	  matrix_path_uring_read, matrix_answer_bytes },
	{ "uring-write", TWO_PAGES, "IORING_OP_WRITE of the mapping into a pipe",
	  FACT_COPY | FACT_TWO, MATRIX_PAGES, 0,
	  matrix_path_uring_write, matrix_answer_bytes },
	{ "uring-direct-read", TWO_PAGES,
	  "IORING_OP_READ, by a worker, of a block device with O_DIRECT into the mapping",
	  FACT_GUP | FACT_WRITES | FACT_TWO, MATRIX_PAGES, MATRIX_WRITTEN,
	  matrix_path_uring_direct_read, matrix_answer_bytes },
	{ "uring-direct-write", TWO_PAGES,
	  "IORING_OP_WRITE, by a worker, of the mapping to a block device with O_DIRECT",
	  FACT_GUP | FACT_TWO, MATRIX_PAGES, 0,
	  matrix_path_uring_direct_write, matrix_answer_bytes },
	{ "uring-register", "registered", "IORING_REGISTER_BUFFERS: pins for long, for writing",
	  FACT_GUP | FACT_PREFAULT | FACT_WRITES | FACT_TWO, MATRIX_NO_SPAN, 0,
	  matrix_path_uring_register, matrix_answer_call },
	{ "populate", "mapped, present", "mmap() with MAP_POPULATE",
	  FACT_GUP | FACT_PREFAULT | FACT_MAPS, MATRIX_NO_SPAN, 0,
	  matrix_path_populate, matrix_answer_present },
	{ "madv-read", "populated", "MADV_POPULATE_READ",
	  FACT_GUP | FACT_PREFAULT | FACT_TWO, MATRIX_NO_SPAN, 0,
	  matrix_path_madv_read, matrix_answer_call },
	{ "madv-write", "populated", "MADV_POPULATE_WRITE",
	  FACT_GUP | FACT_PREFAULT | FACT_WRITES | FACT_TWO, MATRIX_NO_SPAN, 0,
	  matrix_path_madv_write, matrix_answer_call },
	{ "mlock", "locked, present", "mlock()",
	  FACT_GUP | FACT_PREFAULT | FACT_TWO, MATRIX_NO_SPAN, 0,
	  matrix_path_mlock, matrix_answer_present },
	{ "futex", "EAGAIN", "FUTEX_WAIT_PRIVATE, on a word that differs",
	  FACT_COPY, MATRIX_NO_SPAN, 0,
	  matrix_path_futex, matrix_answer_call },
	{ "futex-shared", "EAGAIN", "FUTEX_WAIT, on a word that differs",
	  FACT_GUP, MATRIX_NO_SPAN, 0,
	  matrix_path_futex_shared, matrix_answer_call },
	{ "vmsplice", TWO_PAGES, "vmsplice() of the mapping into a pipe",
	  FACT_GUP | FACT_TWO, MATRIX_PAGES, 0,
	  matrix_path_vmsplice, matrix_answer_bytes },
};

/* Short, but longer than a context switch. */
#define DELAY_US	1000

#define VERDICT(NAME, ...) \
	{ .length = 1, .verdict = FAULTLAB_VERDICT_##NAME, ##__VA_ARGS__ }

/* Indexed by enum matrix_outcome_id. */
const struct matrix_outcome matrix_outcomes[MATRIX_NR_OUTCOMES] = {
	{ .name = "serve" },
	{ .name = "present", .setup = MATRIX_TOUCHED },
	{ .name = "evicted", .setup = MATRIX_EVICTED },
	{ .name = "delay", .rule = VERDICT(SERVE, .delay_us = DELAY_US) },
	{ .name = "delay-held", .rule = VERDICT(SERVE, .delay_us = DELAY_US,
						.flags = FAULTLAB_RULE_HOLD_LOCK) },
	{ .name = "retry", .rule = VERDICT(RETRY) },
	{ .name = "gate", .rule = VERDICT(SERVE, .delay_kind = FAULTLAB_DELAY_GATE) },
	{ .name = "major", .rule = VERDICT(MAJOR) },
	{ .name = "nopage-once", .rule = VERDICT(NOPAGE, .times = 1) },
	{ .name = "oom-once", .rule = VERDICT(OOM, .times = 1) },
	{ .name = "sigbus", .rule = VERDICT(SIGBUS) },
	{ .name = "sigsegv", .rule = VERDICT(SIGSEGV) },
	{ .name = "hwpoison", .rule = VERDICT(HWPOISON) },
	{ .name = "hwpoison-large", .rule = VERDICT(HWPOISON_LARGE) },
	{ .name = "unplug", .rule = VERDICT(UNPLUG), .fatal = true },
	{ .name = "past-end", .setup = MATRIX_PAST_END },
};

/* FALLBACK has no outcome: it is for pages that are mapped along with others. */
_Static_assert(FAULTLAB_NR_VERDICTS == 11, "add an outcome for the new verdict");

static __u64 kind_facts(const struct faultlab_memory *memory)
{
	const __u32 mkwrite = FAULTLAB_CALLS_PAGE_MKWRITE | FAULTLAB_CALLS_PFN_MKWRITE;
	const bool huge = memory->calls & FAULTLAB_CALLS_HUGE_FAULT;
	const bool leaf = memory->leaf != FAULTLAB_LEAF_PTE;
	__u64 facts = 0;

	facts |= memory->pfnmap ? FACT_PFNMAP : 0;
	facts |= memory->inserts ? FACT_INSERTS : 0;
	facts |= memory->special ? FACT_SPECIAL : 0;
	facts |= memory->mixedmap && memory->special ? FACT_MIXED : 0;
	facts |= memory->calls & FAULTLAB_CALLS_MAP_PAGES ? FACT_AROUND : 0;
	facts |= memory->calls & mkwrite ? FACT_NOTIFY : 0;
	facts |= memory->at_mmap ? FACT_ATMMAP : 0;
	facts |= memory->flags & FAULTLAB_REGION_PHYS ? FACT_PHYS : 0;
	facts |= huge ? FACT_HUGE : 0;
	facts |= leaf && !huge ? FACT_LEAF : 0;
	facts |= faultlab_memory_step(memory) >= MATRIX_TABLE_PAGES ? FACT_APART : 0;
	return facts;
}

/* Facts of shared mappings only, unless special entries can be private, too. */
#define SHARED_FACTS	(FACT_INSERTS | FACT_SPECIAL | FACT_MIXED)

__u64 matrix_cell_facts(const struct matrix_cell *cell)
{
	const struct faultlab_memory *memory = &faultlab_memories[cell->kind];
	const struct matrix_mapping *mapping = &matrix_mappings[cell->mapping];
	__u64 facts = kind_facts(memory);

	if ((mapping->facts & FACT_PRIVATE) && memory->special && !memory->special_private)
		facts &= ~SHARED_FACTS;
	return facts | mapping->facts | matrix_paths[cell->path].facts;
}

const char *matrix_kind_name(const struct matrix_cell *cell)
{
	return faultlab_memories[cell->kind].name;
}

/*
 * False where the access path would be about other pages than the second:
 *  - MAP_POPULATE faults in the whole VMA, which with WHOLE is at least a folio;
 *  - mlock() of two pages splits a VMA that is not VM_SPECIAL. Where a fault maps more
 *    than a page, the split takes away a PMD.
 */
bool matrix_kind_has(const struct faultlab_memory *memory, enum matrix_path_id path)
{
	if (path == PATH(POPULATE))
		return !(memory->flags & FAULTLAB_REGION_WHOLE) || !memory->order;
	if (path == PATH(MLOCK))
		return !memory->merges || faultlab_memory_step(memory) == 1;
	return true;
}

char *matrix_cell_name(char *name, const struct matrix_cell *cell)
{
	snprintf(name, MATRIX_NAME, "%s/%s/%s/%s", matrix_kind_name(cell),
		 matrix_mappings[cell->mapping].name, matrix_paths[cell->path].name,
		 matrix_outcomes[cell->outcome].name);
	return name;
}
