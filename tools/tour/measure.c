// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures one access. Faults of the measuring itself are kept out of the kernel's
 * counters.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tour/tour.h"

static void measure(int fd, const struct access *access, struct outcome *outcome)
{
	struct faultlab_stats after;

	outcome->err = faultlab_stats(fd, &outcome->count);
	if (!outcome->err)
		outcome->err = faultlab_witness_begin(&outcome->kernel, RUSAGE_THREAD);
	if (access->write)
		faultlab_touch_write(access->addr, access->value, &outcome->touch);
	else
		faultlab_touch_read(access->addr, &outcome->touch);
	if (!outcome->err)
		outcome->err = faultlab_witness_end(&outcome->kernel);
	if (!outcome->err)
		outcome->err = faultlab_stats(fd, &after);
	faultlab_stats_diff(&outcome->count, &after, &outcome->count);
}

/*
 * Calls measure() on other memory first. That faults in the code, the stack, the
 * thread-local data and the vDSO's clock data that a measurement uses. After a fork()
 * these fault again, so this is done before each measurement. The access to PROT_NONE
 * memory, which ends in a signal, faults in the stack of the signal frame.
 */
static void warm_up(int fd, struct outcome *outcome)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *scratch = mmap(NULL, 2 * page, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (scratch == MAP_FAILED)
		return;
	mprotect(scratch + page, page, PROT_NONE);
	measure(fd, &(struct access){ .addr = scratch, .write = true }, outcome);
	measure(fd, &(struct access){ .addr = scratch }, outcome);
	measure(fd, &(struct access){ .addr = scratch + page }, outcome);
	munmap(scratch, 2 * page);
}

void tour_measure(int fd, const struct access *access, struct outcome *outcome)
{
	int err;

	memset(outcome, 0, sizeof(*outcome));
	warm_up(fd, outcome);
	err = faultlab_walk_page(fd, 0, access->addr, &outcome->before);
	measure(fd, access, outcome);
	if (!err)
		err = faultlab_walk_page(fd, 0, access->addr, &outcome->after);
	if (!outcome->err)
		outcome->err = err;
}
