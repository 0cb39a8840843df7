/* SPDX-License-Identifier: GPL-2.0-only */
/* FAULTLAB_IOC_FEATURES: what this module can do on this kernel and machine. */
#ifndef FLAB_FEATURES_H
#define FLAB_FEATURES_H

#include <linux/faultlab.h>

int flab_features(struct faultlab_features *f);

#endif /* FLAB_FEATURES_H */
