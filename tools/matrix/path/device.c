// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens what access paths need besides /dev/faultlab: a device node for faultlab on a
 * filesystem without noexec, and a block device for O_DIRECT.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "matrix/path/tools.h"

#define DISK	"/dev/ram0"

const char *matrix_disk;

/*
 * Makes a device node for faultlab in /tmp and opens it (O_PATH); the node is removed
 * before this returns. /dev itself cannot be used if it is mounted noexec, as is usual:
 * a mapping of a file there cannot be PROT_EXEC (EPERM).
 */
int matrix_node_open(void)
{
	struct stat st;
	char dir[] = "/tmp/faultlab-XXXXXX";
	char name[sizeof(dir) + 8];
	int fd = -1, err;

	if (stat(FAULTLAB_DEVICE, &st) || !mkdtemp(dir))
		return -errno;
	snprintf(name, sizeof(name), "%s/node", dir);
	if (!mknod(name, S_IFCHR | 0600, st.st_rdev))
		fd = open(name, O_PATH | O_CLOEXEC);
	err = errno;
	unlink(name);
	rmdir(dir);
	return fd < 0 ? -err : fd;
}

/* Opens the disk of --disk, or a RAM disk, whose driver brd may have to be loaded. */
int matrix_direct_open(void)
{
	if (matrix_disk)
		return open(matrix_disk, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (access(DISK, F_OK) && system("modprobe -q brd 2>/dev/null"))
		return -ENODEV;
	return open(DISK, O_RDWR | O_DIRECT | O_CLOEXEC);
}
