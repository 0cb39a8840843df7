// SPDX-License-Identifier: GPL-2.0-only
/* Privileges of processes, and descriptors passed on: see viewer.h. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/tlib.h"
#include "lib/sys.h"
#include "lib/secret/viewer.h"

const char * const tlib_viewer_names[TLIB_NR_VIEWERS] = {
	[TLIB_VIEWER_ROOT] = "root",
	[TLIB_VIEWER_BARE] = "uid 0 without capabilities",
	[TLIB_VIEWER_USER] = "a user",
	[TLIB_VIEWER_CONTAINED] = "root of a user namespace",
};

bool tlib_viewer_exists(enum tlib_viewer viewer)
{
	return viewer != TLIB_VIEWER_CONTAINED || !access("/proc/self/ns/user", F_OK);
}

static int become_bare(void)
{
	cap_t none = cap_init();
	int err = 0;

	if (!none)
		return -ENOMEM;
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap))
			err = -errno;
	if (cap_set_proc(none))
		err = -errno;
	cap_free(none);
	return err;
}

/* A user who makes a user namespace has all capabilities in it, and none outside. */
static int become_contained(void)
{
	int err = tlib_become_nobody();
	const uid_t uid = geteuid();
	const gid_t gid = getegid();

	if (err)
		return err;
	/* The change of the uid has given the files in /proc/self to root: take them back. */
	if (prctl(PR_SET_DUMPABLE, 1) || unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return -errno;
	return tlib_write_text("/proc/self/uid_map", tlib_text("0 %u 1", uid)) ?:
	       tlib_write_text("/proc/self/setgroups", "deny") ?:
	       tlib_write_text("/proc/self/gid_map", tlib_text("0 %u 1", gid));
}

int tlib_become(enum tlib_viewer viewer)
{
	switch (viewer) {
	case TLIB_VIEWER_BARE:
		return become_bare();
	case TLIB_VIEWER_USER:
		return tlib_become_nobody();
	case TLIB_VIEWER_CONTAINED:
		return become_contained();
	default:
		return 0;
	}
}

int tlib_node_add(char *path, size_t size)
{
	struct stat device;

	snprintf(path, size, "/tmp/faultlab.%d", getpid());
	unlink(path);
	if (stat("/dev/faultlab", &device) || mknod(path, S_IFCHR, device.st_rdev) ||
	    chmod(path, 0666))
		return -errno;
	return 0;
}

/* Send a descriptor, or an error in its place. */
static int pass_on(int sock, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(fd))];
	} control = { };
	int err = fd < 0 ? fd : 0;
	struct iovec iov = { .iov_base = &err, .iov_len = sizeof(err) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (!err) {
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	return sendmsg(sock, &msg, 0) == sizeof(err) ? 0 : -errno;
}

/* Receive a descriptor, or the error sent in its place, in *fd. */
static int take_over(int sock, int *fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(*fd))];
	} control = { };
	struct iovec iov = { .iov_base = fd, .iov_len = sizeof(*fd) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *c;

	if (recvmsg(sock, &msg, 0) != sizeof(*fd))
		return -EPIPE;
	c = CMSG_FIRSTHDR(&msg);
	if (c)
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return 0;
}

int tlib_open_as(enum tlib_viewer viewer, int nr, int (*open)(int i, void *arg), void *arg,
		 int *fds)
{
	struct tlib_peer peer;
	pid_t pid = tlib_peer_fork(&peer);
	int i, err;

	if (pid < 0)
		return -errno;
	err = pid ? 0 : tlib_become(viewer);
	for (i = 0; i < nr && !err; i++)
		err = pid ? take_over(peer.sock, &fds[i]) : pass_on(peer.sock, open(i, arg));
	if (!pid)
		_exit(err ? 1 : 0);
	return tlib_peer_join(&peer) ? -EPIPE : err;
}
