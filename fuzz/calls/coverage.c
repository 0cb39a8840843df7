// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/calls/coverage.h"

#define KCOV		"/sys/kernel/debug/kcov"
#define TEXT		"/sys/module/faultlab/sections/.text"
#define WORDS		(1UL << 14)
#define PAIRS		(1UL << 18)

/* <linux/kcov.h> is not in all systems' headers. */
#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_DISABLE	_IO('c', 101)
#define KCOV_TRACE_PC	0

struct fuzz_coverage {
	unsigned long base;
	unsigned int count;
	unsigned char seen[PAIRS];
};

struct fuzz_coverage *fuzz_coverage_open(void)
{
	struct fuzz_coverage *coverage = mmap(NULL, sizeof(*coverage), PROT_READ | PROT_WRITE,
					      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return coverage == MAP_FAILED ? NULL : coverage;
}

void fuzz_coverage_base(struct fuzz_coverage *coverage)
{
	FILE *file = fopen(TEXT, "re");

	if (!file || fscanf(file, "%lx", &coverage->base) != 1)
		coverage->base = 0;
	if (file)
		fclose(file);
}

bool fuzz_coverage_works(void)
{
	return !access(KCOV, R_OK | W_OK);
}

void fuzz_trace_open(struct fuzz_trace *trace)
{
	trace->pc = NULL;
	trace->fd = open(KCOV, O_RDWR | O_CLOEXEC);
	if (trace->fd < 0)
		return;
	if (!ioctl(trace->fd, KCOV_INIT_TRACE, WORDS))
		trace->pc = mmap(NULL, WORDS * sizeof(*trace->pc), PROT_READ | PROT_WRITE,
				 MAP_SHARED, trace->fd, 0);
	if (trace->pc && trace->pc != MAP_FAILED)
		return;
	close(trace->fd);
	trace->pc = NULL;
}

bool fuzz_trace_begin(const struct fuzz_trace *trace)
{
	if (!trace->pc || ioctl(trace->fd, KCOV_ENABLE, KCOV_TRACE_PC))
		return false;
	__atomic_store_n(trace->pc, 0, __ATOMIC_RELAXED);
	return true;
}

static unsigned long hash(unsigned long from, unsigned long to)
{
	return ((from >> 1 ^ to) * 0x9e3779b97f4a7c15UL) >> (64 - 18);
}

unsigned int fuzz_trace_take(const struct fuzz_trace *trace, struct fuzz_coverage *coverage)
{
	unsigned long nr, i, from = 0;
	unsigned int fresh = 0;

	nr = __atomic_load_n(trace->pc, __ATOMIC_RELAXED);
	for (i = 1; i <= nr && i < WORDS; i++) {
		const unsigned long to = trace->pc[i] - coverage->base;
		unsigned char *seen = &coverage->seen[hash(from, to)];

		from = to;
		if (*seen)
			continue;
		*seen = 1;
		fresh++;
	}
	__atomic_store_n(trace->pc, 0, __ATOMIC_RELAXED);
	if (fresh)
		__atomic_fetch_add(&coverage->count, fresh, __ATOMIC_RELAXED);
	return fresh;
}

void fuzz_trace_end(const struct fuzz_trace *trace)
{
	ioctl(trace->fd, KCOV_DISABLE, 0);
}

unsigned int fuzz_coverage_count(const struct fuzz_coverage *coverage)
{
	return __atomic_load_n(&coverage->count, __ATOMIC_RELAXED);
}
