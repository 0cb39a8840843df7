// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own counters, independent of the module: getrusage() and /proc/vmstat.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "faultlab.h"

/*
 * Room on the stack for /proc/vmstat, which has some 5 KiB. malloc() and stdio could fault
 * in new memory at each call.
 */
#define VMSTAT_MAX	16384

static int field(const char *text, const char *name, __u64 *value)
{
	const char *at = strstr(text, name);

	if (!at)
		return -ENODATA;
	*value = strtoull(at + strlen(name), NULL, 10);
	return 0;
}

static int read_vmstat(__u64 *pgfault, __u64 *pgmajfault)
{
	char text[VMSTAT_MAX];
	size_t used = 0;
	ssize_t n;
	int err;
	int fd;

	fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		n = read(fd, text + used, sizeof(text) - 1 - used);
		if (n > 0)
			used += n;
	} while (n > 0);
	err = n < 0 ? -errno : 0;
	close(fd);
	if (err)
		return err;
	text[used] = '\0';

	err = field(text, "\npgfault ", pgfault);
	return err ? err : field(text, "\npgmajfault ", pgmajfault);
}

static int read_task(int who, long *minflt, long *majflt)
{
	struct rusage usage;

	if (getrusage(who, &usage))
		return -errno;
	*minflt = usage.ru_minflt;
	*majflt = usage.ru_majflt;
	return 0;
}

int faultlab_witness_begin(struct faultlab_witness *witness, int who)
{
	int err;

	witness->who = who;
	err = read_vmstat(&witness->pgfault, &witness->pgmajfault);
	return err ? err : read_task(who, &witness->minflt, &witness->majflt);
}

int faultlab_witness_end(struct faultlab_witness *witness)
{
	struct faultlab_witness now = { 0 };
	int err;

	err = read_task(witness->who, &now.minflt, &now.majflt);
	if (!err)
		err = read_vmstat(&now.pgfault, &now.pgmajfault);
	if (err)
		return err;
	witness->minflt = now.minflt - witness->minflt;
	witness->majflt = now.majflt - witness->majflt;
	witness->pgfault = now.pgfault - witness->pgfault;
	witness->pgmajfault = now.pgmajfault - witness->pgmajfault;
	return 0;
}
