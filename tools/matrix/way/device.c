// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that the ways in need: the region's by a node that may be executed, and
 * one that does O_DIRECT.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "matrix/way/tools.h"

#define DISK	"/dev/ram0"

const char *matrix_disk;

/*
 * A node of our own, gone from its directory when this returns: /dev is mounted
 * noexec where udev has its way, and then no mapping of what is in it can be
 * PROT_EXEC (EPERM).
 */
int matrix_node_open(void)
{
	struct stat st;
	char dir[] = "/tmp/faultlab-XXXXXX";
	char path[sizeof(dir) + 8];
	int fd = -1, err;

	if (stat(FAULTLAB_DEVICE, &st) || !mkdtemp(dir))
		return -errno;
	snprintf(path, sizeof(path), "%s/node", dir);
	if (!mknod(path, S_IFCHR | 0600, st.st_rdev))
		fd = open(path, O_PATH | O_CLOEXEC);
	err = errno;
	unlink(path);
	rmdir(dir);
	return fd < 0 ? -err : fd;
}

/* Without one given a disk in memory, whose driver most kernels have as a module. */
int matrix_direct_open(void)
{
	if (matrix_disk)
		return open(matrix_disk, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (access(DISK, F_OK) && system("modprobe -q brd 2>/dev/null"))
		return -ENODEV;
	return open(DISK, O_RDWR | O_DIRECT | O_CLOEXEC);
}
