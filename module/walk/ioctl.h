/* SPDX-License-Identifier: GPL-2.0-only */
/* FAULTLAB_IOC_WALK, and the part of FAULTLAB_IOC_FEATURES that is about walks. */
#ifndef FLAB_WALK_IOCTL_H
#define FLAB_WALK_IOCTL_H

#include <linux/faultlab.h>

struct file;

void flab_walk_features(struct faultlab_features *f);
int flab_walk_ioctl(const struct file *file, struct faultlab_walk *arg);

#endif /* FLAB_WALK_IOCTL_H */
