// SPDX-License-Identifier: GPL-2.0-only
/*
 * The four dimensions of the matrix.
 */
#include <stdio.h>
#include <sys/mman.h>

#include "matrix/axis/cell.h"

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

/* Indexed by enum matrix_path_id. */
const struct matrix_path matrix_paths[] = {
#define MATRIX_PATH(NAME, path, name, ok, what, facts, span, value, answer) \
	{ name, ok, what, facts, span, value, matrix_path_##path, matrix_answer_##answer },
#include "matrix/axis/paths.h"
};

/* Indexed by enum matrix_outcome_id. */
const struct matrix_outcome matrix_outcomes[] = {
#define MATRIX_OUTCOME(NAME, text, ...) { .name = text, ##__VA_ARGS__ },
#include "matrix/axis/outcomes.h"
};

/*
 * FAULTLAB_VERDICT_FALLBACK has no outcome here: it is only about pages that would be
 * mapped along with another.
 */
_Static_assert(FAULTLAB_NR_VERDICTS == 11, "add an outcome for the new verdict to outcomes.h");

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

/* Facts of shared mappings only, unless the memory has .special_private. */
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
 * False where the access path would change more than the second page of the cell:
 *  - MAP_POPULATE faults in the whole VMA, which with WHOLE is at least a folio;
 *  - mlock() of two pages splits a VMA that is not VM_SPECIAL. If a PMD maps the range,
 *    the split of the VMA removes it.
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
