/* SPDX-License-Identifier: GPL-2.0-only */
/* Check that a region is alive and has the page of a fault. */
#ifndef FLAB_CHECK_H
#define FLAB_CHECK_H

#include "region/fault_state.h"

vm_fault_t flab_fault_check(const struct flab_fault *f);

#endif /* FLAB_CHECK_H */
