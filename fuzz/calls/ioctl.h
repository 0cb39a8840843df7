/* SPDX-License-Identifier: GPL-2.0-only */
/* An ioctl with a struct that may be wrong. */
#ifndef FUZZ_IOCTL_H
#define FUZZ_IOCTL_H

#include "fuzz/calls/call.h"

/* How a struct can be wrong, by the remainder of a twist. */
#define FUZZ_TWISTS		6
#define FUZZ_TWIST_REGION	5	/* nothing is, but it is in memory of a region */

/*
 * Sets the struct's size and makes the call. @twist 0: the struct as it is; any other
 * number says what is changed: its size, what is after it, a byte of it, or its address.
 */
long fuzz_ioctl(struct fuzz_world *w, __u64 slot, unsigned long request, void *arg, size_t size,
		__u64 twist);

#endif /* FUZZ_IOCTL_H */
