/* SPDX-License-Identifier: GPL-2.0-only */
/* The one fault path. */
#ifndef FLAB_FAULT_H
#define FLAB_FAULT_H

#include <linux/mm.h>
#include "region.h"

/**
 * struct flab_fault - one callback under way
 * @vmf: as the core gave it; not to be touched once @file is set
 * @region: whose memory it is
 * @map: where it counts
 * @index: page of the region
 * @access: which callback
 * @mask: what rules go by: FAULTLAB_ACCESS_*
 * @lock: what the core held when it called
 * @verdict: what the rules say
 * @rules_gen: which rules
 * @gate_era: of the gate when it was judged
 * @waited: the delay of @verdict is over
 * @alone: the kernel counts a fault for this callback
 * @tried: the core has been here before (FAULT_FLAG_TRIED): a major fault
 * @file: set once the fault lock was dropped: keeps the region, not the VMA
 */
struct flab_fault {
	struct vm_fault *vmf;
	struct flab_region *region;
	struct flab_map *map;
	pgoff_t index;
	enum flab_access access;
	u32 mask;
	enum flab_lock lock;
	struct flab_verdict verdict;
	u64 rules_gen;
	u64 gate_era;
	bool waited;
	bool alone;
	bool tried;
	struct file *file;
};

const struct vm_operations_struct *
flab_vm_ops_for(const struct flab_region *region);

#endif /* FLAB_FAULT_H */
