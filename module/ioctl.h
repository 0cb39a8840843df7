/* SPDX-License-Identifier: GPL-2.0-only */
/* The ioctls of /dev/faultlab. */
#ifndef FLAB_IOCTL_H
#define FLAB_IOCTL_H

struct file;

long flab_ioctl(struct file *file, unsigned int cmd, unsigned long argp);

#endif /* FLAB_IOCTL_H */
