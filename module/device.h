/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/faultlab. */
#ifndef FLAB_DEVICE_H
#define FLAB_DEVICE_H

int flab_device_init(void);
void flab_device_exit(void);

#endif /* FLAB_DEVICE_H */
