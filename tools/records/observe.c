// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts to observe the records of all regions, for faultlab record and faultlab top.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "records/records.h"

static int observe_failed(int err)
{
	if (err == -EPERM)
		return failed("to see all regions needs CAP_SYS_ADMIN: run the command as root.");
	if (err == -ENOTTY)
		return failed("the module is older than this command: it has no records.");
	return failed("cannot record: %s.", strerror(-err));
}

/*
 * The watermark is to be a quarter of a CPU's ring. The ring's size can be read only once
 * observing is started (EBUSY before), so this starts twice.
 */
int observe_start(int fd, __u32 flags)
{
	struct faultlab_recording state = { 0 };
	int err;

	err = faultlab_observe_start_with(fd, 1, flags);
	if (!err)
		err = faultlab_observe_state(fd, &state);
	if (!err)
		err = faultlab_observe_start_with(fd, state.slots / 4, flags);
	if (!err && fcntl(fd, F_SETFL, O_NONBLOCK))
		err = -errno;
	return err ? observe_failed(err) : 0;
}
