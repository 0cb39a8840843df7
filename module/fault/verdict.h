/* SPDX-License-Identifier: GPL-2.0-only */
/* Slow path: rule matching, delays, verdicts other than serve. */
#ifndef FLAB_VERDICT_H
#define FLAB_VERDICT_H

#include "region/fault_state.h"

vm_fault_t flab_fault_run_judged(struct flab_fault *f,
				 vm_fault_t (*provide)(struct flab_fault *f));

#endif /* FLAB_VERDICT_H */
