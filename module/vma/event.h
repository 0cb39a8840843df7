/* SPDX-License-Identifier: GPL-2.0-only */
/* Counts, traces and records each call for a VMA (.mmap, .open, .close, ...). */
#ifndef FLAB_VMA_EVENT_H
#define FLAB_VMA_EVENT_H

#include <linux/faultlab.h>

struct flab_counters;
struct vm_area_struct;

void flab_vma_event(const struct flab_counters *counters, const struct vm_area_struct *vma,
		    enum faultlab_vma_event event, u64 at, int err);

#endif /* FLAB_VMA_EVENT_H */
