// SPDX-License-Identifier: GPL-2.0-only
/*
 * Facts about the running kernel, derived from which functions /proc/kallsyms lists.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "matrix/expect/expect.h"

static const struct {
	const char *symbol;
	const char *cpu;	/* only if the processor lacks this flag; NULL: always */
	__u64 fact;
} features[] = {
	{ "lock_vma_under_rcu", NULL, FACT_VMA_LOCK },
	{ "faultin_page_range", NULL, FACT_MADV_TRIED },
	/*
	 * The user copy of kernels that do not have rep_movs_alternative(): after a
	 * fault it retries the bytes that are left.
	 */
	{ "copy_user_enhanced_fast_string", NULL, FACT_MOVS_TWICE },
	{ "rep_movs_alternative", "erms", FACT_MOVS_TWICE },
	{ "rep_stos_alternative", "fsrs", FACT_STOS_TWICE },
	/*
	 * New in 6.5, as is GUP's check writable_file_mapping_allowed(). io_uring relies
	 * on that check since. Before, it refused to register pages of files, except
	 * those of shmem and hugetlbfs.
	 */
	{ "vma_needs_dirty_tracking", NULL, FACT_REGISTERS },
	/*
	 * New in 6.10, as is the call of pin_user_pages_fast() in io_pin_pages(). (A
	 * stable release of 6.6 may have that call without this function. Then cells
	 * differ from what is expected.)
	 */
	{ "io_buffers_select", NULL, FACT_UNLOCKS },
};

/*
 * This file exists if shmem can have large folios. Then generic_perform_write() copies
 * more than one page at once.
 */
#define SHMEM_FOLIOS "/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/shmem_enabled"

static bool cpu_has(const char *flag)
{
	static char line[8192];
	char pattern[32];
	bool found = false;
	FILE *file = fopen("/proc/cpuinfo", "re");

	snprintf(pattern, sizeof(pattern), " %s ", flag);
	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, "flags", 5) && strstr(line, pattern);
	if (file)
		fclose(file);
	return found;
}

static __u64 look(void)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[512];
	unsigned int i;
	__u64 facts = 0;

	while (file && fgets(line, sizeof(line), file)) {
		/* "address type name", or "... name [module]"; modules come last */
		char *name = strrchr(line, ' ');

		if (!name || line[strlen(line) - 2] == ']')
			break;
		name[strcspn(name, "\n")] = '\0';
		for (i = 0; i < ARRAY_SIZE(features); i++)
			if (!strcmp(name + 1, features[i].symbol) &&
			    !(features[i].cpu && cpu_has(features[i].cpu)))
				facts |= features[i].fact;
	}
	if (file)
		fclose(file);
	if (!access(SHMEM_FOLIOS, F_OK))
		facts |= FACT_BIG_WRITES;
	return facts;
}

__u64 matrix_kernel_facts(void)
{
	static __u64 facts;
	static bool known;

	if (!known)
		facts = look();
	known = true;
	return facts;
}
