// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens the device, or prints why it cannot be used.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util/tool.h"

int open_device(void)
{
	struct faultlab_features features;
	int fd = faultlab_open();

	if (fd >= 0 && faultlab_features(fd, FAULTLAB_KIND_PAGE, &features) == -ENOTTY) {
		failed("the loaded module is older than this command: load the new one.");
		close(fd);
		return -1;
	}
	if (fd >= 0)
		return fd;
	if (fd == -ENOENT)
		failed(NO_MODULE);
	else if (fd == -EACCES)
		failed("this user may not open " FAULTLAB_DEVICE ": run the command as root.");
	else
		failed("cannot open " FAULTLAB_DEVICE ": %s.", strerror(-fd));
	return -1;
}
