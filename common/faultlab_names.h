/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Converts enumerators and flag bits of the ABI to names and back, with the lists of
 * <linux/faultlab.h>. For the module and, through <faultlab.h>, for user space.
 *
 * The name of an unknown number is "?", never NULL. For an unknown name, functions that
 * return an enumerator return -ENOENT, and functions that return a bit return 0.
 */
#ifndef FAULTLAB_NAMES_H
#define FAULTLAB_NAMES_H

#include <linux/faultlab.h>

const char *faultlab_stat_name(unsigned int stat);
int faultlab_stat_by_name(const char *name);
const char *faultlab_kind_name(unsigned int kind);
int faultlab_kind_by_name(const char *name);
const char *faultlab_cache_name(unsigned int cache);
int faultlab_cache_by_name(const char *name);
const char *faultlab_verdict_name(unsigned int verdict);
int faultlab_verdict_by_name(const char *name);
const char *faultlab_result_name(unsigned int result);
int faultlab_result_by_name(const char *name);
const char *faultlab_lock_name(unsigned int lock);
int faultlab_lock_by_name(const char *name);
const char *faultlab_callback_name(unsigned int callback);
int faultlab_callback_by_name(const char *name);
const char *faultlab_vma_event_name(unsigned int event);
const char *faultlab_why_name(unsigned int why);	/* "-" for NONE */
const char *faultlab_level_name(unsigned int level);	/* "PTE" to "PGD" */

/*
 * These are for a single bit: FAULTLAB_REGION_*, FAULTLAB_ACCESS_*, FAULTLAB_FLAG_* or
 * FAULTLAB_PTE_*.
 */
const char *faultlab_region_flag_name(__u64 flag);
__u64 faultlab_region_flag_by_name(const char *name);
const char *faultlab_access_name(__u32 access);
__u32 faultlab_access_by_name(const char *name);
const char *faultlab_fault_flag_name(__u32 flag);
const char *faultlab_pte_flag_name(__u64 flag);

#endif /* FAULTLAB_NAMES_H */
